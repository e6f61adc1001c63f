// What a rule test says of the weeks before it, for rules of kind "baseline":
//
//   [[test.history]]   centre, queue, metric = "offered"    # calls that came before the test's first day
//   days = 14                                               # finished days
//   count = 120                                             # calls in each `every`, give or take chance
//   every = "5m"                                            # divides the rule's slot
//   hours = "08:00-20:00"                                   # the rest of the day is quiet; default: all day
#pragma once

#include <string>
#include <vector>

#include "core/base/time.hpp"
#include "core/rule/learned_profile.hpp"
#include "core/series/queue_key.hpp"

namespace surged {

class TableReader;
struct Plan;

struct TestHistory {
    QueueKey queue;
    std::string metric = "offered";
    int days = 14;
    double count = 0;
    Span every{300000};
    int from_min = 0;  ///< civil, in the queue's zone
    int to_min = 1440;
};

/// Everything but the queue, whose keys are read as those of every other table of a test.
void read_test_history(TableReader& in, TestHistory& history);

/// Learned as `surgectl learn` learns it. The counts scatter by chance, the same chance each time. `start` is when the test
/// begins; the history ends at the midnight before it.
ProfileShelf learn_histories(const Plan& plan, const std::vector<TestHistory>& histories, WallTime start);

}  // namespace surged
