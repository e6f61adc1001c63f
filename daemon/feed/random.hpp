// Random numbers of the simulator: one stream per (seed, name), so that a change in one part (an agent more) leaves the arrivals
// of all others as they were. std::mt19937_64 is fixed by the standard; the distributions are our own because the library's are
// not.
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>
#include <random>
#include <string_view>

#include "core/base/hash.hpp"

namespace surged {

class RandomStream {
public:
    RandomStream(std::uint64_t seed, std::string_view name) : engine_(mix(seed, name)) {}

    /// Uniform in (0, 1): never 0, never 1.
    double uniform() { return (static_cast<double>(engine_() >> 11U) + 0.5) * 0x1.0p-53; }
    /// Mean > 0.
    double exponential(double mean) { return -mean * std::log(uniform()); }
    double normal() {
        // Two statements: the order of calls inside one expression is the compiler's choice.
        const double radius = std::sqrt(-2.0 * std::log(uniform()));
        return radius * std::cos(2.0 * std::numbers::pi * uniform());
    }
    /// Mean > 0 and coefficient of variation >= 0.
    double lognormal(double mean, double cv) {
        const double variance = std::log1p(cv * cv);
        return mean * std::exp(std::sqrt(variance) * normal() - variance / 2);
    }
    /// The same of two uniform numbers.
    static double lognormal_of(double a, double b, double mean, double cv) {
        const double variance = std::log1p(cv * cv);
        const double normal = std::sqrt(-2.0 * std::log(a)) * std::cos(2.0 * std::numbers::pi * b);
        return mean * std::exp(std::sqrt(variance) * normal - variance / 2);
    }
    bool chance(double probability) { return uniform() < probability; }

    /// A well-mixed seed of a number and a name (FNV-1a, then the finisher of SplitMix64).
    static std::uint64_t mix(std::uint64_t seed, std::string_view name) {
        std::uint64_t h = fnv1a(name, fnv1a_basis ^ seed);
        h ^= h >> 30U;
        h *= 0xBF58476D1CE4E5B9ULL;
        h ^= h >> 27U;
        h *= 0x94D049BB133111EBULL;
        return h ^ (h >> 31U);
    }

private:
    std::mt19937_64 engine_;
};

/// Uniform in (0, 1), by its arguments alone: what belongs to the n-th of something, whatever else was drawn before it.
inline double uniform_of(std::uint64_t seed, std::uint64_t n) {
    std::uint64_t h = seed + (n + 1) * 0x9E3779B97F4A7C15ULL;  // SplitMix64
    h = (h ^ (h >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    h = (h ^ (h >> 27U)) * 0x94D049BB133111EBULL;
    return (static_cast<double>((h ^ (h >> 31U)) >> 11U) + 0.5) * 0x1.0p-53;
}

}  // namespace surged
