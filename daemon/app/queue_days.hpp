// What screens show of a queue beyond its values of now: what its counters made since midnight, its service level of the last minutes, and
// how many waited five minutes ago. Made of the lists that are taken anyway; nothing here decides.
//
// The hardest rule: what was not counted is not shown as zero. After a start the counts of the day go on from what the history's file holds
// of it; without that the day begins at the start. Both are said, and how much of the day nobody counted.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/base/zone.hpp"
#include "core/engine/engine.hpp"
#include "io/history/day_sums.hpp"
#include "io/http/render.hpp"

namespace surged {

/// Whose midnight begins a day.
struct DayZones {
    Zone all{};                               ///< [defaults] timezone
    std::map<std::string, Zone> by_centre{};  ///< of centres that stand elsewhere
};

class QueueDays {
public:
    static constexpr Span grid{30000};  ///< between two marks of the last five minutes
    static constexpr std::size_t marks = 11;

    /// When the queue's day began, of which `now` is a part.
    static WallTime dawn_of(const QueueKey& queue, WallTime now, const DayZones& zones);
    /// What was counted of the day of `now` before this run, as soon as it is known; once. From the thread of the others below.
    void seed(std::map<QueueKey, DaySums> sums, WallTime now, const DayZones& zones);

    // One thread: begin(), then add() for every queue in the order of their numbers, then end().
    /// `reloads`: of the engine, whose numbers of queues hold until it changes. `zones`: a queue's day begins at midnight of its centre.
    void begin(Stamp now, std::uint64_t reloads, const DayZones& zones);
    void add(std::uint32_t number, const SeriesView& series, const QueueView& queue);
    /// Works out how the scopes of these open incidents have moved.
    void end(const std::vector<IncidentScope>& open);

    // From any thread.
    /// nullopt: nothing is counted of it yet. `number`: the engine's, of the same configuration.
    std::optional<QueueDay> day(std::uint32_t number, const QueueKey& queue) const;
    std::optional<TrendView> trend(const std::string& incident) const;

private:
    /// Counters by place: offered, answered, abandoned, timeouts, overflow_out, and those of calls ended within the target.
    enum Counted : std::uint8_t { offered, answered, abandoned, timeouts, overflow, answered_20, answered_15, abandoned_20, abandoned_15, counted };
    static constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
    struct Mark {
        float outcomes = 0;  ///< calls that ended, but for those who gave up in time
        float in_time = 0;
        float waiting = std::numeric_limits<float>::quiet_NaN();
    };
    struct Entry {
        QueueKey key;
        std::string group;
        std::array<double, counted> last{};   ///< as sent; NaN = never
        std::array<double, counted> total{};  ///< since it was first seen
        std::array<double, counted> dawn{};   ///< `total` when the day began
        WallTime from{};                      ///< counted since
        WallTime seen{};                      ///< first, by this run
        Span gap{0};
        std::array<bool, counted> kept{};     ///< the history tells it of this day
        std::optional<std::int64_t> day{};    ///< civil, in its centre's zone
        double waiting = unknown;
        std::array<Mark, marks> past{};
        bool stale = false;
    };
    void place_metrics(const SeriesView& series);
    void begin_day(Entry& entry) const;
    void take_seed(Entry& entry);
    static bool known(const Entry& entry, std::size_t c) { return std::isfinite(entry.last[c]) || entry.kept[c]; }
    static double outcomes_of(const std::array<double, counted>& total, bool in_20);
    std::size_t oldest() const;

    mutable std::mutex mutex_;
    std::vector<Entry> entries_;  ///< by the engine's number
    std::map<QueueKey, Entry> before_;
    std::map<QueueKey, DaySums> seeds_;
    std::map<QueueKey, std::int64_t> seed_day_;  ///< of each of them, civil
    std::map<std::string, TrendView> trends_;
    std::uint64_t reloads_ = std::numeric_limits<std::uint64_t>::max();
    Stamp now_{};
    std::int64_t today_ = 0;                           ///< by the zone of all
    std::map<std::string, std::int64_t> today_in_{};  ///< by centre
    std::array<EngineTime, marks> marked_{};  ///< when each mark was made; {} = not yet
    std::size_t mark_ = 0;            ///< the latest
    bool marks_now_ = false;
    std::vector<std::int8_t> counter_of_;  ///< by metric id: Counted, -1 = none, -2 = calls waiting
};

}  // namespace surged
