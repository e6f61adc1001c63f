// The zone that a TZID of a calendar means: the tz database's name in any case and with the prefixes of exports, Windows' name,
// or the rules that the calendar brings with it. What is none of these is unknown, never guessed.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ctl/ical.hpp"

namespace surged {

/// Windows' name ("China Standard Time") or its display name ("(UTC+08:00) Beijing, ...") as the tz database's; empty: none.
std::string zone_of_windows(std::string_view name);
/// Every zone named in Windows' table, for tests.
std::vector<std::string> zones_of_windows();

class IcalZones {
public:
    using Load = std::function<std::optional<Zone>(const std::string&)>;
    IcalZones(const std::vector<IcalTimezone>& brought, Load load) : brought_(brought), load_(std::move(load)) {}
    /// Found once for each name. nullptr: unknown.
    const Zone* find(const std::string& id);

private:
    std::optional<Zone> look_for(const std::string& id) const;

    const std::vector<IcalTimezone>& brought_;
    Load load_;
    std::map<std::string, std::optional<Zone>> known_;
};

}  // namespace surged
