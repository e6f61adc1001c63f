// Agents: talks that begin and end, members that come, change and go.
#include <algorithm>

#include "feed/ami_state.hpp"
#include "feed/switch_text.hpp"

namespace surged {

namespace {
constexpr std::int64_t late_connect_hold_ms = 60000;
constexpr std::int64_t hold_max_s = 86400;
constexpr std::int64_t talk_max_s = 7 * 86400;
}  // namespace

bool AmiState::agent_event(std::string_view name, const Event& event) {
    if (name == "AgentCalled" || name == "AgentDump" || name == "AgentRingNoAnswer") {
        agent_events_ = true;
        return true;
    }
    if (name != "AgentConnect" && name != "AgentComplete") {
        return false;
    }
    agent_events_ = true;
    if (auto* of = queue(event.block.get("Queue"))) {
        of->changed = true;
        name == "AgentConnect" ? connect(event, *of) : complete(event, *of);
    }
    return true;
}

void AmiState::connect(const Event& event, Queue& queue) {
    if (!first_time(event, queue, "connect")) {
        return;
    }
    const auto held = leaving_.find(event.call);
    if (held != leaving_.end() && held->second.queue == queue.key) {
        settle(held, Outcome::answered);
    } else if (const auto waits = queue.waiters.find(event.call); waits != queue.waiters.end()) {
        const auto wait = std::max<std::int64_t>(0, event.at_ms - waits->second.joined_ms);
        touch(queue.key, event.call);
        erase_waiter(queue, event.call);
        queue.count(Outcome::answered, wait);
    } else {
        const auto call = pair_key(queue.key, event.call);
        if (keys_.contains(call)) {
            // Something runs between the leave and the connect here (an announcement to the agent): wait longer from now on.
            ++oddities_.late_connects;
            queue.connect_hold_ms = late_connect_hold_ms;
            keys_.erase(call);
        } else {
            ++oddities_.unknown_connects;
        }
        queue.count(Outcome::answered, std::clamp<std::int64_t>(event.block.number("HoldTime").value_or(0), 0, hold_max_s) * 1000);
    }
    const auto interface = interface_of(event.block);
    auto* member = queue.crew.find(interface);
    if (member == nullptr && !interface.empty() && members_ < options_.limits.members) {
        // Members of queues.conf change unannounced, and after a restart no list has come yet.
        list_soon(event.at_ms);
        ++members_;
        member = queue.crew.add(interface, 1);
        member->status = 2;
    }
    if (member != nullptr) {
        member->in_call = true;
        member->call_ms = event.at_ms;
    }
}

void AmiState::complete(const Event& event, Queue& queue) {
    if (!first_time(event, queue, "complete")) {
        return;
    }
    ++queue.completed;
    ++ended_events_;
    ++queue.counters.handled;
    queue.counters.talk_ms += std::clamp<std::int64_t>(event.block.number("TalkTime").value_or(0), 0, talk_max_s) * 1000;
    queue.transferred += same_switch_word(event.block.get("Reason"), "transfer") ? 1U : 0U;
    if (auto* member = queue.crew.find(interface_of(event.block))) {
        member->in_call = false;
        member->call_ms = event.at_ms;
        member->free_from_ms = event.at_ms;
    }
}

bool AmiState::member_event(std::string_view name, const Event& event) {
    if (!name.starts_with("QueueMember")) {
        return false;
    }
    const auto interface = interface_of(event.block);
    auto* of = interface.empty() ? nullptr : queue(event.block.get("Queue"));
    if (of == nullptr) {
        return true;
    }
    touch(of->key, interface);
    if (name == "QueueMemberRemoved") {
        const bool was = of->crew.remove(interface);
        members_ -= was ? 1U : 0U;
        of->changed = of->changed || was;
        return true;
    }
    const bool is_new = of->crew.find(interface) == nullptr;
    auto* member = of->crew.add(interface, options_.limits.members - std::min(members_, options_.limits.members));
    if (member == nullptr) {
        ++oddities_.over_limit;
        return true;
    }
    members_ += is_new ? 1U : 0U;
    if (is_new) {
        member->in_call = event.block.number("InCall").value_or(0) != 0;
    }
    of->changed = AmiCrew::read(event.block, clock_, *member) || is_new || of->changed;
    return true;
}

}  // namespace surged
