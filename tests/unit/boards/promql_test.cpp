#include "promql.hpp"

#include "support/catch.hpp"

using namespace surged::test;

TEST_CASE("promql: selectors have their matchers, range and what stands around them", "[unit]") {
    const auto found = selectors_of(
        R"-(sum by (job, le) (rate(x_total{job=~"$job", a!="b)"}[5m])) * 60 / (max(y) > bool 0) and on (job) topk(5, max_over_time(z{}[1h] @ end())))-");
    REQUIRE(found.size() == 3);
    CHECK(found[0].metric == "x_total");
    CHECK(found[0].matchers.at("job") == "=~$job");
    CHECK(found[0].matchers.at("a") == "!=b)");
    CHECK(found[0].range == "5m");
    CHECK(found[0].function == "rate");
    CHECK(found[0].around == std::vector<std::string>{"sum", "rate"});
    CHECK(found[1].metric == "y");
    CHECK(found[1].function == "max");
    CHECK(found[2].metric == "z");
    CHECK(found[2].at_end);
    CHECK(found[2].around == std::vector<std::string>{"topk", "max_over_time"});
}

TEST_CASE("promql: functions, labels, numbers and words between are no selectors", "[unit]") {
    CHECK(selectors_of("time() - 4 * 3600").empty());
    CHECK(selectors_of("vector(0) or vector(1e3)").empty());
    const auto joined = selectors_of("a:b:sum * on (x) group_left (y) c unless ignoring (z) d offset 5m");
    REQUIRE(joined.size() == 3);
    CHECK(joined[0].metric == "a:b:sum");
    CHECK(joined[1].metric == "c");
    CHECK(joined[2].metric == "d");
}
