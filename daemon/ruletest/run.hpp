// Runs one time-line test of rules against the real engine and says what differs.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/rule/learned_profile.hpp"
#include "ruletest/format.hpp"

namespace surged {

struct TestVerdict {
    std::vector<std::string> differences;  ///< "rules/voice.test.toml:31: at 1m20s ...", empty = passed
    std::vector<std::string> context;      ///< the timeline around the first difference, one line each
    std::set<std::pair<std::string, Level>> raised;  ///< (rule, level) that fired
    bool passed() const { return differences.empty(); }
};

/// `zone`: the test's own timezone. The plan is used up: every test starts with a fresh engine. `learned`: profiles of `surgectl
/// learn`; where the test has a history of its own, that counts.
TestVerdict run_rule_test(const RuleTest& test, const std::string& path, std::unique_ptr<const Plan> plan, const Zone& zone,
                          const ProfileShelf& learned = {});

}  // namespace surged
