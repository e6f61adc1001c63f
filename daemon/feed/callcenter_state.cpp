#include "feed/callcenter_state.hpp"

#include <algorithm>

#include "feed/queue_log_line.hpp"

namespace surged {

namespace {
constexpr std::int64_t not_registered_s = 5;  // the module's own figure
constexpr std::int64_t agent_time_max_s = 4'102'444'800;
constexpr std::int64_t talk_span_max_ms = 7LL * 86400 * 1000;

/// Hangup causes that the platform sets when it ends a call itself: the caller did not give up.
bool ends_by_platform(std::string_view cause) {
    return cause == "MANAGER_REQUEST" || cause == "SYSTEM_SHUTDOWN" || cause == "ALLOTTED_TIMEOUT" || cause == "BLIND_TRANSFER" ||
           cause == "ATTENDED_TRANSFER";
}

/// From the agent's answer to `until`, both epoch seconds of an event; 0: one of them is not there.
std::int64_t talked_ms(const EslEvent& from, std::string_view until) {
    const auto began_s = from.number("CC-Agent-Answered-Time").value_or(0);
    const auto ended_s = from.number(until).value_or(0);
    return began_s > 0 && ended_s > began_s ? std::min(ended_s - began_s, talk_span_max_ms / 1000) * 1000 : 0;
}

bool one_word_of(std::string_view word, std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}
}  // namespace

CallcenterState::CallcenterState(CallcenterLimits limits) : limits_(limits) {}

CallcenterState::Queue* CallcenterState::queue(std::string_view name) {
    if (!callcenter_askable(name)) {
        return nullptr;
    }
    auto at = queues_.find(name);
    if (at == queues_.end()) {
        if (queues_.size() >= limits_.list.queues) {
            ++oddities_.over_limit;
            return nullptr;
        }
        at = queues_.emplace(std::string(name), Queue{}).first;
        at->second.key = std::string(name);
        at->second.name = wire_name(name);
    }
    at->second.present = true;
    return &at->second;
}

CallcenterState::Agent* CallcenterState::agent(std::string_view name, std::int64_t now_ms) {
    if (const auto at = agents_.find(name); at != agents_.end()) {
        return &at->second;
    }
    if (name.empty() || agents_.size() >= limits_.list.agents) {
        oddities_.over_limit += name.empty() ? 0U : 1U;
        return nullptr;
    }
    list_soon(now_ms);  // he is new, and his queues are told by a list only
    return &agents_[std::string(name)];
}

void CallcenterState::agent_changed(const Agent& agent) {
    for (auto* queue : agent.serves) {
        queue->changed = true;
    }
}

CallcenterCrew CallcenterState::crew(const Queue& queue, std::int64_t now_ms) const {
    CallcenterCrew out;
    const auto passed = [&](std::int64_t server_s) { return !clock_.known() || clock_.of_server(server_s * 1000) <= now_ms; };
    for (const auto& [name, listed_talking] : queue.agents) {
        const auto at = agents_.find(name);
        if (at == agents_.end()) {
            continue;
        }
        const auto& is = at->second.is;
        if (is.state == AgentState::in_call) {
            const auto here = at->second.queue.empty() ? listed_talking : at->second.queue == queue.key;
            out.on_call += here ? 1U : 0U;
        }
        if (is.status != AgentStatus::available && is.status != AgentStatus::on_demand && is.status != AgentStatus::on_break) {
            continue;  // he may talk to his end
        }
        ++out.staffed;
        const bool wraps = is.wrapup_s > 0 && is.bridge_end_s > 0 && !passed(is.bridge_end_s + is.wrapup_s + 1);
        if (is.state == AgentState::in_call) {
            continue;
        }
        if (is.status == AgentStatus::on_break || is.state == AgentState::idle) {
            ++out.aux;
        } else if (is.state == AgentState::receiving || is.state == AgentState::reserved) {
            ++out.ringing;
        } else if (wraps) {
            ++out.wrapup;
        } else if (is.state == AgentState::waiting && !passed(is.ready_s)) {
            ++out.resting;
        } else if (is.state == AgentState::waiting && !(queue.skips_external && is.external > 0)) {
            ++out.available;
        }
    }
    return out;
}

void CallcenterState::connected(std::int64_t now_ms) {
    lists_.connected(now_ms);
    list_.reset();
    clock_.forget();
}

void CallcenterState::disconnected(std::int64_t now_ms) {
    lists_.disconnected(now_ms);
    list_.reset();
}

bool CallcenterState::runs_as(std::string_view core_uuid) {
    if (core_uuid.empty() || core_uuid == run_) {
        return false;
    }
    const bool another = !run_.empty() && lists_.ever();
    run_ = std::string(core_uuid.substr(0, 64));
    if (another) {
        new_epoch();
    }
    return another;
}

void CallcenterState::new_epoch() {
    ++epochs_;
    for (auto& [key, queue] : queues_) {
        queue.begin_epoch();
        queue.agents.clear();
        queue.switch_answered = queue.switch_abandoned = 0;
    }
    agents_.clear();
    talking_.clear();
    waiting_ = 0;
    // What that run counted before us is not ours: the next list begins anew.
    lists_.begin_anew();
}

void CallcenterState::event(const EslEvent& from, std::int64_t now_ms) {
    if (from.get("Event-Subclass") != "callcenter::info") {
        ++unknown_events_;
        return;
    }
    if (run_.empty()) {
        runs_as(from.get("Core-UUID"));
    }
    Event event{from, now_ms, std::string(from.get("CC-Member-UUID").substr(0, 255))};
    if (const auto stamp = from.stamp_ms()) {
        event.at_ms = clock_.local(*stamp, now_ms);
    }
    const auto action = from.get("CC-Action");
    if (!member_event(action, event) && !agent_event(action, event)) {
        ++unknown_events_;
    }
}

bool CallcenterState::member_event(std::string_view action, const Event& event) {
    const bool joins = one_word_of(action, {"member-queue-start", "member-queue-resume"});
    if (!joins && action != "member-queue-end") {
        return false;
    }
    auto* of = event.call.empty() ? nullptr : queue(event.from.get("CC-Queue"));
    if (of == nullptr) {
        return true;
    }
    of->changed = true;
    touch(event.call);
    if (joins) {
        join(event, *of);
    } else if (event.from.get("CC-Cause") == "Terminated") {
        terminate(event, *of);
    } else {
        cancel(event, *of);
    }
    return true;
}

void CallcenterState::join(const Event& event, Queue& queue) {
    if (const auto known = queue.waiters.find(event.call); known != queue.waiters.end()) {
        // The list had him already: only his time is better told here.
        queue.set_joined(event.call, known->second, event.at_ms);
        return;
    }
    ++queue.counters.offered;
    if (!add_waiter(queue, event.call, event.at_ms)) {
        queue.count(Outcome::overflow, 0);  // nobody will hear of him again
    }
}

void CallcenterState::cancel(const Event& event, Queue& queue) {
    const auto found = queue.waiters.find(event.call);
    if (found == queue.waiters.end()) {
        ++oddities_.unknown_ends;
        return;
    }
    const auto wait = std::max<std::int64_t>(0, event.at_ms - found->second.joined_ms);
    erase_waiter(queue, event.call);
    ++queue.switch_abandoned;
    const auto reason = event.from.get("CC-Cancel-Reason");
    const auto cause = event.from.get("Hangup-Cause");
    const auto answer_state = event.from.get("Answer-State");
    if (reason == "TIMEOUT" || reason == "NO_AGENT_TIMEOUT") {
        queue.count(Outcome::timeout, wait);
    } else if (reason == "EXIT_WITH_KEY" || ends_by_platform(cause)) {
        queue.count(Outcome::overflow, wait);
    } else if (!cause.empty() || answer_state == "hangup" || answer_state.empty()) {
        queue.count(Outcome::abandoned, wait);
    } else {
        queue.count(Outcome::overflow, wait);  // his channel lives on elsewhere
    }
}

void CallcenterState::terminate(const Event& event, Queue& queue) {
    auto talk_ms = talked_ms(event.from, "CC-Member-Leaving-Time");
    answer(event.call, queue, event.at_ms - talk_ms);
    if (const auto at = talking_.find(event.call); at != talking_.end()) {
        talk_ms = std::clamp<std::int64_t>(event.at_ms - at->second.from_ms, 0, talk_span_max_ms);
        talking_.erase(at);
    }
    ++queue.counters.handled;
    queue.counters.talk_ms += talk_ms;
}

bool CallcenterState::agent_event(std::string_view action, const Event& event) {
    const auto& from = event.from;
    if (one_word_of(action, {"agent-offering", "agent-max-no-answer", "members-count", "agent-contact-change",
                             "agent-add"})) {
        if (action == "agent-add") {
            list_soon(event.at_ms);
        }
        return true;
    }
    const bool starts = action == "bridge-agent-start";
    const bool ends = action == "bridge-agent-end";
    const bool state = action == "agent-state-change";
    const bool failed = action == "bridge-agent-fail";
    if (!starts && !ends && !state && !failed && action != "agent-status-change") {
        return action.ends_with("-get");
    }
    const auto name = from.get("CC-Agent").substr(0, 255);
    auto* who = agent(name, event.at_ms);
    if (who == nullptr) {
        return true;
    }
    touch(name);
    agent_changed(*who);
    if (starts || ends) {
        auto* of = queue(from.get("CC-Queue"));
        if (of == nullptr) {
            return true;
        }
        touch(event.call);
        if (ends) {
            bridge_end(event, *who, *of);
        } else {
            who->queue = std::string(from.get("CC-Queue"));
            who->call = event.call;
        }
    } else if (failed) {
        bridge_failed(from, *who);
    } else if (!state) {
        who->is.status = agent_status(from.get("CC-Agent-Status"));
    } else {
        who->is.state = agent_state(from.get("CC-Agent-State"));
        if (who->is.state == AgentState::in_call && !who->call.empty()) {
            if (auto* of = queue(who->queue)) {
                answer(std::exchange(who->call, {}), *of, event.at_ms);
            }
        } else if (who->is.state == AgentState::waiting || who->is.state == AgentState::idle) {
            who->call.clear();
            who->queue.clear();
        }
    }
    return true;
}

void CallcenterState::bridge_end(const Event& event, Agent& agent, Queue& queue) {
    queue.changed = true;
    agent.call.clear();
    agent.queue.clear();
    if (event.from.get("CC-Agent-Bridged") == "false") {
        return;
    }
    answer(event.call, queue, event.at_ms - talked_ms(event.from, "CC-Bridge-Terminated-Time"));
    const auto ended_s = event.from.number("CC-Bridge-Terminated-Time").value_or(event.from.stamp_ms().value_or(0) / 1000);
    agent.is.bridge_end_s = std::clamp<std::int64_t>(ended_s, 0, agent_time_max_s);
}

/// As the module does it: what his row says for this cause, from the end of the ringing on.
void CallcenterState::bridge_failed(const EslEvent& from, Agent& agent) {
    const auto cause = from.get("CC-Hangup-Cause");
    const auto& is = agent.is;
    const auto delay_s = one_word_of(cause, {"LOSE_RACE", "ORIGINATOR_CANCEL"})                      ? 0
                         : one_word_of(cause, {"NORMAL_CIRCUIT_CONGESTION", "USER_BUSY"})           ? is.busy_s
                         : cause == "CALL_REJECTED"                                                 ? is.reject_s
                         : cause == "USER_NOT_REGISTERED"                                           ? not_registered_s
                                                                                                    : is.no_answer_s;
    const auto ended_s = from.number("CC-Agent-Aborted-Time").value_or(from.stamp_ms().value_or(0) / 1000);
    if (delay_s > 0) {
        agent.is.ready_s = std::clamp<std::int64_t>(ended_s, 0, agent_time_max_s) + delay_s;
    }
}

void CallcenterState::answer(const std::string& call, Queue& queue, std::int64_t at_ms) {
    const auto found = queue.waiters.find(call);
    if (found == queue.waiters.end()) {
        return;
    }
    const auto wait = std::max<std::int64_t>(0, at_ms - found->second.joined_ms);
    touch(call);
    erase_waiter(queue, call);
    ++queue.switch_answered;
    queue.count(Outcome::answered, wait);
    talks(call, queue, at_ms);
}

void CallcenterState::talks(const std::string& call, Queue& queue, std::int64_t from_ms) {
    if (talking_.size() < limits_.waiters) {
        talking_.emplace(call, Talk{&queue, from_ms});
    } else {
        ++oddities_.over_limit;
    }
}

bool CallcenterState::add_waiter(Queue& queue, const std::string& call, std::int64_t joined_ms) {
    if (waiting_ >= limits_.waiters || !queue.add(call, Waiter{joined_ms})) {
        ++oddities_.over_limit;
        return false;
    }
    ++waiting_;
    return true;
}

void CallcenterState::erase_waiter(Queue& queue, const std::string& call) {
    waiting_ -= queue.erase(call) ? 1U : 0U;
}

void CallcenterState::touch(std::string_view what) {
    if (list_ == nullptr) {
        return;
    }
    list_->overflow = list_->overflow || list_->touched.size() >= limits_.waiters;
    if (!list_->overflow) {
        list_->touched.insert(std::string(what));
    }
}

void CallcenterState::list_soon(std::int64_t at_ms) {
    lists_.due_soon(at_ms, list_ ? std::optional(list_->asked_ms) : std::nullopt);
}

void CallcenterState::drop_list(std::int64_t now_ms) {
    ++oddities_.bad_lists;
    list_.reset();
    lists_.due_at(now_ms + SwitchLists::bad_again_ms);
}

}  // namespace surged
