#include "app/page_clock.hpp"

#include "support/catch.hpp"

using namespace surged;
using namespace std::chrono_literals;

namespace {

SendOrder order(const std::string& page, int attempt) {
    SendOrder out;
    out.page = page;
    out.attempt = attempt;
    return out;
}
SendOutcome outcome(const std::string& page, int attempt) {
    return {page, attempt, OutcomeClass::ok, Span{0}, ""};
}

}  // namespace

TEST_CASE("page clock: each attempt is measured from its own arrival, once", "[unit]") {
    PageClock clock;
    const PageClock::Time start{1h};
    clock.started(order("p", 1), start);
    clock.started(order("p", 2), start + 1s);

    CHECK(clock.finished(outcome("p", 2), start + 3s) == 2.0);
    CHECK(clock.finished(outcome("p", 1), start + 500ms) == 0.5);
    CHECK_FALSE(clock.finished(outcome("p", 1), start + 500ms));
    CHECK(clock.under_way() == 0);
}

TEST_CASE("page clock: an attempt that never reached the wire is forgotten and not measured", "[unit]") {
    PageClock clock;
    clock.started(order("p", 1), PageClock::Time{1h});
    CHECK_FALSE(clock.finished(outcome("p", 1), PageClock::Time{}));
    CHECK(clock.under_way() == 0);
}
