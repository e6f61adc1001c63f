// How surprising the last rows are, on each scale: the last minutes against today's level, the last hour and the day so far
// against what was expected as the day began. Nothing here changes the detector.
#include <algorithm>
#include <cmath>

#include "core/forecast/surge_detector.hpp"

namespace surged {
namespace {

/// Least of a day that is judged as one.
constexpr double day_minutes_min = 60.0;
constexpr double day_calls_min = 50.0;
/// The last minutes must be off by this part of what the hour is off, and the hour of what the day is, or it is over.
constexpr double day_goes_on = 0.6;
/// Below so many calls in the longest of the short windows, half an hour and an hour are looked at as well.
constexpr double small_window = 2.0;
/// The last hour is another one some times a day, the day so far once or twice and a row some hundred times: how much more or
/// less surprising than a row they must be. hour_looks -0.5 raised twice as many alarms on 30 ordinary
/// days of a bank (6 against 3, at a limit of 3.7).
constexpr double hour_looks = -1.0;
constexpr double day_looks = 0.3;

}  // namespace

/// Rows of an hour; 1 when a row is longer.
std::size_t SurgeDetector::hour_rows() const {
    return static_cast<std::size_t>(std::clamp(std::round(60.0 / settings_.interval_minutes), 1.0, 60.0));
}

SurgeDetector::Window SurgeDetector::window(std::size_t rows) const {
    Window sum;
    for (std::size_t k = 0; k < std::min<std::size_t>(rows, recent_count_); ++k) {
        sum.count += recent_[k].count;
        sum.expected += recent_[k].expected;
        sum.level_expected += recent_[k].level_expected;
    }
    return sum;
}

/// 0 when within sqrt(cut) standard deviations of what is expected: most windows are, and a tail costs a microsecond.
double SurgeDetector::surprise_of(const Window& sum, std::size_t scatter, double cut) const {
    const double phi = scatter_[scatter].phi() * (1.0 + sum.level_expected * level_variance());
    const double off = sum.count - sum.level_expected;
    if (off * off < cut * phi * sum.level_expected) {
        return 0.0;
    }
    if (off >= settings_.floor_calls) {
        return upper_surprise(sum.count, sum.level_expected, phi);
    }
    if (settings_.direction == SurgeDirection::both && -off >= settings_.floor_calls) {
        return lower_surprise(sum.count, sum.level_expected, phi);
    }
    return 0.0;
}

SurgeDetector::Finding SurgeDetector::test_windows(Care care) const {
    // A calm series turns hot at the yellow limit only, and no count within two standard deviations above is as rare as that. The
    // tail below may be shorter than a normal curve's, so there nothing is skipped.
    const bool skip = care == Care::learning && !hot_ && settings_.direction == SurgeDirection::up;
    Finding worst;
    for (std::size_t k = 0; k < windows && k < recent_count_; ++k) {
        const Window sum = window(k + 1);
        const double surprise = surprise_of(sum, k, skip ? 4.0 : 1.0);
        if (surprise > worst.surprise || worst.surprise <= 0.0) {
            worst = {surprise, sum, static_cast<double>(k + 1) * settings_.interval_minutes, SurgeScale::minutes};
        }
    }
    test_hour(worst);
    return worst;
}

/// A small queue is seen in no quarter of an hour. A longer window is another one less often, so it may be less surprising.
void SurgeDetector::test_hour(Finding& worst) const {
    const std::size_t hour = hour_rows();
    for (const std::size_t rows : {hour / 2, hour}) {
        const Window sum = window(rows);
        if (rows <= windows || rows > recent_count_ ||
            sum.level_expected * static_cast<double>(windows) >= small_window * static_cast<double>(rows)) {
            continue;
        }
        const double seldom = std::log10(static_cast<double>(rows));
        const double surprise = surprise_of(sum, windows - 1, 4.0);
        if (surprise > 0.0 && surprise + seldom > worst.surprise) {
            worst = {surprise + seldom, sum, static_cast<double>(rows) * settings_.interval_minutes, SurgeScale::minutes};
        }
    }
}

/// Against the forecast as the day began and how far days usually are from theirs: today's level takes a busy day for a usual
/// one.
double SurgeDetector::surprise_of_day(const Window& sum, double share) const {
    const double off = sum.count - sum.expected;
    const double phi = scatter_[windows - 1].phi() + sum.expected * share;
    if (std::abs(off) < settings_.floor_calls || off * off < 4.0 * phi * sum.expected) {
        return 0.0;
    }
    if (off > 0.0) {
        return upper_surprise(sum.count, sum.expected, phi);
    }
    return settings_.direction == SurgeDirection::both ? lower_surprise(sum.count, sum.expected, phi) : 0.0;
}

void SurgeDetector::test_day(Finding& worst) const {
    const std::size_t rows = hour_rows();
    const Window hour = window(rows);
    if (recent_count_ < rows || hour.expected <= 0.0 || today_.expected < day_calls_min ||
        today_rows_ * settings_.interval_minutes < day_minutes_min) {
        return;
    }
    const double hour_off = hour.count / hour.expected - 1.0;
    const auto goes_on = [](double now, double all) { return now * all > 0.0 && std::abs(now) >= day_goes_on * std::abs(all); };
    // What is over is told no longer, although the hour still holds it.
    const Window last = window(windows);
    if (!goes_on(last.count / last.expected - 1.0, hour_off)) {
        return;
    }
    const double of_hour = surprise_of_day(hour, hour_scatter_.variance()) + hour_looks;
    if (of_hour > worst.surprise) {
        worst = {of_hour, hour, static_cast<double>(rows) * settings_.interval_minutes, SurgeScale::hour};
    }
    const double day_off = today_.count / today_.expected - 1.0;
    if (!goes_on(hour_off, day_off)) {
        return;
    }
    // Early in the day, the day so far is no steadier than an hour.
    const double minutes = today_rows_ * settings_.interval_minutes;
    const double steady = day_scatter_.variance();
    const double share = steady + std::max(hour_scatter_.variance() - steady, 0.0) * std::min(1.0, 60.0 / minutes);
    const double of_day = surprise_of_day(today_, share) + day_looks;
    if (of_day > worst.surprise) {
        worst = {of_day, today_, minutes, SurgeScale::day};
    }
}

}  // namespace surged
