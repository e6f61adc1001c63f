#include "ctl/roster_import.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "config/limits.hpp"
#include "core/base/ranges.hpp"
#include "core/base/text.hpp"
#include "core/team/roster.hpp"
#include "ctl/ical_zone.hpp"
#include "ctl/roster_rows.hpp"

namespace surged {

namespace {

constexpr std::size_t occurrences_max = 1500;
constexpr std::int64_t ahead_max = 1500;
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

/// All of one file that its events share.
struct Shared {
    IcalZones zones;
    std::int64_t first_day = 0;       ///< earliest start in the file
    std::size_t days_left = 4000000;  ///< of looking for occurrences
    std::size_t rows_left = 200000;   ///< pieces of a day written
};

/// One event while it is made into rows.
class EventImport {
public:
    EventImport(const IcalEvent& event, const std::vector<const IcalEvent*>& changes, const ImportOptions& options,
                Shared& shared, RosterRows& rows)
        : event_(event), changes_(changes), options_(options), shared_(shared), rows_(rows) {}

    void run() {
        if (!prepare() || no_length_) {
            return;
        }
        people_ = people_of();
        if (failed_) {
            return;
        }
        for (const auto& moment : event_.extra) {
            const auto civil = in_own_zone(moment);
            if (!civil) {
                return fail("RDATE is in a zone of its own that is unknown");
            }
            extra_.push_back(*civil);
        }
        if (contains(extra_, on_day(start_day_, event_.start.civil.second_of_day))) {
            extra_.erase(std::ranges::find(extra_, on_day(start_day_, event_.start.civil.second_of_day)));
        }
        for (const auto& civil : extra_) {
            if (!except_.contains(day_of(civil)) && (!ends_before_ || day_of(civil) < *ends_before_)) {
                place(day_of(civil), event_.start.kind == IcalMoment::Kind::date ? 0 : civil.second_of_day);
            }
        }
        if (!event_.repeat) {
            if (!except_.contains(start_day_)) {
                place(start_day_);
            }
        } else if (is_weekly_shift()) {
            weekly();
        } else {
            expand();
        }
    }

private:
    void fail(std::string message) {
        failed_ = true;
        rows_.error(event_.line, std::move(message) + named());
    }

