#include "io/history/band.hpp"

#include <algorithm>
#include <cmath>

#include "core/forecast/count_test.hpp"

namespace surged {
namespace {

constexpr int halvings = 24;
/// A rule that is surprised by less would be at every second row.
constexpr double surprise_min = 0.5;

/// Where `surprised` turns true between `calm`, where it is not, and `other`, where it is.
template <typename Surprised>
double edge_between(double calm, double other, Surprised surprised) {
    for (int i = 0; i < halvings && std::abs(other - calm) > 0.005; ++i) {
        const double middle = (calm + other) / 2;
        (surprised(middle) ? other : calm) = middle;
    }
    return other;
}

}  // namespace

ForecastBand forecast_band(const BaselineBand& rule) {
    ForecastBand out;
    const double mean = rule.expected_per_s * rule.slot_s;
    if (!(mean >= 0) || !std::isfinite(mean) || !(rule.slot_s > 0)) {
        return out;
    }
    out.expected = mean;
    const double limit = std::max(rule.surprise, surprise_min);
    double far = std::max(mean, 1.0);
    while (far < 1e9 && upper_surprise(mean + far, mean, rule.phi) < limit) {
        far *= 2;
    }
    out.high = edge_between(mean, mean + far, [&](double count) { return upper_surprise(count, mean, rule.phi) >= limit; });
    out.high = std::max(out.high, mean * (1 + rule.percent / 100));
    out.low = lower_surprise(0, mean, rule.phi) < limit
                  ? 0
                  : edge_between(mean, 0, [&](double count) { return lower_surprise(count, mean, rule.phi) >= limit; });
    return out;
}

}  // namespace surged
