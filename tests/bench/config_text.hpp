// Configurations of the benchmarks, piece by piece: a webhook channel, a person with a roster of their own, a policy of tiers, a
// rule on queues whose centre is a token.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace surged::bench {

/// `more`: further lines of the channel, e.g. its rate.
std::string channel_text(const std::string& id, const std::string& url, const std::string& more = {});
/// All day on the roster of the same name.
std::string person_text(const std::string& id, const std::string& channel);

struct BenchTier {
    std::vector<std::string> people;
    std::string wait;
};
std::string policy_text(const std::string& id, int need, const std::string& fallback, const std::vector<BenchTier>& tiers);
/// calls_waiting above 1000, at once. `scope`: beside the token, e.g. `, queue = "vip"`.
std::string breach_rule_text(const std::string& id, const std::string& policy, const std::string& scope = {});

/// So many people on one roster of one tier, all wanted, by one webhook. `more`: further lines of the channel.
std::string burst_config(const std::string& url, const std::string& more, int people);

}  // namespace surged::bench
