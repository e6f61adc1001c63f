#include "sim/sim_plan.hpp"

#include <algorithm>
#include <utility>

namespace surged::test {

namespace {
const std::string told = "told";  ///< a roster
constexpr std::int64_t first_day = 41;  ///< of a world's wall clock, since 1970

std::string name(char kind, int i) {
    return kind + std::to_string(i);
}

std::vector<ChannelSpec> make_channels(Dice& dice) {
    std::vector<ChannelSpec> out;
    const int channels = dice.between(1, 3);
    for (int i = 0; i < channels; ++i) {
        ChannelSpec c;
        c.id = name('c', i);
        c.kind = i > 0 && dice.chance() < 0.5 ? ChannelKind::group : ChannelKind::personal;
        if (dice.chance() < 0.3) {
            c.rate = {dice.between(2, 20), dice.span(5, 60)};
        }
        c.on_unknown = dice.chance() < 0.7 ? OnUnknown::resend : OnUnknown::skip;
        c.language = dice.chance() < 0.5 ? Language::zh : Language::en;
        c.text_limit = dice.chance() < 0.5 ? 70 : 0;
        c.coalesce = dice.chance() < 0.5;
        out.push_back(c);
    }
    return out;
}

/// A channel to machines (playbook), never a contact method of people.
ChannelSpec make_hook(Dice& dice, const std::string& id) {
    ChannelSpec hook;
    hook.id = id;
    hook.type = id == hook_channel ? "webhook" : id;
    hook.on_unknown = dice.chance() < 0.7 ? OnUnknown::resend : OnUnknown::skip;
    if (dice.chance() < 0.2) {
        hook.rate = {dice.between(2, 8), dice.span(5, 60)};
    }
    return hook;
}

std::vector<PersonSpec> make_people(Dice& dice, std::size_t channels) {
    std::vector<PersonSpec> out;
    const int people = dice.between(3, 12);
    for (int i = 0; i < people; ++i) {
        PersonSpec p;
        p.id = p.name = name('p', i);
        for (int k = 0; k < static_cast<int>(channels); ++k) {
            if (k == 0 || dice.chance() < 0.6) {
                p.normal.push_back({name('c', k), k * dice.span(0, 60), dice.chance() < 0.1 ? Span{90000} : Span{0}});
            }
        }
        p.mobile = i % 3 == 2 ? "" : "1380000" + std::to_string(1000 + i);  // not everybody has one
        p.role = dice.chance() < 0.3 ? "supervisor" : "lead";
        if (dice.chance() < 0.4) {
            p.skills.push_back("english");
        }
        if (dice.chance() < 0.2) {
            p.urgent = p.normal;
            std::reverse(p.urgent.begin(), p.urgent.end());
        }
        out.push_back(p);
    }
    return out;
}

/// One shift for the whole day, or two that meet, so that a step of the wall clock changes who is on duty.
RosterSpec make_roster(Dice& dice, int tier, int tiers, int people) {
    RosterSpec roster;
    roster.id = name('r', tier);
    ShiftSpec day;
    ShiftSpec night;
    const bool shifts = dice.chance() < 0.5;
    // A crowded world begins at 16:16 by its own clock: every other hand-off falls into it.
    const int from = dice.chance() < 0.5 ? dice.between(0, 23) * 60 : 980 + dice.between(5, 85);
    if (shifts) {
        day.from_min = night.to_min = from;
        day.to_min = night.from_min = (from + 720) % 1440;
    }
    for (int i = 0; i < people; ++i) {
        if (i % tiers == tier && dice.chance() < 0.8) {
            (shifts && dice.chance() < 0.5 ? night : day).people.push_back(name('p', i));
        }
    }
    roster.shifts.push_back(day);
    if (shifts) {
        roster.shifts.push_back(night);
    }
    // A date of its own (today, tomorrow or the day after): another person is on duty instead of the weekly shifts.
    if (dice.chance() < 0.3) {
        RosterDate date;
        date.day = first_day + dice.between(0, 2);
        date.from_min = dice.between(0, 1) * 990;
        date.people = {name('p', dice.between(0, people - 1))};
        roster.dates.push_back(date);
    }
    return roster;
}

/// The roster of people who are only informed; they may be on other rosters, too.
RosterSpec make_told(Dice& dice, int people) {
    RosterSpec roster;
    roster.id = told;
    roster.shifts.emplace_back();
    for (int i = dice.between(1, 2); i > 0; --i) {
        const auto who = name('p', dice.between(0, people - 1));
        if (roster.shifts.front().people.empty() || roster.shifts.front().people.back() != who) {
            roster.shifts.front().people.push_back(who);
        }
    }
    return roster;
}

TierSpec make_tier(Dice& dice, int number, int roster) {
    TierSpec tier;
    tier.id = name('t', number);
    tier.rosters = {name('r', roster)};
    tier.mode = dice.chance() < 0.3 ? TierMode::batch : TierMode::all;
    tier.overask = 1.0 + dice.chance();
    tier.answer_in = dice.span(20, 90);
    tier.wait = dice.chance() < 0.2 ? dice.span(1, 8) : dice.span(20, 300);
    tier.urgent = dice.chance() < 0.2;
    tier.remind = dice.chance() < 0.4 ? Span{45000} : Span{0};
    tier.arrive_within = dice.chance() < 0.4 ? dice.span(60, 600) : Span{0};
    if (dice.chance() < 0.25) {
        const bool role = dice.chance() < 0.5;
        tier.require.push_back({role ? "supervisor" : "", role ? "" : "english", dice.between(1, 2)});
    }
    if (dice.chance() < 0.25) {
        tier.rosters.push_back(told);
        tier.inform_only = {told};
    }
    return tier;
}

std::vector<ActionSpec> make_actions(Dice& dice, int tiers) {
    std::vector<ActionSpec> out;
    for (int i = 0, n = dice.chance() < 0.5 ? dice.between(1, 3) : 0; i < n; ++i) {
        ActionSpec action;
        action.id = name('a', i);
        action.tier = dice.between(0, tiers + 1);
        action.level = dice.chance() < 0.5 ? Level::none : static_cast<Level>(dice.between(1, 3));
        action.channel = dice.chance() < 0.5 ? std::string(hook_channel) : std::string(publish_channel);
        action.params = {{"say", name('x', i)}};
        action.undo = dice.chance() < 0.8;
        action.undo_params = {{"stop", name('x', i)}};
        action.deadline = dice.span(5, 300);
        action.undo_deadline = dice.chance() < 0.3 ? dice.span(20, 300) : dice.span(600, 3600);
        out.push_back(action);
    }
    return out;
}

std::vector<std::string> make_scope(Dice dice) {
    const std::vector<std::vector<std::string>> all{{"queue"}, {"centre", "queue"}, {"queue"}, {"centre"}, {}};
    return all[static_cast<std::size_t>(dice.between(0, 4))];
}

RegionSpec make_region(Dice& dice, const std::vector<std::string>& scope) {
    RegionSpec region;
    if (!scope.empty() && dice.chance() < 0.5) {
        region.scopes = dice.between(2, 3);
        region.within = dice.span(60, 900);
        region.need_max = dice.between(3, 12);
        if (scope.size() > 1 && dice.chance() < 0.5) {
            region.by = {"centre"};
            region.scopes = 2;
        }
    }
    return region;
}

/// A fixed need, or one of three expressions that the reference knows how to work out.
NeedSpec make_need(Dice& dice) {
    NeedSpec need;
    need.fixed = dice.between(1, 6);
    if (dice.chance() < 0.35) {
        const std::vector<std::string> ways{"shortfall", need_by_gap, need_by_calls};
        need.expression = ways[static_cast<std::size_t>(dice.between(0, 2))];
        need.min = dice.between(1, 2);
        need.max = dice.between(3, 9);
        need.ratchet = dice.chance() < 0.6 ? dice.span(30, 600) : Span{0};
    }
    return need;
}

PolicySpec make_policy(Dice& dice, const std::string& id, int rosters, const std::vector<std::string>& scope) {
    PolicySpec policy;
    policy.id = id;
    policy.scope = scope;
    policy.need = make_need(dice);
    policy.region = make_region(dice, scope);
    policy.fallback = {"p0"};
    policy.max_age = dice.span(1800, 7200);
    policy.resolve_hold = dice.span(10, 200);
    policy.reopen_window = dice.span(60, 900);
    policy.ack_stops = dice.chance() < 0.2;
    Dice aside(
        static_cast<std::uint64_t>(policy.max_age.count() + policy.resolve_hold.count()));  // settings added later draw from own dice, so that older seeds keep their worlds
    policy.handover_within = aside.span(30, 900);
    policy.stand_down = aside.chance() < 0.4;
    if (dice.chance() < 0.4) {
        policy.recheck = dice.span(30, 900);
        policy.recheck_add = dice.between(1, 3);
        if (policy.need.expression.empty()) {
            policy.need.max = dice.chance() < 0.5 ? 10000 : dice.between(policy.need.fixed, 8);
        }
    }
    // The second policy calls the same people and begins with another tier of them.
    const int tiers = id == "p" ? rosters : dice.between(1, rosters);
    const int first = id == "p" ? 0 : dice.between(0, rosters - 1);
    for (int t = 0; t < tiers; ++t) {
        policy.tiers.push_back(make_tier(dice, t, (first + t) % rosters));
    }
    policy.actions = make_actions(dice, tiers);
    if (dice.chance() < 0.3) {
        policy.repeat.from = policy.tiers[static_cast<std::size_t>(dice.between(0, tiers - 1))].id;
        policy.repeat.every = dice.span(60, 600);
        policy.repeat.times = dice.between(-1, 3);
    }
    return policy;
}

void drop_person(Plan& plan, const std::string& id) {
    std::erase_if(plan.people, [&](const PersonSpec& p) { return p.id == id; });
    for (auto& roster : plan.rosters) {
        for (auto& shift : roster.shifts) {
            std::erase(shift.people, id);
        }
    }
}

void drop_channel(Plan& plan, const std::string id) {
    std::erase_if(plan.channels, [&](const ChannelSpec& c) { return c.id == id; });
    for (auto& person : plan.people) {
        std::erase_if(person.normal, [&](const ReachStep& s) { return s.channel == id; });
        std::erase_if(person.urgent, [&](const ReachStep& s) { return s.channel == id; });
    }
}

/// Moves a person to another roster or shift, or adds them there.
void move_person(Plan& plan, Dice& dice) {
    auto& from = plan.rosters[static_cast<std::size_t>(dice.between(0, static_cast<int>(plan.rosters.size()) - 1))];
    auto& to = plan.rosters[static_cast<std::size_t>(dice.between(0, static_cast<int>(plan.rosters.size()) - 1))];
    auto& people = from.shifts.front().people;
    if (people.empty()) {
        return;
    }
    const auto who = people.back();
    if (dice.chance() < 0.7) {
        people.pop_back();
    }
    auto& there = to.shifts.back().people;
    if (std::find(there.begin(), there.end(), who) == there.end()) {
        there.push_back(who);
    }
}

void vary(Plan& plan, Dice dice) {
    const auto people = static_cast<int>(plan.people.size());
    for (int i = dice.between(0, 3); i > 0; --i) {
        drop_person(plan, name('p', dice.between(1, people - 1)));  // the fallback list names p0
    }
    if (dice.chance() < 0.3) {
        drop_channel(plan,
                     plan.channels[static_cast<std::size_t>(dice.between(1, static_cast<int>(plan.channels.size()) - 1))].id);
    }
    for (int i = dice.chance() < 0.5 ? dice.between(1, 3) : 0; i > 0; --i) {
        move_person(plan, dice);
    }
    for (auto& policy : plan.policies) {
        if (dice.chance() < 0.4) {
            const auto cap = policy.person_max;
            policy = make_policy(dice, policy.id, static_cast<int>(plan.rosters.size()) - 1, policy.scope);
            policy.person_max = cap;
        }
    }
}

}  // namespace

QueueKey queue_of(int number) {
    return {number % 2 == 0 ? "jinan" : "qingdao", name('q', number), "voice"};
}
std::string rule_of(int number) {
    return "rule" + std::to_string(number);
}
std::string policy_of_rule(int number) {
    return number == rules - 1 ? "s" : "p";
}

double raise_of(Level level) {
    return level == Level::red ? 100 : level == Level::orange ? 60 : 40;
}
double clear_of(Level level) {
    return level == Level::red ? 80 : level == Level::orange ? 45 : 30;
}

namespace {
RuleSpec make_rule(int number) {
    RuleSpec rule;
    rule.id = rule_of(number);
    rule.metric = rule_metric;
    rule.policy = policy_of_rule(number);
    for (const auto level : {Level::yellow, Level::orange, Level::red}) {
        rule.levels.push_back({level, {Comparison::above, raise_of(level)}, {Comparison::below, clear_of(level)}});
    }
    return rule;
}
}  // namespace

Plan make_plan(std::uint64_t seed, int variation) {
    Dice dice(seed);
    Plan plan;
    for (int i = 0; i < rules + 2 * scenes; ++i) {
        plan.rules.push_back(make_rule(i));
    }
    plan.channels = make_channels(dice);
    plan.people = make_people(dice, plan.channels.size());
    for (const auto id : {hook_channel, publish_channel}) {
        plan.channels.push_back(make_hook(dice, std::string(id)));
    }
    const int rosters = dice.between(1, 3);
    for (int t = 0; t < rosters; ++t) {
        plan.rosters.push_back(make_roster(dice, t, rosters, static_cast<int>(plan.people.size())));
    }
    plan.rosters.push_back(make_told(dice, static_cast<int>(plan.people.size())));
    for (const auto* id : {"p", "s"}) {
        plan.policies.push_back(make_policy(dice, id, rosters, make_scope(Dice(seed + static_cast<std::uint64_t>(id[0])))));
        if (dice.chance() < 0.3) {
            plan.policies.back().person_max = {dice.between(1, 8), dice.span(60, 3600)};
        }
    }
    if (variation > 0) {
        vary(plan, Dice(seed + static_cast<std::uint64_t>(variation) * 1000003));
    }
    return plan;
}

namespace {
std::string describe(const TierSpec& tier, const Plan& plan) {
    std::string text = "tier " + tier.id + (tier.mode == TierMode::batch ? " batch" : " all") + " wait " +
                       std::to_string(tier.wait.count()) + "ms";
    for (const auto& require : tier.require) {
        text += " require " + std::to_string(require.min) + " " + require.role + require.skill;
    }
    for (const auto& roster : plan.rosters) {
        if (std::find(tier.rosters.begin(), tier.rosters.end(), roster.id) == tier.rosters.end()) {
            continue;
        }
        text += " " + roster.id;
        for (const auto& shift : roster.shifts) {
            text += " [" + std::to_string(shift.from_min) + "," + std::to_string(shift.to_min) + ")";
            for (const auto& person : shift.people) {
                text += " " + person;
            }
        }
    }
    return text + "\n";
}
}  // namespace

std::string describe(const Plan& plan) {
    std::string text;
    for (const auto& c : plan.channels) {
        text +=
            "channel " + c.id + (c.kind == ChannelKind::group ? " group" : " personal") +
            (c.rate.count > 0 ? " rate " + std::to_string(c.rate.count) + "/" + std::to_string(c.rate.per.count()) + "ms" : "") +
            (c.on_unknown == OnUnknown::resend ? " resend\n" : " skip\n");
    }
    for (const auto& policy : plan.policies) {
        text += "policy " + policy.id + " of";
        for (const auto& part : policy.scope) {
            text += " " + part;
        }
        const auto& need = policy.need;
        text += ", need " + (need.expression.empty() ? std::to_string(need.fixed) : need.expression) + " hold " +
                std::to_string(policy.resolve_hold.count()) + "ms reopen " + std::to_string(policy.reopen_window.count()) + "ms";
        if (policy.region.scopes > 0) {
            text += ", region of " + std::to_string(policy.region.scopes) + (policy.region.by.empty() ? "" : " by centre") +
                    " within " + std::to_string(policy.region.within.count()) + "ms";
        }
        text += "\n";
        for (const auto& tier : policy.tiers) {
            text += describe(tier, plan);
        }
        for (const auto& action : policy.actions) {
            text += "action " + action.id + " by " + action.channel + " at tier " + std::to_string(action.tier) + " level " +
                    std::string(to_string(action.level)) + (action.undo ? " undone\n" : "\n");
        }
    }
    return text;
}

}  // namespace surged::test
