#include "sim/sim_plan.hpp"

#include <algorithm>

namespace surged::test {

namespace {

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
        if (dice.chance() < 0.2) {
            p.urgent = p.normal;
            std::reverse(p.urgent.begin(), p.urgent.end());
        }
        out.push_back(p);
    }
    return out;
}

/// The whole day, or two shifts that meet: a step of the wall clock then changes who is on duty.
RosterSpec make_roster(Dice& dice, int tier, int tiers, int people) {
    RosterSpec roster;
    roster.id = name('r', tier);
    ShiftSpec day;
    ShiftSpec night;
    const bool shifts = dice.chance() < 0.4;
    const int from = dice.between(0, 23) * 60;
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
    return roster;
}

PolicySpec make_policy(Dice& dice, int tiers) {
    PolicySpec policy;
    policy.id = "p";
    policy.scope = {"queue"};
    policy.need.fixed = dice.between(1, 6);
    policy.fallback = {"p0"};
    policy.max_age = dice.span(1800, 7200);
    policy.resolve_hold = dice.span(10, 200);
    policy.reopen_window = dice.span(60, 900);
    policy.ack_stops = dice.chance() < 0.2;
    if (dice.chance() < 0.4) {
        policy.recheck = dice.span(30, 900);
        policy.recheck_add = dice.between(1, 3);
        policy.need.max = dice.chance() < 0.5 ? 10000 : dice.between(policy.need.fixed, 8);
    }
    for (int t = 0; t < tiers; ++t) {
        TierSpec tier;
        tier.id = name('t', t);
        tier.rosters = {name('r', t)};
        tier.mode = dice.chance() < 0.3 ? TierMode::batch : TierMode::all;
        tier.overask = 1.0 + dice.chance();
        tier.answer_in = dice.span(20, 90);
        tier.wait = dice.chance() < 0.2 ? dice.span(1, 8) : dice.span(20, 300);
        tier.urgent = dice.chance() < 0.2;
        tier.remind = dice.chance() < 0.4 ? Span{45000} : Span{0};
        tier.arrive_within = dice.chance() < 0.4 ? dice.span(60, 600) : Span{0};
        policy.tiers.push_back(tier);
    }
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

void drop_channel(Plan& plan, const std::string& id) {
    std::erase_if(plan.channels, [&](const ChannelSpec& c) { return c.id == id; });
    for (auto& person : plan.people) {
        std::erase_if(person.normal, [&](const ReachStep& s) { return s.channel == id; });
        std::erase_if(person.urgent, [&](const ReachStep& s) { return s.channel == id; });
    }
}

void vary(Plan& plan, Dice dice) {
    const auto people = static_cast<int>(plan.people.size());
    for (int i = dice.between(0, 3); i > 0; --i) {
        drop_person(plan, name('p', dice.between(1, people - 1)));  // the fallback list names p0
    }
    if (plan.channels.size() > 1 && dice.chance() < 0.3) {
        drop_channel(plan, plan.channels.back().id);
    }
    if (dice.chance() < 0.5) {
        const auto cap = plan.policies.front().person_max;
        plan.policies.front() = make_policy(dice, static_cast<int>(plan.rosters.size()));
        plan.policies.front().person_max = cap;
    }
}

}  // namespace

Plan make_plan(std::uint64_t seed, int variation) {
    Dice dice(seed);
    Plan plan;
    plan.channels = make_channels(dice);
    plan.people = make_people(dice, plan.channels.size());
    const int tiers = dice.between(1, 3);
    for (int t = 0; t < tiers; ++t) {
        plan.rosters.push_back(make_roster(dice, t, tiers, static_cast<int>(plan.people.size())));
    }
    plan.policies.push_back(make_policy(dice, tiers));
    if (dice.chance() < 0.3) {
        plan.policies.front().person_max = {dice.between(1, 8), dice.span(60, 3600)};
    }
    if (variation > 0) {
        vary(plan, Dice(seed + static_cast<std::uint64_t>(variation) * 1000003));
    }
    return plan;
}

std::string describe(const Plan& plan) {
    std::string text;
    for (const auto& c : plan.channels) {
        text +=
            "channel " + c.id + (c.kind == ChannelKind::group ? " group" : " personal") +
            (c.rate.count > 0 ? " rate " + std::to_string(c.rate.count) + "/" + std::to_string(c.rate.per.count()) + "ms" : "") +
            (c.on_unknown == OnUnknown::resend ? " resend\n" : " skip\n");
    }
    const auto& policy = plan.policies.front();
    text += "policy need " + std::to_string(policy.need.fixed) + " hold " + std::to_string(policy.resolve_hold.count()) +
            "ms reopen " + std::to_string(policy.reopen_window.count()) + "ms\n";
    for (std::size_t t = 0; t < policy.tiers.size(); ++t) {
        const auto& tier = policy.tiers[t];
        text += "tier " + std::to_string(t + 1) + (tier.mode == TierMode::batch ? " batch" : " all") + " wait " +
                std::to_string(tier.wait.count()) + "ms";
        for (const auto& shift : plan.rosters[t].shifts) {
            text += " [" + std::to_string(shift.from_min) + "," + std::to_string(shift.to_min) + ")";
            for (const auto& person : shift.people) {
                text += " " + person;
            }
        }
        text += "\n";
    }
    return text;
}

}  // namespace surged::test
