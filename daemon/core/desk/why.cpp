#include "core/desk/why.hpp"

#include <algorithm>

#include "core/base/ranges.hpp"
#include "core/base/text.hpp"
#include "core/desk/desk.hpp"
#include "core/incident/seats.hpp"
#include "core/incident/state.hpp"
#include "core/incident/steps.hpp"
#include "core/base/clock_text.hpp"
#include "core/team/roster.hpp"

namespace surged {

namespace {

constexpr std::size_t pages_shown_max = 20;  ///< of one person, the latest

class Why {
public:
    Why(const incident::Step& step, const AlertKey& alert, std::string group)
        : step_(step),
          s_(step.state),
          key_(alert),
          rule_(step.index.rule(alert.rule)),
          group_(std::move(group)),
          now_(step.now) {}

    AlertPaging tell() {
        const auto known = s_.book.alerts().find(key_);
        alert_ = known == s_.book.alerts().end() ? nullptr : &known->second;
        out_.fires = alert_ != nullptr;
        out_.policy = alert_ != nullptr ? alert_->policy : rule_ != nullptr ? rule_->policy : std::string();
        find_incident();
        find_silences();
        out_.why = reason();
        const auto* policy = incident_ != nullptr ? &incident_->policy : s_.index->policy(out_.policy);
        for (int tier = 1; policy != nullptr && tier <= static_cast<int>(policy->tiers.size()); ++tier) {
            out_.tiers.push_back(tell_tier(*policy, tier));
        }
        if (incident_ != nullptr) {
            tell_fallback();
        }
        return std::move(out_);
    }

private:
    void find_incident() {
        AlertEdge probe;
        probe.rule = key_.rule;
        probe.queue = key_.queue;
        probe.policy = out_.policy;
        probe.group = alert_ != nullptr ? alert_->group : group_;
        for (const auto& group : {s_.book.host_of(key_), s_.book.group_of(key_), s_.place(probe)}) {
            const auto latest = group.empty() ? s_.latest.end() : s_.latest.find(group);
            const auto* inc = latest == s_.latest.end() ? nullptr : s_.incident(latest->second);
            if (inc != nullptr && inc->open()) {
                incident_ = inc;
                break;
            }
        }
        if (incident_ == nullptr) {
            return;
        }
        out_.incident = incident_->id;
        out_.level = incident_->level;
        out_.tier = shown_tier(*incident_);
        out_.need = incident_->need;
        out_.joined = seats_taken(*incident_);
        out_.opened = incident_->opened;
        out_.next_at = incident_->wake;
        out_.state = incident_->ending == Ending::resolving ? "resolving"
                     : incident_->phase == Phase::filled    ? "filled"
                     : incident_->phase == Phase::exhausted ? "exhausted"
                                                            : "paging";
    }

    void find_silences() {
        AlertEdge probe;
        probe.rule = key_.rule;
        probe.queue = key_.queue;
        for (const auto& [id, change] : s_.silences) {
            if (covers(Silence{id, change.rule, change.centre, change.queue, change.until}, probe)) {
                out_.silences.push_back(change);
            }
        }
    }

    std::string clock(EngineTime at) const {
        const auto& plan = *s_.index->plan;
        return clock_text(zone_of(plan, plan.timezone), now_.wall + (at - now_.at));
    }

    /// On the alert as a whole. The first reason that holds is the one that counts.
    std::string reason() {
        if (out_.policy.empty()) {
            return "the rule names no policy: its alert is seen everywhere and pages nobody";
        }
        if (alert_ == nullptr) {
            return incident_ == nullptr
                       ? "the alert does not fire, and nothing else in its scope has opened an incident"
                       : "the alert does not fire; " + incident_->id + " was opened by other alerts of the same scope";
        }
        if (alert_->muted) {
            return "it fires in a mute window of the rule: it counts for nothing until the window ends";
        }
        if (!out_.silences.empty()) {
            const auto& silence = out_.silences.front();
            return "silenced by " + silence.by + " until " + clock(silence.until) +
                   (silence.reason.empty() ? "" : " (" + silence.reason + ")");
        }
        out_.counts = true;
        if (const auto& above = alert_->folded; !above.rule.empty()) {
            out_.counts = s_.book.host_of(key_).empty();
            return "folded: " + above.rule + " on " + above.queue.centre + "/" + above.queue.queue + " speaks for it" +
                   (incident_ == nullptr ? std::string() : " in " + incident_->id);
        }
        return incident_ != nullptr ? "it counts in " + incident_->id : no_incident();
    }

