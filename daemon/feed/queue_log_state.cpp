#include "feed/queue_log_state.hpp"

#include <algorithm>

#include "core/base/ranges.hpp"

namespace surged {

namespace {
constexpr std::int64_t match_slack_ms = 1000;  // times and logged waits of one call differ by at most a second
constexpr std::int64_t jump_ms = 24LL * 3600 * 1000;
constexpr int steps_confirmed = 8;  // so many older lines in a row are a clock set back
constexpr std::string_view none = "NONE";

/// Which name of the queue this line has: as configured, as an administrator wrote it, or as dialled.
int rank_of(const QueueLogLine& line) {
    switch (line.event) {
        case QueueEvent::connect:
        case QueueEvent::complete:
        case QueueEvent::ring:
        case QueueEvent::transfer_blind:
        case QueueEvent::transfer_attended: return 2;
        case QueueEvent::member_add:
        case QueueEvent::member_remove:
        case QueueEvent::member_pause:
        case QueueEvent::member_unpause: return 1;
        default: return 0;
    }
}
}  // namespace

QueueLogCounters& QueueLogCounters::operator+=(const QueueLogCounters& other) {
    offered += other.offered;
    answered += other.answered;
    abandoned += other.abandoned;
    timeouts += other.timeouts;
    overflow_out += other.overflow_out;
    blocked += other.blocked;
    callbacks_requested += other.callbacks_requested;
    handled += other.handled;
    answered_in_15 += other.answered_in_15;
    answered_in_20 += other.answered_in_20;
    abandoned_in_20 += other.abandoned_in_20;
    wait_answered_ms += other.wait_answered_ms;
    wait_abandoned_ms += other.wait_abandoned_ms;
    talk_ms += other.talk_ms;
    return *this;
}

QueueLogCounters QueueLogState::Queue::total() const {
    QueueLogCounters sum = earlier;
    sum += counters;
    return sum;
}

std::int64_t QueueLogState::Queue::oldest_wait_ms(std::int64_t now_ms) const {
    return waiters.empty() ? 0 : std::max<std::int64_t>(1, now_ms - waiters.begin()->first.ts_ms);
}

QueueLogState::QueueLogState(QueueLogLimits limits)
    : limits_(std::move(limits)),
      agents_(QueueLogAgents::Bounds{limits_.agents, limits_.talk_age_max.count()}, limits_.members) {}

std::string QueueLogState::key(std::string_view queue) {
    std::string out(queue);
    for (char& c : out) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return out;
}

QueueLogState::Queue* QueueLogState::queue(std::string_view raw, int name_rank) {
    auto folded = key(raw);
    auto at = queues_.find(folded);
    if (at == queues_.end()) {
        if (queues_.size() >= limits_.queues) {
            ++oddities_.over_limit;
            return nullptr;
        }
        at = queues_.emplace(std::move(folded), Queue{}).first;
        at->second.name_rank = -1;
    }
    if (name_rank > at->second.name_rank) {
        at->second.name = wire_name(raw);
        at->second.name_rank = name_rank;
    }
    return &at->second;
}

void QueueLogState::keep_time(std::int64_t ts_ms) {
    oddities_.backward += ts_ms < last_ts_ms_ ? 1U : 0U;
    last_ts_ms_ = ts_ms;
    line_is_old_ = ts_ms < clock_ms_ - backdated_ms;
    if (line_is_old_) {
        // One line from a far future is what was wrong, not those behind it.
        const bool back = before_jump_ms_ != 0 && ts_ms >= before_jump_ms_ - backdated_ms;
        if (!back && ++older_lines_ < steps_confirmed) {
            return;
        }
        clock_ms_ = ts_ms;
        line_is_old_ = false;
    } else if (ts_ms > clock_ms_) {
        before_jump_ms_ = clock_ms_ != 0 && ts_ms - clock_ms_ > jump_ms ? clock_ms_ : 0;
        clock_ms_ = ts_ms;
        older_lines_ = 0;
        return;
    }
    before_jump_ms_ = 0;
    older_lines_ = 0;
}

void QueueLogState::apply(const QueueLogLine& line) {
    keep_time(line.ts_ms);
    switch (line.event) {
        case QueueEvent::start: restart(); return;
        case QueueEvent::reload:
        case QueueEvent::member_other: return;
        case QueueEvent::unknown: ++unknown_events_; return;
        case QueueEvent::member_add:
        case QueueEvent::member_remove:
        case QueueEvent::member_pause:
        case QueueEvent::member_unpause:
        case QueueEvent::login:
        case QueueEvent::logoff: apply_member(line); return;
        case QueueEvent::left: left_by_dialplan(line); return;
        default: break;
    }
    // A call without a queue cannot be counted anywhere.
    if (line.queue == none) {
        oddities_.unmatched_exits += line.event == QueueEvent::ring || line.event == QueueEvent::turned_away ? 0U : 1U;
        return;
    }
    if (auto* found = queue(line.queue, rank_of(line))) {
        apply_call(line, *found);
    }
}

void QueueLogState::apply_call(const QueueLogLine& line, Queue& queue) {
    switch (line.event) {
        case QueueEvent::enter: enter(line, queue); return;
        case QueueEvent::connect: connect(line, queue); return;
        case QueueEvent::complete: finish_talk(line, queue, 1); return;
        case QueueEvent::transfer_blind: finish_talk(line, queue, 3); return;
        case QueueEvent::transfer_attended:
            // LINK|channel|channel|hold|talk|position, BRIDGE|id|hold|talk|position.
            finish_talk(line, queue, line.params[0] == "LINK" && !line.seconds_ms(2) ? 4 : 3);
            return;
        case QueueEvent::turned_away: turned_away(line, queue); return;
        case QueueEvent::ring: rang(line); return;
        default:
            if (!repeated(line, queue)) {
                exit(line, queue);
            }
    }
}

void QueueLogState::exit(const QueueLogLine& line, Queue& queue) {
    auto& count = queue.counters;
    switch (line.event) {
        case QueueEvent::abandon: abandon(line, queue); break;
        case QueueEvent::exit_timeout:
        case QueueEvent::exit_empty:
            ++count.timeouts;
            leave(line, queue, 2);
            break;
        case QueueEvent::exit_key: {
            const auto& keys = limits_.callback_keys;
            const bool back = line.param_count > 0 && contains(keys, line.params[0]);
            ++(back ? count.callbacks_requested : count.overflow_out);
            leave(line, queue, 3);
            break;
        }
        case QueueEvent::withdraw:
            ++count.overflow_out;
            leave(line, queue, 2);
            break;
        case QueueEvent::dropped:
            ++count.overflow_out;
            leave(line, queue, line.params.size());
            break;
        default: break;
    }
}

void QueueLogState::rang(const QueueLogLine& line) {
    if (line.agent != none && !line.agent.empty() && !agents_.rang(key(line.queue), line.agent, line.ts_ms)) {
        ++oddities_.over_limit;
    }
}

void QueueLogState::enter(const QueueLogLine& line, Queue& queue) {
    ++queue.counters.offered;
    queue.called = true;
    const std::string call(line.callid);
    leave_others(line, queue);
    queue.left.erase(call);
    if (const auto before = queue.by_call.find(call); before != queue.by_call.end()) {
        ++oddities_.replaced;
        erase(queue, queue.waiters.find(before->second));
    }
    if (line_is_old_) {
        ++oddities_.backdated;
        remember_exit(line, queue, false, true);
        return;
    }
    if (waiting_ >= limits_.waiters) {
        ++oddities_.over_limit;
        return;
    }
    const Queue::Entry entry{line.ts_ms, ++order_};
    queue.by_call.emplace(call, entry);
    queue.waiters.emplace(entry, call);
    ++waits_in_[call];
    ++waiting_;
}

void QueueLogState::waits_no_more(const std::string& call) {
    if (const auto at = waits_in_.find(call); at != waits_in_.end() && --at->second == 0) {
        waits_in_.erase(at);
    }
}

void QueueLogState::erase(Queue& queue, std::map<Queue::Entry, std::string>::iterator at) {
    waits_no_more(at->second);
    queue.by_call.erase(at->second);
    queue.waiters.erase(at);
    --waiting_;
}

std::int64_t QueueLogState::take_waiter(const QueueLogLine& line, Queue& queue, std::size_t wait_param) {
    const auto logged = line.seconds_ms(wait_param);
    if (!logged && wait_param < line.param_count && !line.params[wait_param].empty()) {
        ++oddities_.bad_params;
    }
    const bool answered = line.event == QueueEvent::connect;
    const std::string call(line.callid);
    const auto found = queue.left.find(call);
    const bool had_left = found != queue.left.end();
    const auto before = had_left ? found->second : Queue::Exit{};
    remember_exit(line, queue, answered, false);
    if (const auto known = queue.by_call.find(call); known != queue.by_call.end()) {
        const auto measured = std::max<std::int64_t>(0, line.ts_ms - known->second.ts_ms);
        erase(queue, queue.waiters.find(known->second));
        return logged.value_or(measured);
    }
    if (had_left && before.backdated) {
        return logged.value_or(0);
    }
    const bool may_match = answered && (!had_left || before.answered || clock_ms_ - before.ts_ms > same_exit_ms);
    if (logged && may_match) {
        const auto entered = line.ts_ms - *logged;
        auto best = queue.waiters.end();
        for (auto at = queue.waiters.lower_bound({entered - match_slack_ms, 0});
             at != queue.waiters.end() && at->first.ts_ms <= entered + match_slack_ms; ++at) {
            const auto off = [&](const auto& i) { return std::abs(i->first.ts_ms - entered); };
            if (best == queue.waiters.end() || off(at) < off(best)) {
                best = at;
            }
        }
        if (best != queue.waiters.end()) {
            ++oddities_.ghosts_matched;
            erase(queue, best);
            return *logged;
        }
    }
    ++oddities_.unmatched_exits;
    return logged.value_or(0);
}

void QueueLogState::count_answer(Queue& queue, std::int64_t wait_ms) {
    auto& count = queue.counters;
    ++count.answered;
    count.wait_answered_ms += wait_ms;
    count.answered_in_15 += wait_ms <= 15000 ? 1U : 0U;
    count.answered_in_20 += wait_ms <= 20000 ? 1U : 0U;
}

void QueueLogState::connect(const QueueLogLine& line, Queue& queue) {
    count_answer(queue, take_waiter(line, queue, 0));
    if (!agents_.connect(key(line.queue), line.callid, line.agent, line.ts_ms, line.seconds_ms(2).value_or(0))) {
        ++oddities_.over_limit;
    }
}

void QueueLogState::abandon(const QueueLogLine& line, Queue& queue) {
    auto& count = queue.counters;
    const auto wait = take_waiter(line, queue, 2);
    rang(line);  // with the member's name: the caller hung up in the agent's announcement
    ++count.abandoned;
    count.wait_abandoned_ms += wait;
    count.abandoned_in_20 += wait <= 20000 ? 1U : 0U;
}

void QueueLogState::leave(const QueueLogLine& line, Queue& queue, std::size_t wait_param) {
    static_cast<void>(take_waiter(line, queue, wait_param));
}

void QueueLogState::finish_talk(const QueueLogLine& line, Queue& queue, std::size_t talk_param) {
    ++queue.counters.handled;
    auto talk = line.seconds_ms(talk_param);
    if (!talk) {
        ++oddities_.bad_params;
        talk = 0;
    }
    if (limits_.talk_cap.count() > 0 && *talk > limits_.talk_cap.count()) {
        ++oddities_.talks_capped;
        talk = limits_.talk_cap.count();
    }
    queue.counters.talk_ms += *talk;
    const bool known = agents_.complete(key(line.queue), line.callid);
    if (!known && line.event == QueueEvent::complete && queue.by_call.count(std::string(line.callid)) != 0) {
        // A caller that has talked was answered: its CONNECT line was lost.
        ++oddities_.exits_by_others;
        auto answered = line;
        answered.event = QueueEvent::connect;
        count_answer(queue, take_waiter(answered, queue, 0));
    }
    if (!known && line.event == QueueEvent::transfer_attended) {
        adopt_transfer(line);
    }
}

void QueueLogState::adopt_transfer(const QueueLogLine& line) {
    const std::string from = key(line.queue);
    const auto call = agents_.call_of(from, line.agent);
    if (call.empty()) {
        return;
    }
    ++oddities_.transfers_matched;
    agents_.complete(from, call);
    for (auto& [raw, queue] : queues_) {
        const auto consult = queue.by_call.find(std::string(line.callid));
        if (consult != queue.by_call.end() && queue.by_call.count(call) == 0) {
            const auto entry = consult->second;
            waits_no_more(consult->first);
            queue.by_call.erase(consult);
            queue.by_call.emplace(call, entry);
            queue.waiters[entry] = call;
            ++waits_in_[call];
            return;
        }
    }
}

void QueueLogState::apply_member(const QueueLogLine& line) {
    const bool every = line.queue == none;
    bool fits = true;
    if (line.event == QueueEvent::login) {
        agents_.log_in(line.agent);
        return;
    }
    if (line.event == QueueEvent::logoff) {
        agents_.log_off(line.agent);
        return;
    }
    if (!every && queue(line.queue, rank_of(line)) == nullptr) {
        return;
    }
    const std::string name = every ? std::string{} : key(line.queue);
    if (line.event == QueueEvent::member_pause || line.event == QueueEvent::member_unpause) {
        fits = agents_.pause(name, line.agent, line.event == QueueEvent::member_pause, line.ts_ms);
    } else if (!every && line.event == QueueEvent::member_add) {
        fits = agents_.add_member(name, line.agent, line.param_count > 0 && line.params[0] == "PAUSED");
    } else if (!every) {
        agents_.remove_member(name, line.agent, line.ts_ms);
    }
    if (!fits) {
        ++oddities_.over_limit;
    }
}

void QueueLogState::restart() {
    ++restarts_;
    for (auto& [raw, queue] : queues_) {
        oddities_.lost_at_restart += queue.waiters.size();
        queue.waiters.clear();
        queue.by_call.clear();
        queue.left.clear();
        queue.earlier += queue.counters;
        queue.counters = {};
    }
    waiting_ = 0;
    waits_in_.clear();
    agents_.restart();
}

void QueueLogState::advance(std::int64_t now_ms) {
    const auto oldest = now_ms - limits_.waiter_age_max.count();
    for (auto& [raw, queue] : queues_) {
        while (!queue.waiters.empty() && queue.waiters.begin()->first.ts_ms < oldest) {
            ++oddities_.expired;
            erase(queue, queue.waiters.begin());
        }
    }
    agents_.expire(now_ms);
}

}  // namespace surged
