// The interface of the history's file: slots of five minutes in, slots of one queue out, and upkeep in small steps. SQLite stands behind
// it (io/store/history). Calls come from one thread. Losing the file loses pictures, never a page: nothing here is durable by promise.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/base/result.hpp"
#include "core/series/queue_key.hpp"
#include "io/history_columns.hpp"

namespace surged {

struct HistoryFailure {
    bool damaged = false;  ///< what is stored cannot be read back; else it may work later (disk full, ...)
    std::string message;
};

/// One queue in one slot.
struct HistorySlotRow {
    QueueKey queue;
    HistoryValues values = no_history_values();
};

/// What all queues did in one slot, or in a part of it: a restart and a step of the clock cut slots in two, and the parts are added up.
struct HistorySlot {
    std::int64_t slot = 0;     ///< wall clock in UTC, in units of five minutes since 1970
    std::uint32_t weight = 1;  ///< looks that went into its means, against those of another part
    std::vector<HistorySlotRow> rows;
};

struct HistoryFileSize {
    std::uint64_t bytes = 0;  ///< of the database, without its write-ahead log
    std::uint64_t queues = 0;
    std::uint64_t day_bytes = 0;  ///< of a packed day of one queue, on average over some; 0 = none is there yet
};

class HistoryFile {
public:
    using Visit = std::function<void(std::int64_t slot, const HistoryValues& values)>;
    /// `values` have the columns that were asked for; a slot may be told in two parts, which add up.
    using VisitQueue = std::function<void(const QueueKey& queue, std::int64_t slot, const HistoryValues& values)>;

    virtual ~HistoryFile() = default;
    /// All or nothing; a part of a slot that is there already is added to it.
    virtual Result<void, HistoryFailure> add(const HistorySlot& slot) = 0;
    /// Calls `visit` for every slot of the queue in [from, to) of which something is known, in order.
    virtual Result<void, HistoryFailure> read(const QueueKey& queue, std::int64_t from, std::int64_t to, const Visit& visit) = 0;
    /// The same for some queues at once, which is much faster than one by one: those of part 0, 1, ..., in any order. False = there is no such part.
    virtual Result<bool, HistoryFailure> read_part(std::size_t part, std::int64_t from, std::int64_t to, HistoryColumns columns, const VisitQueue& visit) = 0;
    /// The first slot that is kept, and the one after the last; equal = none is.
    virtual Result<std::pair<std::int64_t, std::int64_t>, HistoryFailure> span() = 0;
    /// Every queue that was ever written and is still kept.
    virtual Result<std::vector<QueueKey>, HistoryFailure> queues() = 0;
    /// One small step of upkeep: packs days that ended before `slot`, forgets what is older than `oldest`. True: there is more to do.
    virtual Result<bool, HistoryFailure> tidy(std::int64_t slot, std::int64_t oldest) = 0;
    virtual Result<HistoryFileSize, HistoryFailure> size() = 0;
};

}  // namespace surged
