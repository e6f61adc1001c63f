#include "core/forecast/count_test.hpp"

#include <algorithm>
#include <cmath>

namespace surged {
namespace {

constexpr double surprise_max = 300.0;
constexpr double sigma_max = 37.0;  // beyond it the tail is smaller than the smallest double
constexpr double phi_min = 1.02;
constexpr double dispersion_start = 1.5;
constexpr double dispersion_start_weight = 20.0;
constexpr double dispersion_memory = 4000.0;
constexpr double dispersion_clip = 9.0;
/// What is remembered, in times the weight of the start: 180 days of 14 hours. What is forgotten sooner is known to a tenth only, and the
/// hours that happen to be known too low raise alarms: with 60 days, days that scatter by 12 % raised 0.018 alarms a day at 3.9 instead of
/// 0.011, at fewer of a bank's whole days +20 % seen.
constexpr double relative_memory = 90.0;
constexpr double relative_hour_memory = 21.0;
/// Squares beyond so many variances are of odd days: they say little of how far usual days are, but something, or a series that begins
/// to scatter would never be believed.
constexpr double relative_odd = 9.0;
constexpr double relative_odd_weight = 0.1;
/// What is odd is known once so many times the weight of the start was seen: ten days.
constexpr double relative_known = 5.0;
constexpr double relative_hour_known = 2.0;
constexpr double relative_clip = 6.0;
constexpr double relative_min = 0.02;
/// Clipping and the small weight of odd days take so much of a normal scatter's variance.
constexpr double relative_bias = 1.05;
/// A scatter that was learned of n days has tails of Student's t: 1 + this / n on its variance, at the limits that are asked for. The
/// curve itself says 5; of a bank's days, whose first days are told low by what they start with, 2 is enough.
constexpr double relative_doubt_days = 2.0;
/// Days that the start of an hour weighs as much as (hour_weight).
constexpr double relative_hour_days = 5.0;

/// Lentz's method for the continued fraction of the incomplete beta.
double beta_fraction(double a, double b, double x) {
    constexpr double tiny = 1e-300;
    double c = 1.0;
    double d = 1.0 - (a + b) * x / (a + 1.0);
    d = 1.0 / (std::abs(d) < tiny ? tiny : d);
    double h = d;
    for (int m = 1; m <= 5000; ++m) {
        const double even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        const double odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        double step = 1.0;
        for (const double k : {even, odd}) {
            d = 1.0 + k * d;
            d = 1.0 / (std::abs(d) < tiny ? tiny : d);
            c = 1.0 + k / c;
            c = std::abs(c) < tiny ? tiny : c;
            step = d * c;
            h *= step;
        }
        if (std::abs(step - 1.0) < 1e-12) {
            break;
        }
    }
    return h;
}

double tail(double a, double b, double x) {
    return std::clamp(-log_incomplete_beta(a, b, x) / std::log(10.0), 0.0, surprise_max);
}

}  // namespace

double log_incomplete_beta(double a, double b, double x) {
    // lgamma writes a global sign on some hosts; the sign is not read here and arguments are positive.
    const double front = std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) + a * std::log(x) + b * std::log1p(-x);
    if (x < (a + 1.0) / (a + b + 2.0)) {
        return front + std::log(beta_fraction(a, b, x) / a);
    }
    const double other = std::exp(front) * beta_fraction(b, a, 1.0 - x) / b;
    return std::log1p(-std::min(other, 1.0 - 1e-16));
}

double upper_surprise(double count, double mean, double phi) {
    const double m = std::max(mean, 1e-6);
    const double f = std::max(phi, phi_min);
    return tail(std::max(count, 0.0) + 0.5, m / (f - 1.0), 1.0 - 1.0 / f);
}

double lower_surprise(double count, double mean, double phi) {
    const double m = std::max(mean, 1e-6);
    const double f = std::max(phi, phi_min);
    return tail(m / (f - 1.0), std::max(count, 0.0) + 0.5, 1.0 / f);
}

