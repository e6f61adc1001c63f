// What the guard counts: each kind of work, first brought to where it stays, then done a fixed number of times.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "figures.hpp"

namespace surged::bench {

struct GuardCase {
    std::string_view key;
    std::string_view function;  ///< what is counted: this function and all that it calls, as callgrind knows it
    std::string_view unit;      ///< what the figure is a count for
    std::string_view name;      ///< for people
};
const std::vector<GuardCase>& guard_cases();

/// Pairs of them.
const std::vector<GuardGrowth>& guard_growths();

/// Where counting begins: what was counted before is forgotten.
extern "C" void surged_guard_begins();

/// Calls so many people for one incident and hears of the outcomes (work_burst.cpp); returns how many.
std::uint64_t call_crowd(int people);

/// Does the work of one case; returns how many units were done since surged_guard_begins(). 0 = there is no such case.
std::uint64_t guard_work(std::string_view key);

}  // namespace surged::bench
