// Last values as a need sees them.
#include "core/rule/live_values.hpp"

#include <cmath>

#include "core/rule/detector.hpp"
#include "support/catch.hpp"
#include "support/feed_kit.hpp"

using namespace surged;
using namespace surged::test;

namespace {
using Row = std::pair<std::string, std::vector<double>>;

/// "centre/queue" and the values of what is known of `metrics` now.
std::vector<Row> rows(const Detector& detector, const std::vector<std::string>& metrics, const std::string& centre = {}) {
    std::vector<Row> out;
    std::string name;
    StoreValues(detector.queues())
        .each(
            metrics,
            [&](const QueueKey& queue, std::string_view) {
                name = queue.centre + "/" + queue.queue;
                return centre.empty() || queue.centre == centre;
            },
            [&](std::span<const double> values) {
                out.emplace_back(name, std::vector<double>(values.begin(), values.end()));
            });
    return out;
}
}  // namespace

TEST_CASE("live values: every wanted queue that knows a metric, unknown where it does not", "[unit]") {
    const auto plan = plan_of({}, {derive("waiting_all", "sum(calls_waiting)", {}, GroupBy::centre)});
    Detector detector(plan);
    Feeder feeder;
    detector.ingest(feeder.message(1, "general", {{"calls_waiting", 5}, {"oldest_wait_s", 9}}), at_s(1));
    detector.ingest(feeder.message(2, "vip", {{"calls_waiting", 2}}), at_s(2));
    detector.ingest(feeder.message(3, "general", {{"calls_waiting", 40}}, "qingdao"), at_s(3));
    const auto both = rows(detector, {"calls_waiting", "oldest_wait_s"}, "jinan");
    REQUIRE(both.size() == 2);
    CHECK(both[0] == Row{"jinan/general", {5, 9}});
    CHECK(both[1].second[0] == 2);
    CHECK(std::isnan(both[1].second[1]));
    CHECK(rows(detector, {"waiting_all"}, "jinan") == std::vector<Row>{{"jinan/*", {7}}});
    CHECK(rows(detector, {"nobody_sent_this"}).empty());
}

TEST_CASE("live values: a value older than stale_after is unknown, a stale queue is left out", "[unit]") {
    const auto plan = plan_of({});
    Detector detector(plan);
    Feeder feeder;
    detector.ingest(feeder.message(0, "general", {{"calls_waiting", 5}, {"oldest_wait_s", 9}}), at_s(0));
    detector.ingest(feeder.message(30, "general", {{"oldest_wait_s", 9}}), at_s(30));
    CHECK(rows(detector, {"calls_waiting"}) == std::vector<Row>{{"jinan/general", {5}}});
    detector.advance(at_s(31));
    detector.ingest(feeder.message(31, "general", {{"oldest_wait_s", 9}}), at_s(31));
    REQUIRE(rows(detector, {"calls_waiting"}).size() == 1);
    CHECK(std::isnan(rows(detector, {"calls_waiting"})[0].second[0]));
    detector.advance(at_s(62));
    CHECK(rows(detector, {"oldest_wait_s"}).empty());
}
