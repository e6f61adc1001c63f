// Seeded counts with a known law, the same on every host: the standard library's distributions are not.
#pragma once

#include <cmath>
#include <cstdint>

namespace surged::test {

class Draws {
public:
    explicit Draws(std::uint64_t seed) : state_(seed) {}

    /// In (0, 1). SplitMix64.
    double uniform() {
        std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
        z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
        z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
        return (static_cast<double>((z ^ (z >> 31U)) >> 11U) + 0.5) / 9007199254740992.0;
    }
    double normal() { return std::sqrt(-2.0 * std::log(uniform())) * std::cos(6.283185307179586 * uniform()); }
    /// Knuth below 30, a rounded normal above.
    double poisson(double mean) {
        if (mean > 30.0) {
            return std::max(0.0, std::round(mean + std::sqrt(mean) * normal()));
        }
        const double limit = std::exp(-mean);
        int k = 0;
        for (double p = uniform(); p > limit; p *= uniform()) {
            ++k;
        }
        return k;
    }

private:
    std::uint64_t state_;
};

/// A Monday.
inline constexpr std::int64_t first_monday = 18995;

/// Calls expected in 5 minutes: a bump over an open day from 07:00 to 21:00, Mondays busier, Sundays closed to a third.
inline double usual(std::int64_t day, int minute, double scale) {
    const double hour = minute / 60.0;
    if (hour < 7.0 || hour >= 21.0) {
        return 0.0;
    }
    const std::int64_t weekday = (day - first_monday) % 7;
    const double of_day = weekday == 0 ? 1.3 : (weekday == 6 ? 0.35 : 1.0);
    return scale * of_day * (0.5 + std::sin((hour - 7.0) / 14.0 * 3.141592653589793));
}

}  // namespace surged::test