double upper_surprise_by_factor(double count, double mean, double variance_share) {
    if (!(count > 0.0)) {
        return 0.0;
    }
    const double z = std::log(count / std::max(mean, 1e-6)) / std::sqrt(std::log1p(std::max(variance_share, 1e-9)));
    return z >= sigma_max ? surprise_max : -std::log10(0.5 * std::erfc(z / std::sqrt(2.0)));
}

double sigma_of_log_tail(double log_tail) {
    const auto tail = [](double z) { return 0.5 * std::erfc(z / std::sqrt(2.0)); };
    if (log_tail > std::log(0.5)) {
        // The other side is the small one; so near 1 that nothing is left of it is as far out as it gets.
        const double other = -std::expm1(log_tail);
        return other > 0.0 ? -sigma_of_log_tail(std::log(other)) : -sigma_max;
    }
    // Newton on the logarithm of the tail, which is nearly a parabola; the start is its leading term, at most 0.6 off.
    double z = std::min(std::sqrt(std::max(0.0, -2.0 * log_tail - std::log(-2.0 * log_tail + 1.0))), sigma_max);
    for (int step = 0; step < 20; ++step) {
        const double q = tail(z);
        const double density = std::exp(-0.5 * z * z) / std::sqrt(2.0 * 3.14159265358979323846);
        const double off = (std::log(q) - log_tail) * q / density;
        z = std::clamp(z + off, 0.0, sigma_max);
        if (std::abs(off) < 1e-10) {
            break;
        }
    }
    return z;
}

double change_sigma(const TwoWindows& w, double phi) {
    const double f = std::max(phi, 1.0);
    const double recent = std::max(w.recent, 0.0) / f;
    const double before = std::max(w.before, 0.0) / f;
    const double all = recent + before;
    if (!(w.recent_span > 0.0) || !(w.before_span > 0.0) || !(all > 0.0)) {
        return 0.0;
    }
    const double p = w.recent_span / (w.recent_span + w.before_span);
    const double off = recent - all * p;
    // Within one standard deviation nobody asks how much it is exactly; so a calm queue costs no continued fraction.
    const double plain = off / std::sqrt(all * p * (1.0 - p));
    if (std::abs(plain) < 1.0) {
        return plain;
    }
    return off > 0.0 ? std::max(0.0, sigma_of_log_tail(log_incomplete_beta(recent, before + 1.0, p)))
                     : -std::max(0.0, sigma_of_log_tail(log_incomplete_beta(before, recent + 1.0, 1.0 - p)));
}

void Dispersion::learn(double count, double mean) {
    if (!(mean > 0.0)) {
        return;
    }
    const double clip = dispersion_clip * phi();
    const double square = std::min((count - mean) * (count - mean) / mean, clip);
    const double fade = weight_ >= dispersion_memory ? 1.0 - 1.0 / dispersion_memory : 1.0;
    sum_ = sum_ * fade + square;
    weight_ = weight_ * fade + 1.0;
}

double Dispersion::phi() const {
    return std::max(1.0, (sum_ + dispersion_start * dispersion_start_weight) / (weight_ + dispersion_start_weight));
}

void Dispersion::save(ByteWriter& out) const {
    out.put(sum_);
    out.put(weight_);
}

void Dispersion::load(ByteReader& in) {
    sum_ = in.get<double>();
    weight_ = in.get<double>();
}

void RelativeScatter::learn(std::size_t hour, double count, double mean, double chance) {
    if (!(mean > 0.0)) {
        return;
    }
    const double square = ((count - mean) * (count - mean) / mean - chance) / mean;
    const auto enter = [&](auto& sum, auto& weight, double now, double memory, double known) {
        // Of a few calls chance is nearly all, and they tell little.
        const double told = mean * now / (chance + mean * now);
        const double usual = chance / mean + now;
        const bool odd = square + chance / mean > relative_odd * usual;
        const double weight_told = told * told * (odd && static_cast<double>(weight) >= known ? relative_odd_weight : 1.0);
        const double fade = static_cast<double>(weight) >= memory ? 1.0 - 1.0 / memory : 1.0;
        using Number = std::remove_reference_t<decltype(sum)>;
        sum = static_cast<Number>(static_cast<double>(sum) * fade + weight_told * std::min(square, relative_clip * usual));
        weight = static_cast<Number>(static_cast<double>(weight) * fade + weight_told);
    };
    auto& own = hours_[std::min(hour, hours - 1)];
    const double own_now = variance(hour);
    enter(sum_, weight_, variance(), relative_memory * start_weight_, relative_known * start_weight_);
    enter(own.sum, own.weight, own_now, relative_hour_memory * hour_weight_, relative_hour_known * hour_weight_);
}

