#include "config/zones.hpp"

#include <date/tz.h>

#include <algorithm>
#include <array>
#include <optional>

#include "config/draft.hpp"

namespace surged {

namespace {
using Transitions = std::vector<Zone::Transition>;

constexpr int year_first = 1970;
constexpr int year_known = 2037;  ///< last year in the files
constexpr int year_end = 2100;
constexpr int years_learned = 10;  ///< in ten years each date of a month falls on every weekday
constexpr std::size_t transitions_max = 4096;

std::int64_t year_start(int year) {
    return days_from_civil(year, 1, 1) * 86400;
}
int year_of(std::int64_t utc_s) {
    return civil_from_days(utc_s >= 0 ? utc_s / 86400 : (utc_s - 86399) / 86400).year;
}

/// "The first such weekday on or after day_min of the month, at this civil second of the old offset."
struct YearRule {
    int month = 0;
    int day_min = 0;
    Weekday weekday = Weekday::monday;
    std::int64_t second = 0;
    int offset_s = 0;
};

/// The rule behind one transition a year, looked at `early` seconds before it (midnight changes belong to the day before);
/// nullopt when the years do not agree on one.
std::optional<YearRule> learn(const Transitions& yearly, const std::vector<int>& offsets_before, std::int64_t early) {
    YearRule rule;
    int day_max = 0;
    for (std::size_t i = 0; i < yearly.size(); ++i) {
        const auto local = yearly[i].utc_s + offsets_before[i] - early;
        const auto civil = civil_from_days(local / 86400);
        const auto weekday = weekday_of(local / 86400);
        const auto second = local % 86400 + early;
        if (i == 0) {
            rule = {civil.month, civil.day, weekday, second, yearly[i].offset_s};
            day_max = civil.day;
            continue;
        }
        if (civil.month != rule.month || weekday != rule.weekday || second != rule.second ||
            yearly[i].offset_s != rule.offset_s) {
            return std::nullopt;
        }
        rule.day_min = std::min(rule.day_min, civil.day);
        day_max = std::max(day_max, civil.day);
    }
    return day_max - rule.day_min == 6 ? std::optional(rule) : std::nullopt;
}

/// The two rules of the last ten known years; empty when the zone changes irregularly or no more.
std::vector<YearRule> learn_rules(const Transitions& transitions, int first_offset) {
    std::array<Transitions, 2> yearly;
    std::array<std::vector<int>, 2> before;
    for (int year = year_known - years_learned + 1; year <= year_known; ++year) {
        std::size_t found = 0;
        for (std::size_t i = 0; i < transitions.size(); ++i) {
            if (year_of(transitions[i].utc_s) == year) {
                if (found == 2) {
                    return {};
                }
                yearly[found].push_back(transitions[i]);
                before[found].push_back(i == 0 ? first_offset : transitions[i - 1].offset_s);
                ++found;
            }
        }
        if (found != 2) {
            return {};
        }
    }
    std::vector<YearRule> rules;
    for (std::size_t k = 0; k < 2; ++k) {
        auto rule = learn(yearly[k], before[k], 0);
        rule = rule ? rule : learn(yearly[k], before[k], 1);
        if (!rule) {
            return {};
        }
        rules.push_back(*rule);
    }
    return rules;
}

void extend(Transitions& transitions, int first_offset) {
    const auto rules = learn_rules(transitions, first_offset);
    for (int year = year_known + 1; year < year_end && !rules.empty(); ++year) {
        for (const auto& rule : rules) {
            auto day = days_from_civil(year, rule.month, rule.day_min);
            while (weekday_of(day) != rule.weekday) {
                ++day;
            }
            transitions.push_back({day * 86400 + rule.second - transitions.back().offset_s, rule.offset_s});
        }
    }
}
}  // namespace

Result<Zone> load_zone(const std::string& name) {
    if (name == "UTC") {
        return Zone();  // needs no database
    }
    try {
        const auto* zone = date::locate_zone(name);
        const auto offset_at = [&](std::int64_t utc_s) {
            const auto info = zone->get_info(date::sys_seconds{std::chrono::seconds{utc_s}});
            return std::pair(static_cast<int>(info.offset.count()), std::int64_t{info.end.time_since_epoch().count()});
        };
        Transitions transitions;
        auto [first, next] = offset_at(year_start(year_first));
        int offset = first;
        while (next < year_start(year_known + 1) && transitions.size() < transitions_max) {
            const auto [held, end] = offset_at(next);
            if (held != offset) {
                transitions.push_back({next, held});
                offset = held;
            }
            if (end <= next) {
                break;
            }
            next = end;
        }
        extend(transitions, first);
        return Zone(name, first, std::move(transitions));
    } catch (const std::exception&) {
        return fail("unknown time zone " + in_quotes(name));
    }
}

std::vector<std::string> zone_names() {
    std::vector<std::string> names;
    try {
        for (const auto& zone : date::get_tzdb().zones) {
            names.push_back(zone.name());
        }
    } catch (const std::exception&) {
        names.clear();  // no database: no hints
    }
    return names;
}

std::string Draft::zone(const std::string& name, const Place& at) {
    if (plan.zones.contains(name)) {
        return name;
    }
    auto zone = load_zone(name);
    if (zone) {
        plan.zones.emplace(name, std::move(*zone));
        return name;
    }
    const auto known = zone_names();
    report.error(at, known.empty() ? zone.error().message + " (this host has no tz database: install tzdata)"
                                   : zone.error().message + nearest_hint(name, known));
    return "UTC";
}

}  // namespace surged
