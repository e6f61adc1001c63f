// One rule on one queue at a time that is over, as the log of an incident tells it: how the alert stood, how far the incident
// was, which tiers had been called and which had not.
//
// It knows records and no daemon. Hardest rule: only what was recorded is said. Samples are not kept, so between two decisions
// nothing is known of the value, and that is said too.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/zone.hpp"
#include "report/after_action.hpp"

namespace surged {

struct PastQuestion {
    std::string rule;
    QueueKey queue;
    WallTime at{};
};

/// One tier of the incident, as it stood then.
struct PastTier {
    int tier = 0;
    std::optional<WallTime> called;   ///< nullopt: not in this incident
    std::vector<std::string> people;  ///< "lead-01 joined", those asked by then, in the order in which they were asked
};

struct Past {
    const Record* alert = nullptr;   ///< the last edge of the alert at or before the time; never null
    const Record* next = nullptr;    ///< its first edge after it
    const Record* change = nullptr;  ///< the incident's last step by then; null = it was not open yet
    std::vector<PastTier> tiers;     ///< every tier that was ever called, rising
};

/// nullopt when the incident has no edge of this alert by then. The answer points into `incident`.
std::optional<Past> look_back(const AfterAction& incident, const PastQuestion& question);

/// Lines for people; every time in `zone`. `values`: what the history knows of the queue at that time; empty = nothing.
std::string past_text(const AfterAction& incident, const PastQuestion& question, const Past& past, const Zone& zone,
                      const std::string& values = {});
/// One JSON object: the records themselves. `history`: the API's answer of that time, put in as it is; empty = none.
std::string past_json(const AfterAction& incident, const PastQuestion& question, const Past& past, const std::string& history = {});

}  // namespace surged
