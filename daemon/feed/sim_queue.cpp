#include "feed/sim_queue.hpp"

#include <algorithm>

namespace surged {

namespace {
}

bool SimQueue::arrive(SimTime now, bool overflowed, std::uint64_t call) {
    ++counters_.offered;
    counters_.overflow_in += overflowed ? 1U : 0U;
    if (available_ > 0) {
        --available_;
        answer(0, call);
        return true;
    }
    ++counters_.delayed;
    // A queue that ran empty begins to number anew behind the last caller, so that late events of old callers find nobody.
    callers_.push_back({now, call, true});
    ++waiting_;
    return false;
}

void SimQueue::divert() {
    ++counters_.offered;
    ++counters_.overflow_out;
}

std::uint64_t SimQueue::call_of(std::uint64_t caller) {
    const auto* found = waiter(caller);
    return found == nullptr ? 0 : found->call;
}

std::uint64_t SimQueue::take_answered() {
    if (answered_.empty()) {
        return 0;
    }
    const auto call = answered_.front();
    answered_.pop_front();
    return call;
}

void SimQueue::answer(SimTime wait, std::uint64_t call) {
    if (call != 0) {
        answered_.push_back(call);
    }
    ++on_call_;
    ++counters_.answered;
    counters_.answered_in_15 += wait <= 15 * sim_second ? 1U : 0U;
    counters_.answered_in_20 += wait <= 20 * sim_second ? 1U : 0U;
    counters_.wait_answered_us += wait;
}

void SimQueue::drop_gone() {
    while (!callers_.empty() && !callers_.front().waits) {
        callers_.pop_front();
        ++first_;
    }
}

void SimQueue::answer_first(SimTime now) {
    const auto wait = now - callers_.front().entered;
    const auto call = callers_.front().call;
    callers_.front().waits = false;
    --waiting_;
    drop_gone();
    answer(wait, call);
}

SimQueue::Caller* SimQueue::waiter(std::uint64_t caller) {
    if (caller < first_ || caller - first_ >= callers_.size()) {
        return nullptr;
    }
    auto& found = callers_[caller - first_];
    return found.waits ? &found : nullptr;
}

bool SimQueue::abandon(std::uint64_t caller, SimTime now) {
    auto* found = waiter(caller);
    if (found == nullptr) {
        return false;
    }
    const auto wait = now - found->entered;
    ++counters_.abandoned;
    counters_.abandoned_in_20 += wait <= 20 * sim_second ? 1U : 0U;
    counters_.wait_abandoned_us += wait;
    found->waits = false;
    --waiting_;
    drop_gone();
    return true;
}

bool SimQueue::overflow(std::uint64_t caller) {
    auto* found = waiter(caller);
    if (found == nullptr) {
        return false;
    }
    ++counters_.overflow_out;
    found->waits = false;
    --waiting_;
    drop_gone();
    return true;
}

void SimQueue::end_talk(std::int64_t talk_us) {
    --on_call_;
    ++wrapup_;
    counters_.talk_us += talk_us;
}

SimQueue::Next SimQueue::end_wrapup(std::int64_t acw_us, SimTime now) {
    --wrapup_;
    ++counters_.handled;
    counters_.acw_us += acw_us;
    return free_agent(now);
}

SimQueue::Next SimQueue::end_break(SimTime now) {
    // Those who went home from their break have been taken out of aux already.
    if (aux_ == 0) {
        return Next::leaves;
    }
    --aux_;
    return free_agent(now);
}

SimQueue::Next SimQueue::free_agent(SimTime now) {
    if (leaving_ > 0) {
        --leaving_;
        return Next::leaves;
    }
    if (breaks_owed_ > 0) {
        --breaks_owed_;
        ++aux_;
        return Next::breaks;
    }
    if (waiting_ > 0) {
        answer_first(now);
        return Next::answers;
    }
    ++available_;
    return Next::idle;
}

bool SimQueue::start_break() {
    if (available_ > 0) {
        --available_;
        ++aux_;
        return true;
    }
    breaks_owed_ = std::min(breaks_owed_ + 1, std::max(0, on_call_ + wrapup_ - leaving_));
    return false;
}

int SimQueue::add_agents(int n, SimTime now) {
    int answering = 0;
    for (int i = 0; i < n; ++i) {
        if (leaving_ > 0) {
            --leaving_;  // one who was about to go stays instead
        } else if (waiting_ > 0) {
            answer_first(now);
            ++answering;
        } else {
            ++available_;
        }
    }
    return answering;
}

int SimQueue::remove_agents(int n) {
    int removed = 0;
    for (; removed < n; ++removed) {
        if (available_ > 0) {
            --available_;
        } else if (aux_ > 0) {
            --aux_;
        } else if (leaving_ < on_call_ + wrapup_) {
            ++leaving_;
        } else {
            break;
        }
    }
    breaks_owed_ = std::min(breaks_owed_, std::max(0, on_call_ + wrapup_ - leaving_));
    return removed;
}

SimTime SimQueue::oldest_wait(SimTime now) const {
    return waiting_ == 0 ? 0 : std::max<SimTime>(1, now - callers_.front().entered);
}

}  // namespace surged
