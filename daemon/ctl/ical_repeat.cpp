#include <algorithm>
#include <array>

#include "core/base/ranges.hpp"
#include "ctl/ical.hpp"
#include "ctl/ical_words.hpp"

namespace surged {

using Frequency = IcalRepeat::Frequency;
using ical::small_number;
using ical::split;
using ical::upper;

namespace {

/// The number of a weekday, 0 = Monday; -1: none.
int day_number(std::string_view word) {
    constexpr std::array<std::string_view, 7> names{"MO", "TU", "WE", "TH", "FR", "SA", "SU"};
    const auto it = std::ranges::find(names, word);
    return it == names.end() ? -1 : static_cast<int>(it - names.begin());
}

/// "2", "-1", "+1"; nullopt when it is none of 1..most.
std::optional<int> signed_number(std::string_view text, int most) {
    const bool minus = !text.empty() && text.front() == '-';
    if (!text.empty() && (minus || text.front() == '+')) {
        text.remove_prefix(1);
    }
    const auto number = small_number(text);
    return !number || *number < 1 || *number > most ? std::nullopt : std::optional(minus ? -*number : *number);
}

bool read_by_day(std::string_view value, IcalRepeat& out) {
    const auto words = split(value, ',');
    return words.size() <= 70 && std::ranges::all_of(words, [&](std::string_view word) {
               const int day = word.size() < 2 ? -1 : day_number(word.substr(word.size() - 2));
               if (day >= 0 && word.size() == 2) {
                   out.days = static_cast<std::uint8_t>(out.days | 1U << static_cast<unsigned>(day));
               } else if (const auto number = day < 0 ? std::nullopt : signed_number(word.substr(0, word.size() - 2), 53)) {
                   out.nth.emplace_back(*number, day);
               } else {
                   return false;
               }
               return true;
           });
}

/// Empty = understood.
std::string read_part(std::string_view name, std::string_view value, IcalRepeat& out) {
    const std::string shown = std::string(name) + "=" + std::string(value.substr(0, 40));
    if (name == "FREQ") {
        constexpr std::array<std::string_view, 4> names{"DAILY", "WEEKLY", "MONTHLY", "YEARLY"};
        const auto it = std::ranges::find(names, value);
        out.frequency = static_cast<Frequency>(it == names.end() ? 0 : it - names.begin());
        return it != names.end() ? "" : "repeats by " + shown + "; only DAILY, WEEKLY, MONTHLY and YEARLY are understood";
    }
    if (name == "BYDAY") {
        return read_by_day(value, out) ? "" : shown + " is not a list of MO,TU,WE,TH,FR,SA,SU";
    }
    if (name == "BYMONTHDAY" || name == "BYMONTH") {
        for (const auto word : split(value, ',')) {
            const auto number = name == "BYMONTH" ? small_number(word) : signed_number(word, 31);
            if (!number || out.month_days.size() >= 62 || (name == "BYMONTH" && (*number < 1 || *number > 12))) {
                return shown + " is not a list of days or months";
            }
            if (name == "BYMONTH") {
                out.months = static_cast<std::uint16_t>(out.months | 1U << static_cast<unsigned>(*number - 1));
            } else {
                out.month_days.push_back(*number);
            }
        }
        return "";
    }
    if (name == "INTERVAL" || name == "COUNT") {
        const auto number = small_number(value);
        (name == "COUNT" ? out.count : out.interval) = number.value_or(0);
        return number && *number > 0 ? "" : shown + " is not a number from 1";
    }
    if (name == "UNTIL") {
        out.until = parse_ical_moment(value, "");
        return out.until ? "" : shown + " is not a date or a time";
    }
    if (name == "WKST") {
        out.week_start = day_number(value);
        return out.week_start >= 0 ? "" : shown + " is no day of the week";
    }
    return "repeats with " + shown + ", which is not understood";
}

int days_in(int year, int month) {
    const auto first = days_from_civil(year, month, 1);
    return static_cast<int>((month == 12 ? days_from_civil(year + 1, 1, 1) : days_from_civil(year, month + 1, 1)) - first);
}

/// Is this the nth of its weekday, of `length` days of which it is number `index` from 0?
bool is_nth(int number, int index, int length) {
    return number > 0 ? index / 7 + 1 == number : (length - 1 - index) / 7 + 1 == -number;
}

/// BYMONTHDAY, BYDAY and their absence, in a month or a year that is one of the series'.
bool fits_month(const IcalRepeat& repeat, const CivilTime& first, const CivilTime& at, std::int64_t day) {
    const int length = days_in(at.year, at.month);
    const bool by_day = repeat.days != 0 || !repeat.nth.empty();
    const auto weekday = static_cast<int>(weekday_of(day));
    if (!repeat.month_days.empty() && std::ranges::none_of(repeat.month_days, [&](int wanted) {
            return wanted > 0 ? wanted == at.day : length + 1 + wanted == at.day;
        })) {
        return false;
    }
    if (!by_day) {
        const bool month =
            repeat.frequency == Frequency::monthly || repeat.months != 0 || !repeat.month_days.empty() || at.month == first.month;
        return month && (!repeat.month_days.empty() || at.day == first.day);
    }
    const bool of_year = repeat.frequency == Frequency::yearly && repeat.months == 0;
    const auto new_year = days_from_civil(at.year, 1, 1);
    const int index = of_year ? static_cast<int>(day - new_year) : at.day - 1;
    const int whole = of_year ? static_cast<int>(days_from_civil(at.year + 1, 1, 1) - new_year) : length;
    return (repeat.days & (1U << static_cast<unsigned>(weekday))) != 0 ||
           std::ranges::any_of(repeat.nth, [&](const auto& nth) { return nth.second == weekday && is_nth(nth.first, index, whole); });
}

}  // namespace

std::string read_repeat(std::string_view text, IcalRepeat& out) {
    bool has_frequency = false;
    std::vector<std::string> seen;
    for (const auto part : split(text, ';')) {
        if (part.empty()) {
            continue;
        }
        const std::size_t mark = part.find('=');
        if (mark == std::string_view::npos) {
            return "RRULE is not a list of NAME=VALUE";
        }
        const std::string name = upper(part.substr(0, mark));
        if (contains(seen, name)) {
            return "RRULE has " + name.substr(0, 40) + " twice";
        }
        seen.push_back(name);
        has_frequency = has_frequency || name == "FREQ";
        if (auto problem = read_part(name, upper(part.substr(mark + 1)), out); !problem.empty()) {
            return problem;
        }
    }
    const bool short_span = out.frequency == Frequency::daily || out.frequency == Frequency::weekly;
    if (short_span && !out.nth.empty()) {
        return "BYDAY with a number is not understood with FREQ=DAILY or WEEKLY";
    }
    return has_frequency ? "" : "RRULE has no FREQ";
}

bool occurs_on(const IcalRepeat& repeat, std::int64_t start, std::int64_t day) {
    const auto at = civil_from_days(day);
    if (day < start || (repeat.months != 0 && (repeat.months & (1U << static_cast<unsigned>(at.month - 1))) == 0)) {
        return false;
    }
    const auto first = civil_from_days(start);
    if (repeat.frequency == Frequency::monthly || repeat.frequency == Frequency::yearly) {
        const int step =
            repeat.frequency == Frequency::yearly ? at.year - first.year : (at.year - first.year) * 12 + at.month - first.month;
        return step % repeat.interval == 0 && fits_month(repeat, first, at, day);
    }
    const auto weekday = static_cast<int>(weekday_of(day));
    const auto own = repeat.frequency == Frequency::daily ? 0x7FU : 1U << static_cast<unsigned>(weekday_of(start));
    const auto days = repeat.days != 0 ? unsigned{repeat.days} : own;
    const auto week = start - (static_cast<int>(weekday_of(start)) - repeat.week_start + 7) % 7;
    const auto step = repeat.frequency == Frequency::daily ? day - start : (day - week) / 7;
    const auto length = days_in(at.year, at.month);
    const bool month_day = repeat.month_days.empty() ||
                           std::ranges::any_of(repeat.month_days, [&](int wanted) { return wanted > 0 ? wanted == at.day : length + 1 + wanted == at.day; });
    return step % repeat.interval == 0 && (days & (1U << static_cast<unsigned>(weekday))) != 0 && month_day;
}

std::optional<IcalMoment> parse_ical_moment(std::string_view text, const std::string& zone) {
    IcalMoment out;
    if (!text.empty() && text.back() == 'Z') {
        out.kind = IcalMoment::Kind::utc;
        text.remove_suffix(1);
    } else if (!zone.empty()) {
        out.kind = IcalMoment::Kind::zoned;
        out.zone = zone;
    }
    if (text.size() == 8) {
        if (out.kind == IcalMoment::Kind::utc) {
            return std::nullopt;
        }
        out.kind = IcalMoment::Kind::date;
    } else if (text.size() != 15 || text[8] != 'T') {
        return std::nullopt;
    }
    const auto part = [&](std::size_t from, std::size_t length) { return std::string(text.substr(from, length)); };
    std::string civil = part(0, 4) + "-" + part(4, 2) + "-" + part(6, 2) + "T";
    civil += text.size() == 8 ? "00:00" : part(9, 2) + ":" + part(11, 2) + ":" + part(13, 2);
    const auto parsed = parse_civil(civil);
    if (!parsed || parsed->year < 1970 || parsed->year > 2100) {
        return std::nullopt;
    }
    out.civil = *parsed;
    return out;
}

}  // namespace surged
