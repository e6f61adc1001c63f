#include "ctl/roster_import.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "config/limits.hpp"
#include "ctl/roster_rows.hpp"

namespace surged {

namespace {

constexpr int day_minutes = 1440;
constexpr std::size_t occurrences_max = 1500;
constexpr std::int64_t days_per_event_max = 62;

std::int64_t day_of(const CivilTime& civil) {
    return days_from_civil(civil.year, civil.month, civil.day);
}

CivilTime on_day(std::int64_t day, int second_of_day) {
    auto civil = civil_from_days(day);
    civil.second_of_day = second_of_day;
    return civil;
}

WallTime utc_instant(const CivilTime& civil) {
    return wall_time((day_of(civil) * 86400 + civil.second_of_day) * 1000);
}

/// Outlook's names for the zones that call centres of this product's users are in.
std::string iana_name(const std::string& name) {
    static const std::map<std::string, std::string> names = {
        {"China Standard Time", "Asia/Shanghai"},
        {"Singapore Standard Time", "Asia/Singapore"},
        {"Tokyo Standard Time", "Asia/Tokyo"},
        {"W. Europe Standard Time", "Europe/Berlin"},
        {"GMT Standard Time", "Europe/London"},
        {"Eastern Standard Time", "America/New_York"},
        {"Pacific Standard Time", "America/Los_Angeles"},
    };
    const auto it = names.find(name);
    return it == names.end() ? name : it->second;
}

/// One event on its way into rows.
class EventImport {
public:
    EventImport(const IcalEvent& event, const ImportOptions& options, RosterRows& rows)
        : event_(event), options_(options), rows_(rows) {}

    void run() {
        people_ = people_of();
        if (failed_ || !prepare()) {
            return;
        }
        if (!event_.repeat) {
            place(start_day_);
        } else if (is_weekly_shift()) {
            weekly();
        } else {
            expand();
        }
    }

private:
    void fail(std::string message) {
        failed_ = true;
        rows_.error(event_.line, std::move(message));
    }

    std::vector<std::string> people_of() {
        std::vector<std::string> out;
        for (const auto& attendee : event_.attendees) {
            std::string id;
            for (const auto& word : {attendee.email, attendee.name}) {
                if (id.empty() && !word.empty() && options_.person) {
                    id = options_.person(word);
                }
            }
            if (!options_.person) {
                id = attendee.name.empty() ? attendee.email.substr(0, attendee.email.find('@')) : attendee.name;
            }
            if (id.empty()) {
                fail("nobody of the configuration is \"" + (attendee.name.empty() ? attendee.email : attendee.name) + "\"");
            }
            out.push_back(id);
        }
        if (event_.attendees.empty()) {
            out = rows_.people_in(event_.summary, event_.line);
            failed_ = failed_ || out.empty();
        }
        return out;
    }

    /// The event's own zone; the roster's for floating times and dates.
    bool prepare() {
        own_ = options_.zone;
        if (event_.start.kind == IcalMoment::Kind::utc) {
            own_ = Zone();
        } else if (event_.start.kind == IcalMoment::Kind::zoned && iana_name(event_.start.zone) != options_.zone.name()) {
            auto zone = options_.load_zone ? options_.load_zone(iana_name(event_.start.zone)) : std::nullopt;
            if (!zone) {
                fail("unknown time zone \"" + event_.start.zone + "\"");
                return false;
            }
            own_ = *zone;
        }
        start_day_ = day_of(event_.start.civil);
        length_s_ = event_.duration_s;
        if (event_.end) {
            const auto end = in_own_zone(*event_.end);
            if (!end) {
                fail("DTEND is in a zone of its own that is unknown");
                return false;
            }
            length_s_ = (day_of(*end) - start_day_) * 86400 + end->second_of_day - event_.start.civil.second_of_day;
        } else if (length_s_ < 0) {
            length_s_ = event_.start.kind == IcalMoment::Kind::date ? 86400 : 0;
        }
        if (length_s_ <= 0 || length_s_ > days_per_event_max * 86400) {
            fail(length_s_ <= 0 ? "this event does not end after it begins" : "this event is longer than 62 days");
            return false;
        }
        for (const auto& moment : event_.except) {
            const auto civil = in_own_zone(moment);
            if (!civil) {
                fail("EXDATE is in a zone of its own that is unknown");
                return false;
            }
            except_.insert(day_of(*civil));
        }
        return true;
    }

    /// Any moment as the clock of the event's own zone shows it.
    std::optional<CivilTime> in_own_zone(const IcalMoment& moment) const {
        if (moment.kind == IcalMoment::Kind::utc) {
            return own_.to_civil(utc_instant(moment.civil));
        }
        if (moment.kind != IcalMoment::Kind::zoned || moment.zone == event_.start.zone || iana_name(moment.zone) == own_.name()) {
            return moment.civil;
        }
        const auto zone = options_.load_zone ? options_.load_zone(iana_name(moment.zone)) : std::nullopt;
        return zone ? std::optional(own_.to_civil(zone->last_instant(moment.civil))) : std::nullopt;
    }

