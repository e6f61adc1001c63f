// What became of an attempt, and what a restart makes of attempts that were under way. An outcome counts only for the attempt
// that is current: a late or doubled one changes nothing. Bookkeeping never sends a page again by itself.
#include "core/incident/decider.hpp"
#include "core/team/roster.hpp"

namespace surged {

void Decider::outcome(const SendOutcome& o) {
    const auto known = s_.pages.find(o.page);
    if (known == s_.pages.end() || known->second.state != PageState::sending || known->second.attempt != o.attempt) {
        return;
    }
    const auto channel = known->second.channel;
    const auto name = std::string(to_string(o.outcome));
    const auto why = o.detail.empty() ? name : name + ": " + o.detail.substr(0, 500);
    if (o.pause > Span{0}) {
        note("channel_paused", channel + " " + std::to_string(o.pause.count()) + " " + why);
    }
    std::vector<std::string> pages{o.page};
    if (const auto with = s_.riders.find(o.page); with != s_.riders.end()) {
        pages.insert(pages.end(), with->second.begin(), with->second.end());
    }
    const bool was_down = channel_now(channel).open;
    for (const auto& key : pages) {
        end_attempt(key, o, why);
    }
    if (o.outcome == OutcomeClass::ok && was_down) {
        note("channel_up", channel);
        channel_back(channel);
    } else if (o.outcome == OutcomeClass::channel_down || o.outcome == OutcomeClass::config_error) {
        channel_failed(channel, why);
    }
}

/// What the outcome of a message is to one of its pages.
void Decider::end_attempt(const std::string& key, const SendOutcome& o, const std::string& why) {
    switch (o.outcome) {
        case OutcomeClass::ok: emit(accepted(key, o)); break;
        case OutcomeClass::retry: try_again(key, why, o.retry_after); break;
        case OutcomeClass::channel_down:
        case OutcomeClass::config_error: {
            // An action has no other way; what is undone is tried while somebody may still mend the channel.
            const auto purpose = s_.pages.at(key).purpose;
            if (purpose == PagePurpose::undo || (purpose == PagePurpose::act && o.outcome == OutcomeClass::channel_down)) {
                try_again(key, why, o.retry_after);
            } else {
                emit(page_change(key, PageState::failed_perm, why));
            }
            break;
        }
        case OutcomeClass::reject: emit(page_change(key, PageState::failed_perm, why)); break;
        case OutcomeClass::unknown: unknown_outcome(key, why, true); break;
    }
}

void Decider::try_again(const std::string& key, const std::string& why, Span retry_after) {
    const auto& page = s_.pages.at(key);
    auto next = now_.at + backoff(key, page.attempt, retry_after);
    // What a provider asks for takes nobody's last chance: with no other way left, one more try is made before the deadline.
    const auto* spec = index_.channel(page.channel);
    const auto last = page.deadline - (spec != nullptr ? spec->timeout : Span{0});
    const auto soonest = now_.at + backoff(key, page.attempt, Span{0});
    if (next >= page.deadline && soonest < page.deadline && !other_way(page)) {
        next = std::max(soonest, last);
    }
    const bool in_time = next < page.deadline;
    auto c = page_change(key, in_time ? PageState::failed_temp : PageState::expired, why);
    c.due = in_time ? next : now_.at;
    emit(std::move(c));
}

void Decider::channel_failed(const std::string& channel, const std::string& why) {
    const bool was_open = channel_now(channel).open;
    note("channel_failure", channel);
    if (!was_open && channel_now(channel).open) {
        note("channel_down", channel + ": " + why);
    }
}

/// Nobody knows whether the attempt arrived. `once`: a page that is a repeat already is not sent a third time. An action is,
/// always under the same key and with more time between: a sink that keeps keys does it once.
void Decider::unknown_outcome(const std::string& key, const std::string& why, bool once) {
    const auto& page = s_.pages.at(key);
    const auto* spec = index_.channel(page.channel);
    const bool action = is_action(page.purpose);
    const auto next = action && once ? now_.at + backoff(key, page.attempt, Span{0}) : now_.at;
    const bool in_time = !action || !once || next < page.deadline;
    // A page that surged dies of is not said for ever: after so many repeats the next way is taken.
    const bool worn = !action && page.doubts >= repeats_max;
    const bool resend =
        spec != nullptr && spec->on_unknown == OnUnknown::resend && in_time && (action || (!(once && page.repeat) && !worn));
    auto c = page_change(key, PageState::unknown, why);
    c.due = next;
    c.repeat = c.repeat || resend;  // from here on, whatever it still waits for, its text says so
    if (!once && c.deadline <= now_.at) {
        c.deadline = now_.at + patience(key);  // it was we who were away
    }
    emit(std::move(c));
    if (!resend) {
        emit(page_change(key, PageState::expired,
                         worn      ? "outcome unknown " + std::to_string(s_.pages.at(key).doubts) + " times, not sent again"
                         : in_time ? "outcome unknown, not sent again"
                                   : "outcome unknown at its deadline"));
    }
}

/// Whether everybody in this page can still be told by another way, at once when this one has failed.
bool Decider::other_way(const Page& page) const {
    const auto* inc = s_.incident(page.incident);
    if (inc == nullptr || is_action(page.purpose)) {
        return false;
    }
    return std::all_of(page.people.begin(), page.people.end(), [&](const std::string& id) {
        const auto* person = index_.person(id);
        const auto seat = inc->seats.find(id);
        const auto paged = inc->paged.find(id);
        const bool closes = is_closing(page.purpose);
        if (person == nullptr || (closes ? paged == inc->paged.end() : seat == inc->seats.end())) {
            return true;
        }
        const auto& tried = closes ? paged->second.closing : seat->second.reach;
        const auto& steps = closes ? person->normal : reach_of(*person, urgent_tier(inc->policy, seat->second.tier));
        return std::any_of(steps.begin(), steps.end(), [&](const ReachStep& step) {
            return step.channel != page.channel && index_.channel(step.channel) != nullptr && tried.count(step.channel) == 0;
        });
    });
}

std::string Decider::down_text(EngineTime down_since) const {
    const auto gone = now_.at - down_since;
    if (down_since == EngineTime{} || gone < std::chrono::minutes{1}) {
        return {};
    }
    const auto& zone = zone_of(*index_.plan, index_.plan->timezone);
    const auto hour = [&](WallTime t) {
        const auto s = zone.to_civil(t).second_of_day;
        const auto two = [](int n) { return (n < 10 ? "0" : "") + std::to_string(n); };
        return two(s / 3600) + ":" + two(s / 60 % 60);
    };
    return hour(now_.wall - gone) + "-" + hour(now_.wall);
}

void Decider::recovered(EngineTime down_since) {
    note("recovered", down_text(down_since));
    std::vector<std::string> under_way;
    std::vector<std::string> late;
    std::vector<std::string> given_up;
    std::vector<std::string> unheard;
    for (const auto& [key, page] : s_.pages) {
        if (page.state == PageState::sending) {
            under_way.push_back(key);
        } else if (page.state == PageState::unknown && !page.repeat) {
            given_up.push_back(key);
        } else if (awaits_receipt(page) && page.due <= now_.at) {
            unheard.push_back(key);
        } else if (!terminal(page.state) && page.deadline <= now_.at) {
            late.push_back(key);
        }
    }
    for (const auto& key : under_way) {
        unknown_outcome(key, "surged stopped while it was being sent", false);
    }
    for (const auto& key : given_up) {
        // Killed between "unknown" and its end: what is not to be sent again would leave without its label.
        emit(page_change(key, PageState::expired, "outcome unknown, not sent again"));
    }
    for (const auto& key : unheard) {
        // It was we who were away: the provider may have the receipt.
        const auto* spec = index_.channel(s_.pages.at(key).channel);
        auto c = page_change(key, PageState::accepted, "surged was down when its receipt was due");
        c.due = now_.at + (spec != nullptr ? spec->receipt_within : Span{0});
        emit(std::move(c));
    }
    for (const auto& key : late) {
        auto c = page_change(key, s_.pages.at(key).state, "surged was down at its deadline");
        c.deadline = now_.at + patience(key);
        c.due = now_.at;
        emit(std::move(c));
    }
}

}  // namespace surged
