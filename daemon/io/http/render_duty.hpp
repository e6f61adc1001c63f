// JSON of rosters over time: turns, gaps, overrides. Pure functions; they work on a copy of the rosters, on the asking thread.
#pragma once

#include <string>

#include "core/team/duty.hpp"

namespace surged {

/// {"at", "until", "rosters":[{"roster", "zone", "on_duty", "changes":[{"at", "on_duty"}]}], "gaps":[{"policy", "tier", "zone",
/// "from", "until"}]}. `on_duty` is at `from`; times are ms UTC. A gap that ends with the span has until = the span's end.
std::string render_duty(const DutyFacts& facts, WallTime from, WallTime until);

/// {"now", "overrides":[{"id", "roster", "from", "until", "out", "in", "by", "reason", "active"}]}: those not over at `now`.
/// Those of the configuration have no id and can only be ended there.
std::string render_overrides(const DutyFacts& facts, WallTime now);

}  // namespace surged
