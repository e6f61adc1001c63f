#include "core/paging/outbox.hpp"

#include <algorithm>

namespace surged {

const ChannelState& Outbox::channel(const std::string& id) const {
    static const ChannelState untouched;
    const auto it = channels.find(id);
    return it == channels.end() ? untouched : it->second;
}

void Outbox::track(const std::string& key, const Page& page, int sign) {
    if (ended(page)) {
        return;
    }
    const auto keep = [&](auto& index, const std::string& name) {
        auto& keys = index[name];
        sign > 0 ? (void)keys.insert(key) : (void)keys.erase(key);
        if (keys.empty()) {
            index.erase(name);
        }
    };
    if (!page.carrier.empty()) {
        keep(riders, page.carrier);
    }
    if (page.people.size() == 1) {
        keep(alone, page.people.front());
    }
    if (sign > 0) {
        timers.insert({page.due, key});
    } else {
        timers.erase({page.due, key});
    }
    if (page.state == PageState::accepted) {
        auto& n = awaited[page.channel];
        n = sign > 0 ? n + 1 : n - 1;
    } else if (page.state != PageState::sending) {
        auto& n = waiting[page.channel][priority(page.purpose)];
        n = sign > 0 ? n + 1 : n - 1;
    }
}

void Outbox::rebuild() {
    timers.clear();
    riders.clear();
    alone.clear();
    waiting.clear();
    awaited.clear();
    messages.clear();
    for (const auto& [key, page] : pages) {
        track(key, page, +1);
        if (!page.message.empty()) {
            messages[{page.channel, page.message}].insert(key);
        }
    }
}

void Outbox::doubt_what_waits() {
    for (auto& [key, page] : pages) {
        if (!terminal(page.state) && page.state != PageState::sending) {
            track(key, page, -1);
            page.state = PageState::sending;
            page.sent = true;
            page.attempt = std::max(page.attempt, 1);
            track(key, page, +1);
        }
    }
}

void Outbox::forget(const std::string& key) {
    const auto it = pages.find(key);
    if (it == pages.end()) {
        return;
    }
    track(key, it->second, -1);
    const auto message = messages.find({it->second.channel, it->second.message});
    if (message != messages.end() && message->second.erase(key) > 0 && message->second.empty()) {
        messages.erase(message);
    }
    pages.erase(it);
}

/// The wait for receipts is over. Several pages may have been one message: when no receipt came it counts once, with the last of
/// them.
void Outbox::follow_receipt(const PageChange& change) {
    const auto& with = messages[{change.channel, change.message}];
    const bool any = change.state == PageState::delivered || !change.received.empty() || !change.lost.empty();
    const bool last = std::ranges::none_of(with, [this](const auto& key) { return awaits_receipt(pages.at(key)); });
    if (any || last) {
        channels[change.channel].receipts_over(any);
    }
}

std::optional<Outbox::Applied> Outbox::apply(const PageChange& change, bool has_incident, EngineTime at) {
    const auto known = pages.find(change.page);
    Applied out;
    out.made = known == pages.end();
    if (out.made && (change.state != PageState::queued || (!has_incident && !change.incident.empty()))) {
        return std::nullopt;
    }
    auto& page = out.made ? pages[change.page] : known->second;
    if (out.made) {
        page.number = ++pages_made;
        page.incident = change.incident;
        tests_made += has_incident ? 0U : 1U;
    } else {
        track(change.page, page, -1);
    }
    const bool waited = !out.made && awaits_receipt(page);
    out.was_sent = page.sent;
    if (!out.made && page.people.size() > change.people.size()) {
        out.left_out = page.people;
    }
    page.doubts += change.state == PageState::unknown ? 1 : 0;
    page.state = change.state;
    page.tier = change.tier;
    page.people = change.people;
    page.channel = change.channel;
    page.purpose = change.purpose;
    page.attempt = change.attempt;
    page.repeat = change.repeat;
    page.due = change.due;
    page.deadline = change.deadline;
    page.reason = change.reason;
    page.carrier = change.state == PageState::sending ? change.carrier : std::string();
    page.message = change.message;
    page.received = change.received;
    page.lost = change.lost;
    page.sent = page.sent || (has_incident && change.state == PageState::sending);
    if (!page.message.empty()) {
        messages[{page.channel, page.message}].insert(change.page);
    }
    track(change.page, page, +1);
    if (change.state == PageState::sending && change.carrier.empty()) {
        channels[change.channel].sent(at);
    } else if (change.state == PageState::accepted || change.state == PageState::delivered) {
        channels[change.channel].succeeded();
    }
    if (waited && ended(change)) {
        follow_receipt(change);
    }
    if (!has_incident && ended(change)) {
        forget(change.page);
    }
    return out;
}

PageChange page_change(const Outbox& outbox, const std::string& key, PageState state, std::string reason) {
    const auto& page = outbox.pages.at(key);
    PageChange c;
    c.page = key;
    c.incident = page.incident;
    c.state = state;
    c.tier = page.tier;
    c.people = page.people;
    c.channel = page.channel;
    c.purpose = page.purpose;
    c.attempt = page.attempt;
    c.repeat = page.repeat;
    c.due = page.due;
    c.deadline = page.deadline;
    c.reason = std::move(reason);
    c.action = is_action(page.purpose) ? action_in(key) : std::string();
    c.message = page.message;
    c.received = page.received;
    c.lost = page.lost;
    return c;
}

std::string action_in(const std::string& page) {
    std::size_t from = 0;
    for (int slashes = 0; slashes < 2 && from != std::string::npos; ++slashes) {
        from = page.find('/', from);
        from = from == std::string::npos ? from : from + 1;
    }
    return from == std::string::npos ? std::string() : page.substr(from, page.find('/', from) - from);
}

}  // namespace surged