    std::string no_incident() const {
        const auto* policy = s_.index->policy(out_.policy);
        const auto group = s_.book.group_of(key_);
        if (policy == nullptr) {
            return "its policy is not in the configuration";
        }
        if (alert_->level < policy->page_from) {
            return std::string(to_string(alert_->level)) + " is below page_from = " + std::string(to_string(policy->page_from)) +
                   " of the policy";
        }
        if (const auto held = s_.rearms.find(group); held != s_.rearms.end() && held->second.until > now_.at) {
            return "the incident of this scope was ended while it fired: it opens again at " + clock(held->second.until) +
                   ", on a higher level, or for a new alert";
        }
        if (alert_->to == AlertState::clearing) {
            return "it is clearing: what is ending opens no incident";
        }
        if (s_.refused_groups.count(group) > 0) {
            return "more incidents are open than may be: it waits for room";
        }
        return "no incident is open for it";
    }

    TierPaging tell_tier(const PolicySpec& policy, int tier) const {
        const auto& spec = policy.tiers[static_cast<std::size_t>(tier) - 1];
        TierPaging out;
        out.tier = tier;
        out.id = spec.id;
        std::vector<std::string> asked;
        if (incident_ != nullptr) {
            for (const auto& [id, seat] : incident_->seats) {
                if (seat.tier == tier) {
                    out.people.push_back(tell_seat(id, seat));
                    asked.push_back(id);
                }
            }
        }
        out.called = incident_ != nullptr && (incident_->tier >= tier || !asked.empty());
        out.why = out.called ? called_why(tier, asked.empty()) : uncalled_why(tier);
        for (const auto& roster : spec.rosters) {
            for (const auto& id : s_.duty(roster, now_.wall).people) {
                const auto same = [&](const PersonPaging& p) { return p.person == id; };
                if (std::ranges::none_of(out.people, same)) {
                    const auto* person = s_.index->person(id);
                    out.people.push_back({id,
                                          person == nullptr ? std::string() : person->name,
                                          "not asked",
                                          unasked_why(spec, id, out.called),
                                          {}});
                }
            }
        }
        return out;
    }

    PersonPaging tell_seat(const std::string& id, const Seat& seat) const {
        const auto* person = s_.index->person(id);
        PersonPaging out{
            id, person == nullptr ? std::string() : person->name, std::string(to_string(seat.state)), seat.reason, {}};
        if (seat.state == SeatState::asked && seat.acked) {
            out.why = "has seen it, said neither yes nor no";
        }
        for (auto it = incident_->pages.rbegin(); it != incident_->pages.rend() && out.pages.size() < pages_shown_max; ++it) {
            const auto page = s_.outbox.pages.find(*it);
            if (page != s_.outbox.pages.end() && contains(page->second.people, id)) {
                const auto& p = page->second;
                out.pages.push_back({*it, p.incident, p.people, p.channel, p.purpose, p.state, p.attempt, p.due, p.reason});
            }
        }
        std::reverse(out.pages.begin(), out.pages.end());
        return out;
    }

    std::string called_why(int tier, bool nobody) const {
        if (nobody) {
            return "called, and nobody on duty could be asked: passed at once";
        }
        if (incident_->tier < tier) {
            return "its people helped before the incident reopened: they are asked first";
        }
        return "called";
    }

    /// Why nobody at all is called for the incident just now; empty = people are.
    std::string nobody_is_called() const {
        const auto& inc = *incident_;
        switch (incident::situation(inc, s_.book.group(inc.group))) {
            case incident::resolved:
            case incident::ending:
                return "all alerts have cleared, it ends at " + clock(inc.ending_at + inc.policy.resolve_hold) +
                       " unless one fires again" +
                       (inc.policy.need.expression == need_by_shortfall ? " or its people are still needed" : "");
            case incident::unheard: return "every alert of the incident is silenced, muted or folded";
            case incident::calm: return "it was silenced or muted, and every alert of the incident is clearing";
            default: return {};
        }
    }

