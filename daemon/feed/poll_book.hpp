// What a polling feeder remembers from one answer to the next, and over a restart: its sequence and epoch, the queues it has
// seen, and for every counter the sum that is sent, which never falls.
//
// Knows numbers and names; refuses to know documents and clocks. Hardest rule: a count is sent once. A provider that counts from
// zero again, or says an interval's count twice, neither makes the sum fall nor adds what was added before; where it cannot be
// known what was counted (the first look, a feeder that was away for long) nothing is added.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/series/queue_key.hpp"
#include "feed/poll_mapping.hpp"

namespace surged {

/// One counter of one queue.
class CounterSum {
public:
    static constexpr std::size_t periods_max = 128;
    static constexpr std::size_t shares_max = 64;

    /// What the provider says now, period by period. `from_zero`: a counter that is seen for the first time began at zero after
    /// our last look; else its first reading adds nothing. `adds` false: it is only remembered. What is new counts at once, or
    /// little by little within `spread` from `now_ms` on.
    void take(const std::map<std::string, Reading>& readings, bool from_zero, bool adds, Span spread, std::int64_t now_ms);
    /// The sum so far, whole where the counts are whole.
    double total(std::int64_t now_ms);
    /// Some of it is still being spread.
    bool pending() const { return !shares_.empty(); }

    template <typename V>
    void fields(V& v) {
        v("total", total_), v("shown", shown_), v("last", last_), v("seen", seen_), v("periods", periods_), v("shares", shares_);
    }

    struct Share {
        double amount = 0;
        std::int64_t begin_ms = 0;
        std::int64_t end_ms = 0;
    };

private:
    double news(const std::string& period, double value, bool first, bool from_zero);
    void add(double amount, Span spread, std::int64_t now_ms);

    double total_ = 0;
    double shown_ = 0;  ///< the greatest that total() has returned
    double last_ = 0;   ///< without periods: the reading before
    bool seen_ = false;
    std::map<std::string, double> periods_;  ///< the latest, with what they were said to hold
    std::vector<Share> shares_;
};

struct SeenFile {
    std::int64_t size = 0;
    std::int64_t mtime_ms = 0;
    bool operator==(const SeenFile&) const = default;
};

/// What is remembered of one ask.
struct AskBook {
    bool answered = false;                     ///< a whole answer has come
    std::map<QueueKey, std::int64_t> seen_ms;  ///< queues, and when an answer had them last
    std::map<QueueKey, std::map<std::string, CounterSum, std::less<>>> counters;
    std::map<std::string, SeenFile> files;  ///< of a folder: what was read
    bool folder_read = false;
};

struct PollBook {
    std::string source;
    std::uint64_t epoch = 0;
    std::uint64_t seq = 0;  ///< of the message sent last
    std::int64_t saved_ms = 0;
    std::map<std::string, AskBook> asks;

    /// Counters begin anew under `epoch`; queues and files stay known.
    void begin_epoch(std::uint64_t new_epoch);
};

/// JSON, one document.
std::string write_poll_book(const PollBook& book);
Result<PollBook> read_poll_book(std::string_view text);

inline constexpr std::size_t poll_book_bytes_max = std::size_t{64} << 20U;

}  // namespace surged