    std::string named() const { return event_.summary.empty() ? "" : " (event \"" + utf8_cut(event_.summary, 60) + "\")"; }

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
        if (event_.attendees.empty() && event_.declined) {
            fail("everybody asked declined: nobody is on duty then");
        } else if (event_.attendees.empty()) {
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
        } else if (event_.start.kind == IcalMoment::Kind::zoned) {
            const auto* zone = shared_.zones.find(event_.start.zone);
            if (zone == nullptr) {
                fail("unknown time zone \"" + utf8_cut(event_.start.zone, 60) +
                     "\" without a VTIMEZONE that says what it is; write its name of the tz database, as Asia/Shanghai");
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
        if (length_s_ == 0) {
            no_length_ = true;
            rows_.note(event_.line, "this event ends as it begins: nobody is on duty by it" + named());
            return true;
        }
        if (length_s_ < 0 || length_s_ > days_per_event_max * 86400) {
            fail(length_s_ < 0 ? "this event does not end after it begins" : "this event is longer than 62 days");
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
        return take_changes();
    }

    /// Occurrences that another event of the same series stands for are not this one's.
    bool take_changes() {
        for (const auto* change : changes_) {
            const auto civil = in_own_zone(*change->replaces);
            if (!civil || change->replaces->civil == CivilTime{}) {
                fail("a changed occurrence of this series, at line " + std::to_string(change->line) + ", does not say which");
                return false;
            }
            if (change->replaces_rest) {
                ends_before_ = ends_before_ ? std::min(*ends_before_, day_of(*civil)) : day_of(*civil);
            } else {
                except_.insert(day_of(*civil));
            }
        }
        return true;
    }

    /// Any moment as the clock of the event's own zone shows it.
    std::optional<CivilTime> in_own_zone(const IcalMoment& moment) const {
        if (moment.kind == IcalMoment::Kind::utc) {
            return own_.to_civil(utc_instant(moment.civil));
        }
        if (moment.kind != IcalMoment::Kind::zoned) {
            return moment.civil;
        }
        const auto* zone = shared_.zones.find(moment.zone);
        if (zone != nullptr && zone->name() == own_.name()) {
            return moment.civil;
        }
        return zone != nullptr ? std::optional(own_.to_civil(zone->last_instant(moment.civil))) : std::nullopt;
    }

    /// The occurrence that starts on `day` of the own zone, on the roster's clock.
    RosterSpan on_roster_clock(std::int64_t day, int second_of_day) const {
        const auto start = on_day(day, second_of_day);
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
        return static_cast<std::uint8_t>(event_.repeat->frequency == IcalRepeat::Frequency::daily ? 0x7FU : only);
    }

    /// Without an end, every week, and at the same time on the roster's clock all through the year.
    bool is_weekly_shift() const {
        const auto& repeat = *event_.repeat;
        if (repeat.frequency == IcalRepeat::Frequency::monthly || repeat.frequency == IcalRepeat::Frequency::yearly ||
            repeat.months != 0 || !repeat.month_days.empty() || ends_before_ || repeat.interval != 1 || repeat.count != 0 ||
            repeat.until || options_.until) {
            return false;
        }
        const auto first = on_roster_clock(start_day_, event_.start.civil.second_of_day);
        for (int week = 1; week <= 53; ++week) {
            const auto later = on_roster_clock(start_day_ + week * 7, event_.start.civil.second_of_day);
            if (later.from_min != first.from_min || later.length_min != first.length_min || later.day - first.day != week * 7) {
                return false;
            }
        }
        return true;
    }

    void weekly() {
        const auto first = on_roster_clock(start_day_, event_.start.civil.second_of_day);
        const auto moved = first.day - start_day_;  // over midnight by the change of clocks
        std::set<std::int64_t> except;
        for (const auto day : except_) {
            except.insert(day + moved);
        }
        const auto days = turn_days(days_of_repeat(), static_cast<int>(moved));
        // A weekly shift has no first day: up to it, every day that has one is written without these people.
        if (options_.today && first.day > *options_.today) {
            const auto from = std::min(*options_.today - 2, shared_.first_day);
            if (first.day - from > ahead_max) {
                return fail("this begins more than 1500 days ahead; say how far with --until DATE");
            }
            for (auto day = from; day < first.day; ++day) {
                if ((days & (1U << static_cast<unsigned>(weekday_of(day)))) != 0) {
                    except.insert(day);
                }
            }
        }
        rows_.weekly(days, first.from_min, first.length_min, people_, except);
    }

    void place(std::int64_t own_day) { place(own_day, event_.start.civil.second_of_day); }
    void place(std::int64_t own_day, int second_of_day) {
        const auto span = on_roster_clock(own_day, second_of_day);
        const auto pieces = static_cast<std::size_t>(std::max(span.length_min, 0) / day_minutes) + 2;
        if (failed_ || pieces > shared_.rows_left) {
            if (!failed_) {
                fail("this file has too many repetitions; say how far with --until DATE");
            }
            return;
        }
        shared_.rows_left -= pieces;
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
        if (ends_before_) {
            last = last ? std::min(*last, *ends_before_ - 1) : *ends_before_ - 1;
        }
        if (!last && repeat.count == 0) {
            return fail("this repeats without end and is no weekly shift of the roster's zone; say how far with --until DATE");
        }
        std::vector<std::int64_t> found;
        std::size_t made = 0;
        const auto end = days_from_civil(2101, 1, 1);
        for (auto day = start_day_; day < end && (!last || day <= *last); ++day) {
            if (shared_.days_left == 0) {
                return fail("this file has too many repetitions; say how far with --until DATE");
            }
            --shared_.days_left;
            if (!occurs_on(repeat, start_day_, day)) {
                continue;
            }
            if (++made > occurrences_max) {
                return fail("more than 1500 repetitions; say how far with --until DATE");
            }
            if (!except_.contains(day)) {
                found.push_back(day);
            }
            if (repeat.count != 0 && made >= static_cast<std::size_t>(repeat.count)) {
                break;
            }
        }
        for (const auto day : found) {
            place(day);
        }
    }

    const IcalEvent& event_;
    const std::vector<const IcalEvent*>& changes_;  ///< of its series
    const ImportOptions& options_;
    Shared& shared_;
    RosterRows& rows_;
    std::vector<std::string> people_;
    std::vector<CivilTime> extra_;
    std::optional<std::int64_t> ends_before_;
    bool no_length_ = false;
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
    std::map<std::string, std::vector<const IcalEvent*>> changes;
    Shared shared{IcalZones(file.zones, options.load_zone)};
    shared.first_day = options.today.value_or(0);
    for (const auto& event : file.events) {
        shared.first_day = event.good ? std::min(shared.first_day, day_of(event.start.civil)) : shared.first_day;
        if (event.replaces) {
            changes[event.uid].push_back(&event);
        }
    }
    shared.first_day = std::max(shared.first_day, options.today.value_or(0) - 1000);
    const std::vector<const IcalEvent*> none;
    for (const auto& event : file.events) {
        if (event.good && !event.cancelled && !file.unusable) {
            const auto found = event.replaces ? changes.end() : changes.find(event.uid);
            EventImport(event, found == changes.end() ? none : found->second, options, shared, rows).run();
        }
    }
    if (file.events.empty() && file.errors.empty()) {
        rows.error(1, "there is no event in it");
    }
    auto out = rows.finish(file.events.size());
    out.unusable = file.unusable || (out.roster.shifts.empty() && out.roster.dates.empty());
    if (out.unusable && out.errors.empty()) {
        out.errors.push_back({1, "nobody is on duty by any event in it"});
    }
    return out;
}

}  // namespace surged
