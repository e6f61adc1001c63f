// What became of an attempt, and what a restart makes of attempts that were under way. An outcome counts only for the current
// attempt; a late or doubled one changes nothing. Handling an outcome never sends a page by itself.
#include <algorithm>

#include "core/base/text.hpp"
#include "core/paging/paging.hpp"

namespace surged::paging {

namespace {

void try_again(PageStep& step, const std::string& key, const std::string& why, Span retry_after) {
    const auto& page = step.box.pages.at(key);
    auto next = step.now.at + backoff(key, page.attempt, retry_after);
    // A Retry-After must not take the last chance: without another contact method one more try is made before the deadline.
    const auto* spec = step.index.channel(page.channel);
    const auto last = page.deadline - (spec != nullptr ? spec->timeout : Span{0});
    const auto soonest = step.now.at + backoff(key, page.attempt, Span{0});
    if (next >= page.deadline && soonest < page.deadline && !step.subject.other_way(page)) {
        next = std::max(soonest, last);
    }
    const bool in_time = next < page.deadline;
    auto c = page_change(step.box, key, in_time ? PageState::failed_temp : PageState::expired, why);
    c.due = in_time ? next : step.now.at;
    step.emit(std::move(c));
}

/// What the outcome of a message is to one of its pages.
void end_attempt(PageStep& step, const std::string& key, const SendOutcome& o, const std::string& why) {
    switch (o.outcome) {
        case OutcomeClass::ok: step.emit(accepted(step, key, o)); break;
        case OutcomeClass::retry: try_again(step, key, why, o.retry_after); break;
        case OutcomeClass::channel_down:
        case OutcomeClass::config_error: {
            // An action has no other channel; an undoing is tried for as long as somebody may still repair it.
            const auto purpose = step.box.pages.at(key).purpose;
            if (purpose == PagePurpose::undo || (purpose == PagePurpose::act && o.outcome == OutcomeClass::channel_down)) {
                try_again(step, key, why, o.retry_after);
            } else {
                step.emit(key, PageState::failed_perm, why);
            }
            break;
        }
        case OutcomeClass::reject: step.emit(key, PageState::failed_perm, why); break;
        case OutcomeClass::unknown: unknown_outcome(step, key, why, true); break;
    }
}

void channel_failed(PageStep& step, const std::string& channel, const std::string& why) {
    const bool was_open = step.box.channel(channel).open;
    SystemNote note{"channel_failure", channel};
    note.channel = channel;
    step.emit(std::move(note));
    if (!was_open && step.box.channel(channel).open) {
        step.note("channel_down", channel + ": " + why);
    }
}

}  // namespace

std::optional<std::string> outcome(PageStep& step, const SendOutcome& o) {
    const auto known = step.box.pages.find(o.page);
    if (known == step.box.pages.end() || known->second.state != PageState::sending || known->second.attempt != o.attempt) {
        return std::nullopt;
    }
    const auto channel = known->second.channel;
    const auto name = std::string(to_string(o.outcome));
    const auto why = o.detail.empty() ? name : name + ": " + o.detail.substr(0, 500);
    if (o.pause > Span{0}) {
        SystemNote note{"channel_paused", channel + " for " + format_span(o.pause) + ": " + why};
        note.channel = channel;
        note.until = step.now.at + o.pause;
        step.emit(std::move(note));
    }
    std::vector<std::string> pages{o.page};
    if (const auto with = step.box.riders.find(o.page); with != step.box.riders.end()) {
        pages.insert(pages.end(), with->second.begin(), with->second.end());
    }
    const bool was_down = step.box.channel(channel).open;
    for (const auto& key : pages) {
        end_attempt(step, key, o, why);
    }
    if (o.outcome == OutcomeClass::ok && was_down) {
        step.note("channel_up", channel);
        return channel;
    }
    if (o.outcome == OutcomeClass::channel_down || o.outcome == OutcomeClass::config_error) {
        channel_failed(step, channel, why);
    }
    return std::nullopt;
}

/// Nobody knows whether the attempt arrived. `once`: a page that is a repeat already is not sent a third time. An action is,
/// always under the same key and with more time between: a sink that keeps keys does it once.
void unknown_outcome(PageStep& step, const std::string& key, const std::string& why, bool once) {
    const auto& page = step.box.pages.at(key);
    const auto* spec = step.index.channel(page.channel);
    const bool action = is_action(page.purpose);
    const auto next = action && once ? step.now.at + backoff(key, page.attempt, Span{0}) : step.now.at;
    const bool in_time = !action || !once || next < page.deadline;
    // If sending this page is what kills surged, it is not sent for ever: after so many repeats the next contact method is tried.
    const bool worn = !action && page.doubts >= repeats_max;
    const bool resend =
        spec != nullptr && spec->on_unknown == OnUnknown::resend && in_time && (action || (!(once && page.repeat) && !worn));
    auto c = page_change(step.box, key, PageState::unknown, why);
    c.due = next;
    c.repeat = c.repeat || resend;  // from here on, whatever it still waits for, its text says so
    if (!once && c.deadline <= step.now.at) {
        c.deadline = step.now.at + step.subject.terms(key, step.box.pages.at(key)).patience;  // it was we who were away
    }
    step.emit(std::move(c));
    if (!resend) {
        step.emit(key, PageState::expired,
                  worn      ? "outcome unknown " + std::to_string(step.box.pages.at(key).doubts) + " times, not sent again"
                  : in_time ? "outcome unknown, not sent again"
                            : "outcome unknown at its deadline");
    }
}

void recover(PageStep& step) {
    std::vector<std::string> under_way;
    std::vector<std::string> late;
    std::vector<std::string> given_up;
    std::vector<std::string> unheard;
    for (const auto& [key, page] : step.box.pages) {
        if (page.state == PageState::sending) {
            under_way.push_back(key);
        } else if (page.state == PageState::unknown && !page.repeat) {
            given_up.push_back(key);
        } else if (awaits_receipt(page) && page.due <= step.now.at) {
            unheard.push_back(key);
        } else if (!terminal(page.state) && page.deadline <= step.now.at) {
            late.push_back(key);
        }
    }
    for (const auto& key : under_way) {
        unknown_outcome(step, key, "surged stopped while it was being sent", false);
    }
    for (const auto& key : given_up) {
        // Killed between "unknown" and its end: what is not to be sent again would leave without its label.
        step.emit(key, PageState::expired, "outcome unknown, not sent again");
    }
    for (const auto& key : unheard) {
        // It was we who were away: the provider may have the receipt.
        const auto* spec = step.index.channel(step.box.pages.at(key).channel);
        auto c = page_change(step.box, key, PageState::accepted, "surged was down when its receipt was due");
        c.due = step.now.at + (spec != nullptr ? spec->receipt_within : Span{0});
        step.emit(std::move(c));
    }
    for (const auto& key : late) {
        auto c = page_change(step.box, key, step.box.pages.at(key).state, "surged was down at its deadline");
        c.deadline = step.now.at + step.subject.terms(key, step.box.pages.at(key)).patience;
        c.due = step.now.at;
        step.emit(std::move(c));
    }
}

}  // namespace surged::paging
