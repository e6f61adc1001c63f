// The history's own thread: takes looks at all queues from the engine's thread, keeps the last three hours in memory, and hands slots of
// five minutes to the file. Whoever reads asks here.
//
// Hardest rule: nobody waits for the file but this thread. The engine hands over blocks out of a fixed number; while they are all with a
// thread that is behind, looks are left out and counted. A file that fails or is damaged is a warning and a gauge, and pictures.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "io/history/answer.hpp"
#include "io/history/book.hpp"
#include "io/history_file.hpp"

namespace surged {

struct HistoryOptions {
    /// Opens the file, on the history's thread; `damaged`: what is there cannot be read and is set aside first. Empty = nothing is kept on
    /// disk.
    std::function<Result<std::unique_ptr<HistoryFile>, HistoryFailure>(bool damaged)> open;
    Span keep{std::chrono::hours{24 * 400}};
    std::size_t queues_max = HistoryBook::queues_most;
    std::size_t slots_waiting_max = 12;  ///< slots that wait for a file that fails; older ones are lost
    std::chrono::milliseconds try_again{30000};
    /// For the log, on the history's thread: `trouble` empty = it works again.
    std::function<void(const std::string& trouble)> on_trouble;
};

struct HistoryStats {
    std::uint64_t queues = 0;
    std::uint64_t refused_queues = 0;  ///< more than there may be
    std::uint64_t memory_bytes = 0;
    std::uint64_t blocks_left_out = 0;  ///< the thread was behind
    std::uint64_t slots_lost = 0;       ///< the file did not take them
    bool file = false;                  ///< there is to be one
    bool file_works = false;
    std::uint64_t file_bytes = 0;
    std::uint64_t file_day_bytes = 0;  ///< of a packed day of one queue
    std::uint64_t files_set_aside = 0;
    std::string trouble;
};

struct HistoryReading {
    std::string code;     ///< of the API's errors; empty = there is an answer
    std::string message;
    HistoryAnswer answer;
};

class History {
public:
    static constexpr std::size_t blocks_max = 256;  ///< at most 28 MiB; six looks at 10,000 queues
    static constexpr std::size_t reads_waiting_max = 32;
    static constexpr std::chrono::milliseconds read_max{3000};
    static constexpr std::chrono::milliseconds stop_within{1500};

    explicit History(HistoryOptions options);
    ~History();  ///< stop()
    History(const History&) = delete;
    History& operator=(const History&) = delete;

    // engine thread; none of these waits
    /// An empty block; null: all are with the history's thread, so this part of the look is left out.
    std::unique_ptr<HistoryBlock> block();
    void add(std::unique_ptr<HistoryBlock> block);

    // from any thread
    /// Waits for the file at most read_max. Without it memory answers, and the answer says so.
    HistoryReading read(const QueueKey& queue, const HistoryRange& range, const std::vector<const HistoryMetric*>& metrics) const;
    /// Some queues' slots out of the file: parts 0, 1, ... until `more` is false. `visit` is called by the history's thread, and may still be
    /// when this has given up waiting: it owns what it writes to. Nothing that is in memory only is told.
    struct FilePart {
        bool more = false;
        std::string trouble;  ///< why nothing was read, or not all; empty = it was
    };
    struct FileRange {
        std::int64_t from = 0;  ///< slots of five minutes since 1970
        std::int64_t to = 0;
        HistoryColumns columns{};
        bool before_this_run = false;  ///< only what was there when this program began
    };
    FilePart read_part(std::size_t part, const FileRange& range, HistoryFile::VisitQueue visit) const;
    HistoryStats stats() const;

    /// Writes the slot that is open, waits at most stop_within. A thread that hangs in the file is left behind with all it holds.
    void stop();

private:
    struct State;
    std::shared_ptr<State> state_;
    std::thread thread_;
};

}  // namespace surged
