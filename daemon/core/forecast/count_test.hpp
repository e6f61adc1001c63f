// How surprising a count is against an expected one: over-dispersed tails, and the rank of a value among all earlier ones.
//
// Knows numbers only. Its hardest rule: limits must widen by themselves for small queues and for series that scatter more than
// chance, so the scatter is learned per window length and a tail is that of the negative binomial, never of a normal curve.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/base/bytes.hpp"

namespace surged {

/// -log10 P(X >= count) for X negative binomial with this mean and variance = phi x mean (Poisson when phi <= 1.02), with the
/// continuity of the middle of the step (count counts half). 0..300. mean > 0; a mean of 0 is taken as 1e-6.
/// Source: the incomplete beta identity, Abramowitz and Stegun 26.5.26; continued fraction 26.5.8.
double upper_surprise(double count, double mean, double phi);
/// The same for P(X <= count).
double lower_surprise(double count, double mean, double phi);

/// The same when days differ by a factor rather than by an amount: -log10 P(X >= count) for log-normal X with this mean as median and
/// log(1 + variance_share) as variance of the logarithm. Its tail is longer than the negative binomial's of the same variance.
double upper_surprise_by_factor(double count, double mean, double variance_share);

/// Two windows of one series of counts, the second just before the first: is the rate the same?
struct TwoWindows {
    double recent = 0;       ///< counted in the last window, >= 0
    double recent_span = 0;  ///< its length, > 0; any unit, the same for both
    double before = 0;       ///< counted in the window before it, >= 0
    double before_span = 0;  ///< > 0
};
/// In standard deviations of a normal curve, signed: how far `recent` lies above (below: negative) what `before` promises, such that
/// chance gives this much or more as often as a normal value lies so far out. One number for a queue of any size: 4 means once in
/// 31,600 looks at independent windows. -37..37; 0 when nothing was counted or a span is not positive.
/// When the rates are the same, the counts of the two windows together fall into the last one each with the chance
/// p = recent_span / (recent_span + before_span): the tail is that of the binomial (Przyborowski and Wilenski 1940, Biometrika
/// 31:313-323), exact for Poisson. `phi` = variance / mean of the series, > 1 where calls come in bunches: both counts are divided by
/// it, which lies within 0.15 of the exact tail for two negative binomials with that scatter (phi 1.2 to 3, tests).
double change_sigma(const TwoWindows& windows, double phi = 1.0);
/// z with P(Z >= z) = exp(log_tail) of a standard normal Z. log_tail <= 0; -37..37.
double sigma_of_log_tail(double log_tail);

/// The regularised incomplete beta function I_x(a, b), as natural logarithm. a, b > 0, 0 < x < 1.
double log_incomplete_beta(double a, double b, double x);

/// Scatter of a series about its forecast: variance / mean, learned as a running mean of clipped squares.
class Dispersion {
public:
    void learn(double count, double mean);
    /// >= 1.
    double phi() const;
    double weight() const { return weight_; }
    void save(ByteWriter& out) const;
    void load(ByteReader& in);

private:
    double sum_ = 0.0;
    double weight_ = 0.0;
};

/// Scatter of hours and days about what was forecast for them, as a share of it, by the hour of the day: what is left of the
/// squares once chance, which falls with their size, has had its part. Running means of clipped squares. By the hour, because the
/// first hour of a day is told worse than its middle (bank_calls: 13 % against 5 %).
class RelativeScatter {
public:
    static constexpr std::size_t hours = 24;
    /// `share` is believed until about `weight` values were seen; what all hours have in common, until `hour_weight` of one were.
    RelativeScatter(double share, double weight, double hour_weight)
        : start_(share * share), start_weight_(weight), hour_weight_(hour_weight) {}
    /// `chance`: variance / mean of the count by chance. `hour`: 0..23; larger is taken as 23.
    void learn(std::size_t hour, double count, double mean, double chance);
    /// Of the share; the variance of a count is mean x (chance + mean x this).
    double variance() const;
    double variance(std::size_t hour) const { return around(hour, variance()); }
    /// The same where `common` is what the hours have in common.
    double around(std::size_t hour, double common) const;
    /// What a test may rely on: around(), widened by what learning clips and by how few days it was learned of.
    double doubtful(std::size_t hour, double common) const;
    void save(ByteWriter& out) const;
    void load(ByteReader& in);
    /// What was saved before hours were told apart.
    void load_common(ByteReader& in);
    bool sound() const;

private:
    struct Hour {
        float sum = 0.0F;
        float weight = 0.0F;
    };

    double start_;
    double start_weight_;
    double hour_weight_;
    double sum_ = 0.0;
    double weight_ = 0.0;
    std::array<Hour, hours> hours_{};
};

/// Counts of earlier values in bins of 2 % width: tells how rare a value at least this large has been. Fixed memory.
class RankHistory {
public:
    static constexpr std::size_t bins = 1024;

    /// `unit` is the smallest value told apart from 0; `half_life` in values, 0 = never forgets.
    RankHistory() = default;
    /// -log10((k + 1) / (n + 1)), k = earlier values >= `value` (same bin counts half), n = all earlier values.
    double rarity(double value) const;
    void learn(double value);
    double size() const { return total_; }
    void save(ByteWriter& out) const;
    bool load(ByteReader& in);

private:
    static std::size_t bin_of(double value);
    std::array<std::uint32_t, bins> counts_{};
    double total_ = 0.0;
};

}  // namespace surged
