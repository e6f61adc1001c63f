#include "core/forecast/surge_detector.hpp"

#include <algorithm>
#include <cmath>

namespace surged {
namespace {

constexpr double rarity_full = 6.0;
constexpr double shadow_factor = 0.3;
constexpr double learn_sigmas = 4.0;
/// Not 0: what comes back every week must become usual in the end, even if it was an alarm at first.
constexpr double learn_sigmas_hot = 2.0;
constexpr std::uint32_t calm_rows_needed = 3;
/// A surprise below this part of the first limit is calm.
constexpr double keep_level = 0.5;
constexpr double gap_rows = 3.5;
/// Share by which hours and days differ from what is expected of them, until it is learned.
constexpr double day_share_start = 0.07;
/// Minutes of rows that this is believed for: two days of 14 hours.
constexpr double day_share_minutes = 1680.0;
/// Minutes of rows of one hour of the day that weigh as much as what all hours have in common: five days.
constexpr double hour_share_minutes = 300.0;
/// Below it a row is one of closed hours.
constexpr double closed_calls = 0.05;
constexpr std::uint32_t detector_format = 4;
/// Before the scatter of hours and days was told apart by the hour of the day: read as what all hours have in common.
constexpr std::uint32_t format_common_scatter = 3;

ProfileSettings profile_settings(const SurgeSettings& settings) {
    ProfileSettings profile = settings.profile;
    profile.slots = static_cast<std::size_t>(std::max(1.0, std::round(1440.0 / settings.interval_minutes)));
    return profile;
}

SurgeSettings bounded(SurgeSettings settings) {
    settings.interval_minutes = std::clamp(settings.interval_minutes, 1.0, 1440.0);
    return settings;
}

}  // namespace

SurgeDetector::SurgeDetector(const SurgeSettings& settings)
    : settings_(bounded(settings)),
      profile_(profile_settings(settings_)),
      now_(settings_.now),
      before_(settings_.before),
      hour_scatter_(day_share_start, day_share_minutes / settings_.interval_minutes, hour_share_minutes / settings_.interval_minutes),
      day_scatter_(day_share_start, day_share_minutes / settings_.interval_minutes, hour_share_minutes / settings_.interval_minutes) {}

/// 0..23, of the row before which nothing is later.
std::size_t SurgeDetector::hour_of_day() const {
    return static_cast<std::size_t>(std::clamp<std::int64_t>((last_second_ - profile_.day() * 86400) / 3600, 0, 23));
}

void SurgeDetector::follow_time(const SurgeRow& row) {
    const std::int64_t second = row.day * 86400 + row.second_of_day;
    if (last_second_ != INT64_MIN) {
        const double passed = static_cast<double>(std::clamp<std::int64_t>(second - last_second_, 0, 365 * 86400)) / 60.0;
        const double missing = passed - settings_.interval_minutes;
        since_onset_minutes_ += passed;
        loud_ago_minutes_ += passed;
        if (passed > gap_rows * settings_.interval_minutes) {
            recent_count_ = 0;
            hot_ = false;
            now_.pause(missing);
            before_.pause(missing);
        }
        if (loud_ago_minutes_ > settings_.clear_minutes) {
            level_ = 0;
        }
    }
    last_second_ = std::max(last_second_, second);
    begin_day(row.day, row.kind);
}

void SurgeDetector::push_recent(double count, double mean) {
    const auto kept = static_cast<std::uint32_t>(std::max(windows, hour_rows()));
    recent_count_ = std::min<std::uint32_t>(recent_count_ + 1, kept);
    std::copy_backward(recent_.begin(), recent_.begin() + recent_count_ - 1, recent_.begin() + recent_count_);
    recent_[0] = {count, mean, mean * before_.ratio()};
    today_.count += count;
    today_.expected += mean;
    ++today_rows_;
}

void SurgeDetector::learn_scatter() {
    for (std::size_t k = 0; k < windows && k < recent_count_; ++k) {
        const Window sum = window(k + 1);
        const double wide = std::sqrt(1.0 + sum.level_expected * level_variance());
        scatter_[k].learn(sum.level_expected + (sum.count - sum.level_expected) / wide, sum.level_expected);
    }
}

int SurgeDetector::level_of(double surprise) const {
    int level = 0;
    for (const double limit : settings_.limits) {
        level += surprise >= limit ? 1 : 0;
    }
    return level;
}

/// `minutes`: the surprise of the last minutes alone. A day that is high all along is no reason to hold today's level.
void SurgeDetector::settle_level(SurgeVerdict& verdict, double minutes) {
    verdict.level_now = verdict.learning ? 0 : level_of(verdict.surprise);
    if (minutes >= settings_.limits[0]) {
        hot_ = true;
        calm_rows_ = 0;
    } else if (hot_) {
        calm_rows_ = minutes < keep_level * settings_.limits[0] ? calm_rows_ + 1 : 0;
        hot_ = calm_rows_ < calm_rows_needed;
    }
    level_ = std::max(level_, verdict.level_now);
    // As the rules' clear limits do: what is above this part of the limit keeps a level that it would not raise. A day that is high all along
    // was told up to six times.
    if (level_ > 0 && !verdict.learning && verdict.surprise >= keep_level * settings_.limits[0]) {
        loud_ago_minutes_ = 0.0;
    }
    verdict.level = level_;
}

double SurgeDetector::rank_score(bool known, bool hold) {
    const Window sum = window(rank_rows);
    const double over = sum.count - sum.expected;
    const double excess = settings_.direction == SurgeDirection::up ? over : settings_.direction == SurgeDirection::down ? -over : std::abs(over);
    const double excess_rarity = excess_ranks_.rarity(excess);
    const double rarity = settings_.direction == SurgeDirection::up ? 0.5 * (excess_rarity + count_ranks_.rarity(sum.count)) : excess_rarity;
    if (!hold) {
        excess_ranks_.learn(excess);
        count_ranks_.learn(sum.count);
    }
    const bool shadow = since_onset_minutes_ < settings_.onset_minutes && excess < settings_.onset_again * onset_excess_;
    if (!shadow && rarity >= settings_.onset_rarity) {
        since_onset_minutes_ = 0.0;
        onset_excess_ = excess;
    }
    return known ? std::clamp(rarity * (shadow ? shadow_factor : 1.0) / rarity_full, 0.0, 1.0) : 0.0;
}

std::size_t SurgeDetector::slot_of(std::int32_t second_of_day) const {
    const auto slot =
        static_cast<std::size_t>(static_cast<double>(std::clamp(second_of_day, 0, 86399)) / 60.0 / settings_.interval_minutes);
    return std::min(slot, profile_.slots() - 1);
}

void SurgeDetector::begin_day(std::int64_t day, const DayKind& kind) {
    if (day > profile_.day()) {
        profile_.begin_day(day, kind);
        today_ = {};
        today_rows_ = 0;
        // Queues that never close: kept over midnight, a low day's level met a high day at 00:05 and froze there. Of 89 alarms in 560 days that
        // differ by 5 % and have 200 calls a row all day, 45 were in the first hour; now 5 of 30 are. Today's level for the forecast goes
        // on: of a city's emergency calls it tells the next hour 0.01 points better so.
        before_.begin_day();
    }
}

SurgeVerdict SurgeDetector::step(const SurgeRow& row) {
    return take(row, Care::full);
}

void SurgeDetector::learn(const SurgeRow& row) {
    take(row, Care::learning);
}

SurgeVerdict SurgeDetector::take(const SurgeRow& row, Care care) {
    SurgeVerdict verdict;
    const double count = std::isfinite(row.count) ? std::clamp(row.count, 0.0, 1e12) : 0.0;
    follow_time(row);
    const std::size_t at = slot_of(row.second_of_day);
    verdict.day_ahead = profile_.expected(at);
    const bool known = verdict.day_ahead >= 0.0 && profile_.days() >= settings_.learn_days;
    verdict.learning = !known || profile_.days() < settings_.level_days;
    verdict.one_step = verdict.day_ahead >= 0.0 ? verdict.day_ahead * now_.ratio() : -1.0;
    verdict.level = level_;
    if (row.set_aside) {
        // Nothing is asked of its slot, which may never have been open.
        verdict.learning = profile_.days() < std::max(settings_.learn_days, settings_.level_days);
        return verdict;
    }
    mean_sum_ += count;
    mean_rows_ += 1.0;
    const double mean = std::max(verdict.day_ahead >= 0.0 ? verdict.day_ahead : mean_sum_ / mean_rows_, 0.01);
    push_recent(count, mean);
    double minutes = 0.0;
    if (known) {
        Finding found = test_windows(care);
        minutes = found.surprise;
        if (!verdict.learning) {
            test_day(found);
        }
        verdict.surprise = found.surprise;
        verdict.window_count = found.window.count;
        verdict.window_expected = found.scale == SurgeScale::minutes ? found.window.level_expected : found.window.expected;
        verdict.window_minutes = found.minutes;
        verdict.scale = found.scale;
    }
    if (care == Care::full) {
        verdict.score = rank_score(known, row.hold);
    }
    settle_level(verdict, minutes);
    teach(at, count, mean, verdict, known, row.hold);
    return verdict;
}

/// What a row teaches once it has been judged. Today's level for the forecast follows even an incident: it says what comes next,
/// not what is usual.
void SurgeDetector::teach(std::size_t slot, double count, double mean, const SurgeVerdict& verdict, bool known, bool hold) {
    if (known && !hot_ && !hold) {
        learn_scatter();
    }
    // A day that is far off is not how far days usually are.
    const bool far = verdict.scale != SurgeScale::minutes && verdict.surprise >= settings_.limits[0];
    if (!verdict.learning && !hold && !far) {
        const double chance = scatter_[windows - 1].phi();
        const Window hour = window(hour_rows());
        if (recent_count_ >= hour_rows()) {
            hour_scatter_.learn(hour_of_day(), hour.count, hour.expected, chance);
        }
        day_scatter_.learn(hour_of_day(), today_.count, today_.expected, chance);
    }
    const double usual = recent_[0].level_expected;
    const double spread = std::sqrt(usual * scatter_[0].phi() * (1.0 + usual * level_variance()));
    double clip = verdict.learning ? std::max(6.0 * mean, 20.0) : usual + (hot_ ? learn_sigmas_hot : learn_sigmas) * spread + 1.0;
    if (usual < closed_calls) {
        // Hours that were closed open: no multiple of nothing tells what is usual.
        clip = std::max(clip, mean_sum_ / mean_rows_);
    }
    if (!hold) {
        profile_.observe(slot, count, clip);
    }
    if (known) {
        now_.push(count, mean, settings_.interval_minutes, false);
        before_.push(count, mean, settings_.interval_minutes, hot_ || hold);
    }
}

SurgeVerdict SurgeDetector::look(const SurgeRow& row, double share, double looks) const {
    SurgeVerdict verdict;
    verdict.day_ahead = row.day == profile_.day() ? expected(row.second_of_day) : -1.0;
    const bool known = verdict.day_ahead >= 0.0 && profile_.days() >= settings_.learn_days;
    verdict.learning = !known || profile_.days() < settings_.level_days;
    verdict.one_step = verdict.day_ahead >= 0.0 ? verdict.day_ahead * now_.ratio() : -1.0;
    verdict.level = level_;
    if (!known || row.set_aside || !(share > 0.0)) {
        return verdict;
    }
    const double mean = std::max(verdict.day_ahead * share, 0.01);
    Window sum{std::max(row.count, 0.0), mean, mean * before_.ratio()};
    const std::int64_t passed = row.day * 86400 + row.second_of_day - last_second_;
    const bool joined = static_cast<double>(passed) <= gap_rows * settings_.interval_minutes * 60.0;
    double minutes = share * settings_.interval_minutes;
    const double correction = std::log10(std::max(looks, 1.0));
    verdict.window_count = sum.count;
    verdict.window_expected = sum.level_expected;
    verdict.window_minutes = minutes;
    for (std::size_t k = 0; k < windows; ++k) {
        const double surprise = std::max(0.0, surprise_of(sum, k, 1.0) - correction);
        if (surprise > verdict.surprise) {
            verdict.surprise = surprise;
            verdict.window_count = sum.count;
            verdict.window_expected = sum.level_expected;
            verdict.window_minutes = minutes;
        }
        if (!joined || k >= recent_count_ || k + 1 >= windows) {
            break;
        }
        sum.count += recent_[k].count;
        sum.expected += recent_[k].expected;
        sum.level_expected += recent_[k].level_expected;
        minutes += settings_.interval_minutes;
    }
    verdict.level_now = verdict.learning ? 0 : level_of(verdict.surprise);
    return verdict;
}

/// Numbers that no detector can hold are no detector's bytes.
bool SurgeDetector::sound() const {
    const auto count = [](double v) { return std::isfinite(v) && v >= 0.0; };
    return count(mean_sum_) && count(mean_rows_) && count(loud_ago_minutes_) && count(since_onset_minutes_) &&
           std::isfinite(onset_excess_) &&
           std::all_of(scatter_.begin(), scatter_.end(),
                       [&](const Dispersion& d) { return count(d.phi()) && count(d.weight()); }) &&
           std::all_of(recent_.begin(), recent_.end(),
                       [&](const Recent& r) { return count(r.count) && count(r.expected) && count(r.level_expected); }) &&
           hour_scatter_.sound() && day_scatter_.sound() && count(today_.count) && count(today_.expected);
}

void SurgeDetector::save(ByteWriter& out) const {
    out.put(detector_format);
    out.put(settings_.interval_minutes);
    profile_.save(out);
    now_.save(out);
    before_.save(out);
    for (const Dispersion& scatter : scatter_) {
        scatter.save(out);
    }
    excess_ranks_.save(out);
    count_ranks_.save(out);
    out.put(recent_count_);
    for (std::size_t k = 0; k < recent_count_; ++k) {
        out.put(recent_[k].count);
        out.put(recent_[k].expected);
        out.put(recent_[k].level_expected);
    }
    hour_scatter_.save(out);
    day_scatter_.save(out);
    out.put(today_.count);
    out.put(today_.expected);
    out.put(today_rows_);
    out.put(mean_sum_);
    out.put(mean_rows_);
    out.put(loud_ago_minutes_);
    out.put(calm_rows_);
    out.put(hot_);
    out.put(since_onset_minutes_);
    out.put(onset_excess_);
    out.put(last_second_);
    out.put(level_);
}

bool SurgeDetector::load(ByteReader& in) {
    SurgeDetector fresh(settings_);
    const auto written = in.get<std::uint32_t>();
    bool good = (written == detector_format || written == format_common_scatter) && in.get<double>() == settings_.interval_minutes;
    good = good && fresh.profile_.load(in) && fresh.now_.load(in) && fresh.before_.load(in);
    if (good) {
        for (Dispersion& scatter : fresh.scatter_) {
            scatter.load(in);
        }
        good = fresh.excess_ranks_.load(in) && fresh.count_ranks_.load(in);
        fresh.recent_count_ = std::min<std::uint32_t>(in.get<std::uint32_t>(), recent_max);
        for (std::size_t k = 0; k < fresh.recent_count_; ++k) {
            fresh.recent_[k].count = in.get<double>();
            fresh.recent_[k].expected = in.get<double>();
            fresh.recent_[k].level_expected = in.get<double>();
        }
        for (auto* scatter : {&fresh.hour_scatter_, &fresh.day_scatter_}) {
            written == detector_format ? scatter->load(in) : scatter->load_common(in);
        }
        fresh.today_.count = in.get<double>();
        fresh.today_.expected = in.get<double>();
        fresh.today_rows_ = in.get<std::uint32_t>();
        fresh.mean_sum_ = in.get<double>();
        fresh.mean_rows_ = in.get<double>();
        fresh.loud_ago_minutes_ = in.get<double>();
        fresh.calm_rows_ = in.get<std::uint32_t>();
        fresh.hot_ = in.get<std::uint8_t>() != 0;
        fresh.since_onset_minutes_ = in.get<double>();
        fresh.onset_excess_ = in.get<double>();
        fresh.last_second_ = in.get<std::int64_t>();
        fresh.level_ = std::clamp<std::int32_t>(in.get<std::int32_t>(), 0, 3);
    }
    good = good && in.ok() && fresh.sound();
    *this = good ? std::move(fresh) : SurgeDetector(settings_);
    return good;
}

std::size_t SurgeDetector::memory_bytes() const {
    return sizeof(SurgeDetector) - sizeof(Profile) + profile_.memory_bytes();
}

}  // namespace surged
