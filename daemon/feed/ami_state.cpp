#include "feed/ami_state.hpp"

#include <algorithm>
#include <cstdlib>

namespace surged {

namespace {
constexpr std::int64_t key_kept_ms = 120000;
constexpr std::int64_t said_kept_ms = 20000;
constexpr std::int64_t clocks_apart_ms = 2500;

bool one_of(std::string_view name, std::initializer_list<std::string_view> names) {
    return std::find(names.begin(), names.end(), name) != names.end();
}
}  // namespace

AmiState::AmiState(AmiOptions options)
    : options_(std::move(options)), keys_(key_kept_ms, options_.limits.waiters), said_(said_kept_ms, options_.limits.waiters) {
    std::map<std::string, Span> folded;
    for (const auto& [name, span] : options_.wrapup) {
        folded[QueueLogState::key(name)] = span;
    }
    options_.wrapup = std::move(folded);
}

AmiState::Queue* AmiState::queue(std::string_view raw, bool dialled) {
    if (raw.empty()) {
        return nullptr;
    }
    auto key = QueueLogState::key(raw);
    auto at = queues_.find(key);
    if (at == queues_.end()) {
        if (queues_.size() >= options_.limits.queues) {
            ++oddities_.over_limit;
            return nullptr;
        }
        at = queues_.emplace(key, Queue{}).first;
        at->second.key = std::move(key);
        at->second.name = wire_name(raw);
    } else if (!dialled && at->second.name != raw) {
        at->second.name = wire_name(raw);
    }
    at->second.present = true;
    return &at->second;
}

AmiCrewGauges AmiState::crew(const Queue& queue, std::int64_t now_ms) const {
    auto at = options_.wrapup.find(queue.key);
    at = at == options_.wrapup.end() ? options_.wrapup.find("") : at;
    auto out = queue.crew.gauges(now_ms, at == options_.wrapup.end() ? 0 : at->second.count());
    if (legacy()) {
        // Nobody says who talks for this queue: who is on the phone is the nearest.
        for (const auto& [interface, member] : queue.crew.members()) {
            out.on_call += !member.in_call && member.status == 2 ? 1U : 0U;
        }
    }
    return out;
}

void AmiState::connected(const std::string& version, bool asks_causes, std::int64_t now_ms) {
    legacy_ = version.starts_with("0.") || version.starts_with("1.");
    agent_events_ = false;
    told_.asked = asks_causes;
    lists_.connected(now_ms);
    list_.reset();
    ended_events_ = 0;
    clock_.forget();
}

void AmiState::disconnected(std::int64_t now_ms) {
    lists_.disconnected(now_ms);
    list_.reset();
    for (auto at = leaving_.begin(); at != leaving_.end();) {
        const auto next = std::next(at);
        if (at->second.lost) {
            settle(at, unexplained(at->second));
        } else {
            if (auto* of = queue(at->second.queue, true)) {
                ++of->unsettled;
            }
            leaving_.erase(at);
        }
        at = next;
    }
    held_.clear();
}

bool AmiState::booted(std::optional<std::int64_t> uptime_s, std::int64_t now_ms) {
    constexpr std::int64_t same_run_ms = 2000;  // uptime has whole seconds
    bool another = shut_down_ && !uptime_s;
    if (uptime_s) {
        constexpr std::int64_t uptime_max_s = 100LL * 366 * 86400;
        const auto started = now_ms - std::clamp<std::int64_t>(*uptime_s, 0, uptime_max_s) * 1000;
        another = has_start_ && started > started_ms_ + same_run_ms;
        started_ms_ = has_start_ && !another ? started_ms_ : started;
        has_start_ = true;
    }
    shut_down_ = false;
    if (!another || !lists_.ever()) {
        return false;
    }
    new_epoch();
    return true;
}

void AmiState::new_epoch() {
    ++epochs_;
    for (auto& [key, queue] : queues_) {
        queue.begin_epoch();
        queue.transferred = 0;
        queue.crew.clear();
        queue.completed = queue.lost = 0;
        queue.unsettled = 0;
    }
    queue_of_.clear();
    leaving_.clear();
    held_.clear();
    dialled_.clear();
    keys_.clear();
    said_.clear();
    waiting_ = 0;
    members_ = 0;
}

void AmiState::classes(const AmiBlock& block, std::string_view name) {
    const auto privilege = block.get("Privilege");
    // Asterisk 1.8 has no HangupRequest, and Join and Leave in the class call.
    told_.calls = told_.calls || name == "HangupRequest" || (privilege.starts_with("call,") && !legacy_);
    told_.dialplan = told_.dialplan || privilege.starts_with("dialplan,") || name == "VarSet" || name == "Newexten";
}

void AmiState::event(const AmiBlock& block, std::int64_t now_ms) {
    advance(now_ms);
    const auto name = block.event();
    Event event{block, now_ms, block.time_ms("Timestamp"), std::string(block.get("Uniqueid"))};
    if (event.server_ms) {
        event.at_ms = clock_.local(*event.server_ms, now_ms);
    }
    if (!told_.calls || !told_.dialplan) {
        classes(block, name);
    }
    if (!caller_event(name, event, now_ms) && !agent_event(name, event) && !member_event(name, event) && !cause_event(name, event) &&
        !switch_event(name, event, now_ms)) {
        ++unknown_events_;
    }
}

bool AmiState::switch_event(std::string_view name, const Event& event, std::int64_t now_ms) {
    if (name == "Shutdown") {
        shut_down_ = true;
    } else if (name == "Reload") {
        const auto module = event.block.get("Module");
        if (module.empty() || module == "All" || module.find("app_queue") != std::string_view::npos) {
            list_soon(now_ms);
        }
    } else {
        return false;
    }
    return true;
}

bool AmiState::caller_event(std::string_view name, const Event& event, std::int64_t now_ms) {
    const bool joins = one_of(name, {"QueueCallerJoin", "Join"});
    const bool leaves = one_of(name, {"QueueCallerLeave", "Leave"});
    if (!joins && !leaves && name != "QueueCallerAbandon") {
        return false;
    }
    auto* of = event.call.empty() ? nullptr : queue(event.block.get("Queue"));
    if (of == nullptr) {
        return true;
    }
    of->changed = true;
    if (!joins && !leaves) {
        lose(event, *of);
        return true;
    }
    touch(of->key, event.call);
    joins ? join(event, *of) : leave(event, *of);
    check_count(event.block, *of, now_ms);
    return true;
}

void AmiState::join(const Event& event, Queue& queue) {
    const Waiter fresh{event.at_ms, event.server_ms};
    if (const auto known = queue.waiters.find(event.call); known != queue.waiters.end()) {
        // The list had him already: only his time is better told here.
        queue.set_joined(event.call, known->second, fresh.joined_ms);
        known->second.joined_server_ms = fresh.joined_server_ms;
        return;
    }
    if (const auto held = leaving_.find(event.call); held != leaving_.end()) {
        settle(held, unexplained(held->second));
    }
    if (const auto elsewhere = queue_of_.find(event.call); elsewhere != queue_of_.end()) {
        ++oddities_.lost_leaves;  // a channel waits in one queue at a time
        ++elsewhere->second->counters.overflow_out;
        elsewhere->second->changed = true;
        erase_waiter(*elsewhere->second, event.call);
    }
    dialled_.erase(event.call);
    keys_.erase(pair_key(queue.key, event.call));
    for (const auto* what : {"lost", "connect", "complete"}) {
        said_.erase(pair_key(pair_key(queue.key, event.call), what));
    }
    ++queue.counters.offered;
    add_waiter(queue, event.call, fresh);
}

bool AmiState::first_time(const Event& event, const Queue& queue, std::string_view what) {
    const bool first = event.call.empty() || said_.add(pair_key(pair_key(queue.key, event.call), what), event.at_ms);
    oddities_.repeats += first ? 0U : 1U;
    return first;
}

void AmiState::lose(const Event& event, Queue& queue) {
    if (!first_time(event, queue, "lost")) {
        return;
    }
    ++queue.lost;
    ++ended_events_;
    if (const auto found = queue.waiters.find(event.call); found != queue.waiters.end()) {
        found->second.lost = true;
    }
}

void AmiState::leave(const Event& event, Queue& queue) {
    const auto found = queue.waiters.find(event.call);
    if (found == queue.waiters.end()) {
        return;
    }
    const auto waiter = found->second;
    erase_waiter(queue, event.call);
    auto wait = std::max<std::int64_t>(0, event.at_ms - waiter.joined_ms);
    if (event.server_ms && waiter.joined_server_ms && std::abs(*event.server_ms - *waiter.joined_server_ms - wait) < clocks_apart_ms) {
        wait = std::max<std::int64_t>(0, *event.server_ms - *waiter.joined_server_ms);  // one clock's: without the way's delays
    }
    if (!waiter.lost) {
        hold(event, queue, waiter, wait, queue.connect_hold_ms);
    } else if (waiter.hung_up || !told_.asked || (lost_known_ && !told_.any())) {
        queue.count(Outcome::abandoned, wait);
    } else if (waiter.dropped) {
        queue.count(Outcome::overflow, wait);
    } else {
        hold(event, queue, waiter, wait, lost_hold_ms);
    }
}

void AmiState::hold(const Event& event, Queue& queue, const Waiter& waiter, std::int64_t wait_ms, std::int64_t hold_ms) {
    if (const auto before = leaving_.find(event.call); before != leaving_.end()) {
        settle(before, unexplained(before->second));
    }
    const Leaving leaving{queue.key, wait_ms, event.at_ms + hold_ms, waiter.lost, waiter.dropped};
    if (leaving_.size() >= options_.limits.waiters) {
        ++oddities_.over_limit;
        queue.count(unexplained(leaving), wait_ms);
        return;
    }
    leaving_.emplace(event.call, leaving);
    held_.emplace(leaving.due_ms, event.call);
}

AmiState::Outcome AmiState::unexplained(const Leaving& leaving) const {
    if (!leaving.lost) {
        return legacy() ? Outcome::answered : Outcome::overflow;
    }
    // Lost, and nothing said how. Where hang-ups are told it was none.
    if (leaving.dropped || (told_.calls && told_.dialplan)) {
        return Outcome::overflow;
    }
    return told_.calls ? Outcome::timeout : Outcome::abandoned;
}

void AmiState::settle(std::unordered_map<std::string, Leaving>::iterator at, Outcome outcome) {
    if (auto* of = queue(at->second.queue, true)) {
        of->count(outcome, at->second.wait_ms);
    }
    leaving_.erase(at);
}

void AmiState::advance(std::int64_t now_ms) {
    while (!held_.empty() && held_.begin()->first <= now_ms) {
        const auto at = leaving_.find(held_.begin()->second);
        const bool this_one = at != leaving_.end() && at->second.due_ms == held_.begin()->first;
        held_.erase(held_.begin());
        if (!this_one) {
            continue;
        }
        const auto outcome = unexplained(at->second);
        if (at->second.lost) {
            lost_known_ = true;
        } else if (outcome == Outcome::overflow) {
            keys_.add(pair_key(at->second.queue, at->first), now_ms);
        }
        settle(at, outcome);
    }
    keys_.expire(now_ms);
    said_.expire(now_ms);
}

std::optional<std::int64_t> AmiState::next_due() const {
    return held_.empty() ? std::nullopt : std::optional(held_.begin()->first);
}

std::string AmiState::pair_key(std::string_view queue, std::string_view what) {
    std::string out(queue);
    out += '\n';
    out += what;
    return out;
}

void AmiState::touch(std::string_view queue, std::string_view what) {
    if (list_) {
        list_->whole = list_->whole && list_->touched.size() < options_.limits.waiters;
        if (list_->whole) {
            list_->touched.insert(pair_key(queue, what));
        }
    }
}

void AmiState::check_count(const AmiBlock& block, const Queue& queue, std::int64_t now_ms) {
    const auto count = block.number("Count");
    if (lists_.current() && count && *count != static_cast<std::int64_t>(queue.waiters.size())) {
        ++oddities_.count_differs;
        list_soon(now_ms);
    }
}

bool AmiState::add_waiter(Queue& queue, const std::string& call, const Waiter& waiter) {
    if (waiting_ >= options_.limits.waiters || !queue.add(call, waiter)) {
        ++oddities_.over_limit;
        return false;
    }
    queue_of_[call] = &queue;
    ++waiting_;
    return true;
}

void AmiState::erase_waiter(Queue& queue, const std::string& call) {
    // `call` may be the queue's own text: what else knows him goes first.
    if (const auto of = queue_of_.find(call); of != queue_of_.end() && of->second == &queue) {
        queue_of_.erase(of);
    }
    waiting_ -= queue.erase(call) ? 1U : 0U;
}

}  // namespace surged