    /// The occurrence that starts on `day` of the own zone, on the roster's clock.
    RosterSpan on_roster_clock(std::int64_t day) const {
        const auto start = on_day(day, event_.start.civil.second_of_day);
        const std::int64_t end_s = start.second_of_day + length_s_;
        const auto end = on_day(day + end_s / 86400, static_cast<int>(end_s % 86400));
        const auto shown = [&](const CivilTime& civil, bool first) {
            if (own_.name() == options_.zone.name()) {
                return civil;
            }
            return options_.zone.to_civil(first ? own_.first_instant(civil) : own_.last_instant(civil));
        };
        const auto from = shown(start, true);
        const auto to = shown(end, false);
        // Whole minutes: a start goes down and an end goes up, so that nothing is left out.
        RosterSpan out;
        out.day = day_of(from);
        out.from_min = from.second_of_day / 60;
        out.length_min = static_cast<int>((day_of(to) - out.day) * day_minutes + (to.second_of_day + 59) / 60 - out.from_min);
        return out;
    }

    std::uint8_t days_of_repeat() const {
        if (event_.repeat->days != 0) {
            return event_.repeat->days;
        }
        const unsigned only = 1U << static_cast<unsigned>(weekday_of(start_day_));
        return static_cast<std::uint8_t>(event_.repeat->daily ? 0x7FU : only);
    }

    /// Without an end, every week, and at the same time on the roster's clock all through the year.
    bool is_weekly_shift() const {
        const auto& repeat = *event_.repeat;
        if (repeat.interval != 1 || repeat.count != 0 || repeat.until || options_.until) {
            return false;
        }
        const auto first = on_roster_clock(start_day_);
        for (int week = 1; week <= 53; ++week) {
            const auto later = on_roster_clock(start_day_ + week * 7);
            if (later.from_min != first.from_min || later.length_min != first.length_min || later.day - first.day != week * 7) {
                return false;
            }
        }
        return true;
    }

    void weekly() {
        const auto first = on_roster_clock(start_day_);
        const auto moved = first.day - start_day_;  // over midnight by the change of clocks
        std::set<std::int64_t> except;
        for (const auto day : except_) {
            except.insert(day + moved);
        }
        rows_.weekly(turn_days(days_of_repeat(), static_cast<int>(moved)), first.from_min, first.length_min, people_, except);
    }

    void place(std::int64_t own_day) {
        const auto span = on_roster_clock(own_day);
        if (span.length_min > 0) {
            rows_.once(span, people_);
        }
    }

    void expand() {
        const auto& repeat = *event_.repeat;
        std::optional<std::int64_t> last = options_.until;
        if (repeat.until) {
            const auto civil = in_own_zone(*repeat.until);
            auto day = day_of(*civil);
            day -=
                repeat.until->kind != IcalMoment::Kind::date && civil->second_of_day < event_.start.civil.second_of_day ? 1 : 0;
            last = last ? std::min(*last, day) : day;
        }
        if (!last && repeat.count == 0) {
            return fail("this repeats without end and is no weekly shift of the roster's zone; say how far with --until DATE");
        }
        const auto days = days_of_repeat();
        const auto monday = start_day_ - static_cast<int>(weekday_of(start_day_));
        std::size_t made = 0;
        for (auto day = start_day_; !last || day <= *last; ++day) {
            const auto step = repeat.daily ? day - start_day_ : (day - monday) / 7;
            if (step % repeat.interval != 0 || (days & (1U << static_cast<unsigned>(weekday_of(day)))) == 0) {
                continue;
            }
            if (++made > occurrences_max) {
                return fail("more than 1500 repetitions; say how far with --until DATE");
            }
            if (!except_.contains(day)) {
                place(day);
            }
            if (repeat.count != 0 && made >= static_cast<std::size_t>(repeat.count)) {
                return;
            }
        }
    }

    const IcalEvent& event_;
    const ImportOptions& options_;
    RosterRows& rows_;
    std::vector<std::string> people_;
    Zone own_;
    std::int64_t start_day_ = 0;
    std::int64_t length_s_ = 0;
    std::set<std::int64_t> except_;
    bool failed_ = false;
};

}  // namespace

ImportedRoster import_ical(std::string_view text, const ImportOptions& options) {
    const IcalFile file = parse_ical(text);
    RosterRows rows(options);
    for (const auto& finding : file.errors) {
        rows.error(finding.line, finding.message);
    }
    for (const auto& event : file.events) {
        EventImport(event, options, rows).run();
    }
    if (file.events.empty() && file.errors.empty()) {
        rows.error(1, "there is no event in it");
    }
    return rows.finish(file.events.size());
}

}  // namespace surged
