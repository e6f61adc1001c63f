// Files of counts -> learned profiles, as fast as they can be read: one thread reads, the others learn.
//
// Knows lines, civil time and which rules look at which queue. Knows no alert. Its hardest rule: the rows of one queue are
// learned in the order of the file, by one thread, so that the same file gives the same profile whatever the host.
//
// A file with a column of queues (and perhaps of centres) holds many; else it holds one, and the caller names it (csv_file finds out which
// column is which).
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/team/plan.hpp"
#include "core/rule/queue_store.hpp"
#include "ctl/csv_file.hpp"
#include "replay/lessons.hpp"

namespace surged {

struct LearnOptions {
    QueueKey queue;  ///< of a file of one queue; its centre also where a file of many has none
    std::string metric = "offered";
    std::optional<Span> interval;  ///< of the file's rows; unset = the commonest step
    const Zone* zone = nullptr;    ///< of the file's times that name no offset
    CsvOptions csv;
};

struct LearnSummary {
    std::uint64_t rows = 0;     ///< of files of counts
    std::uint64_t samples = 0;  ///< of messages: a number of one queue at one time
    std::uint64_t bad_lines = 0;
    std::vector<std::pair<std::uint64_t, std::string>> told;  ///< the first bad lines
    std::vector<std::string> notes;                           ///< what else a person should know of the files
    std::uint64_t queues = 0;
    std::vector<std::string> not_learned;  ///< queues and why, the first of them
    std::uint64_t not_learned_count = 0;
};

class CountLearner {
public:
    static constexpr std::size_t told_max = 20;
    /// Bytes read so far of all.
    using Progress = std::function<void(std::uint64_t done, std::uint64_t all, std::uint64_t rows)>;

    /// `plan` is borrowed. `threads` learn beside the one that reads.
    CountLearner(const Plan& plan, LearnOptions options, std::size_t threads);
    ~CountLearner();
    CountLearner(const CountLearner&) = delete;
    CountLearner& operator=(const CountLearner&) = delete;

    Result<void> read(const std::string& path, const Progress& progress);
    /// Ends the learning. Once.
    ProfileShelf finish();
    const LearnSummary& summary() const { return summary_; }

private:
    struct Batch {
        QueueLessons* lessons = nullptr;
        std::vector<LearnRow> rows;
    };
    struct Worker {
        std::mutex mutex;
        std::condition_variable changed;
        std::deque<Batch> waiting;
        std::vector<std::vector<LearnRow>> spare;
        bool ending = false;
        std::thread thread;
    };
    struct Entry {
        std::string centre;  ///< as the file names it
        std::string queue;
        std::unique_ptr<QueueLessons> lessons;
        std::vector<LearnRow> rows;
        bool own_zone = true;  ///< the queue's zone is the file's
        const Zone* zone = nullptr;
        std::size_t worker = 0;
    };
    void add(Entry& entry, const CsvTime& time, double count, bool readable);
    bool twice(const Zone& zone, std::int64_t day, std::int32_t second);
    /// The queue's, made where there is none; nullptr: there are too many.
    Entry* entry_of(std::string_view centre, std::string_view queue);
    void flush(Entry& entry);
    void bad(std::size_t line, const std::string& why);
    void work(Worker& worker);

    const Plan& plan_;
    LearnOptions options_;
    QueueStore store_;
    LearnSummary summary_;
    std::vector<std::unique_ptr<Worker>> workers_;
    std::deque<Entry> entries_;
    std::map<std::pair<std::string, std::string>, std::size_t> by_name_;
    std::size_t guess_ = 0;
    const Zone* changing_zone_ = nullptr;  ///< the day whose clocks were looked at last ...
    std::int64_t changing_day_ = INT64_MIN;
    bool changing_ = false;  ///< ... and whether they change on it
};

}  // namespace surged
