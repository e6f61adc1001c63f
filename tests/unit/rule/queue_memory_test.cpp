// What a series costs in memory with windows on it, counted where it lies: it must not grow unseen. `surged_bench memory` measures the same
// from outside, with what the heap adds.
#include <string>
#include <vector>

#include "core/rule/queue_store.hpp"
#include "support/catch.hpp"
#include "support/feed_kit.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {
RuleSpec quarter(const std::string& metric) {
    auto spec = rule("quarter-" + metric, metric, {level(Level::yellow, above(30, LimitUnit::percent), below(15, LimitUnit::percent))},
                     RuleKind::rate_of_change);
    spec.window = 1min;
    spec.versus = 14min;
    return spec;
}
RuleSpec high(const std::string& metric) {
    return rule("high-" + metric, metric, {level(Level::yellow, above(40), below(30))});
}

/// Bytes of the queue's own memory: series, bound rules, heads and cells of rings, and what rules keep.
std::size_t memory_of(const Queue& queue) {
    std::size_t bytes = queue.series_count * (sizeof(Series) + sizeof(double)) + queue.bound_count * sizeof(Bound) + queue.rings_bytes;
    for (const auto& group : queue.ring_groups()) {
        bytes += group.bytes();
    }
    return bytes;
}

/// A queue with these metrics, a threshold and a rate of change over 15 minutes on each of them.
std::size_t bytes_of(const std::vector<std::string>& metrics) {
    std::vector<RuleSpec> rules;
    for (const auto& metric : metrics) {
        rules.push_back(high(metric));
        rules.push_back(quarter(metric));
    }
    const auto plan = plan_of(rules);
    QueueStore store(plan);
    const auto id = store.add({"jinan", "general", "voice"});
    std::vector<std::uint32_t> ids;
    for (const auto& metric : metrics) {
        ids.push_back(store.metrics().find_or_add(metric));
    }
    store.grow(id, ids);
    return memory_of(store[id]);
}
}  // namespace

TEST_CASE("queue store: bytes of a series with a threshold and a rate of change over 15 minutes") {
    const auto fixed = sizeof(Series) + sizeof(double) + 2 * sizeof(Bound);
    CHECK(fixed <= 120);

    // A counter: two rings of 64 cells of two bytes and a head of 32, and where its last gap was.
    CHECK(bytes_of({"offered"}) == fixed + 2 * (64 * 2 + 32) + 24);
    // A gauge: cells of three bytes, heads of 40.
    CHECK(bytes_of({"calls_waiting"}) == fixed + 2 * (64 * 3 + 40));
    // Half of each, as the bench has them.
    CHECK(bytes_of({"calls_waiting", "oldest_wait_s", "offered", "answered", "abandoned", "agents_staffed", "agents_available",
                    "agents_on_call", "handled", "talk_s_sum"}) <= 10 * 525);
}

TEST_CASE("queue store: bytes of a queue beside its series") {
    // Of ten series: a tenth of it is added to each.
    CHECK(sizeof(Queue) + sizeof(QueueKey) <= 352);
}
