// What a configuration will cost in memory, a queue and rule, for `surgectl check`.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "core/team/plan.hpp"

namespace surged {

/// Bytes of the detector's parts.
struct CostModel {
    std::size_t queue = 0;                 ///< a queue without series
    std::size_t series = 0;                ///< a metric of a queue, its last value included
    std::size_t bound = 0;                 ///< a rule on a queue
    std::array<std::size_t, 4> windows{};  ///< a window, by RingKind
};

/// The sizes of this build's detector.
CostModel detector_costs();

/// One line a rule and derived metric: bytes a queue, and windows that are shared are counted where they come first. Then the
/// sum for a queue in every scope, and for the declared inventory when there is one.
std::vector<std::string> memory_report(const Plan& plan, const CostModel& cost);

}  // namespace surged
