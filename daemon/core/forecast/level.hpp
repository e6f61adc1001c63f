// How much busier today is than its profile, right now: intraday level correction.
//
// Knows counts and what the profile expected of them, nothing of days or alarms. Its hardest rule: a surge must not explain
// itself away. So the level that a test uses is lagged (the newest minutes have not entered) and is frozen while an alarm stands,
// but never longer than a bounded time: a day that stays high for hours is a new level, not a surge.
//
// Level = (prior + decayed sum of counts) / (prior + decayed sum of expected): a gamma prior with mean 1 and decaying evidence
// (the discounted Poisson-gamma filter of West and Harrison, Bayesian Forecasting and Dynamic Models, ch. 10 and 14).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/base/bytes.hpp"

namespace surged {

struct LevelSettings {
    /// Time after which a count weighs 1/e, minutes.
    double memory_minutes = 31.0;
    /// Calls that the prior "as the profile says" is worth.
    double prior_calls = 150.0;
    /// Newest rows that have not entered yet, 0..lag_max.
    std::size_t lag = 0;
    /// Longest freeze, minutes.
    double freeze_minutes_max = 180.0;
};

class IntradayLevel {
public:
    static constexpr std::size_t lag_max = 24;

    explicit IntradayLevel(const LevelSettings& settings);

    /// One interval's count and what the profile expected of it; `minutes` is its length. `hold` keeps rows out that wait for the
    /// lag or arrive now (an alarm stands), until it has held for the longest freeze.
    void push(double count, double expected, double minutes, bool hold);
    /// Multiplies the profile; 1 = as expected. Bounded to 0.05..20.
    double ratio() const;
    /// Variance of ratio() about the true level, relative: 1 / (prior + evidence), the gamma posterior's.
    double variance() const { return 1.0 / (settings_.prior_calls + expected_); }
    /// No row came for so long (a night, an outage): evidence fades, rows that waited for the lag are dropped, no freeze stands.
    void pause(double minutes);
    /// Another day begins: it has a level of its own, and what the last one tells of it stands in its forecast already. So the level is 1
    /// again until the day's own rows say otherwise. A freeze goes on.
    void begin_day();
    bool frozen() const { return frozen_minutes_ > 0 && frozen_minutes_ < settings_.freeze_minutes_max; }

    void save(ByteWriter& out) const;
    bool load(ByteReader& in);

private:
    struct Row {
        double count = 0.0;
        double expected = 0.0;
        double minutes = 0.0;
    };
    void enter(const Row& row);

    LevelSettings settings_;
    std::array<Row, lag_max> waiting_{};
    std::size_t waiting_count_ = 0;
    double counted_ = 0.0;
    double expected_ = 0.0;
    double frozen_minutes_ = 0.0;
};

}  // namespace surged
