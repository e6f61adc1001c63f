// What a series usually counts at this time of this kind of day: a day's shape x a day's level, learned from finished days only.
//
// Knows days, slots and classes of days (weekdays, holidays, special days: which class a day has is told from outside). Knows no
// zone, no clock, no alarm. Its hardest rule: one bad day must not become the next usual day, so what enters is clipped (per slot
// and per day) and a half-missing day weighs only what was seen of it.
//
// Model, multiplicative as Weinberg, Brown and Stroud 2007 (JASA 102:1185-1198) found for this kind of data:
//   forecast(slot) = shape(slot) x exp(level)
//   shape = recency-weighted mean of the class, shrunk to all days of its group (working days or not), smoothed over slots as
//           far as chance alone would explain the differences
//   level = recency-weighted mean log level of the class, shrunk the same way, + carry x EWMA of the last days' residuals (all
//           of it once two days in a row were as far off) + a day-of-month effect, used only while it has made the past
//           forecasts better, or when the same day of two months was as far off
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/base/bytes.hpp"

namespace surged {

struct ProfileSettings {
    /// Slots a day, 1..1440.
    std::size_t slots = 288;
    /// Days after which a day weighs 1/e, for the shape. House choice, measured on call data: 30..60 are alike.
    double shape_days = 80.0;
    /// The same for the level.
    double level_days = 150.0;
    /// How many days of the group one class must have seen to weigh as much as the group.
    double shrink_days = 3.0;
    /// The class has n^2 / (n^2 + this) of the say about the level: one day tells a level better than a shape.
    double level_shrink_days = 1.0;
    /// Share of the last days' residual level that is expected to last, 0..1.
    double carry = 0.5;
    /// Half width of the smoothing kernel over slots, minutes (triangular).
    double smooth_minutes = 12.0;
    /// A day further than this from its forecast, as a log ratio, teaches only this much.
    double day_clip = 0.5;
};

/// One day of a calendar, as the caller's zone and holiday table see it.
struct DayKind {
    static constexpr std::size_t classes_max = 10;
    /// 0..6 Monday to Sunday, 7 holiday, 8 and 9 special days. Larger is treated as 9.
    std::uint8_t day_class = 0;
    /// Whether it shares its group with the working days. Weekends and holidays share the other group.
    bool working = true;
    /// 1..31; 0 when unknown.
    std::uint8_t day_of_month = 0;
};

/// Proleptic Gregorian day number (0 = 1970-01-01) to its kind without any calendar: Saturday and Sunday are no working days.
DayKind plain_day_kind(std::int64_t day);

class Profile {
public:
    static constexpr std::size_t slots_max = 1440;

    explicit Profile(const ProfileSettings& settings);

    /// Ends the day before, teaching from it, and makes the forecast of `day`. Days may be missing; going back is ignored.
    void begin_day(std::int64_t day, const DayKind& kind);
    /// What was counted in `slot` of the day that was begun, calls in the slot's whole length. A second value of one slot (clocks
    /// going back) is averaged in. `clip_to` bounds what is learned, so that a surge does not become usual.
    void observe(std::size_t slot, double count, double clip_to);

    /// Calls expected in the slot today, as known when the day began; negative while nothing was learned of it.
    double expected(std::size_t slot) const;
    /// Finished days that taught something.
    std::uint32_t days() const { return days_; }
    /// Days of today's class learned so far, recency-weighted (0 = none).
    double class_days() const;
    /// Log ratio that the day-of-month effect adds today; 0 while it is not used.
    double month_effect() const { return month_effect_; }
    std::int64_t day() const { return day_; }
    std::size_t slots() const { return settings_.slots; }

    void save(ByteWriter& out) const;
    /// False on torn bytes or another number of slots; the profile is then as new.
    bool load(ByteReader& in);
    /// Bytes held, constant for a number of slots.
    std::size_t memory_bytes() const;

private:
    struct Cell {
        float sum = 0.0F;
        float weight = 0.0F;
    };
    struct Level {
        double sum = 0.0;
        double weight = 0.0;
        double mean() const { return weight > 0 ? sum / weight : 0.0; }
    };
    static constexpr std::size_t groups = 2;
    /// In `shape_`, of a slot that nobody saw yet.
    static constexpr float unknown_slot = -1.0F;
    static constexpr std::size_t shapes = DayKind::classes_max + groups;

    /// What the day that ends has counted, over the slots that were seen.
    struct Seen {
        std::size_t slots = 0;
        double calls = 0.0;
        double open_calls = 0.0;   ///< in slots that the shape knows as open
        double known_calls = 0.0;  ///< in slots that the shape knows at all
        double mass = 0.0;         ///< the shape's, over these slots
        std::size_t known = 0;
    };
    void learn_day();
    void learn_residual(double off, double whole, double weight);
    void learn_slots(std::size_t k, double level, double weight);
    void forecast_day();
    Seen seen_today() const;
    double level_of_day(const Seen& seen) const;
    void forget();
    double carried() const;
    double month_of(std::uint8_t day_of_month) const;
    double day_scatter() const;
    /// How far a class or a group speaks for itself, 0 (never seen) to 1.
    double knowledge_of(std::size_t k) const;
    double month_cell(std::uint8_t day_of_month) const;
    bool sound() const;
    Cell& cell(std::size_t shape, std::size_t slot) { return cells_[shape * settings_.slots + slot]; }
    const Cell& cell(std::size_t shape, std::size_t slot) const { return cells_[shape * settings_.slots + slot]; }

    ProfileSettings settings_;
    std::vector<Cell> cells_;
    std::vector<Cell> today_;
    std::vector<float> forecast_;
    std::vector<float> shape_;
    std::array<Level, shapes> levels_{};
    std::array<Level, 32> month_{};
    /// The last two months' residuals of each day of the month, newest first; NaN = none.
    std::array<std::array<double, 2>, 32> month_last_;
    /// The last two days' residuals, newest first; 0 = none.
    std::array<double, 2> last_{};
    double residual_ = 0.0;
    double slow_ = 0.0;  ///< residual of the last weeks
    double carried_ = 0.0;
    double clipped_ = 0.0;  ///< calls of today that were counted and not learned, in slots that the shape knows
    double scatter_sum_ = 0.0;
    double scatter_weight_ = 0.0;
    double base_level_ = 0.0;
    double month_effect_ = 0.0;
    double error_with_month_ = 0.0;
    double error_without_month_ = 0.0;
    std::int64_t day_ = INT64_MIN;
    DayKind kind_{};
    std::uint32_t days_ = 0;
    bool forecast_ok_ = false;
};

}  // namespace surged
