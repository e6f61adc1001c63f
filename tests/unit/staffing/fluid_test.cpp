#include "core/staffing/fluid.hpp"

#include "support/catch.hpp"

using namespace surged::staffing;

namespace {
// lambda = 75 a minute, AHT = 3 min, n = 200, q0 = 150, theta = 0.25 a minute
const Backlog leaving{{75.0 / 60, 180, 240}, 150, 200};
const Backlog staying{{75.0 / 60, 180, 0}, 150, 200};
}  // namespace

TEST_CASE("fluid: the test vector with callers who give up") {
    CHECK_FALSE(clear_time_s(leaving, 0));
    CHECK(settles_at(leaving, 0).value() == Approx(33.33).epsilon(1e-3));
    CHECK(clear_time_s(leaving, 30).value() / 60 == Approx(12.6280).epsilon(1e-5));
    CHECK(lost_while_clearing(leaving, 30).value() == Approx(128.95).epsilon(1e-4));
    CHECK(clear_time_s(leaving, 60).value() / 60 == Approx(5.75392).epsilon(1e-5));
    CHECK(lost_while_clearing(leaving, 60).value() == Approx(82.87).epsilon(1e-4));
    CHECK(helpers_to_clear(leaving, 300) == 71);
    CHECK(helpers_to_clear(leaving, 600) == 36);
    CHECK(helpers_to_clear(leaving, 900) == 28);
    CHECK(expected_wait_s(leaving) / 60 == Approx(1.79745).epsilon(1e-5));
}

TEST_CASE("fluid: the test vector where nobody is lost") {
    CHECK_FALSE(clear_time_s(staying, 0));
    CHECK_FALSE(settles_at(staying, 0));
    CHECK(clear_time_s(staying, 30).value() / 60 == Approx(90));
    CHECK(clear_time_s(staying, 60).value() / 60 == Approx(12.857).epsilon(1e-4));
    CHECK(helpers_to_clear(staying, 300) == 115);
    CHECK(helpers_to_clear(staying, 600) == 70);
    CHECK(helpers_to_clear(staying, 900) == 55);
    CHECK(expected_wait_s(staying) / 60 == Approx(2.265).epsilon(1e-4));
}

TEST_CASE("fluid: the helpers asked for clear in time, one fewer does not") {
    for (const double minutes : {2.0, 5.0, 17.0, 60.0}) {
        const auto helpers = helpers_to_clear(leaving, minutes * 60).value();
        CHECK(clear_time_s(leaving, helpers).value() <= minutes * 60 + 1e-6);
        const auto fewer = clear_time_s(leaving, helpers - 1);
        CHECK((!fewer || *fewer > minutes * 60));
    }
}

TEST_CASE("fluid: nothing waiting is cleared, no agents never clear, a long queue sums like its integral") {
    CHECK(clear_time_s({{1, 180, 60}, 0, 10}, 0) == 0.0);
    CHECK(expected_wait_s({{1, 180, 60}, 5, 0}) == 60);
    CHECK(waiting_after(leaving, 60, 5.75392 * 60) == Approx(0).margin(1e-2));
    CHECK(waiting_after(leaving, 0, 1e6) == Approx(33.333).epsilon(1e-3));
    CHECK(expected_wait_s({{1, 180, 3600}, 999999, 500}) ==
          Approx(expected_wait_s({{1, 180, 3600}, 1000001, 500})).epsilon(1e-4));
}
