// The facts of a message, gathered when it leaves: the values of that moment, how many people are wanted, the readers. The text
// is made of them in paging/text.cpp.
//
// Hardest rule: no fact is from the moment when the page was made. The alert's edge may be minutes old; its reading is of now.
#include <algorithm>
#include <cmath>

#include "core/base/ranges.hpp"
#include "core/base/text.hpp"
#include "core/incident/actions.hpp"
#include "core/incident/region.hpp"
#include "core/incident/seats.hpp"
#include "core/incident/steps.hpp"
#include "core/paging/text.hpp"
#include "core/base/clock_text.hpp"
#include "core/team/roster.hpp"

namespace surged::incident {

/// What all messages of one moment say of an incident in one language.
struct Told {
    PageFacts common;  ///< place and cause; the rest is of the page
    std::vector<AlertEdge> alerts;
    std::vector<std::string> readings;  ///< of `alerts`
    std::string when;
    ScopeStaffing staffing;  ///< while it is open
};

Step::Step(DeskState& desk, Stamp moment, EngineTime came, Decisions& decisions)
    : state(desk), index(*desk.index), now(moment), out(decisions), subject(*this),
      paging{desk.outbox, *desk.index, moment, came, subject, decisions.orders, {}} {}
Step::~Step() = default;

void Step::forget_told() {
    scopes_known.clear();
    told_known.clear();
}

namespace {

/// "english", "jinan/english": the alert's queue where the incident's place does not tell it. Values of a group, a centre or all
/// belong to no named queue.
std::string queue_beside(const Incident& inc, const QueueKey& queue) {
    if (queue.queue.starts_with('*')) {
        return {};
    }
    const auto told = [&](std::string_view name) { return contains(inc.policy.scope, name); };
    if (told("queue") && told("centre")) {
        return {};
    }
    return (told("centre") || queue.centre == "*" ? "" : queue.centre + "/") + queue.queue +
           (told("channel") || queue.channel == voice_channel ? "" : "/" + queue.channel);
}

/// A caller of the API's name: "local/duty-desk" is the duty desk at the host itself.
std::string_view caller_id(std::string_view by) {
    const auto at = by.rfind('/');
    return at == std::string_view::npos ? by : by.substr(at + 1);
}

/// True for people who had a seat to the end, where the ending itself has released them; not for those who only stood by then, nor
/// for those who were sent home in the moment before it (apply_resolved marks both).
bool seated_to_the_end(const Incident& inc, const Seat& seat) {
    return takes_seat(seat.state) || (seat.state == SeatState::released && seat.was_joined && seat.cause != SeatCause::stood_by &&
                                      !inc.open() && seat.changed >= inc.ending_at);
}

/// The scopes of a region that has ended are apart again, or a region that overlaps it has their alerts: what fires there fires all
/// the same. What fires elsewhere in that other region is none of its own.
bool speaks_by_scope(const Incident& inc) {
    return is_region(inc) && !inc.open();
}

/// An alert within a region that has ended, or one that an alert there speaks for.
bool fires_within(const DeskState& state, const Incident& inc, const AlertEdge& alert) {
    const auto within = [&](const AlertEdge& a) {
        return a.policy == inc.policy.id && scope_values(inc.policy.scope, a.queue, a.group) == inc.scope;
    };
    if (within(alert)) {
        return true;
    }
    const auto& alerts = state.book.alerts();
    const auto host = alert.folded.rule.empty() ? alerts.end() : alerts.find(alert.folded);
    return host != alerts.end() && within(host->second) && !state.book.host_of({alert.rule, alert.queue}).empty();
}

/// The alerts of which an incident speaks, the worst first.
std::vector<AlertEdge> alerts_told(const DeskState& state, const Incident& inc) {
    if (!speaks_by_scope(inc)) {
        return state.book.worst(inc.group, order_alerts_max);
    }
    return state.book.worst_where([&](const AlertEdge& a) { return fires_within(state, inc, a); }, order_alerts_max);
}

Level level_told(const DeskState& state, const Incident& inc) {
    if (!speaks_by_scope(inc)) {
        const auto* group = state.book.group(inc.group);
        return group == nullptr ? Level::none : group->level();
    }
    Level level = Level::none;
    for (const auto& [key, alert] : state.book.alerts()) {
        if (state.book.heard(key) && fires_within(state, inc, alert)) {
            level = std::max(level, alert.level);
        }
    }
    return level;
}

/// Where the centre of an incident stands, as the inventory has it; else the configuration's own zone.
const Zone& zone_at(const Step& step, const Incident* inc) {
    const auto& plan = *step.index.plan;
    const auto centre = inc == nullptr ? ScopeValues::const_iterator{} : inc->scope.find("centre");
    if (inc != nullptr && centre != inc->scope.end()) {
        for (const auto& expect : plan.expects) {
            if (expect.centre == centre->second && !expect.zone.empty()) {
                return zone_of(plan, expect.zone);
            }
        }
    }
    return zone_of(plan, plan.timezone);
}

/// "待回访12", "最久1小时5分": values of this moment; what is unknown now is left out.
void put_shown(const Step& step, PageFacts& f, const RuleSpec& rule, const QueueKey& queue, Language language) {
    if (step.state.values == nullptr || rule.show.empty()) {
        return;
    }
    const auto values = step.state.values->of(queue, rule.show);
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (!std::isfinite(values[i])) {
            continue;
        }
        const ValueForm form{LimitUnit::plain, unit_of(*step.index.plan, rule.show[i])};
        constexpr double shown_max_s = 8.64e8;  // ten thousand days; beyond it nobody reads a duration
        const bool rough = form.metric == MetricUnit::seconds && values[i] >= 60 && values[i] < shown_max_s;
        const auto text = rough ? duration_text(Span{static_cast<std::int64_t>(values[i] * 1000)}, language)
                                : value_text(values[i], form, language);
        const auto name = metric_label(*step.index.plan, rule.show[i], language);
        f.shown.push_back(name + std::string(gap_after(name, language)) + text);
    }
}

void put_cause(const Step& step, PageFacts& f, const Incident& inc, Language language) {
    const auto worst = alerts_told(step.state, inc);
    if (worst.empty()) {
        return;
    }
    // Of those that are worst, one that is not clearing: it is the reason why anybody is called now.
    const auto stands = std::ranges::find_if(
        worst, [&](const AlertEdge& a) { return a.level == worst.front().level && a.to == AlertState::firing; });
    const auto& alert = stands == worst.end() ? worst.front() : *stands;
    f.rule = alert.rule;
    f.queue = queue_beside(inc, alert.queue);
    f.metric = alert.metric;
    f.value = alert.value;
    f.limit = alert.limit;
    f.evidence = evidence_text(alert.evidence, language);
    f.falling = alert.to == AlertState::clearing;
    if (const auto* rule = step.index.rule(alert.rule)) {
        f.summary = summary_of(*rule, language);
        f.form = form_of(*step.index.plan, *rule);
        for (const auto& level : rule->levels) {
            if (level.level == alert.level) {
                f.raise = level.raise;
            }
        }
        put_shown(step, f, *rule, alert.queue, language);
    }
    const auto now =
        step.state.values == nullptr ? AlertReading{} : step.state.values->reading(alert.rule, alert.queue, step.now.at);
    if (now.known) {
        f.stale = now.stale;
        f.seen_ago = step.now.at - now.seen;
        f.value = now.value;
        // The evidence describes the value at the edge; it is wrong once the value has changed.
        f.evidence = now.value == alert.value ? f.evidence : std::string();
    }
}

void put_people(const Step& step, PageFacts& f, const Incident& inc, const std::vector<std::string>& people) {
    for (const auto& id : people) {
        f.people.push_back(name_of(step.index, id));
        const auto named = f.purpose == PagePurpose::handover ? inc.handovers.find(id) : inc.handovers.end();
        if (named != inc.handovers.end()) {
            f.takes_over.push_back({name_of(step.index, id), name_of(step.index, named->second.from)});
            f.substitute = named->second.substitute;
        }
        if (f.purpose != PagePurpose::stand_down) {
            continue;
        }
        const auto seat = inc.seats.find(id);
        if (seat != inc.seats.end() && seat->second.was_joined) {
            f.going.push_back(name_of(step.index, id));
        }
        if (const auto to = inc.relieved.find(id); to != inc.relieved.end()) {
            const auto theirs = inc.seats.find(to->second);
            const bool came = theirs != inc.seats.end() && takes_seat(theirs->second.state);
            f.relief.push_back({name_of(step.index, id), came ? name_of(step.index, to->second) : std::string()});
        }
    }
    f.relieved = !f.relief.empty() && f.relief.size() == people.size();
}

void put_ending(const Step& step, PageFacts& f, const Incident& inc, const std::vector<std::string>& people) {
    f.age = step.now.at - inc.opened;
    f.down = inc.down;
    f.ended_why = inc.ending_reason;
    f.ended_by = inc.ended_by.empty() || inc.ended_by == by_engine ? inc.ended_by
                                                                  : name_of(step.index, std::string(caller_id(inc.ended_by)));
    f.still = level_told(step.state, inc);
    for (const auto& [id, seat] : inc.seats) {
        if (seated_to_the_end(inc, seat) && step.index.person(id) != nullptr) {
            f.names.push_back(name_of(step.index, id));
            f.seated = f.seated || (people.size() == 1 && people.front() == id);
        }
    }
}

/// The alerts of an incident as they stand now, in words for a list under a message.
void put_alerts(const Step& step, const Incident& inc, Language language, Told& told) {
    told.alerts = alerts_told(step.state, inc);
    for (auto& alert : told.alerts) {
        if (step.state.values != nullptr) {
            alert.reading = step.state.values->reading(alert.rule, alert.queue, step.now.at);
        }
        const auto* rule = step.index.rule(alert.rule);
        told.readings.push_back(rule == nullptr ? std::string()
                                                : reading_text(alert.reading, *rule, alert.level, form_of(*step.index.plan, *rule),
                                                               language, step.now.at));
    }
}

/// What all messages of this moment say of an incident in one language.
const Told& told_of(const Step& step, const Incident& inc, Language language) {
    auto& known = step.told_known[{inc.id, language}];
    if (known == nullptr) {
        known = std::make_unique<Told>();
        known->common.place = place_of(step, inc, language);
        put_cause(step, known->common, inc, language);
        put_alerts(step, inc, language, *known);
        known->when = date_text(zone_at(step, &inc), step.now.wall);
        if (inc.open()) {
            known->staffing = staffing(step, inc.scope, inc.group);
        }
    }
    return *known;
}

}  // namespace