    std::string uncalled_why(int tier) const {
        if (incident_ == nullptr) {
            return "not called: no incident is open";
        }
        const auto& inc = *incident_;
        if (const auto nobody = nobody_is_called(); !nobody.empty()) {
            return "not called: " + nobody;
        }
        using Next = incident::NextTier::Why;
        const auto seats = std::to_string(seats_taken(inc)) + " of " + std::to_string(inc.need);
        const auto level = std::string(to_string(inc.level));
        const auto next = incident::next_tier(step_, inc);
        switch (next.why) {
            case Next::filled: return "not needed: " + seats + " seats are taken";
            case Next::exhausted: return "not called: nobody was left to ask";
            case Next::acknowledged: return "not called: " + inc.owner + " has taken it, and the policy says ack_stops";
            case Next::rising:
                return "not yet: it is called as soon as an alert moves, since seats were filled and it did not help";
            case Next::too_few:
                return tier > next.tier
                           ? "not yet: the tiers before it come first, at level " + level
                           : "not yet: too few are left of those who were called, it is called as soon as an alert moves";
            case Next::waits: break;
        }
        if (tier > next.tier) {
            return "not yet: the tiers before it come first, at level " + level;
        }
        return "not yet: tier " + std::to_string(std::max(1, inc.wait_tier)) + " has until " + clock(next.at) + " (" + seats +
               " seats taken, level " + level + ")";
    }

    std::string unasked_why(const TierSpec& spec, const std::string& id, bool called) const {
        if (!called) {
            return "the tier was not called";
        }
        const auto& inc = *incident_;
        if (const auto other = inc.seats.find(id); other != inc.seats.end()) {
            return std::string(to_string(other->second.state)) + " in tier " + std::to_string(other->second.tier);
        }
        const auto* person = s_.index->person(id);
        if (person == nullptr || reach_of(*person, spec.urgent).empty()) {
            return "no way to reach";
        }
        if (const auto* other = s_.seated_elsewhere(inc, id); other != nullptr) {
            return seat_in(*other);
        }
        switch (incident::situation(inc, s_.book.group(inc.group))) {
            case incident::resolved:
            case incident::ending: return "came on duty when all alerts had cleared";
            case incident::unheard: return "every alert is silenced, muted or folded: nobody more is called";
            case incident::calm:
                return inc.phase == Phase::filled
                           ? "came on duty after the tier was called, and no seat is free"
                           : "it was silenced or muted, and every alert is clearing: nobody more is called";
            default: break;
        }
        if (incident::next_tier(step_, inc).why == incident::NextTier::Why::filled) {
            return "came on duty after the tier was called, and no seat is free";
        }
        return spec.mode == TierMode::batch ? "its turn in the batch has not come"
                                            : "on duty now: asked as soon as an alert or a moment confirms it";
    }

    void tell_fallback() {
        TierPaging out;
        out.tier = static_cast<int>(incident_->policy.tiers.size()) + 1;
        out.id = "fallback";
        for (const auto& [id, seat] : incident_->seats) {
            if (seat.tier == out.tier) {
                out.people.push_back(tell_seat(id, seat));
            }
        }
        out.called = !out.people.empty();
        out.why = out.called ? "called: nobody was left to ask" : "not called: there are others to ask";
        out_.tiers.push_back(std::move(out));
    }

    const incident::Step& step_;
    const DeskState& s_;
    const AlertKey& key_;
    const RuleSpec* rule_;
    std::string group_;
    Stamp now_;
    const AlertEdge* alert_ = nullptr;
    const Incident* incident_ = nullptr;
    AlertPaging out_;
};

}  // namespace

AlertPaging Desk::why(const AlertKey& alert, std::string_view group, Stamp now) const {
    Decisions none;  // explaining decides nothing
    const incident::Step step(*state_, now, now.at, none);
    return Why(step, alert, std::string(group)).tell();
}

std::string Desk::incident_of(const AlertEdge& edge, EngineTime now) const {
    const auto& s = *state_;
    const AlertKey key{edge.rule, edge.queue};
    const auto own = s.book.group_of(key);
    for (const auto& group : {own.empty() ? s.place(edge) : own, s.book.host_of(key)}) {
        const auto latest = group.empty() ? s.latest.end() : s.latest.find(group);
        const auto* inc = latest == s.latest.end() ? nullptr : s.incident(latest->second);
        if (inc != nullptr && (inc->open() || inc->ending_at >= now)) {
            return inc->id;
        }
    }
    return {};
}

std::size_t Desk::refused_scopes() const {
    return state_->refused_groups.size();
}

}  // namespace surged
