// The minutes of the last three hours, of every queue, in memory; and the slots of five minutes that are made of the same readings for
// the file.
//
// It knows readings and minutes of the wall clock, and no file, no thread and no engine. The hardest rule: a minute is shown once it is
// over, and as a whole. A minute that the wall clock lives twice (a step back) holds what was seen in both.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/engine/history_row.hpp"
#include "core/series/counter.hpp"
#include "core/series/queue_key.hpp"
#include "io/history/band.hpp"
#include "io/history_file.hpp"

namespace surged {

/// A column that a counter is part of.
struct HistoryShare {
    std::size_t column = 0;
    int sign = 1;
};

/// A part of one look at all queues.
struct HistoryBlock {
    static constexpr std::size_t rows_max = 256;
    std::uint64_t numbering = 0;  ///< of the engine: queues keep their numbers while it stands
    WallTime wall{};              ///< when the look began: the same in all its blocks
    std::vector<std::pair<std::uint32_t, QueueKey>> names;  ///< of queues that this numbering did not name yet
    std::vector<HistoryRow> rows;
};

/// Minutes of one queue, copied out.
struct HistoryMinutes {
    std::int64_t first = 0;  ///< minute of values.front(); none before it is remembered
    std::vector<HistoryValues> values;
};

class HistoryBook {
public:
    static constexpr std::int64_t minutes_shown = 180;
    static constexpr std::int64_t minutes_kept = 192;  ///< some more: "the last three hours" begins before the minute that is over
    static constexpr std::size_t queues_most = 100000;

    explicit HistoryBook(std::size_t queues_max = queues_most) : queues_max_(queues_max) {}

    /// From one thread. A block of a later (or, after a step of the clock, an earlier) minute ends the one that was open.
    void add(const HistoryBlock& block);
    /// Slots that ended since the last call. `all`: the open one, too, as far as it came (a stop).
    std::vector<HistorySlot> take_slots(bool all = false);

    // from any thread
    /// nullopt: no such queue.
    std::optional<HistoryMinutes> minutes(const QueueKey& queue) const;
    /// The minute after the last that is over: the one that runs; 0 = none yet.
    std::int64_t end() const;
    std::size_t queues() const;
    /// Rows of queues beyond queues_max, which were left out.
    std::uint64_t refused() const;
    std::size_t memory_bytes() const;
    /// Of a queue that knows every column.
    static std::size_t queue_bytes_max();

private:
    struct Gathered {
        float value = 0;
        std::uint16_t weight = 0;
    };
    using Gathering = std::array<Gathered, column_count>;
    struct Memory {
        QueueKey key;
        std::array<CounterState, history_counters.size()> counters;
        Gathering minute;
        Gathering slot;
        std::array<std::unique_ptr<float[]>, column_count> columns;  ///< minutes_kept each, once something is known
        BaselineBand band;
        BaselineBand band_of;  ///< what `drawn` was worked out from
        ForecastBand drawn;
        std::int64_t last = 0;  ///< minute of its last row
    };
    struct KeyHash {
        std::size_t operator()(const QueueKey& key) const;
    };

    void adopt_names(const HistoryBlock& block);
    void take(Memory& queue, const HistoryRow& row);
    double rise(Memory& queue, std::size_t counter, const CounterReading& reading, std::span<const HistoryShare> shares);
    void gather(Memory& queue, std::size_t column, double value);
    void end_minute();
    void end_slot();
    void write_minute(Memory& queue, std::size_t cell, bool again, float share);
    void forget(std::int64_t before);

    const std::size_t queues_max_;
    mutable std::mutex lock_;  ///< for the readers; whoever writes is alone
    std::vector<std::unique_ptr<Memory>> queues_;
    std::unordered_map<QueueKey, std::size_t, KeyHash> places_;
    std::vector<std::size_t> place_of_;  ///< by the engine's number
    std::uint64_t numbering_ = ~std::uint64_t{0};
    std::array<std::int64_t, minutes_kept> minute_of_{};   ///< which minute a cell holds
    std::array<std::uint16_t, minutes_kept> looks_of_{};  ///< looks that went into it
    std::int64_t first_ = 0;  ///< the first whole minute since the start
    std::int64_t open_ = 0;   ///< the minute that runs; 0 = none
    std::int64_t end_ = 0;
    std::uint16_t looks_ = 0;  ///< at the open minute
    std::uint32_t slot_looks_ = 0;
    WallTime last_look_{};
    std::vector<HistorySlot> ended_;
    std::uint64_t refused_ = 0;
    std::size_t columns_ = 0;  ///< held by all queues
};

}  // namespace surged
