// Exits that Asterisk does not say in one clean line: said twice, by a dialplan, or not at all.
#include <algorithm>

#include "feed/queue_log_state.hpp"

namespace surged {

namespace {
constexpr std::size_t left_few = 256;  // exits remembered in a queue before the old ones are looked for
}

void QueueLogState::remember_exit(const QueueLogLine& line, Queue& queue, bool answered, bool backdated) {
    if (queue.left.size() >= std::max(queue.left_look, left_few)) {
        for (auto at = queue.left.begin(); at != queue.left.end();) {
            const auto kept = at->second.backdated ? limits_.waiter_age_max.count() : same_exit_ms;
            at = at->second.ts_ms + kept < clock_ms_ ? queue.left.erase(at) : std::next(at);
        }
        queue.left_look = 2 * queue.left.size();  // so that looking costs little for each exit, however many are young
    }
    if (queue.left.size() < limits_.waiters) {
        queue.left[std::string(line.callid)] = Queue::Exit{clock_ms_, answered, backdated};
    }
}

bool QueueLogState::repeated(const QueueLogLine& line, Queue& queue) {
    const auto before = queue.left.find(std::string(line.callid));
    if (before == queue.left.end() || before->second.backdated || clock_ms_ - before->second.ts_ms > same_exit_ms) {
        return false;
    }
    ++oddities_.repeated_exits;
    return true;
}

void QueueLogState::turned_away(const QueueLogLine& line, Queue& queue) {
    tells_blocked_ = true;
    // A dialplan that writes both FULL and EXITCODE|FULL means one caller.
    if (queue.by_call.count(std::string(line.callid)) == 0 && !repeated(line, queue)) {
        ++queue.counters.blocked;
        remember_exit(line, queue, false, false);
    }
}

void QueueLogState::left_by_dialplan(const QueueLogLine& line) {
    const auto why = line.name == "EXITCODE" && line.param_count > 0 ? line.params[0] : line.name;
    const std::string call(line.callid);
    for (auto& [name, waited] : queues_) {
        const auto found = waited.by_call.find(call);
        if (found == waited.by_call.end() || (line.queue != "NONE" && name != key(line.queue))) {
            continue;
        }
        auto& count = waited.counters;
        const auto wait = std::max<std::int64_t>(0, line.ts_ms - found->second.ts_ms);
        if (why == "EXITHANGUP" || why == "HANGUP" || why == "ABANDON") {
            ++count.abandoned;
            count.wait_abandoned_ms += wait;
            count.abandoned_in_20 += wait <= 20000 ? 1U : 0U;
        } else {
            const bool timeout = why == "TIMEOUT" || why == "LEAVEEMPTY" || why == "LEAVEUNAVAIL";
            ++(timeout ? count.timeouts : count.overflow_out);
        }
        ++oddities_.exits_by_others;
        erase(waited, waited.waiters.find(found->second));
        remember_exit(line, waited, false, false);
        return;
    }
    if ((why == "FULL" || why == "JOINEMPTY" || why == "JOINUNAVAIL") && line.queue != "NONE") {
        if (auto* away = queue(line.queue, 0)) {
            turned_away(line, *away);
        }
        return;
    }
    ++unknown_events_;
}

void QueueLogState::leave_others(const QueueLogLine& line, const Queue& entered) {
    const std::string call(line.callid);
    if (call == "NONE" || call.empty() || !waits_in_.contains(call)) {
        return;
    }
    for (auto& [name, other] : queues_) {
        if (&other == &entered || other.by_call.empty()) {
            continue;
        }
        if (const auto at = other.by_call.find(call); at != other.by_call.end()) {
            ++oddities_.exits_by_others;
            ++other.counters.overflow_out;
            erase(other, other.waiters.find(at->second));
            remember_exit(line, other, false, false);
        }
    }
}

}  // namespace surged
