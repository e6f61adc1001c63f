// One series of counts in, one verdict a row out: what was expected, how surprising the row is, and how loud to say so.
//
// Knows rows of civil time and counts. Knows no zone, no queue, no person. Everything is causal: a verdict comes from its row and
// earlier ones. Memory per series is fixed. Its hardest rule: two questions look alike and are not. "Is this more than chance,
// today?" is a count test over several window lengths against the profile corrected by today's lagged level; it raises `level`.
// "Is this rare for this series at all?" is a rank among everything seen before; it makes `score`, which needs no model of the
// scatter and holds for series whose tails no model fits.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/forecast/count_test.hpp"
#include "core/forecast/direction.hpp"
#include "core/forecast/level.hpp"
#include "core/forecast/profile.hpp"

namespace surged {

/// The shipped defaults. Constants marked "measured" were chosen on call data and on message volumes, one setting for all.
struct SurgeSettings {
    /// Length of a row, 1..1440 minutes.
    double interval_minutes = 5.0;
    SurgeDirection direction = SurgeDirection::up;
    /// `slots` follows from the interval.
    ProfileSettings profile{};
    /// Today's level for the forecast one row ahead.
    LevelSettings now{};
    /// Today's level for the test: lagged by the longest window, frozen while a surge stands.
    LevelSettings before{.memory_minutes = 60.0, .prior_calls = 150.0, .lag = 3, .freeze_minutes_max = 180.0};
    /// Finished days before the first verdict; until then `learning`.
    std::uint32_t learn_days = 1;
    /// Finished days before `level` may rise: a profile of one week is a guess.
    std::uint32_t level_days = 10;
    /// -log10 of the tail at which yellow, orange, red are raised, inclusive (measured: one false yellow in 5 working days).
    std::array<double, 3> limits{3.4, 6.0, 10.0};
    /// Fewest calls above expected, in one window, for any level.
    double floor_calls = 5.0;
    /// Time below half of the yellow limit before the level goes back to 0, minutes.
    double clear_minutes = 60.0;
    /// After a score above `onset_rarity` a new onset must be this long away to score in full, minutes.
    double onset_minutes = 1440.0;
    /// An excess of this many times the onset's is an onset of its own, however soon it comes.
    double onset_again = 3.0;
    /// -log10 of the share of earlier rows; at which an onset is counted (measured).
    double onset_rarity = 2.8;
};

/// One row, in the series' own civil time.
struct SurgeRow {
    /// Days since 1970-01-01 of the civil date.
    std::int64_t day = 0;
    /// Start of the row, 0..86399. Going back (an hour that comes twice) is tolerated.
    std::int32_t second_of_day = 0;
    DayKind kind;
    /// Calls in the row, >= 0.
    double count = 0.0;
    /// The row is known to be odd (a doubled hour, closed hours, an outage): it is neither judged nor learned.
    bool set_aside = false;
    /// It is judged, but teaches nothing: an incident is open for the series (D6).
    bool hold = false;
};

/// What a surprise was found in: the last minutes against today's level, or the last hour or the day so far against what was
/// expected as the day began.
enum class SurgeScale : std::uint8_t { minutes, hour, day };

struct SurgeVerdict {
    /// Calls expected as the day began; negative while unknown.
    double day_ahead = -1.0;
    /// Calls expected one row ahead, with today's level; negative while unknown.
    double one_step = -1.0;
    /// -log10 tail of the most surprising window, 0..300; 0 when every window is within one standard deviation.
    double surprise = 0.0;
    /// Rarity of this row among all earlier ones, lowered within an onset's shadow, 0..1 (6 decades = 1).
    double score = 0.0;
    /// 0 none, 1 yellow, 2 orange, 3 red; held until it was quiet for `clear_minutes`.
    int level = 0;
    /// What this row by itself says, without holding.
    int level_now = 0;
    /// Whether there is too little history for a level.
    bool learning = true;
    /// The window behind `surprise`: its calls, what was expected of it at today's level (as the day began, for hours and days),
    /// and its length. The longest window when
    /// nothing is surprising. 0 while unknown.
    double window_count = 0.0;
    double window_expected = 0.0;
    double window_minutes = 0.0;
    SurgeScale scale = SurgeScale::minutes;
};

class SurgeDetector {
public:
    explicit SurgeDetector(const SurgeSettings& settings);

