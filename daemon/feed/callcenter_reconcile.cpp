// A whole list against what the events made: what was missed in a gap is counted, who is not there any more goes.
#include <algorithm>
#include <vector>

#include "feed/callcenter_state.hpp"

namespace surged {

namespace {
constexpr std::int64_t list_pause_ms = 5000;  // between the end of a slow one and the next
constexpr std::int64_t row_wait_max_s = 7 * 86400;
constexpr std::int64_t missed_calls_max = 1'000'000;  // of one gap
}  // namespace

CallcenterList& CallcenterState::ask_list(std::int64_t now_ms) {
    const auto doubtful = [this](std::string_view queue, std::string_view uuid, std::int64_t waited_s) {
        const auto of = queues_.find(queue);
        return waited_s > doubt_after_s || of == queues_.end() || !of->second.waiters.contains(std::string(uuid));
    };
    const auto on_queues = [this](CallcenterList& list) {
        for (auto& [name, listed] : list.queues) {
            if (const auto of = queues_.find(name); of != queues_.end()) {
                listed.our_answered = of->second.switch_answered;
                listed.our_abandoned = of->second.switch_abandoned;
            }
        }
    };
    list_ = std::make_unique<CallcenterList>(limits_.list, doubtful, on_queues);
    list_->asked_ms = now_ms;
    lists_.asked(now_ms);
    return *list_;
}

void CallcenterState::list_clock(std::int64_t server_s, std::int64_t sent_ms, std::int64_t got_ms) {
    // A whole second says when to a second: the middle of it, give or take the half.
    clock_.bounded(server_s * 1000 + 500, sent_ms - 500, got_ms + 500);
}

std::int64_t CallcenterState::list_time(std::int64_t server_s, std::int64_t now_ms) const {
    const auto oldest = now_ms - limits_.waiter_age_max.count();
    return clock_.known() ? std::clamp(clock_.of_server(server_s * 1000), oldest, now_ms) : now_ms;
}

void CallcenterState::list_end(std::int64_t now_ms) {
    if (list_ == nullptr) {
        return;
    }
    if (list_->overflow) {
        drop_list(now_ms);
        return;
    }
    lists_.due_not_before(now_ms + list_pause_ms);
    const bool closes_gap = lists_.gap();
    for (auto& [name, queue] : queues_) {
        queue.present = false;
    }
    if (closes_gap) {
        apply_talks(now_ms);
    }
    for (const auto& [name, listed] : list_->queues) {
        if (auto* of = queue(name)) {
            apply_queue(*of, listed, closes_gap, now_ms);
        }
    }
    for (auto& [name, queue] : queues_) {
        if (!queue.present) {  // unloaded: the module deletes its members
            while (!queue.waiters.empty()) {
                queue.count(Outcome::overflow, 0);
                erase_waiter(queue, std::string(queue.waiters.begin()->first));
            }
            queue.agents.clear();
        }
    }
    apply_agents();
    stale_ = list_->stale;
    oddities_.odd_rows += list_->odd_rows;
    list_.reset();
    lists_.taken();
}

void CallcenterState::apply_agents() {
    for (const auto& [name, listed] : list_->agents) {
        const bool is_new = !agents_.contains(name);
        if (is_new && agents_.size() >= limits_.list.agents) {
            ++oddities_.over_limit;
            continue;
        }
        auto& of = agents_[name];
        auto now = listed;
        if (list_->touched.contains(name)) {
            now.status = of.is.status == AgentStatus::unknown ? listed.status : of.is.status;
            now.state = of.is.state == AgentState::unknown ? listed.state : of.is.state;
            now.bridge_end_s = std::max(of.is.bridge_end_s, listed.bridge_end_s);
            now.ready_s = std::max(of.is.ready_s, listed.ready_s);
        } else if (listed.state != AgentState::in_call && listed.state != AgentState::receiving) {
            of.call.clear();
            of.queue.clear();
        }
        const bool differs = is_new || now.status != of.is.status || now.state != of.is.state || now.ready_s != of.is.ready_s ||
                             now.wrapup_s != of.is.wrapup_s || now.bridge_end_s != of.is.bridge_end_s || now.external != of.is.external;
        of.is = now;
        if (differs) {
            agent_changed(of);
        }
    }
    std::erase_if(agents_, [&](const auto& one) { return !list_->agents.contains(one.first) && !list_->touched.contains(one.first); });
    for (auto& [name, of] : agents_) {
        of.serves.clear();
    }
    for (auto& [key, queue] : queues_) {
        for (const auto& [name, talking] : queue.agents) {
            if (const auto at = agents_.find(name); at != agents_.end()) {
                at->second.serves.push_back(&queue);
            }
        }
    }
}

CallcenterState::Missed CallcenterState::missed(const CallcenterList::Queue& listed) {
    const auto more = [](std::optional<std::int64_t> theirs, std::int64_t ours) {
        return theirs ? std::clamp<std::int64_t>(*theirs - ours, 0, missed_calls_max) : 0;
    };
    if (!listed.answered || !listed.abandoned || *listed.answered < listed.our_answered || *listed.abandoned < listed.our_abandoned) {
        return {};  // an old version, or the queue was reloaded: its counters began anew
    }
    return {more(listed.answered, listed.our_answered), more(listed.abandoned, listed.our_abandoned)};
}

void CallcenterState::apply_queue(Queue& queue, const CallcenterList::Queue& listed, bool closes_gap, std::int64_t now_ms) {
    auto gap = closes_gap ? missed(listed) : Missed{};
    // What the queue's own counters should be from here on: what they say, and what we have counted since.
    const auto base_answered = queue.switch_answered - listed.our_answered;
    const auto base_abandoned = queue.switch_abandoned - listed.our_abandoned;
    for (const auto& [call, row] : listed.members) {
        apply_row(queue, call, row, closes_gap ? &gap : nullptr, now_ms);
    }
    if (!listed.partial) {
        apply_vanished(queue, listed, closes_gap ? &gap : nullptr, now_ms);
    }
    if (closes_gap) {
        came_and_went(queue, gap);
    }
    queue.switch_answered = listed.answered.value_or(0) + base_answered;
    queue.switch_abandoned = listed.abandoned.value_or(0) + base_abandoned;
    queue.changed = queue.changed || queue.agents != listed.agents || queue.skips_external != listed.skips_external;
    queue.agents = listed.agents;
    queue.skips_external = listed.skips_external;
}

void CallcenterState::apply_row(Queue& queue, const std::string& call, const CallcenterList::Member& row, Missed* gap,
                                std::int64_t now_ms) {
    if (list_->touched.contains(call)) {
        return;
    }
    if (row.state != MemberState::waiting && row.state != MemberState::trying) {
        apply_end(queue, call, row, gap, now_ms);
        return;
    }
    if (row.stale) {
        return;  // as if there were no row
    }
    if (const auto known = queue.waiters.find(call); known != queue.waiters.end()) {
        known->second.missing = 0;
        return;
    }
    if (add_waiter(queue, call, list_time(row.joined_s, now_ms))) {
        ++queue.counters.offered;
        oddities_.missed_joins += lists_.current() && gap == nullptr ? 1U : 0U;
    }
}

/// A row of somebody who is answered or has given up, of whom no event has told it.
void CallcenterState::apply_end(Queue& queue, const std::string& call, const CallcenterList::Member& row, Missed* gap,
                                std::int64_t now_ms) {
    const bool answered = row.state == MemberState::answered;
    if (!answered && row.state != MemberState::abandoned) {
        return;
    }
    const auto ended_s = answered ? row.bridged_s : row.abandoned_s;
    const bool waited = queue.waiters.contains(call);
    const bool unseen = gap != nullptr && clock_.known() && !talking_.contains(call) && row.joined_s > 0 &&
                        clock_.of_server(row.joined_s * 1000) > lists_.gap_ms() && ended_s > 0;
    if (!waited && !unseen) {
        if (answered && !lists_.ever()) {
            talks(call, queue, list_time(std::max(row.bridged_s, row.joined_s), now_ms));
        }
        return;
    }
    const auto wait = std::clamp<std::int64_t>(ended_s - row.joined_s, 0, row_wait_max_s) * 1000;
    queue.counters.offered += waited ? 0U : 1U;
    oddities_.lost_leaves += gap == nullptr ? 1U : 0U;
    if (answered) {
        queue.count(Outcome::answered, wait);
        talks(call, queue, list_time(ended_s, now_ms));
    } else {
        // Without a time it was the module, which marks all its members when it is loaded again.
        queue.count(ended_s > 0 ? Outcome::abandoned : Outcome::overflow, wait);
    }
    if (gap != nullptr) {
        auto& left = answered ? gap->answered : gap->abandoned;
        left = std::max<std::int64_t>(0, left - 1);
    }
    erase_waiter(queue, call);
}

/// Waiters who have no row any more. After a gap the queue's counters say how many of them were answered and how many gave up. Else one list
/// without him may be older than his last event; two in a row say that his end was lost.
void CallcenterState::apply_vanished(Queue& queue, const CallcenterList::Queue& listed, Missed* gap, std::int64_t now_ms) {
    std::vector<std::pair<std::int64_t, std::string>> gone;
    for (const auto& one : queue.order) {
        const auto row = listed.members.find(one.second);
        const bool has = row != listed.members.end() && !row->second.stale;
        if (!has && one.first < list_->asked_ms && !list_->touched.contains(one.second)) {
            gone.push_back(one);
        }
    }
    for (const auto& [joined_ms, call] : gone) {
        if (gap == nullptr && ++queue.waiters.at(call).missing < 2) {
            list_soon(now_ms + SwitchLists::soon_ms);
            continue;
        }
        const auto wait = std::max<std::int64_t>(0, lists_.gap_ms() - joined_ms);  // he waited at least so long
        if (gap == nullptr) {
            ++oddities_.lost_leaves;
            queue.count(Outcome::overflow, 0);
        } else if (gap->answered > 0) {
            --gap->answered;
            queue.count(Outcome::answered, wait);
            talks_unseen(queue, 1);  // a row of his would be there while he talks
        } else if (gap->abandoned > 0) {
            --gap->abandoned;
            queue.count(Outcome::abandoned, wait);
        } else {
            queue.count(Outcome::overflow, 0);
        }
        erase_waiter(queue, call);
    }
}

/// Talks that have no row any more ended during the gap: in the middle of it, as far as anybody knows.
void CallcenterState::apply_talks(std::int64_t now_ms) {
    std::erase_if(talking_, [&](const auto& one) {
        const auto& [call, talk] = one;
        const auto listed = list_->queues.find(talk.queue->key);
        if (list_->touched.contains(call) || talk.from_ms >= lists_.gap_ms() || (listed != list_->queues.end() && listed->second.partial)) {
            return false;
        }
        if (listed != list_->queues.end()) {
            const auto row = listed->second.members.find(call);
            if (row != listed->second.members.end() && row->second.state == MemberState::answered) {
                return false;
            }
        }
        ++talk.queue->counters.handled;
        talk.queue->counters.talk_ms += std::max<std::int64_t>(0, (lists_.gap_ms() + now_ms) / 2 - talk.from_ms);
        talk.queue->changed = true;
        return true;
    });
}

/// Talks of which nobody saw anything: they count with the mean of the others.
void CallcenterState::talks_unseen(Queue& queue, std::int64_t calls) {
    auto& counters = queue.counters;
    const auto mean_ms = counters.handled == 0 ? 0 : counters.talk_ms / static_cast<std::int64_t>(counters.handled);
    counters.handled += static_cast<std::uint64_t>(calls);
    counters.talk_ms += mean_ms * calls;
}

/// Callers of whom nothing is left but the queue's counters. How long they waited nobody knows: they count with the mean of the others,
/// and as answered in time, for a lost connection is no bad service.
void CallcenterState::came_and_went(Queue& queue, const Missed& gap) {
    auto& counters = queue.counters;
    const auto answered = static_cast<std::uint64_t>(gap.answered);
    const auto mean_ms = counters.answered == 0 ? 0 : counters.wait_answered_ms / static_cast<std::int64_t>(counters.answered);
    counters.offered += answered + static_cast<std::uint64_t>(gap.abandoned);
    counters.answered += answered;
    counters.wait_answered_ms += mean_ms * gap.answered;
    counters.answered_in_15 += answered;
    counters.answered_in_20 += answered;
    talks_unseen(queue, gap.answered);
    counters.abandoned += static_cast<std::uint64_t>(gap.abandoned);
    queue.changed = queue.changed || gap.answered + gap.abandoned > 0;
}

}  // namespace surged
