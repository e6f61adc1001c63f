// What the states of both kinds of switch have in common: a queue with its waiters and counters, what can come of a caller, and when a list is
// due that the events are compared with. Pure; refuses to know what an event means.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

#include "feed/queue_log_state.hpp"

namespace surged {

/// What did not go as the switch's interface should; shown as health.
struct SwitchOddities {
    std::uint64_t lost_leaves = 0;   ///< waiters whose end no event told: a list did
    std::uint64_t missed_joins = 0;  ///< waiters first seen in a list although nothing was missed
    std::uint64_t over_limit = 0;    ///< refused by a bound
    std::uint64_t bad_lists = 0;     ///< not whole, not ended, or beyond a bound
};

/// What a queue's agents add up to at one moment.
struct SwitchCrew {
    std::uint64_t staffed = 0;
    std::uint64_t available = 0;  ///< a call would ring there now
    std::uint64_t on_call = 0;    ///< talk for this queue
    std::uint64_t ringing = 0;
    std::uint64_t aux = 0;
    std::uint64_t wrapup = 0;
    std::uint64_t resting = 0;  ///< free, and not rung for some seconds after a call they did not take; in none of the others but staffed
    /// Time alone will change these numbers.
    bool moves() const { return wrapup + resting > 0; }
};

enum class CallerOutcome : std::uint8_t { answered, abandoned, timeout, overflow };

/// Counts what came of a caller who had waited `wait_ms`.
inline void count_outcome(QueueLogCounters& counters, CallerOutcome outcome, std::int64_t wait_ms) {
    switch (outcome) {
        case CallerOutcome::answered:
            ++counters.answered;
            counters.wait_answered_ms += wait_ms;
            counters.answered_in_15 += wait_ms <= 15000 ? 1U : 0U;
            counters.answered_in_20 += wait_ms <= 20000 ? 1U : 0U;
            break;
        case CallerOutcome::abandoned:
            ++counters.abandoned;
            counters.wait_abandoned_ms += wait_ms;
            counters.abandoned_in_20 += wait_ms <= 20000 ? 1U : 0U;
            break;
        case CallerOutcome::timeout: ++counters.timeouts; break;
        case CallerOutcome::overflow: ++counters.overflow_out; break;
    }
}

/// One queue. `Waiter` has `std::int64_t joined_ms`, on our clock.
template <typename Waiter>
struct SwitchQueue {
    std::string key;            ///< by which the switch tells it from others
    std::string name;           ///< as it goes on the wire
    bool present = true;        ///< false: the switch does not have it any more
    QueueLogCounters counters;  ///< since the epoch began
    QueueLogCounters earlier;   ///< of all epochs before
    std::unordered_map<std::string, Waiter> waiters;       ///< by call
    std::set<std::pair<std::int64_t, std::string>> order;  ///< joined_ms, call
    bool changed = true;                                   ///< since the last look; the reader clears it

    std::uint64_t waiting() const { return waiters.size(); }
    QueueLogCounters total() const {
        auto sum = earlier;
        sum += counters;
        return sum;
    }
    /// Age of the oldest waiter, at least 1 ms; 0 when nobody waits.
    std::int64_t oldest_wait_ms(std::int64_t now_ms) const {
        return order.empty() ? 0 : std::max<std::int64_t>(1, now_ms - order.begin()->first);
    }
    void count(CallerOutcome outcome, std::int64_t wait_ms) {
        count_outcome(counters, outcome, wait_ms);
        changed = true;
    }
    /// False: he waits here already.
    bool add(const std::string& call, const Waiter& waiter) {
        if (!waiters.emplace(call, waiter).second) {
            return false;
        }
        order.emplace(waiter.joined_ms, call);
        return changed = true;
    }
    /// False: he did not wait here.
    bool erase(const std::string& call) {
        const auto at = waiters.find(call);
        if (at == waiters.end()) {
            return false;
        }
        order.erase({at->second.joined_ms, call});
        waiters.erase(at);
        return changed = true;
    }
    /// His time is better known now.
    void set_joined(const std::string& call, Waiter& waiter, std::int64_t joined_ms) {
        order.erase({waiter.joined_ms, call});
        waiter.joined_ms = joined_ms;
        order.emplace(joined_ms, call);
    }
    void begin_epoch() {
        earlier += counters;
        counters = {};
        waiters.clear();
        order.clear();
        changed = true;
    }
};

/// The lists of one switch over connections that come and go: whether one was taken, when the next is due, what it must make up for.
class SwitchLists {
public:
    static constexpr std::int64_t every_ms = 30000;
    static constexpr std::int64_t soon_ms = 1000;       ///< between one that does not fit and the next
    static constexpr std::int64_t bad_again_ms = 5000;  ///< between one that was of no use and the next

    /// A connection begins (again): what follows may have missed something.
    void connected(std::int64_t now_ms) {
        current_ = false;
        gap_ = ever_;
        gap_ms_ = gap_ms_ == 0 ? now_ms : gap_ms_;
        due_ms_ = now_ms;
    }
    void disconnected(std::int64_t now_ms) {
        gap_ms_ = now_ms;
        current_ = false;
    }
    /// One is asked for.
    void asked(std::int64_t now_ms) { due_ms_ = now_ms + every_ms; }
    /// One has been taken, and what it says is so.
    void taken() {
        gap_ = false;
        current_ = ever_ = true;
    }
    /// What was counted before is not ours: the next one begins anew.
    void begin_anew() { ever_ = gap_ = false; }
    /// The next is due at this time.
    void due_at(std::int64_t at_ms) { due_ms_ = at_ms; }
    void due_not_before(std::int64_t at_ms) { due_ms_ = std::max(due_ms_, at_ms); }
    void due_by(std::int64_t at_ms) { due_ms_ = std::min(due_ms_, at_ms); }
    /// Something does not fit. `asked_ms`: of the list under way, when there is one.
    void due_soon(std::int64_t at_ms, std::optional<std::int64_t> asked_ms) {
        due_by(asked_ms ? std::max(at_ms, *asked_ms + soon_ms) : at_ms);
    }

    std::int64_t due_ms() const { return due_ms_; }
    bool current() const { return current_; }        ///< one was taken since connected()
    bool ever() const { return ever_; }              ///< one was ever taken
    bool gap() const { return gap_; }                ///< the next closes a gap
    std::int64_t gap_ms() const { return gap_ms_; }  ///< when it began

private:
    std::int64_t due_ms_ = 0;
    std::int64_t gap_ms_ = 0;
    bool current_ = false;
    bool ever_ = false;
    bool gap_ = false;
};

}  // namespace surged
