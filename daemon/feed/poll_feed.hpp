// Answers of one ask -> messages for surged: gauges as they were said, counters as sums that never fall, zeros or nothing for
// queues that an answer leaves out.
//
// Knows the plan and the book; refuses to know sockets, files and clocks. Hardest rule: nothing is said that was not in an
// answer: a failed or partial answer makes no zeros.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/series/message.hpp"
#include "feed/poll_book.hpp"
#include "feed/poll_plan.hpp"

namespace surged {

class PollFeed {
public:
    static constexpr std::size_t parts_max = 1000;    ///< of one message; an answer of more queues goes out as several
    static constexpr std::size_t values_max = 10000;  ///< so that it stays below a MiB

    /// Borrows both. The book is of this plan's source. `from_zero`: counters show the provider's own sums (a look by hand); else
    /// the first reading of one adds nothing.
    PollFeed(const PollPlan& plan, PollBook& book, bool from_zero = false) : plan_(plan), book_(book), from_zero_(from_zero) {}

    using OnMessage = std::function<bool(const Message&)>;  ///< false: stop

    /// `adds` false: counts are remembered and not added (they are older than what can be told). False: `on_message` said stop.
    bool answer(const AskPlan& ask, const MappedAnswer& answer, bool adds, std::int64_t now_ms, const OnMessage& on_message);
    /// Counters that still rise because their news is being spread; nothing when there are none.
    bool between(const AskPlan& ask, std::int64_t now_ms, const OnMessage& on_message);

private:
    struct Part {
        QueueKey key;
        std::vector<std::pair<const std::string*, double>> values;
    };
    std::vector<QueueKey> known(const AskPlan& ask, const AskBook& book, const MappedAnswer& answer) const;
    Part part_of(const AskPlan& ask, AskBook& book, const QueueKey& key, const MappedAnswer& answer, bool adds,
                 std::int64_t now_ms);
    static void forget(const AskPlan& ask, AskBook& book, std::int64_t now_ms);
    bool send(const std::vector<Part>& parts, std::int64_t ts_ms, const OnMessage& on_message);

    const PollPlan& plan_;
    PollBook& book_;
    bool from_zero_;
    Message message_;
};

}  // namespace surged