    SurgeVerdict step(const SurgeRow& row);
    /// Learns from a row as step() does, without saying anything of it: history is read ten times as fast. Only the ranks behind
    /// `score` stay untaught.
    void learn(const SurgeRow& row);
    /// What the running row says already: `row.count` calls in the first `share` of it, 0 < share < 1. Nothing changes. A row
    /// that is looked at `looks` times must be that much more surprising each time.
    SurgeVerdict look(const SurgeRow& row, double share, double looks) const;
    /// A day begins with its first row, not at that row's end: what is expected of it is known from then on.
    void begin_day(std::int64_t day, const DayKind& kind);

    /// Calls expected of a row that starts at this second of the day that was begun, as the day began; negative while unknown.
    double expected(std::int32_t second_of_day) const { return profile_.expected(slot_of(second_of_day)); }
    /// Today's level as the test uses it (lagged), and as the forecast one row ahead uses it; 1 = as the profile says.
    double test_level() const { return before_.ratio(); }
    double level_now() const { return now_.ratio(); }
    /// Variance / mean of the calls in one row of which `mean` are expected at today's level.
    double row_scatter(double mean) const { return scatter_[0].phi() * (1.0 + mean * level_variance()); }
    /// The last rows are a surge: until three in a row were calm, today's level and its scatter stand still.
    bool hot() const { return hot_; }
    const Profile& profile() const { return profile_; }
    const SurgeSettings& settings() const { return settings_; }
    void save(ByteWriter& out) const;
    /// False on torn bytes or another interval; the detector is then as new.
    bool load(ByteReader& in);
    /// Bytes held, constant over its life.
    std::size_t memory_bytes() const;

private:
    static constexpr std::size_t windows = 3;
    /// Rows of an hour, at most.
    static constexpr std::size_t recent_max = 60;
    /// How much wider the level's doubt is than the gamma posterior says: days do not only scale, they also bend (measured, 2..4
    /// alike).
    static constexpr double level_doubt = 3.0;
    /// Rows of the window whose rank makes the score (measured: 2 beats 1, 3, 4 and their mixtures).
    static constexpr std::size_t rank_rows = 2;
    struct Recent {
        double count = 0.0;
        double expected = 0.0;
        double level_expected = 0.0;
    };
    struct Window {
        double count = 0.0;
        double expected = 0.0;
        double level_expected = 0.0;
    };

    /// What the test of several windows found: the most surprising one.
    struct Finding {
        double surprise = 0.0;
        Window window;
        double minutes = 0.0;
        SurgeScale scale = SurgeScale::minutes;
    };
    /// Learning alone needs no tail that cannot be an alarm.
    enum class Care : std::uint8_t { full, learning };

    std::size_t slot_of(std::int32_t second_of_day) const;
    void follow_time(const SurgeRow& row);
    SurgeVerdict take(const SurgeRow& row, Care care);
    Window window(std::size_t rows) const;
    double level_variance() const { return level_doubt * before_.variance(); }
    double surprise_of(const Window& sum, std::size_t scatter, double cut) const;
    Finding test_windows(Care care) const;
    void test_hour(Finding& worst) const;
    void test_day(Finding& worst) const;
    double surprise_of_day(const Window& sum, double share) const;
    double seldom(const Window& sum, double share) const;
    static bool goes_on(const Window& shorter, const Window& longer);
    std::size_t hour_of_day() const;
    std::size_t hour_rows() const;
    void teach(std::size_t slot, double count, double mean, const SurgeVerdict& verdict, bool known, bool hold);
    void learn_scatter();
    int level_of(double surprise) const;
    void settle_level(SurgeVerdict& verdict, double minutes);
    double rank_score(bool known, bool hold);
    void push_recent(double count, double mean);
    bool sound() const;

    SurgeSettings settings_;
    Profile profile_;
    IntradayLevel now_;
    IntradayLevel before_;
    std::array<Dispersion, windows> scatter_;
    RankHistory excess_ranks_;
    RankHistory count_ranks_;
    std::array<Recent, recent_max> recent_{};
    std::uint32_t recent_count_ = 0;
    RelativeScatter hour_scatter_;
    RelativeScatter day_scatter_;
    Window today_;  ///< the day so far
    std::uint32_t today_rows_ = 0;
    double mean_sum_ = 0.0;
    double mean_rows_ = 0.0;
    double loud_ago_minutes_ = 0.0;
    std::uint32_t calm_rows_ = 0;
    bool hot_ = false;
    double since_onset_minutes_ = 1e9;
    double onset_excess_ = 0.0;
    std::int64_t last_second_ = INT64_MIN;
    std::int32_t level_ = 0;
};

}  // namespace surged
