#include "core/team/roster.hpp"

#include <algorithm>

#include "core/base/ranges.hpp"

namespace surged {

CivilTime civil_at(std::int64_t day, int minute) {
    auto civil = civil_from_days(day + minute / day_minutes);
    civil.second_of_day = (minute % day_minutes) * 60;
    return civil;
}

namespace {

/// A shift that starts on civil `day`: [first instant of its start, last instant of its end).
bool covers_instant(const Zone& zone, std::int64_t day, int from_min, int to_min, WallTime at) {
    const int end = to_min <= from_min ? to_min + day_minutes : to_min;
    return zone.first_instant(civil_at(day, from_min)) <= at && at < zone.last_instant(civil_at(day, end));
}

void add_once(std::vector<std::string>& people, const std::string& person) {
    if (!contains(people, person)) {
        people.push_back(person);
    }
}

void add_day(const RosterSpec& roster, const Zone& zone, std::int64_t day, WallTime at, std::vector<std::string>& people) {
    bool replaced = false;
    for (const auto& date : roster.dates) {
        if (date.day != day) {
            continue;
        }
        replaced = true;
        if (covers_instant(zone, day, date.from_min, date.to_min, at)) {
            for (const auto& person : date.people) {
                add_once(people, person);
            }
        }
    }
    if (replaced) {
        return;
    }
    const auto bit = 1U << static_cast<unsigned>(weekday_of(day));
    for (const auto& shift : roster.shifts) {
        if ((shift.days & bit) != 0 && covers_instant(zone, day, shift.from_min, shift.to_min, at)) {
            for (const auto& person : shift.people) {
                add_once(people, person);
            }
        }
    }
}

void substitute(std::vector<std::string>& people, const std::string& out, const std::string& in) {
    if (!out.empty()) {
        const auto it = std::ranges::find(people, out);
        if (it == people.end()) {
            return;
        }
        people.erase(it);
    }
    if (!in.empty()) {
        add_once(people, in);
    }
}

}  // namespace

const Zone& zone_of(const Plan& plan, const std::string& name) {
    static const Zone utc;
    auto it = plan.zones.find(name.empty() ? plan.timezone : name);
    return it == plan.zones.end() ? utc : it->second;
}

const Zone& zone_of_centre(const Plan& plan, std::string_view centre) {
    const auto told = std::ranges::find_if(plan.expects, [&](const ExpectSpec& e) { return e.centre == centre && !e.zone.empty(); });
    return zone_of(plan, told == plan.expects.end() ? plan.timezone : told->zone);
}

std::vector<std::string> on_duty(const Plan& plan, const std::vector<OverrideChange>& set_at_run_time, std::string_view roster,
                                 WallTime at) {
    const auto* spec = find_by_id(plan.rosters, roster);
    std::vector<std::string> people;
    if (spec == nullptr) {
        return people;
    }
    const auto& zone = zone_of(plan, spec->zone);
    const auto civil = zone.to_civil(at);
    const auto today = days_from_civil(civil.year, civil.month, civil.day);
    add_day(*spec, zone, today - 1, at, people);
    add_day(*spec, zone, today, at, people);

    for (const auto& o : plan.overrides) {
        if (o.roster == roster && zone.first_instant(o.from) <= at && at < zone.last_instant(o.until)) {
            substitute(people, o.out, o.in);
        }
    }
    for (const auto& o : set_at_run_time) {
        if (o.roster == roster && o.from <= at && at < o.until) {
            substitute(people, o.out, o.in);
        }
    }
    return people;
}

}  // namespace surged
