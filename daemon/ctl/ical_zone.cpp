#include "ctl/ical_zone.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "config/zones.hpp"
#include "core/base/ranges.hpp"
#include "ctl/ical_words.hpp"

namespace surged {
namespace {

struct NamedZone {
    std::string_view name;
    std::string_view zone;
};

constexpr NamedZone windows_zones[] = {
#include "ctl/windows_zones.inc"
};

/// The first place of Windows' display names, "(UTC+08:00) Beijing, Chongqing, Hong Kong, Urumqi", in lower case, and the Windows
/// name.
constexpr NamedZone display_names[] = {
    {"abu dhabi", "Arabian Standard Time"},
    {"adelaide", "Cen. Australia Standard Time"},
    {"alaska", "Alaskan Standard Time"},
    {"almaty", "Central Asia Standard Time"},
    {"amman", "Jordan Standard Time"},
    {"amsterdam", "W. Europe Standard Time"},
    {"arizona", "US Mountain Standard Time"},
    {"astana", "Central Asia Standard Time"},
    {"athens", "GTB Standard Time"},
    {"atlantic time (canada)", "Atlantic Standard Time"},
    {"auckland", "New Zealand Standard Time"},
    {"baghdad", "Arabic Standard Time"},
    {"baku", "Azerbaijan Standard Time"},
    {"bangkok", "SE Asia Standard Time"},
    {"beijing", "China Standard Time"},
    {"beirut", "Middle East Standard Time"},
    {"belgrade", "Central Europe Standard Time"},
    {"bogota", "SA Pacific Standard Time"},
    {"brasilia", "E. South America Standard Time"},
    {"brisbane", "E. Australia Standard Time"},
    {"brussels", "Romance Standard Time"},
    {"cairo", "Egypt Standard Time"},
    {"canberra", "AUS Eastern Standard Time"},
    {"caracas", "Venezuela Standard Time"},
    {"casablanca", "Morocco Standard Time"},
    {"central time (us & canada)", "Central Standard Time"},
    {"chennai", "India Standard Time"},
    {"chihuahua", "Mountain Standard Time (Mexico)"},
    {"city of buenos aires", "Argentina Standard Time"},
    {"darwin", "AUS Central Standard Time"},
    {"dhaka", "Bangladesh Standard Time"},
    {"dublin", "GMT Standard Time"},
    {"eastern time (us & canada)", "Eastern Standard Time"},
    {"ekaterinburg", "Ekaterinburg Standard Time"},
    {"fiji", "Fiji Standard Time"},
    {"guadalajara", "Central Standard Time (Mexico)"},
    {"guam", "West Pacific Standard Time"},
    {"harare", "South Africa Standard Time"},
    {"hawaii", "Hawaiian Standard Time"},
    {"helsinki", "FLE Standard Time"},
    {"hobart", "Tasmania Standard Time"},
    {"irkutsk", "North Asia East Standard Time"},
    {"islamabad", "Pakistan Standard Time"},
    {"istanbul", "Turkey Standard Time"},
    {"jerusalem", "Israel Standard Time"},
    {"kabul", "Afghanistan Standard Time"},
    {"kathmandu", "Nepal Standard Time"},
    {"krasnoyarsk", "North Asia Standard Time"},
    {"kuala lumpur", "Singapore Standard Time"},
    {"kuwait", "Arab Standard Time"},
    {"moscow", "Russian Standard Time"},
    {"mountain time (us & canada)", "Mountain Standard Time"},
    {"muscat", "Arabian Standard Time"},
    {"nairobi", "E. Africa Standard Time"},
    {"newfoundland", "Newfoundland Standard Time"},
    {"osaka", "Tokyo Standard Time"},
    {"pacific time (us & canada)", "Pacific Standard Time"},
    {"perth", "W. Australia Standard Time"},
    {"sarajevo", "Central European Standard Time"},
    {"seoul", "Korea Standard Time"},
    {"singapore", "Singapore Standard Time"},
    {"sri jayawardenepura", "Sri Lanka Standard Time"},
    {"taipei", "Taipei Standard Time"},
    {"tashkent", "West Asia Standard Time"},
    {"tbilisi", "Georgian Standard Time"},
    {"tehran", "Iran Standard Time"},
    {"ulaanbaatar", "Ulaanbaatar Standard Time"},
    {"vladivostok", "Vladivostok Standard Time"},
    {"west central africa", "W. Central Africa Standard Time"},
    {"yakutsk", "Yakutsk Standard Time"},
    {"yangon (rangoon)", "Myanmar Standard Time"},
    {"yerevan", "Caucasus Standard Time"},
};

std::string lower_ascii(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return out;
}

template <std::size_t N>
std::string_view found_in(const NamedZone (&table)[N], std::string_view name) {
    const auto wanted = lower_ascii(name);
    const auto* it =
        std::find_if(std::begin(table), std::end(table), [&](const NamedZone& row) { return lower_ascii(row.name) == wanted; });
    return it == std::end(table) ? std::string_view() : it->zone;
}

/// The tz database's own spelling of a name in any case; empty: it has none.
std::string in_own_case(const std::string& name) {
    const auto names = zone_names();
    const auto wanted = lower_ascii(name);
    const auto it = std::ranges::find_if(names, [&](const std::string& known) { return lower_ascii(known) == wanted; });
    return it == names.end() ? std::string() : *it;
}

std::int64_t civil_seconds(const CivilTime& civil) {
    return days_from_civil(civil.year, civil.month, civil.day) * 86400 + civil.second_of_day;
}

/// The calendar's own rules, written out from 1970 to 2100.
std::optional<Zone> zone_by_rules(const IcalTimezone& brought) {
    struct Turn {
        std::int64_t utc_s;
        int from_s;
        int to_s;
    };
    if (!brought.good || brought.rules.empty()) {
        return std::nullopt;
    }
    std::vector<Turn> turns;
    for (const auto& rule : brought.rules) {
        const auto start = days_from_civil(rule.start.year, rule.start.month, rule.start.day);
        const auto add = [&](std::int64_t day) {
            const auto utc = day * 86400 + rule.start.second_of_day - rule.offset_from_s;
            const auto& until = rule.repeat ? rule.repeat->until : std::nullopt;
            const auto limit = !until                                  ? utc
                               : until->kind == IcalMoment::Kind::utc  ? civil_seconds(until->civil)
                               : until->kind == IcalMoment::Kind::date ? civil_seconds(until->civil) + 86399 - rule.offset_from_s
                                                                       : civil_seconds(until->civil) - rule.offset_from_s;
            if (utc <= limit) {
                turns.push_back({utc, rule.offset_from_s, rule.offset_to_s});
            }
        };
        if (!rule.repeat) {
            add(start);
            continue;
        }
        if (rule.repeat->frequency != IcalRepeat::Frequency::yearly) {
            return std::nullopt;
        }
        int made = 0;
        const auto last = days_from_civil(2100, 1, 1);
        for (auto day = start; day < last && (rule.repeat->count == 0 || made < rule.repeat->count); ++day) {
            if (occurs_on(*rule.repeat, start, day)) {
                ++made;
                add(day);
            }
        }
    }
    std::ranges::stable_sort(turns, {}, &Turn::utc_s);
    std::vector<Zone::Transition> transitions;
    for (const auto& turn : turns) {
        if (!transitions.empty() && transitions.back().utc_s == turn.utc_s) {
            transitions.back().offset_s = turn.to_s;
        } else {
            transitions.push_back({turn.utc_s, turn.to_s});
        }
    }
    return turns.empty() ? std::nullopt
                         : std::optional(Zone("VTIMEZONE " + brought.id, turns.front().from_s, std::move(transitions)));
}

}  // namespace

std::string zone_of_windows(std::string_view name) {
    if (const auto zone = found_in(windows_zones, name); !zone.empty()) {
        return std::string(zone);
    }
    const auto end = name.find(')');
    if ((!name.starts_with("(UTC") && !name.starts_with("(GMT")) || end == std::string_view::npos) {
        return {};
    }
    auto place = name.substr(end + 1);
    place.remove_prefix(std::min(place.find_first_not_of(' '), place.size()));
    const auto windows = found_in(display_names, place.substr(0, place.find_first_of(",\\")));
    return windows.empty() ? std::string() : std::string(found_in(windows_zones, windows));
}

std::vector<std::string> zones_of_windows() {
    std::vector<std::string> out;
    for (const auto& row : windows_zones) {
        out.emplace_back(row.zone);
    }
    return out;
}

const Zone* IcalZones::find(const std::string& id) {
    auto known = known_.find(id);
    if (known == known_.end()) {
        known = known_.emplace(id, look_for(id)).first;
    }
    return known->second ? &*known->second : nullptr;
}

std::optional<Zone> IcalZones::look_for(const std::string& id) const {
    if (!load_ || id.size() > 200) {
        return std::nullopt;
    }
    std::vector<std::string> words{id};
    // "/freeassociation.sourceforge.net/Tzfile/Asia/Shanghai": every tail of it.
    for (auto slash = id.front() == '/' ? id.find('/', 1) : std::string::npos; slash != std::string::npos;
         slash = id.find('/', slash + 1)) {
        words.push_back(id.substr(slash + 1));
    }
    for (const auto& word : words) {
        auto name = zone_of_windows(word);
        name = name.empty() ? in_own_case(word) : name;
        if (!name.empty()) {
            if (auto zone = load_(name)) {
                return zone;
            }
        }
    }
    const auto* brought = find_by_id(brought_, id);
    return brought == nullptr ? std::nullopt : zone_by_rules(*brought);
}

}  // namespace surged
