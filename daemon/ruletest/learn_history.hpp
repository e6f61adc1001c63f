// The weeks before a rule test, learned as `surgectl learn` learns them. The counts scatter by chance, the same chance each time.
#pragma once

#include <vector>

#include "core/plan.hpp"
#include "core/rule/learned_profile.hpp"
#include "ruletest/history.hpp"

namespace surged {

/// `start` is when the test begins; the history ends at the midnight before it.
ProfileShelf learn_histories(const Plan& plan, const std::vector<TestHistory>& histories, WallTime start);

}  // namespace surged
