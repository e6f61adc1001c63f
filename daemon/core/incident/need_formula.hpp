// The need of an incident as people write it: `need = { expr = "clamp(ceil(gap_agents), 2, 20)" }`. A formula
// (series/formula.hpp) over what is known of the incident, and sums over the queues of its scope: "sum(calls_waiting) / 6 +
// level".
#pragma once

#include <array>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/rule/live_values.hpp"
#include "core/series/formula.hpp"

namespace surged {

/// What a formula may name outside sum(...), max(...): numbers of the incident at the moment it is asked. NaN = unknown.
struct NeedFacts {
    double gap_agents =
        std::numeric_limits<double>::quiet_NaN();  ///< missing in the scope, without those whom this incident called
    double required_agents = std::numeric_limits<double>::quiet_NaN();    ///< for the target of the shortfall rules
    double productive_agents = std::numeric_limits<double>::quiet_NaN();  ///< at work now
    double expected_wait_s = std::numeric_limits<double>::quiet_NaN();    ///< of the queue that waits longest
    double level = 0;                                                     ///< 1 yellow, 2 orange, 3 red
    double queues = 0;                                                    ///< queues of the scope with an alert that fires
};

class NeedFormula {
public:
    /// Refuses names outside an aggregate that are none of NeedFacts, and functions over time (they belong into a [[derive]]).
    static Result<NeedFormula, FormulaError> parse(std::string_view text);
    /// The names of NeedFacts.
    static const std::vector<std::string>& names();

    /// Metrics used inside aggregates.
    const std::vector<std::string>& metrics() const { return metrics_; }
    /// NaN = unknown. `live` may be null: then every metric is unknown.
    double evaluate(const NeedFacts& facts, const LiveValues* live, const LiveValues::Wanted& wanted) const;

private:
    Formula formula_;
    std::vector<int> fact_of_;  ///< by input: index in names(), or -1: the next of metrics_
    std::vector<std::string> metrics_;
};

}  // namespace surged
