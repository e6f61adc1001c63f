// Appends to one log on a thread of its own, one batch at a time: while a disk of this host writes a batch, the caller has the next one made
// durable elsewhere. It knows a RecordLog and nothing of where else the records are.
//
// Hardest rule: the log has one user at a time. Whoever wants it takes it with log(), which waits for the batch that is under way, and for the
// work() the log does for itself behind it.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "io/record_log.hpp"

namespace surged {

class CopyWriter {
public:
    /// What became of a batch.
    struct Written {
        std::uint64_t expected = 0;  ///< the head before it
        std::uint64_t last = 0;      ///< its last record
        std::optional<LogFailure> failure;
    };

    explicit CopyWriter(std::unique_ptr<RecordLog> log);
    /// Waits for the batch under way, for at most so long: a disk that hangs keeps its thread and its log.
    ~CopyWriter();
    static constexpr std::chrono::milliseconds end_within{2000};
    CopyWriter(const CopyWriter&) = delete;
    CopyWriter& operator=(const CopyWriter&) = delete;

    /// Begins to append these. Nothing may be under way: ended() was called since the last one.
    void begin(std::uint64_t expected, std::span<const StoredRecord> records);
    /// Waits for the batch under way, as long as its disk takes; what became of it, told once. nullopt = there was none.
    std::optional<Written> ended();
    /// The log itself, once nothing is under way; until the next begin().
    RecordLog& log();

private:
    struct State;
    std::shared_ptr<State> state_;  ///< the thread's, too
};

}  // namespace surged
