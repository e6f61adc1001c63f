#include "app/outage_reasons.hpp"

#include "support/catch.hpp"

using surged::OutageReasons;

TEST_CASE("outage reasons: each is told once, the second one too, and again in the next outage", "[unit]") {
    OutageReasons reasons;
    CHECK(reasons.is_new("10.0.0.1:2379: Operation timed out after 1001 milliseconds"));
    CHECK_FALSE(reasons.is_new("10.0.0.1:2379: Operation timed out after 1002 milliseconds"));
    CHECK(reasons.is_new("10.0.0.1:2379: certificate has expired"));
    CHECK_FALSE(reasons.is_new("10.0.0.1:2379: certificate has expired"));
    reasons.over();
    CHECK(reasons.is_new("10.0.0.1:2379: certificate has expired"));
}

TEST_CASE("outage reasons: however many there are, a log gets a few", "[unit]") {
    OutageReasons reasons;
    std::size_t told = 0;
    for (char c = 'a'; c <= 'z'; ++c) {
        told += reasons.is_new(std::string(1, c)) ? 1U : 0U;
    }
    CHECK(told == OutageReasons::most);
    CHECK_FALSE(reasons.is_new("another"));
    reasons.over();
    CHECK(reasons.is_new("another"));
}
