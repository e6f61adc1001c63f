// The list of QueueStatus: the truth that what the events made is compared with, and after a gap the only word of what was missed.
#include <algorithm>

#include "feed/ami_state.hpp"

namespace surged {

namespace {
constexpr std::int64_t count_max = 1'000'000'000;  // what a switch may say of itself
constexpr std::int64_t mean_max_s = 86400;
constexpr std::int64_t missed_max = 1'000'000;  // calls of one gap

/// What may be counted of a balance: nothing below zero.
std::uint64_t upward(std::int64_t n) {
    return static_cast<std::uint64_t>(std::clamp<std::int64_t>(n, 0, missed_max));
}
}  // namespace

void AmiState::list_soon(std::int64_t at_ms) {
    lists_.due_soon(at_ms, list_ ? std::optional(list_->asked_ms) : std::nullopt);
}

void AmiState::ask_list(std::int64_t now_ms) {
    list_ = std::make_unique<List>();
    list_->asked_ms = now_ms;
    lists_.asked(now_ms);
}

void AmiState::drop_list() {
    ++oddities_.bad_lists;
    list_.reset();
}

void AmiState::list_item(const AmiBlock& block, std::int64_t now_ms) {
    advance(now_ms);
    if (!list_) {
        return;
    }
    const auto name = block.event();
    const bool params = name == "QueueParams";
    if (!params && name != "QueueMember" && name != "QueueEntry") {
        return;
    }
    ++list_->items;
    const auto raw = block.get("Queue");
    if (params) {
        take_params(block);
        return;
    }
    const auto at = list_->queues.find(std::string(raw));
    if (at == list_->queues.end()) {
        list_->whole = false;
    } else if (name == "QueueMember") {
        take_member(block, at->second);
    } else {
        take_entry(block, at->second);
    }
}

void AmiState::take_params(const AmiBlock& block) {
    const std::string raw(block.get("Queue"));
    if (raw.empty() || list_->queues.size() >= options_.limits.queues) {
        list_->whole = false;
        return;
    }
    auto& params = list_->queues[raw];
    const auto number = [&](std::string_view key, std::int64_t most) {
        return std::clamp<std::int64_t>(block.number(key).value_or(0), 0, most);
    };
    params.calls = number("Calls", count_max);
    params.completed = number("Completed", count_max);
    params.lost = number("Abandoned", count_max);
    params.hold_s = number("Holdtime", mean_max_s);
    params.talk_s = number("TalkTime", mean_max_s);
    if (const auto known = queues_.find(QueueLogState::key(raw)); known != queues_.end()) {
        params.our_waiting = static_cast<std::int64_t>(known->second.waiters.size());
        params.our_talking = static_cast<std::int64_t>(known->second.crew.talking());
        params.our_completed = known->second.completed;
        params.our_lost = known->second.lost;
    }
}

void AmiState::take_entry(const AmiBlock& block, List::Params& params) {
    const auto call = block.get("Uniqueid", "Channel");
    if (call.empty() || ++list_->entries > options_.limits.waiters) {
        list_->whole = false;
        return;
    }
    const auto oldest = options_.limits.waiter_age_max.count() / 1000;
    params.entries[std::string(call)] = std::clamp<std::int64_t>(block.number("Wait").value_or(0), 0, oldest);
}

void AmiState::take_member(const AmiBlock& block, List::Params& params) {
    const auto interface = interface_of(block);
    if (interface.empty() || ++list_->members > options_.limits.members) {
        list_->whole = false;
        return;
    }
    AmiListedMember listed{std::string(interface), {}, {}};
    AmiCrew::read(block, clock_, listed.member);
    if (const auto talks = block.number("InCall")) {
        listed.talks = *talks != 0;
    }
    params.members.push_back(std::move(listed));
}

bool AmiState::list_end(std::optional<std::int64_t> items, std::int64_t now_ms) {
    advance(now_ms);
    if (!list_) {
        return true;
    }
    if (!list_->whole) {
        ++oddities_.bad_lists;
        list_.reset();
        lists_.due_at(now_ms + SwitchLists::bad_again_ms);
        return false;
    }
    if (items && *items != list_->items) {
        // Something of it is missing: what it has is taken, and nothing concluded from what it has not.
        ++oddities_.bad_lists;
        list_->partial = true;
        lists_.due_by(now_ms + SwitchLists::bad_again_ms);
    }
    bool closes_gap = lists_.gap();
    if (closes_gap && counters_fell()) {
        new_epoch();  // somebody reset the switch's counters meanwhile: what was missed cannot be known
        closes_gap = false;
    }
    for (auto& [key, queue] : queues_) {
        queue.present = queue.present && list_->partial;
    }
    for (const auto& [raw, params] : list_->queues) {
        auto* of = queue(raw);
        if (of == nullptr) {
            continue;
        }
        if (closes_gap) {
            balance(*of, params);
        }
        of->unsettled = 0;
        apply_entries(*of, params, closes_gap, now_ms);
        apply_members(*of, params);
        of->completed = params.completed + of->completed - (closes_gap || lists_.current() ? params.our_completed : of->completed);
        of->lost = params.lost + of->lost - (closes_gap || lists_.current() ? params.our_lost : of->lost);
    }
    members_ = 0;
    for (auto& [key, queue] : queues_) {
        if (!queue.present) {
            while (!queue.waiters.empty()) {
                erase_waiter(queue, std::string(queue.waiters.begin()->first));
            }
            queue.crew.clear();
        }
        members_ += queue.crew.members().size();
    }
    list_.reset();
    lists_.taken();
    return true;
}

bool AmiState::counters_fell() const {
    // Events of this connection may be ahead of the entry that counts them, but no further.
    // Of two calls that one member has at the same time (ringinuse) late versions of 13, and 15 and later, count one as Completed. Each list makes
    // up for that; a gap that begins before the next one is taken for a reset.
    return std::any_of(list_->queues.begin(), list_->queues.end(), [&](const auto& one) {
        return one.second.completed + ended_events_ < one.second.our_completed || one.second.lost + ended_events_ < one.second.our_lost;
    });
}

std::vector<std::string> AmiState::vanished(const Queue& queue, const List::Params& params) const {
    std::vector<std::string> out;
    for (const auto& [call, waiter] : queue.waiters) {
        if (!params.entries.contains(call) && waiter.joined_ms < list_->asked_ms && !list_->touched.contains(pair_key(queue.key, call))) {
            out.push_back(call);
        }
    }
    return out;
}

/// What came and went unseen: offered = ended + waiting now + in call now - waiting before - in call before. How long those waited is
/// known only of callers seen before; the others count with the switch's own average, and as answered in time.
void AmiState::balance(Queue& queue, const List::Params& params) {
    const auto gone = vanished(queue, params);
    const auto talking =
        std::count_if(params.members.begin(), params.members.end(), [](const auto& member) { return member.talks.value_or(false); });
    const bool talks_told = std::any_of(params.members.begin(), params.members.end(), [](const auto& m) { return m.talks.has_value(); });
    const auto more_talk = talks_told ? static_cast<std::int64_t>(talking) - params.our_talking : 0;
    const auto completed = params.completed - params.our_completed;
    const auto lost = params.lost - params.our_lost;
    const auto answered = upward(completed + more_talk);
    const auto unsettled = static_cast<std::int64_t>(queue.unsettled);
    const auto fresh = std::count_if(params.entries.begin(), params.entries.end(), [&](const auto& entry) {
        return !queue.waiters.contains(entry.first) && !list_->touched.contains(pair_key(queue.key, entry.first));
    });
    const auto offered = completed + lost + params.calls - params.our_waiting + more_talk - unsettled;
    auto& counters = queue.counters;
    counters.offered += upward(std::max<std::int64_t>(offered, fresh));
    counters.answered += answered;
    counters.wait_answered_ms += static_cast<std::int64_t>(answered) * params.hold_s * 1000;
    const auto in_time = [&](std::int64_t limit_ms) {
        const auto late = std::count_if(gone.begin(), gone.end(), [&](const auto& call) {
            return lists_.gap_ms() - queue.waiters.at(call).joined_ms > limit_ms;
        });
        return upward(static_cast<std::int64_t>(answered) - late);
    };
    counters.answered_in_15 += in_time(15000);
    counters.answered_in_20 += in_time(20000);
    counters.abandoned += upward(lost);
    counters.handled += upward(completed);
    counters.talk_ms += static_cast<std::int64_t>(upward(completed)) * params.talk_s * 1000;
    const auto left = static_cast<std::int64_t>(gone.size()) + unsettled;
    counters.overflow_out += upward(left - static_cast<std::int64_t>(answered) - std::max<std::int64_t>(0, lost));
    for (const auto& call : gone) {
        erase_waiter(queue, call);
    }
    queue.changed = true;
}

void AmiState::apply_entries(Queue& queue, const List::Params& params, bool closes_gap, std::int64_t now_ms) {
    for (const auto& [call, wait_s] : params.entries) {
        if (const auto known = queue.waiters.find(call); known != queue.waiters.end()) {
            known->second.missing = 0;
            continue;
        }
        if (list_->touched.contains(pair_key(queue.key, call))) {
            continue;  // left since
        }
        const Waiter waiter{now_ms - wait_s * 1000, std::nullopt};
        if (add_waiter(queue, call, waiter) && !closes_gap) {
            ++queue.counters.offered;
            oddities_.missed_joins += lists_.current() ? 1U : 0U;
        }
    }
    if (!closes_gap && !list_->partial) {
        drop_missing(queue, params, now_ms);
    }
}

/// A waiter whom one list does not have may have left just then; whom two in a row do not have is gone.
void AmiState::drop_missing(Queue& queue, const List::Params& params, std::int64_t now_ms) {
    for (const auto& call : vanished(queue, params)) {
        if (++queue.waiters.at(call).missing < 2) {
            list_soon(now_ms + SwitchLists::soon_ms);
            continue;
        }
        ++oddities_.lost_leaves;
        ++queue.counters.overflow_out;
        erase_waiter(queue, call);
    }
}

void AmiState::apply_members(Queue& queue, const List::Params& params) {
    std::set<std::string_view> listed;
    for (const auto& member : params.members) {
        listed.insert(member.interface);
        if (list_->touched.contains(pair_key(queue.key, member.interface))) {
            continue;
        }
        const bool is_new = queue.crew.find(member.interface) == nullptr;
        if (auto* of = queue.crew.add(member.interface, options_.limits.members)) {
            queue.changed = AmiCrew::merge(member, list_->asked_ms, *of) || is_new || queue.changed;
        }
    }
    if (list_->partial) {
        return;
    }
    std::vector<std::string> gone;
    for (const auto& [interface, member] : queue.crew.members()) {
        if (!listed.contains(interface) && !list_->touched.contains(pair_key(queue.key, interface))) {
            gone.push_back(interface);
        }
    }
    for (const auto& interface : gone) {
        queue.crew.remove(interface);
        queue.changed = true;
    }
}

}  // namespace surged