double RelativeScatter::around(std::size_t hour, double common) const {
    const auto& own = hours_[std::min(hour, hours - 1)];
    return std::max(relative_min * relative_min,
                    (static_cast<double>(own.sum) + common * hour_weight_) / (static_cast<double>(own.weight) + hour_weight_));
}

double RelativeScatter::doubtful(std::size_t hour, double common) const {
    const auto& own = hours_[std::min(hour, hours - 1)];
    const double days = relative_hour_days * (static_cast<double>(own.weight) + hour_weight_) / hour_weight_;
    return around(hour, common) * relative_bias * (1.0 + relative_doubt_days / days);
}

double RelativeScatter::variance() const {
    return std::max(relative_min * relative_min, (sum_ + start_ * start_weight_) / (weight_ + start_weight_));
}

void RelativeScatter::save(ByteWriter& out) const {
    out.put(sum_);
    out.put(weight_);
    for (const Hour& hour : hours_) {
        out.put(hour.sum);
        out.put(hour.weight);
    }
}

void RelativeScatter::load(ByteReader& in) {
    load_common(in);
    for (Hour& hour : hours_) {
        hour.sum = in.get<float>();
        hour.weight = in.get<float>();
    }
}

void RelativeScatter::load_common(ByteReader& in) {
    sum_ = in.get<double>();
    weight_ = in.get<double>();
    hours_ = {};
}

bool RelativeScatter::sound() const {
    const auto good = [](double sum, double weight) { return std::isfinite(sum) && std::isfinite(weight) && weight >= 0.0; };
    return good(sum_, weight_) && std::all_of(hours_.begin(), hours_.end(), [&](const Hour& hour) {
               return good(static_cast<double>(hour.sum), static_cast<double>(hour.weight));
           });
}

std::size_t RankHistory::bin_of(double value) {
    if (!(value > 0.0)) {
        return 0;
    }
    const double at = 1.0 + std::log(value / 0.05) / std::log(1.02);
    return static_cast<std::size_t>(std::clamp(at, 0.0, static_cast<double>(bins - 1)));
}

double RankHistory::rarity(double value) const {
    const std::size_t at = bin_of(value);
    std::uint64_t higher = 0;
    for (std::size_t k = at + 1; k < bins; ++k) {
        higher += counts_[k];
    }
    const double above = static_cast<double>(higher) + 0.5 * counts_[at];
    return std::log10((total_ + 1.0) / (above + 1.0));
}

void RankHistory::learn(double value) {
    ++counts_[bin_of(value)];
    total_ += 1.0;
}

void RankHistory::save(ByteWriter& out) const {
    // Few of the bins are ever hit: their number, then bin and count of each.
    out.put(static_cast<std::uint32_t>(bins - static_cast<std::size_t>(std::count(counts_.begin(), counts_.end(), 0U))));
    for (std::uint32_t k = 0; k < bins; ++k) {
        if (counts_[k] != 0) {
            out.put(static_cast<std::uint16_t>(k));
            out.put(counts_[k]);
        }
    }
    out.put(total_);
}

bool RankHistory::load(ByteReader& in) {
    counts_.fill(0);
    const auto hit = in.get<std::uint32_t>();
    for (std::uint32_t i = 0; i < hit && in.ok(); ++i) {
        const std::size_t bin = in.get<std::uint16_t>();
        if (hit > bins || bin >= bins) {
            return false;
        }
        counts_[bin] = in.get<std::uint32_t>();
    }
    total_ = in.get<double>();
    return in.ok() && std::isfinite(total_) && total_ >= 0.0;
}

}  // namespace surged
