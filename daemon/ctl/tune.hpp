// Limits that fit one centre: how often each rule of a plan is raised on a history at several limits, which of them to take, and the
// rules' text with those limits in it.
//
// Knows plans, records and the text of a rule pack; refuses to know files and terminals. Hardest rule: nothing is proposed that was not
// replayed by the real engine, and what a limit would have done on the history stands beside it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/record/order.hpp"
#include "core/record/record.hpp"
#include "core/team/plan.hpp"

namespace surged {

/// What a replay of the history made of a plan.
struct TuneCount {
    std::map<std::string, std::map<Level, std::uint64_t>> raised;  ///< by rule: alerts that came to fire, at their highest level until they ended
    std::map<std::string, std::map<std::string, std::uint64_t>> by_queue;  ///< the same by rule and "centre/queue"
    std::uint64_t incidents = 0;
    std::uint64_t calls = 0;  ///< pages that call for help

    std::uint64_t of(const std::string& rule) const;
};

/// Counts what a player's watch hears.
class TuneCounter {
public:
    void record(const Record& record);
    void order(const SendOrder& order);
    /// With the alerts that fire still.
    TuneCount finish();

private:
    void close(const AlertKey& key);

    TuneCount count_;
    std::map<AlertKey, Level> firing_;
};

/// One rung of a rule's ladder: its limits at `factor` times what they are (a share's distance from 1; a surprise itself).
struct TuneRung {
    double factor = 1;
    RuleSpec rule;                 ///< with these limits at every level; id as in the plan
    std::uint64_t raised = 0;      ///< on the history, at its lowest level
};

/// What people said of the incidents to which a rule belonged.
struct TuneVerdicts {
    int judged = 0;
    int false_alarms = 0;
    int late = 0;
    /// How much more or less a rule may be raised: most of its incidents were no surge, or were called for too late. 1 = as it is asked.
    double allowance() const;
};

struct TuneChoice {
    std::string rule;
    std::vector<TuneRung> rungs;   ///< rising; empty: the rule is not tuned
    std::size_t taken = 0;         ///< of `rungs`
    std::size_t as_is = 0;         ///< the rung of factor 1
    std::uint64_t lasting = 0;     ///< raised at the highest rung too: what no limit calls chance
    double days = 0;               ///< of the history on which it judged
    std::string loudest;           ///< "centre/queue" that made more than half of what the pack's limits raised, of several queues; empty: none did
    std::uint64_t loudest_raised = 0;
    TuneVerdicts verdicts;
    bool quiet = true;             ///< false: no rung was as quiet as was asked
    std::string why;               ///< why it is not tuned
};

/// The ladders of all rules that call people; for the others why not.
std::vector<TuneChoice> tune_ladders(const Plan& plan);
/// The plan with every rung as a rule of its own, which calls nobody, instead of its rules: an incident would stop learning.
std::unique_ptr<const Plan> tune_plan(const Plan& plan, const std::vector<TuneChoice>& choices);
/// Takes for each rule the most sensitive rung that was raised at most `per_day` a day more often than the highest one; people's verdicts
/// make that more or less.
void tune_choose(std::vector<TuneChoice>& choices, const TuneCount& count, double days, double per_day);
/// The plan with the limits taken.
std::unique_ptr<const Plan> tuned_plan(const Plan& plan, const std::vector<TuneChoice>& choices);

/// A pack's text (its tables [[rule]], [[derive]], [[metric]] and [[calendar]], with their comments) with the limits taken and, above
/// each, why. `history` is told there: "2026-02-01 to 2026-02-28, 3 queues". `missed`: rules whose limits could not be found in it.
std::string tune_text(const std::string& text, const std::vector<TuneChoice>& choices, const std::string& history,
                      std::vector<std::string>& missed);
/// "raised 0.07 a day; at the pack's > 40 it was 2.1".
std::string tune_reason(const TuneChoice& choice);

}  // namespace surged
