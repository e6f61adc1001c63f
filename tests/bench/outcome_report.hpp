// What many runs of outcomes come to: per scenario and size one row a policy, for people, for machines and as a picture.
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "outcome_world.hpp"

namespace surged::bench {

/// Runs by scenario, calls an hour, policy; in each the seeds in order.
using OutcomeKey = std::tuple<std::string, int, std::string>;
using OutcomeRuns = std::map<OutcomeKey, std::vector<Outcome>>;

/// By which rule surged opened incidents, and how often.
using OutcomeOpeners = std::map<OutcomeKey, std::map<std::string, int>>;

/// Sums and medians of the seeds of one policy.
struct OutcomeRow {
    double offered = 0;   ///< a run
    double lost = 0;      ///< a run
    double in_20 = 0;     ///< share
    double saved = 0;     ///< of what the oracle saves, 0..1; NaN when that is nothing or was not run
    double detected_s = 0;  ///< median of runs without an incident open before; NaN = most were not detected
    double half_s = 0;      ///< median; NaN
    double called = 0;      ///< a run
    double in_vain = 0;     ///< share of the people called
    double open_before = 0; ///< share of runs
    double incidents_a_day = 0;
    double calls_a_day = 0;
    double messages_a_day = 0;
    double saved_error = 0;  ///< standard error of `saved`, over seeds
};
OutcomeRow outcome_row(const OutcomeRuns& runs, const OutcomeKey& key);

void print_outcomes(const OutcomeRuns& runs, const std::vector<std::string>& scenarios, const std::vector<CentreSize>& sizes,
                    const std::vector<std::string>& policies);
/// Without a surge what each rule opened a day, in one the share of runs in which it was the first.
void print_openers(const OutcomeRuns& runs, const OutcomeOpeners& openers);
/// The trade-off: what a policy saves and what it costs in false incidents, by the scale of its limits ("surged*1.4").
void print_curve(const OutcomeRuns& runs, const std::vector<std::string>& scenarios, const std::vector<CentreSize>& sizes,
                 const std::vector<std::string>& policies);
/// One page with bars (SVG in HTML). False: the file cannot be written.
bool write_outcome_plot(const std::string& path, const OutcomeRuns& runs, const std::vector<std::string>& policies);
/// False: the file cannot be written.
bool write_outcome_json(const std::string& path, const OutcomeRuns& runs);

}  // namespace surged::bench
