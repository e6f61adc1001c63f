// IANA zone names -> tables of transitions for the pure core. The only file that knows the tz database is zones.cpp.
//
// Its hardest rule: the years after 2037. The database's files end there and the library then stays on winter time for ever; so a
// zone that still changes in 2037 goes on by the rule its last ten years follow, up to 2100.
#pragma once

#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/zone.hpp"

namespace surged {

/// Transitions from 1970 to 2100. Error: no such zone, or no tz database on this host.
Result<Zone> load_zone(const std::string& name);
/// Every zone the host knows; empty without a database.
std::vector<std::string> zone_names();

}  // namespace surged
