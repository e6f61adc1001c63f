#include "core/forecast/level.hpp"

#include <algorithm>
#include <cmath>

namespace surged {

IntradayLevel::IntradayLevel(const LevelSettings& settings) : settings_(settings) {
    settings_.lag = std::min(settings_.lag, lag_max);
}

void IntradayLevel::enter(const Row& row) {
    const double fade = std::exp(-row.minutes / settings_.memory_minutes);
    counted_ = counted_ * fade + row.count;
    expected_ = expected_ * fade + row.expected;
}

void IntradayLevel::push(double count, double expected, double minutes, bool hold) {
    const Row row{count, expected, minutes};
    frozen_minutes_ = hold ? frozen_minutes_ + minutes : 0.0;
    if (hold && frozen_minutes_ < settings_.freeze_minutes_max) {
        // What waited belongs to the beginning of the alarm as likely as not: it enters at the level known so far, which changes
        // nothing.
        waiting_count_ = 0;
        return;
    }
    if (settings_.lag == 0) {
        return enter(row);
    }
    if (waiting_count_ == settings_.lag) {
        enter(waiting_[0]);
        std::move(waiting_.begin() + 1, waiting_.begin() + static_cast<std::ptrdiff_t>(waiting_count_), waiting_.begin());
        --waiting_count_;
    }
    waiting_[waiting_count_++] = row;
}

double IntradayLevel::ratio() const {
    return std::clamp((counted_ + settings_.prior_calls) / (expected_ + settings_.prior_calls), 0.05, 20.0);
}

void IntradayLevel::pause(double minutes) {
    const double fade = std::exp(-std::max(minutes, 0.0) / settings_.memory_minutes);
    counted_ *= fade;
    expected_ *= fade;
    waiting_count_ = 0;
    frozen_minutes_ = 0.0;
}

void IntradayLevel::begin_day() {
    counted_ = 0.0;
    expected_ = 0.0;
    waiting_count_ = 0;
}

void IntradayLevel::save(ByteWriter& out) const {
    for (const Row& row : waiting_) {
        out.put(row.count);
        out.put(row.expected);
        out.put(row.minutes);
    }
    out.put(static_cast<std::uint32_t>(waiting_count_));
    out.put(counted_);
    out.put(expected_);
    out.put(frozen_minutes_);
}

bool IntradayLevel::load(ByteReader& in) {
    IntradayLevel fresh(settings_);
    for (Row& row : fresh.waiting_) {
        row.count = in.get<double>();
        row.expected = in.get<double>();
        row.minutes = in.get<double>();
    }
    fresh.waiting_count_ = in.get<std::uint32_t>();
    fresh.counted_ = in.get<double>();
    fresh.expected_ = in.get<double>();
    fresh.frozen_minutes_ = in.get<double>();
    const bool good =
        in.ok() && fresh.waiting_count_ <= settings_.lag && std::isfinite(fresh.counted_) && std::isfinite(fresh.expected_);
    *this = good ? fresh : IntradayLevel(settings_);
    return good;
}

}  // namespace surged
