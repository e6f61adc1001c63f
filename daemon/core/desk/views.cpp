// What the API, the CLI and the metrics see of the desk. Copies; nothing here decides.
#include <algorithm>

#include "core/desk/desk.hpp"
#include "core/incident/region.hpp"
#include "core/incident/seats.hpp"
#include "core/incident/state.hpp"
#include "core/team/roster.hpp"

namespace surged {

namespace {

std::string state_word(const Incident& inc) {
    switch (inc.ending) {
        case Ending::resolving: return "resolving";
        case Ending::resolved: return "resolved";
        case Ending::closed: return "closed";
        case Ending::none: break;
    }
    switch (inc.phase) {
        case Phase::paging: return "paging";
        case Phase::filled: return "filled";
        case Phase::exhausted: return "exhausted";
    }
    return {};
}

PageView page_view(const std::string& key, const Page& page) {
    return {key, page.incident, page.people, page.channel, page.purpose, page.state, page.attempt, page.due, page.reason};
}

ActionView action_view(const DeskState& s, const Incident& inc, const ActionSpec& action) {
    ActionView v;
    v.action = action.id;
    v.channel = action.channel;
    v.undo = action.undo;
    v.state = "waiting";
    const auto mark = inc.actions.find(action.id);
    if (mark == inc.actions.end()) {
        return v;
    }
    v.stands = mark->second.effect != Effect::none;
    if (const auto page = s.outbox.pages.find(mark->second.page); page != s.outbox.pages.end()) {
        v.step = to_string(page->second.purpose);
        v.state = action_word(page->second.state);
        v.attempt = page->second.attempt;
        v.due = page->second.due;
        v.reason = page->second.reason;
    }
    return v;
}

IncidentView incident_view(const DeskState& s, const Incident& inc, EngineTime now) {
    IncidentView v;
    v.incident = inc.id;
    v.policy = inc.policy.id;
    v.scope = inc.scope;
    v.state = state_word(inc);
    v.level = inc.level;
    v.worst = inc.worst;
    v.tier = shown_tier(inc);
    v.need = inc.need;
    v.joined = seats_taken(inc);
    v.arrived = seats_arrived(inc);
    v.owner = inc.owner;
    v.opened = inc.opened;
    v.opened_wall = inc.opened_wall;
    v.next_at = inc.wake;
    if (inc.open()) {
        v.alerts = s.book.worst(inc.group, shown_alerts_max);
        for (auto& alert : v.alerts) {
            if (s.values != nullptr) {
                alert.reading = s.values->reading(alert.rule, alert.queue, now);
            }
        }
        v.staffing = s.staffing_in(inc.scope, inc.group, now);
    }
    for (const auto& [id, seat] : inc.seats) {
        const auto* person = s.index->person(id);
        v.seats.push_back({id, person == nullptr ? std::string() : person->name, seat.tier, seat.state, seat.changed, seat.reason,
                           successor_of(inc, id), seat.was_joined});
        v.came += seat.was_joined ? 1 : 0;
        v.came_arrived += seat.was_arrived ? 1 : 0;
    }
    for (const auto& key : inc.pages) {
        const auto& page = s.outbox.pages.at(key);
        if (!is_action(page.purpose)) {
            v.pages.push_back(page_view(key, page));
        }
        if (!ended(page)) {
            v.next_at = std::min(v.next_at, page.due);
        }
    }
    for (const auto& action : inc.policy.actions) {
        v.actions.push_back(action_view(s, inc, action));
    }
    const auto seats_in = [&inc](SeatState state) {
        return static_cast<int>(std::ranges::count_if(inc.seats, [state](const auto& e) { return e.second.state == state; }));
    };
    v.noshow = seats_in(SeatState::noshow);
    v.asked = seats_in(SeatState::asked);
    v.declined = seats_in(SeatState::declined);
    v.unreachable = seats_in(SeatState::unreachable);
    if (inc.next.kind != NextKind::none) {
        v.next = {std::string(to_string(inc.next.kind)), inc.next.kind == NextKind::tier ? inc.next.tier : 0, inc.next.at};
    }
    if (inc.verdict != IncidentVerdict::none) {
        v.verdict = VerdictView{inc.verdict, inc.verdict_by, inc.verdict_at};
    }
    v.into = inc.into;
    v.scopes = static_cast<int>(scopes_firing(s, inc).size());
    return v;
}

}  // namespace

bool IncidentPlace::before(const IncidentPlace& other) const {
    if (open != other.open) {
        return open;
    }
    if (at != other.at) {
        return open ? at < other.at : at > other.at;
    }
    return id < other.id;
}

std::vector<IncidentPlace> Desk::incident_places() const {
    std::vector<IncidentPlace> out;
    for (const auto& entry : state_->incidents) {
        const auto& inc = entry.second;
        out.push_back({inc.id, inc.open(), inc.open() ? inc.opened : inc.ending_at});
    }
    std::ranges::sort(out, [](const IncidentPlace& a, const IncidentPlace& b) { return a.before(b); });
    return out;
}

std::optional<IncidentView> Desk::incident(const std::string& id, EngineTime now) const {
    const auto& s = *state_;
    const auto found = s.incidents.find(id);
    return found == s.incidents.end() ? std::nullopt : std::optional(incident_view(s, found->second, now));
}

std::vector<IncidentView> Desk::incidents(EngineTime now) const {
    std::vector<IncidentView> out;
    for (const auto& place : incident_places()) {
        out.push_back(*incident(place.id, now));
    }
    return out;
}

std::vector<IncidentView> Desk::incidents_with(const std::string& person, EngineTime now) const {
    std::vector<IncidentView> out;
    for (const auto& place : incident_places()) {
        if (place.open && state_->incidents.at(place.id).seats.count(person) != 0) {
            out.push_back(*incident(place.id, now));
        }
    }
    return out;
}

std::vector<SilenceView> Desk::silences() const {
    std::vector<SilenceView> out;
    for (const auto& entry : state_->silences) {
        out.push_back({entry.second});
    }
    return out;
}

std::vector<RosterView> Desk::rosters(WallTime at) const {
    const auto& s = *state_;
    std::vector<RosterView> out;
    for (const auto& roster : s.index->plan->rosters) {
        out.push_back({roster.id, on_duty(*s.index->plan, s.overrides, roster.id, at)});
    }
    return out;
}

std::optional<DrillView> Desk::drill(const std::string& person, EngineTime now) const {
    const auto& drills = state_->drills;
    const auto it = drills.find(person);
    return it == drills.end() || now > it->second.asked + drill_life
               ? std::nullopt
               : std::optional(DrillView{it->second.pages, it->second.answered});
}

std::vector<OverrideChange> Desk::overrides() const {
    return state_->overrides;
}

std::vector<ActionCountView> Desk::actions() const {
    const auto& s = *state_;
    std::vector<ActionCountView> out;
    for (const auto& policy : s.index->plan->policies) {
        for (const auto& action : policy.actions) {
            const auto counts = s.action_outcomes.find({policy.id, action.id});
            out.push_back({policy.id, action.id,
                           counts == s.action_outcomes.end() ? decltype(ActionCountView::outcomes){} : counts->second});
        }
    }
    return out;
}

std::size_t Desk::open_incidents() const {
    return state_->open_count;
}

std::vector<std::string> Desk::channels_down() const {
    const auto& s = *state_;
    std::vector<std::string> out;
    for (const auto& [id, channel] : s.outbox.channels) {
        if (channel.open && s.index->channel(id) != nullptr) {
            out.push_back(id);
        }
    }
    return out;
}

std::vector<ChannelView> Desk::channels() const {
    const auto& s = *state_;
    std::map<std::string, std::uint64_t> pending;
    for (const auto& timer : s.outbox.timers) {
        ++pending[s.outbox.pages.at(timer.second).channel];
    }
    std::vector<ChannelView> out;
    for (const auto& channel : s.index->plan->channels) {
        ChannelView v;
        v.channel = channel.id;
        if (const auto it = s.outbox.channels.find(channel.id); it != s.outbox.channels.end()) {
            v.down = it->second.open;
            v.paused_until = it->second.paused_until;
            v.doubtful = it->second.doubtful();
        }
        if (const auto it = s.outbox.outcomes.find(channel.id); it != s.outbox.outcomes.end()) {
            v.outcomes = it->second;
        }
        v.receipts_promised = channel.receipt_within > Span{0};
        if (const auto it = s.outbox.receipts.find(channel.id); it != s.outbox.receipts.end()) {
            v.receipts = it->second;
        }
        if (const auto it = pending.find(channel.id); it != pending.end()) {
            v.pending = it->second;
        }
        out.push_back(std::move(v));
    }
    return out;
}

std::vector<std::string> Desk::listening() const {
    const auto& s = *state_;
    std::vector<std::string> out;
    for (const auto& channel : s.index->plan->channels) {
        const bool replies = channel.replies && s.open_count > 0;
        const auto awaited = s.outbox.awaited.find(channel.id);
        if (replies || (awaited != s.outbox.awaited.end() && awaited->second > 0)) {
            out.push_back(channel.id);
        }
    }
    return out;
}

}  // namespace surged
