// The people on a roster at a moment: ONE function for pager, CLI, API and export, so that what is shown is what is called.
//
// Knows rosters, overrides and zones; refuses to know tiers and incidents. Hardest rule: rosters are civil time. A shift starts
// at the FIRST instant of a doubled hour and ends at its LAST: two shifts meeting there overlap and never leave a gap.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/team/plan.hpp"
#include "core/team/override.hpp"

namespace surged {

/// People on duty at `at`, in the roster's order, each once. Order of force: a date's own shifts replace the weekly ones starting
/// that day; then the plan's overrides; then `set_at_run_time` in the order they were set. An override with both `out` and `in`
/// substitutes only while `out` stands. An unknown roster has nobody. Cost: O(shifts + dates + overrides).
std::vector<std::string> on_duty(const Plan& plan, const std::vector<OverrideChange>& set_at_run_time, std::string_view roster,
                                 WallTime at);

inline constexpr int day_minutes = 1440;

/// The moment `minute` minutes after the start of a civil day (days since 1970-01-01); beyond its end it is of the next.
CivilTime civil_at(std::int64_t day, int minute);

/// The zone by name; UTC when the plan has no such table.
const Zone& zone_of(const Plan& plan, const std::string& name);
/// The zone in which this centre stands, by `[[expect]]`; else that of `[defaults]`.
const Zone& zone_of_centre(const Plan& plan, std::string_view centre);

}  // namespace surged