/// "济南/普席"; a region's says how many of its scopes fire.
std::string place_of(const Step& step, const Incident& inc, Language language) {
    std::string place;
    for (const auto& name : inc.policy.scope) {
        const auto value = inc.scope.find(name);
        if (value != inc.scope.end() && !value->second.empty()) {
            place += (place.empty() ? "" : "/") + value->second;
        }
    }
    if (is_region(inc)) {
        place += (place.empty() ? "" : " ") + scopes_text(scopes(step, inc), language);
    }
    return place;
}

PageFacts IncidentSubject::facts(const std::string& key, const Page& page, const std::vector<std::string>& people,
                                 Language language) const {
    const auto* inc = step_.state.incident(page.incident);
    const auto* known = inc == nullptr ? nullptr : &told_of(step_, *inc, language);
    PageFacts f = known == nullptr ? PageFacts{} : known->common;
    f.purpose = page.purpose;
    f.repeat = page.repeat;
    const auto* channel = step_.index.channel(page.channel);
    f.group = people.size() > 1 || (channel != nullptr && channel->kind == ChannelKind::group);
    if (inc == nullptr) {
        for (const auto& id : people) {
            f.people.push_back(name_of(step_.index, id));
        }
        return f;
    }
    f.incident = inc->id;
    f.level = inc->level;
    f.need = inc->need;
    f.joined = seats_taken(*inc);
    f.lacking = unmet_minimums(*inc, step_.index);
    f.rising = inc->rising;
    f.last_resort = page.tier > static_cast<int>(inc->policy.tiers.size()) && page.purpose == PagePurpose::first;
    if (inc->open()) {
        const auto& seen = known->staffing;
        f.staffed = seen.known;
        f.missing = seen.missing;
        f.expected_wait_s = seen.expected_wait_s;
        f.cause = seen.cause;
        for (const auto& slack : seen.slack) {
            f.slack.emplace_back(slack.centre, slack.agents);
        }
    }
    put_people(step_, f, *inc, people);
    if (page.purpose == PagePurpose::close) {
        put_ending(step_, f, *inc, people);
    }
    if (const auto* action = is_action(page.purpose) ? action_of(*inc, key) : nullptr) {
        f.evidence = action_text(*action, page.purpose);
    }
    return f;
}

void IncidentSubject::describe(const std::string& key, const Page& page, SendOrder& o) const {
    const auto* inc = step_.state.incident(page.incident);
    if (inc == nullptr) {
        o.when = date_text(zone_at(step_, inc), step_.now.wall);
        return;
    }
    const auto& known = told_of(step_, *inc, o.language);
    o.when = known.when;
    if (const auto* action = is_action(page.purpose) ? action_of(*inc, key) : nullptr) {
        o.action = action->id;
        o.params = page.purpose == PagePurpose::undo ? action->undo_params : action->params;
    }
    o.incident = inc->id;
    o.policy = inc->policy.id;
    o.scope = inc->scope;
    o.scopes = is_region(*inc) ? static_cast<int>(scopes(step_, *inc).size()) : 0;
    o.level = inc->level;
    o.need = inc->need;
    o.joined = seats_taken(*inc);
    o.seats_arrived = seats_arrived(*inc);
    o.sequence = inc->sequence;
    if (inc->open()) {
        o.staffing = known.staffing;
    }
    o.alerts = known.alerts;
    o.readings = known.readings;
}

}  // namespace surged::incident
