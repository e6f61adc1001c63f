// What came of callers who were lost, as far as the classes call and dialplan tell.
#include "feed/ami_state.hpp"
#include "feed/switch_text.hpp"

namespace surged {

namespace {
constexpr std::int64_t soft_hangup_device = 1;  // AST_SOFTHANGUP_DEV: the caller's line is dead (no RTP any more), which is not our doing
}  // namespace

bool AmiState::cause_event(std::string_view name, const Event& event) {
    if (name == "HangupRequest" || name == "SoftHangupRequest") {
        // Its Cause is a kind of soft hang-up, no cause of a hang-up.
        hung_up(event, name == "SoftHangupRequest" && event.block.number("Cause").value_or(0) != soft_hangup_device);
    } else if (name == "Hangup") {
        channel_gone(event);
    } else if (name == "VarSet") {
        if (event.block.get("Variable") == "QUEUESTATUS") {
            queue_status(event);
        }
    } else if (name == "Newexten") {
        if (same_switch_word(event.block.get("Application"), "Queue") && !event.call.empty() && dialled_.size() < options_.limits.waiters) {
            const auto data = event.block.get("AppData");
            dialled_[event.call] = std::string(data.substr(0, data.find(',')));
        }
    } else {
        return false;
    }
    return true;
}

void AmiState::hung_up(const Event& event, bool by_platform) {
    if (const auto of = queue_of_.find(event.call); of != queue_of_.end()) {
        auto& waiter = of->second->waiters.at(event.call);
        (by_platform ? waiter.dropped : waiter.hung_up) = true;
    } else if (const auto held = leaving_.find(event.call); held != leaving_.end() && held->second.lost) {
        settle(held, by_platform ? Outcome::overflow : Outcome::abandoned);
    }
}

void AmiState::channel_gone(const Event& event) {
    dialled_.erase(event.call);
    const auto held = leaving_.find(event.call);
    // A channel that ends right after it was lost, with nothing from Queue() in between: the caller hung up, where the technology
    // sends no HangupRequest (DAHDI). The platform hangs up with cause 0.
    if (held != leaving_.end() && held->second.lost && told_.dialplan) {
        const bool by_caller = event.block.number("Cause").value_or(0) != 0 && !held->second.dropped;
        settle(held, by_caller ? Outcome::abandoned : Outcome::overflow);
    }
}

void AmiState::queue_status(const Event& event) {
    const auto why = event.block.get("Value");
    if (const auto held = leaving_.find(event.call); held != leaving_.end()) {
        if (why == "TIMEOUT" || why == "LEAVEEMPTY" || why == "LEAVEUNAVAIL") {
            settle(held, Outcome::timeout);
        } else if (why == "WITHDRAW") {
            settle(held, Outcome::overflow);
        }
        return;
    }
    if (why != "FULL" && why != "JOINEMPTY" && why != "JOINUNAVAIL") {
        return;
    }
    if (const auto at = dialled_.find(event.call); at != dialled_.end()) {
        if (auto* away = queue(at->second, true)) {
            ++away->counters.blocked;
            away->changed = true;
        }
        dialled_.erase(at);
    }
}

}  // namespace surged
