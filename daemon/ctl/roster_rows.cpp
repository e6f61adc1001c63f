#include "ctl/roster_rows.hpp"

#include <algorithm>
#include <array>

#include "config/limits.hpp"
#include "core/base/clock_text.hpp"
#include "core/base/ranges.hpp"
#include "core/base/text.hpp"
#include "core/team/roster.hpp"

namespace surged {

namespace {

constexpr std::size_t errors_max = 100;

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    const auto from = text.find_first_not_of(blanks);
    return from == std::string_view::npos ? std::string_view() : text.substr(from, text.find_last_not_of(blanks) - from + 1);
}

void add_people(std::vector<std::string>& to, const std::vector<std::string>& people) {
    for (const auto& person : people) {
        if (!contains(to, person)) {
            to.push_back(person);
        }
    }
}

/// A span as shifts of at most a day: `each(day offset, from, to)`. What is longer is cut at midnight.
template <typename Each>
void cut_at_midnight(int from_min, int length_min, Each each) {
    if (length_min <= day_minutes) {
        const int end = from_min + length_min;
        each(0, from_min, end <= day_minutes ? end : end - day_minutes);
        return;
    }
    for (int day = 0, at = from_min, left = length_min; left > 0; ++day) {
        const int part = std::min(left, day_minutes - at);
        each(day, at, at + part);
        left -= part;
        at = 0;
    }
}

std::string days_text(std::uint8_t days) {
    constexpr std::array<std::string_view, 7> names{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    if (days == 0x7F) {
        return "mon-sun";
    }
    if (days == 0x1F) {
        return "mon-fri";
    }
    std::string out;
    for (unsigned i = 0; i < 7; ++i) {
        if ((days & (1U << i)) != 0) {
            out += (out.empty() ? "" : ",") + std::string(names[i]);
        }
    }
    return out;
}

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
        }
        out += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c;
    }
    return out + "\"";
}

std::string hours_and_people(int from_min, int to_min, const std::vector<std::string>& people) {
    std::string out = "from = \"" + minute_text(from_min) + "\", to = \"" + minute_text(to_min) + "\", people = [";
    for (std::size_t i = 0; i < people.size(); ++i) {
        out += (i == 0 ? "" : ", ") + quoted(people[i]);
    }
    return out + "]";
}

}  // namespace

std::uint8_t turn_days(std::uint8_t days, int by) {
    unsigned out = 0;
    for (int i = 0; i < 7; ++i) {
        if ((days & (1U << static_cast<unsigned>(i))) != 0) {
            out |= 1U << static_cast<unsigned>(((i + by) % 7 + 7) % 7);
        }
    }
    return static_cast<std::uint8_t>(out);
}

void RosterRows::error(int line, std::string message) {
    if (errors_.size() < errors_max) {
        errors_.push_back({line, std::move(message)});
    }
}

std::vector<std::string> RosterRows::people_in(std::string_view text, int line) {
    std::string plain(text);
    for (const std::string_view mark : {"、", "；", "，", "／"}) {
        for (std::size_t at = plain.find(mark); at != std::string::npos; at = plain.find(mark, at)) {
            plain.replace(at, mark.size(), ";");
        }
    }
    std::vector<std::string> out;
    std::string_view rest = plain;
    while (!rest.empty()) {
        const auto end = std::min(rest.find_first_of(",;|"), rest.size());
        const std::string word(trimmed(rest.substr(0, end)));
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (word.empty()) {
            continue;
        }
        const auto id = options_.person ? options_.person(word) : word;
        if (id.empty()) {
            error(line, "nobody of the configuration is \"" + utf8_cut(word, 64) + "\"");
            return {};
        }
        add_people(out, {id});
    }
    if (out.empty()) {
        error(line, "this names nobody");
    }
    return out;
}

void RosterRows::weekly(std::uint8_t days, int from_min, int length_min, const std::vector<std::string>& people,
                        const std::set<std::int64_t>& except) {
    cut_at_midnight(from_min, length_min, [&](int offset, int from, int to) {
        std::set<std::int64_t> moved;
        for (const auto day : except) {
            moved.insert(day + offset);
        }
        weekly_.push_back({turn_days(days, offset), {from, to}, people, std::move(moved)});
    });
}

void RosterRows::once(const RosterSpan& span, const std::vector<std::string>& people) {
    cut_at_midnight(span.from_min, span.length_min, [&](int offset, int from, int to) {
        add_people(dates_[span.day + offset][{from, to}], people);
    });
}

/// Shifts of the same hours and people become one with more days; of the same hours and days one with more people.
void RosterRows::merge_weekly(RosterSpec& roster) const {
    std::array<std::map<Hours, std::vector<std::string>>, 7> week;
    for (const auto& shift : weekly_) {
        for (unsigned day = 0; day < 7; ++day) {
            if ((shift.days & (1U << day)) != 0) {
                add_people(week[day][shift.hours], shift.people);
            }
        }
    }
    for (unsigned day = 0; day < 7; ++day) {
        for (const auto& entry : week[day]) {
            const auto& hours = entry.first;
            const auto& people = entry.second;
            const auto same = std::ranges::find_if(roster.shifts, [&](const ShiftSpec& s) {
                return s.from_min == hours.first && s.to_min == hours.second && s.people == people;
            });
            if (same != roster.shifts.end()) {
                same->days = static_cast<std::uint8_t>(same->days | (1U << day));
            } else {
                roster.shifts.push_back({static_cast<std::uint8_t>(1U << day), hours.first, hours.second, people});
            }
        }
    }
}

void RosterRows::merge_dates(RosterSpec& roster) {
    for (const auto& shift : weekly_) {
        for (const auto day : shift.except) {
            dates_[day];
        }
    }
    for (auto& [day, spans] : dates_) {
        const auto bit = 1U << static_cast<unsigned>(weekday_of(day));
        auto all = spans;
        for (const auto& shift : weekly_) {
            if ((shift.days & bit) != 0 && !shift.except.contains(day)) {
                add_people(all[shift.hours], shift.people);
            }
        }
        if (all.empty()) {
            roster.dates.push_back({day, 0, day_minutes, {}});
        }
        for (const auto& [hours, people] : all) {
            roster.dates.push_back({day, hours.first, hours.second, people});
        }
    }
}

ImportedRoster RosterRows::finish(std::size_t events) {
    ImportedRoster out;
    out.events = events;
    out.roster.id = options_.roster;
    out.roster.zone = options_.zone.name();
    merge_weekly(out.roster);
    merge_dates(out.roster);
    out.errors = std::move(errors_);
    out.notes = std::move(notes_);
    return out;
}

std::string toml_of(const RosterSpec& roster, const std::string& from) {
    std::string out = "# from " + from + "\n[[roster]]\nid = " + quoted(roster.id) + "\ntimezone = " + quoted(roster.zone) + "\n";
    if (!roster.shifts.empty()) {
        out += "shift = [\n";
        for (const auto& shift : roster.shifts) {
            out += "  { days = \"" + days_text(shift.days) + "\", " +
                   hours_and_people(shift.from_min, shift.to_min, shift.people) + " },\n";
        }
        out += "]\n";
    }
    if (!roster.dates.empty()) {
        out += "dates = [\n";
        for (const auto& date : roster.dates) {
            out += "  { date = \"" + date_text(civil_from_days(date.day)) + "\", " +
                   hours_and_people(date.from_min, date.to_min, date.people) + " },\n";
        }
        out += "]\n";
    }
    return out;
}

}  // namespace surged
