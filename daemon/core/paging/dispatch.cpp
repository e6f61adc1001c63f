// When a page may leave: still true, before its deadline, its channel up, a slot free. First pages go before all others; what
// must wait is held with the reason and the time, and what cannot leave before its deadline fails now, so that the next contact
// method is tried now.
#include <algorithm>
#include <array>
#include <string_view>
#include <unordered_set>

#include "core/base/ranges.hpp"
#include "core/base/text.hpp"
#include "core/paging/paging.hpp"
#include "core/base/clock_text.hpp"
#include "core/team/roster.hpp"

namespace surged::paging {

namespace {

std::size_t rank_of(const Page& page) {
    return static_cast<std::size_t>(priority(page.purpose));
}

/// The pages of one channel that wait for a slot, by priority: a new page goes behind those that are as urgent.
struct Line {
    std::array<std::size_t, priorities> ahead{};
    std::size_t held = 0;  ///< in this dispatch

    std::size_t place(const Page& page) const {
        std::size_t before = held;
        for (std::size_t r = 0; page.state != PageState::held && r <= rank_of(page); ++r) {
            before += ahead[r];
        }
        return before;
    }
};

/// A page on its way out, as the stages see it.
struct Leaving {
    const std::string& key;
    const Page& page;
    const ChannelSpec* spec;  ///< null = the channel is no longer configured
    const Line& line;
    std::vector<std::string> still;  ///< those of its people whom it still concerns
};

/// What one stage says. A page goes when no stage ends it or holds it back.
struct Verdict {
    enum class Kind : std::uint8_t { go, hold, end };
    Kind kind = Kind::go;
    PageState state = PageState::queued;  ///< end: this
    EngineTime until{};                   ///< hold
    std::string why;
    bool final = false;  ///< hold: no later stage is asked
};
Verdict end(PageState state, std::string why) {
    return {Verdict::Kind::end, state, {}, std::move(why), true};
}
Verdict hold(EngineTime until, std::string why) {
    return {Verdict::Kind::hold, PageState::held, until, std::move(why), false};
}

Verdict still_true(const PageStep& step, Leaving& x) {
    auto why = step.subject.untrue(x.key, x.page, x.still);
    return why.empty() ? Verdict{} : end(PageState::cancelled, std::move(why));
}

Verdict in_time(const PageStep& step, Leaving& x) {
    return step.now.at < x.page.deadline ? Verdict{} : end(PageState::expired, "not accepted before its deadline");
}

Verdict configured(const PageStep&, Leaving& x) {
    return x.spec != nullptr ? Verdict{} : end(PageState::failed_perm, "channel is no longer configured");
}

/// The breaker. People have other contact methods; an action has only this channel.
Verdict channel_up(const PageStep& step, Leaving& x) {
    const auto& channel = step.box.channel(x.page.channel);
    if (channel.passes(step.now.at)) {
        return {};
    }
    if (!is_action(x.page.purpose)) {
        return end(PageState::failed_perm, "channel is down");
    }
    auto wait = hold(channel.probed + breaker_probe, x.page.channel + " is down");
    wait.final = true;
    return wait;
}

Verdict within_rate(const PageStep& step, Leaving& x) {
    const auto& rate = x.spec->rate;
    const auto reserve = rank_of(x.page) == 0 ? 0 : reserved_slots(rate);
    const auto slot = step.box.channel(x.page.channel).slot(rate, reserve, x.line.place(x.page), step.now.at);
    return hold(slot, "rate " + std::to_string(rate.count) + "/" + format_span(rate.per) + " of " + x.page.channel);
}

Verdict person_cap(const PageStep& step, Leaving& x) {
    const auto slot = person_slot(step, x.key, x.page);
    if (slot <= step.now.at) {
        return {};
    }
    const auto most = step.subject.terms(x.key, x.page).person_max;
    return hold(slot, x.page.people.front() + " has had " + std::to_string(most.count) + " pages in " + format_span(most.per));
}

/// Without another contact method a page gets one try before its deadline, whatever the provider asked for.
Verdict provider_rests(const PageStep& step, Leaving& x) {
    const auto until = step.box.channel(x.page.channel).paused_until;
    if (until <= step.now.at) {
        return {};
    }
    const bool last_chance = until >= x.page.deadline && !step.subject.other_way(x.page);
    return hold(last_chance ? x.page.deadline - x.spec->timeout : until, "the provider of " + x.page.channel + " throttles");
}

/// What a page passes on its way out, in this order.
constexpr std::array stages{still_true, in_time, configured, channel_up, within_rate, person_cap, provider_rests};

/// The first stage that ends the page; else the hold that lasts longest; else it goes.
Verdict judge(const PageStep& step, Leaving& x) {
    Verdict longest;
    longest.until = step.now.at;
    for (const auto stage : stages) {
        auto verdict = stage(step, x);
        if (verdict.final) {
            return verdict;
        }
        if (verdict.kind == Verdict::Kind::hold && verdict.until > longest.until) {
            longest = std::move(verdict);
        }
    }
    return longest;
}

/// Holds a page until then; false when that is too late for it.
bool hold_page(PageStep& step, const std::string& key, const Verdict& verdict) {
    if (verdict.until >= step.box.pages.at(key).deadline) {
        step.emit(key, PageState::expired, "no slot before its deadline: " + verdict.why);
        return false;
    }
    const auto& plan = *step.index.plan;
    auto c = page_change(step.box, key, PageState::held);
    c.due = verdict.until;
    c.reason = "held until " + clock_text(zone_of(plan, plan.timezone), step.now.wall + (verdict.until - step.now.at)) +
               " because " + verdict.why;
    step.emit(std::move(c));
    return true;
}

/// Lets a page go, with whatever else may be said in the same message.
void let_go(PageStep& step, Leaving& x, const std::unordered_set<std::string_view>& due, Line& line) {
    const auto& state = step.box.channel(x.page.channel);
    const bool crowded = x.page.state == PageState::held || state.slot(x.spec->rate, 0, 1, step.now.at) > step.now.at;
    const bool personal = x.spec->coalesce && x.spec->kind == ChannelKind::personal;
    if (personal && may_ride(x.page.purpose) && x.page.people.size() == 1) {
        for (const auto& other : step.subject.call_with(x.page)) {
            ++line.ahead[rank_of(step.box.pages.at(other))];
        }
    }
    const auto leaving = departures(step, x.key, std::move(x.still), crowded);
    for (const auto& departure : leaving) {
        if (due.count(departure.page) == 0) {
            --line.ahead[rank_of(step.box.pages.at(departure.page))];
        }
    }
    send(step, leaving);
}

void dispatch_channel(PageStep& step, const std::string& channel, std::vector<std::string> due) {
    std::vector<std::pair<std::pair<int, std::uint64_t>, std::string>> order;
    order.reserve(due.size());
    for (auto& key : due) {
        const auto& page = step.box.pages.at(key);
        order.emplace_back(std::pair(priority(page.purpose), page.number), std::move(key));
    }
    std::ranges::sort(order);
    std::ranges::transform(order, due.begin(), [](auto& entry) { return std::move(entry.second); });
    const std::unordered_set<std::string_view> all(due.begin(), due.end());
    Line line;
    for (const auto& [rank, n] : step.box.waiting[channel]) {
        line.ahead[static_cast<std::size_t>(rank)] += n;
    }
    for (const auto& key : due) {
        --line.ahead[rank_of(step.box.pages.at(key))];
    }
    for (const auto& key : due) {
        const auto known = step.box.pages.find(key);
        if (known == step.box.pages.end() || !waits(known->second)) {
            continue;  // it has ended, or has left as part of another's message
        }
        Leaving x{key, known->second, step.index.channel(channel), line, {}};
        const auto verdict = judge(step, x);
        switch (verdict.kind) {
            case Verdict::Kind::end: step.emit(key, verdict.state, verdict.why); break;
            case Verdict::Kind::hold: line.held += hold_page(step, key, verdict) ? 1U : 0U; break;
            case Verdict::Kind::go: let_go(step, x, all, line); break;
        }
    }
}

}  // namespace

bool dispatch(PageStep& step) {
    std::map<std::string, std::vector<std::string>> by_channel;
    std::vector<std::string> lost;
    std::vector<std::string> silent;
    for (auto it = step.box.timers.begin(); it != step.box.timers.end() && it->first <= step.now.at; ++it) {
        const auto& page = step.box.pages.at(it->second);
        if (page.state == PageState::sending) {
            lost.push_back(it->second);
        } else if (page.state == PageState::accepted) {
            silent.push_back(it->second);
        } else {
            by_channel[page.channel].push_back(it->second);
        }
    }
    for (const auto& key : lost) {
        unknown_outcome(step, key, "no outcome came back", true);
    }
    for (const auto& key : silent) {
        receipts_missing(step, key);
    }
    for (auto& entry : by_channel) {
        dispatch_channel(step, entry.first, std::move(entry.second));
    }
    return !lost.empty() || !silent.empty() || !by_channel.empty();
}

/// The first call of an urgent tier, or while the level is red, and what closes an incident leave at any time; so do messages to
/// a group, which have their channel's rate, and a page that has been tried.
EngineTime person_slot(const PageStep& step, const std::string& key, const Page& page) {
    const auto* spec = step.index.channel(page.channel);
    const bool counts = spec != nullptr && spec->kind == ChannelKind::personal && page.people.size() == 1 && page.attempt == 0;
    if (!counts || page.incident.empty() || is_closing(page.purpose)) {
        return step.now.at;
    }
    const auto log = step.box.person_logs.find(page.people.front());
    if (log == step.box.person_logs.end()) {
        return step.now.at;
    }
    const auto terms = step.subject.terms(key, page);
    return terms.uncapped ? step.now.at : log->second.slot(terms.person_max, step.now.at);
}

namespace {

/// Where the incident's pages to this person alone are found with the least search: among those of the incident, of which a region of three hundred
/// people has many, or among those to the person, whom ten thousand incidents may call.
const std::set<std::string>& pages_alone(const PageStep& step, const std::set<std::string>& live, const std::string& person) {
    static const std::set<std::string> none;
    const auto theirs = step.box.alone.find(person);
    if (theirs == step.box.alone.end()) {
        return none;
    }
    return theirs->second.size() < live.size() ? theirs->second : live;
}

/// The pages that wait for what this wish is for.
std::vector<std::string> same_wish(const PageStep& step, const Wish& wish, bool group) {
    std::vector<std::string> out;
    if (wish.live == nullptr) {
        return out;
    }
    const bool alone = !group && wish.people.size() == 1;
    for (const auto& key : alone ? pages_alone(step, *wish.live, wish.people.front()) : *wish.live) {
        const auto& other = step.box.pages.at(key);
        const bool same = other.incident == wish.incident && other.channel == wish.channel && other.purpose == wish.purpose && waits(other) &&
                          !other.sent && (group ? other.tier == wish.tier : other.people == wish.people);
        if (same) {
            out.push_back(key);
        }
    }
    return out;
}

}  // namespace

void want(PageStep& step, const Wish& wish) {
    const auto* channel = step.index.channel(wish.channel);
    const bool group = channel != nullptr && channel->kind == ChannelKind::group;
    PageChange page;
    page.people = wish.people;
    for (const auto& key : same_wish(step, wish, group)) {
        for (const auto& person : step.box.pages.at(key).people) {
            if (!contains(page.people, person)) {
                page.people.push_back(person);
            }
        }
        step.emit(key, PageState::cancelled, "merged into a newer page");
    }
    page.page = wish.incident + "/" + std::to_string(wish.tier) + "/" + (group ? std::string("group") : wish.people.front()) +
                "/" + wish.channel + "/" + std::string(to_string(wish.purpose)) + "/" + std::to_string(wish.ordinal);
    page.incident = wish.incident;
    page.tier = wish.tier;
    page.channel = wish.channel;
    page.purpose = wish.purpose;
    page.due = step.now.at;
    page.deadline = wish.deadline;
    Page shown;
    shown.incident = wish.incident;
    shown.purpose = wish.purpose;
    shown.people = page.people;
    shown.channel = wish.channel;
    shown.tier = wish.tier;
    const auto language = language_for(step.index, channel, page.people);
    page.text =
        step.texts.render(step.subject.facts({}, shown, page.people, language), language, channel != nullptr ? channel->text_limit : 0).text;
    step.emit(std::move(page));
}

bool cancel(PageStep& step, const std::set<std::string>& pages, const std::string& reason,
            const std::function<bool(const Page&)>& which) {
    const auto all = pages;  // the records change the set
    bool any = false;
    for (const auto& key : all) {
        const auto& page = step.box.pages.at(key);
        if (waits(page) && which(page)) {
            step.emit(key, PageState::cancelled, reason);
            any = true;
        }
    }
    return any;
}

bool cancel_of(PageStep& step, const std::set<std::string>& live, const std::string& incident, const std::string& person, const std::string& reason,
               const std::function<bool(const Page&)>& which) {
    const auto to_them = [&](const Page& page) { return page.incident == incident && page.people.size() == 1 && page.people.front() == person; };
    return cancel(step, pages_alone(step, live, person), reason, [&](const Page& page) { return to_them(page) && which(page); });
}

}  // namespace surged::paging
