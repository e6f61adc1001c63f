#include <limits>

#include "core/base/histogram.hpp"
#include "support/catch.hpp"

using namespace surged;

TEST_CASE("histogram: a bound belongs to its own bucket, the next value to the next", "[unit]") {
    Histogram histogram;
    histogram.observe(1e-3);
    histogram.observe(1.0000001e-3);
    const auto view = histogram.view();
    REQUIRE(histogram_bounds_s[6] == 1e-3);
    CHECK(view.counts[6] == 1);
    CHECK(view.counts[7] == 1);
    CHECK(view.count == 2);
    CHECK(view.sum_s == Approx(2.0000001e-3));
}

TEST_CASE("histogram: nothing is lost at the ends", "[unit]") {
    Histogram histogram;
    histogram.observe(0);
    histogram.observe(-1);
    histogram.observe(std::numeric_limits<double>::quiet_NaN());
    histogram.observe(60);
    histogram.observe(60.1);
    histogram.observe(std::numeric_limits<double>::infinity());
    const auto view = histogram.view();
    CHECK(view.counts.front() == 3);
    CHECK(view.counts[histogram_bounds_s.size() - 1] == 1);
    CHECK(view.counts.back() == 2);
}

TEST_CASE("histogram: quantiles lie in the right bucket", "[unit]") {
    Histogram histogram;
    CHECK(histogram.view().quantile(0.5) == 0);
    for (int i = 0; i < 99; ++i) {
        histogram.observe(0.0003);
    }
    histogram.observe(2.0);
    const auto view = histogram.view();
    CHECK(view.quantile(0.5) > 0.00025);
    CHECK(view.quantile(0.5) < 0.0005);
    CHECK(view.quantile(0.99) <= 0.0005);
    CHECK(view.quantile(1.0) == Approx(2.5));
    histogram.observe(100);
    CHECK(histogram.view().quantile(1.0) == 60.0);
}
