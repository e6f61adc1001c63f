// When a page may leave: still true, before its deadline, its channel up, a slot free. First pages go before all others; what
// must wait is held with the reason and the time, and what cannot leave before its deadline fails now, so that the next way is
// tried now.
#include <array>

#include "core/base/text.hpp"
#include "core/incident/actions.hpp"
#include "core/incident/decider.hpp"
#include "core/team/roster.hpp"

namespace surged {

namespace {
std::string clock_text(const Plan& plan, WallTime wall) {
    const auto civil = zone_of(plan, plan.timezone).to_civil(wall);
    const auto two = [](int n) { return (n < 10 ? "0" : "") + std::to_string(n); };
    return two(civil.second_of_day / 3600) + ":" + two(civil.second_of_day / 60 % 60) + ":" + two(civil.second_of_day % 60);
}
}  // namespace

bool Decider::pump() {
    std::map<std::string, std::vector<std::string>> by_channel;
    std::vector<std::string> lost;
    std::vector<std::string> silent;
    for (auto it = s_.page_timers.begin(); it != s_.page_timers.end() && it->first <= now_.at; ++it) {
        const auto& page = s_.pages.at(it->second);
        if (page.state == PageState::sending) {
            lost.push_back(it->second);
        } else if (page.state == PageState::accepted) {
            silent.push_back(it->second);
        } else {
            by_channel[page.channel].push_back(it->second);
        }
    }
    for (const auto& key : lost) {
        unknown_outcome(key, "no outcome came back", true);
    }
    for (const auto& key : silent) {
        receipts_missing(key);
    }
    for (auto& entry : by_channel) {
        pump_channel(entry.first, std::move(entry.second));
    }
    return !lost.empty() || !silent.empty() || !by_channel.empty();
}

/// Looking must not make an entry: only records change the state.
const ChannelState& Decider::channel_now(const std::string& channel) const {
    static const ChannelState untouched;
    const auto it = s_.channels.find(channel);
    return it == s_.channels.end() ? untouched : it->second;
}

void Decider::pump_channel(const std::string& channel, std::vector<std::string> due_now) {
    std::sort(due_now.begin(), due_now.end(), [this](const std::string& a, const std::string& b) {
        const auto& x = s_.pages.at(a);
        const auto& y = s_.pages.at(b);
        return std::pair(priority(x.purpose), x.number) < std::pair(priority(y.purpose), y.number);
    });
    // Pages that wait for a later slot, by priority: a newcomer goes behind those that are as urgent.
    std::array<std::size_t, priorities> ahead{};
    for (const auto& [rank, n] : s_.waiting[channel]) {
        ahead[static_cast<std::size_t>(rank)] += n;
    }
    for (const auto& key : due_now) {
        --ahead[static_cast<std::size_t>(priority(s_.pages.at(key).purpose))];
    }
    std::size_t held = 0;
    const auto* spec = index_.channel(channel);
    for (const auto& key : due_now) {
        const auto known = s_.pages.find(key);
        if (known == s_.pages.end() || terminal(known->second.state) || known->second.state == PageState::sending) {
            continue;  // it has ended, or has left as part of another's message
        }
        const auto& page = known->second;
        std::vector<std::string> still;
        if (const auto why = untrue(key, still); !why.empty()) {
            emit(page_change(key, PageState::cancelled, why));
        } else if (now_.at >= page.deadline) {
            emit(page_change(key, PageState::expired, "not accepted before its deadline"));
        } else if (spec == nullptr) {
            emit(page_change(key, PageState::failed_perm, "channel is no longer configured"));
        } else if (!channel_now(channel).passes(now_.at)) {
            // People have other ways; an action has this one.
            if (is_action(page.purpose)) {
                held += hold(key, channel_now(channel).probed + breaker_probe, channel + " is down") ? 1U : 0U;
            } else {
                emit(page_change(key, PageState::failed_perm, "channel is down"));
            }
        } else {
            const auto rank = static_cast<std::size_t>(priority(page.purpose));
            std::size_t position = held;
            for (std::size_t r = 0; page.state != PageState::held && r <= rank; ++r) {
                position += ahead[r];
            }
            const auto& state = channel_now(channel);
            auto slot = state.slot(spec->rate, rank == 0 ? 0 : reserved_slots(spec->rate), position, now_.at);
            auto limit = "rate " + std::to_string(spec->rate.count) + "/" + format_span(spec->rate.per) + " of " + channel;
            if (const auto free = person_slot(page); free > slot) {
                slot = free;
                const auto& most = s_.incident(page.incident)->policy.person_max;
                limit = page.people.front() + " has had " + std::to_string(most.count) + " pages in " + format_span(most.per);
            }
            // With no other way left a page has one try before its deadline, whatever the provider asked for.
            const bool last_chance = state.paused_until >= page.deadline && !other_way(page);
            if (const auto rests = last_chance ? page.deadline - spec->timeout : state.paused_until; rests > slot) {
                slot = rests;
                limit = "the provider of " + channel + " throttles";
            }
            if (slot <= now_.at) {
                const bool crowded = page.state == PageState::held || state.slot(spec->rate, 0, 1, now_.at) > now_.at;
                for (const auto& other : call_with(page)) {
                    ++ahead[static_cast<std::size_t>(priority(s_.pages.at(other).purpose))];
                }
                const auto leaving = departures(key, std::move(still), crowded);
                for (const auto& departure : leaving) {
                    if (std::find(due_now.begin(), due_now.end(), departure.page) == due_now.end()) {
                        --ahead[static_cast<std::size_t>(priority(s_.pages.at(departure.page).purpose))];
                    }
                }
                send(leaving);
            } else {
                held += hold(key, slot, limit) ? 1U : 0U;
            }
        }
    }
}

/// Holds a page until `until`; false when that is too late for it.
bool Decider::hold(const std::string& key, EngineTime until, const std::string& why) {
    if (until >= s_.pages.at(key).deadline) {
        emit(page_change(key, PageState::expired, "no slot before its deadline: " + why));
        return false;
    }
    auto c = page_change(key, PageState::held);
    c.due = until;
    c.reason = "held until " + clock_text(*index_.plan, now_.wall + (until - now_.at)) + " because " + why;
    emit(std::move(c));
    return true;
}

/// When this page's person has room for one more. The first call of an urgent tier, or while the level is red, and what closes an
/// incident leave at any time; so do messages to a group, which have their channel's rate, and a page that has been tried.
EngineTime Decider::person_slot(const Page& page) const {
    const auto* inc = s_.incident(page.incident);
    const auto* spec = index_.channel(page.channel);
    if (inc == nullptr || spec == nullptr || spec->kind != ChannelKind::personal || page.people.size() != 1 || page.attempt > 0) {
        return now_.at;
    }
    const bool urgent = page.purpose == PagePurpose::first && (urgent_tier(inc->policy, page.tier) || inc->level == Level::red);
    const auto log = s_.person_logs.find(page.people.front());
    if (urgent || is_closing(page.purpose) || log == s_.person_logs.end()) {
        return now_.at;
    }
    return log->second.slot(inc->policy.person_max, now_.at);
}

/// Why the page should not be sent any more; empty when it should. `still`: those of its people whom it still concerns.
std::string Decider::untrue(const std::string& key, std::vector<std::string>& still) const {
    const auto& page = s_.pages.at(key);
    const auto* inc = s_.incident(page.incident);
    const auto keep = [&](auto&& concerns) {
        for (const auto& id : page.people) {
            if (index_.person(id) != nullptr && concerns(id)) {
                still.push_back(id);
            }
        }
        return still.empty() ? std::string("answered, or nobody left to tell") : std::string();
    };
    const auto anyone = [](const std::string&) { return true; };
    if (page.purpose == PagePurpose::test || page.purpose == PagePurpose::admin) {
        return keep(anyone);
    }
    if (inc == nullptr) {
        return "the incident is gone";
    }
    if (is_action(page.purpose)) {
        return untrue_action(page);
    }
    // A message left over from an earlier ending, before the incident reopened, is not this ending's message.
    const auto owed_by_this = [&](const std::string& id) {
        const auto paged = inc->paged.find(id);
        const auto mark = paged == inc->paged.end() ? Reach::const_iterator{} : paged->second.closing.find(page.channel);
        return paged != inc->paged.end() && paged->second.owed && mark != paged->second.closing.end() && mark->second.page == key;
    };
    if (page.purpose == PagePurpose::close) {
        return inc->ending == Ending::resolved ? keep(owed_by_this) : "firing again";
    }
    const auto* fold = s_.book.fold(inc->fold);
    if (inc->ending != Ending::none) {
        return "the surge has ended";
    }
    if (fold == nullptr || !fold->any_loud()) {
        return "no alert fires aloud";
    }
    if (page.purpose == PagePurpose::blind) {
        return inc->blind ? keep(anyone) : "data is back";
    }
    if (page.purpose == PagePurpose::data_back) {
        return inc->blind ? "data is gone again" : keep([&](const std::string& id) { return inc->told_blind.count(id) > 0; });
    }
    const auto state_is = [&](SeatState wanted) {
        return [inc, wanted](const std::string& id) {
            const auto it = inc->seats.find(id);
            return it != inc->seats.end() && it->second.state == wanted;
        };
    };
    if (page.purpose == PagePurpose::stand_down) {
        return keep([&](const std::string& id) { return may_go(*inc, id) && owed_by_this(id); });
    }
    if (page.purpose == PagePurpose::update) {
        const auto told = state_is(SeatState::informed);
        return ebbs(*inc, *fold) ? "every alert is clearing" : keep([&](const std::string& id) { return told(id) && stands(*inc, id, true); });
    }
    const auto still_asked = state_is(SeatState::asked);
    const auto asked = [&](const std::string& id) { return still_asked(id) && may_call(*inc, id, inc->seats.at(id).tier); };
    if (page.purpose == PagePurpose::handover && inc->phase == Phase::filled) {
        return keep([&](const std::string& id) { return asked(id) && handover_to(*inc, id) != nullptr; });
    }
    if (inc->phase == Phase::filled) {
        return "seats are filled";
    }
    if (ebbs(*inc, *fold) && page.purpose != PagePurpose::handover) {
        return "every alert is clearing";
    }
    const bool reminder = page.purpose == PagePurpose::remind;
    return keep([&](const std::string& id) { return asked(id) && !(reminder && inc->seats.at(id).acked); });
}

}  // namespace surged
