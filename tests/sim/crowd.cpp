#include "sim/crowd.hpp"

#include <algorithm>

namespace surged::test {

namespace {
constexpr int days_s = 86400;
}  // namespace

/// Host troubles, tempers and orders that a crowded run of 90 minutes has; longer runs have more, calm ones fewer.
int Crowd::share(EngineTime start, EngineTime end, int most) const {
    const double crowded = static_cast<double>((end - start).count()) / static_cast<double>(calm_.count()) / 4.5;
    return std::max(1, static_cast<int>(most * crowded));
}

std::vector<Happening> Crowd::plan(EngineTime start, EngineTime end, bool kills) {
    std::vector<Happening> out;
    const int queues = dice_.between(1, 4);
    const int most = dice_.chance() < 0.5 ? rules : rules - 1;
    for (int q = 0; q < queues; ++q) {
        for (int r = 0; r < most; ++r) {
            plan_alert(out, queue_of(q), r, start, end);
        }
        plan_readings(out, queue_of(q), start, end);
    }
    plan_operators(out, start, end);
    plan_overrides(out, start, end);
    plan_host(out, start, end, kills);
    plan_scenes(out, start, end, kills);
    return out;
}

void Crowd::plan_alert(std::vector<Happening>& out, const QueueKey& queue, int rule, EngineTime at, EngineTime end) {
    const int calm_s = static_cast<int>(calm_.count() / 1000);
    auto t = at + dice_.span(0, std::min(900, calm_s));
    while (t < end) {
        AlertEdge e;
        e.rule = rule_of(rule);
        e.policy = policy_of_rule(rule);
        e.queue = queue;
        e.metric = rule_metric;
        e.to = AlertState::firing;
        e.level = static_cast<Level>(dice_.between(1, 3));
        e.since = t;
        out.push_back({t, e});
        for (int changes = dice_.between(0, 3); changes > 0; --changes) {
            t = std::min(t + dice_.span(1, 300), end);
            e.level = static_cast<Level>(dice_.between(1, 3));
            e.to = dice_.chance() < 0.25 ? AlertState::clearing : AlertState::firing;
            e.stale = dice_.chance() < 0.2;
            e.muted = dice_.chance() < 0.1;
            out.push_back({t, e});
        }
        t += dice_.span(1, 900);
        e.to = AlertState::ok;
        e.level = Level::none;
        e.stale = e.muted = false;
        out.push_back({std::min(t, end), e});
        t += dice_.chance() < 0.3 ? dice_.span(1, 60) : dice_.span(1, calm_s);
    }
}

/// Some queues never report staffing; in others it follows the surge, or runs against it.
void Crowd::plan_readings(std::vector<Happening>& out, const QueueKey& queue, EngineTime start, EngineTime end) {
    const int length_s = static_cast<int>((end - start).count() / 1000);
    for (int i = dice_.chance() < 0.5 ? share(start, end, 12) : 0; i > 0; --i) {
        const bool calm = dice_.chance() < 0.3;
        out.push_back({start + dice_.span(0, length_s),
                       Reading{queue, calm ? 0.0 : dice_.between(0, 60) / 10.0, calm ? 0.0 : dice_.between(0, 60) * 1.0}});
    }
}

void Crowd::plan_operators(std::vector<Happening>& out, EngineTime start, EngineTime end) {
    const int length_s = static_cast<int>((end - start).count() / 1000);
    for (int i = dice_.chance() < 0.5 ? share(start, end, 1) : 0; i > 0; --i) {
        Command c;
        c.kind = Command::Kind::silence;
        c.by = "operator";
        c.silence.queue = dice_.chance() < 0.5 ? "*" : "q0";
        const auto at = start + dice_.span(0, length_s);
        c.silence.until = at + dice_.span(1, 900);
        out.push_back({at, c});
        ++silences_;
        if (dice_.chance() < 0.3) {
            c.kind = Command::Kind::unsilence;
            c.silence.silence = "s-" + std::to_string(silences_);
            out.push_back({at + dice_.span(1, 600), c});
        }
    }
    for (int i = dice_.chance() < 0.4 ? share(start, end, 4) : 0; i > 0; --i) {
        Command c;
        c.kind = dice_.chance() < 0.6 ? Command::Kind::escalate : Command::Kind::resolve;
        c.by = "operator";
        c.incident = "0-" + std::to_string(dice_.between(1, share(start, end, 4)));
        c.tier = dice_.between(0, 4);
        c.force = dice_.chance() < 0.7;
        c.key = dice_.chance() < 0.5 ? "o" + std::to_string(++keys_) : std::string();
        out.push_back({start + dice_.span(0, length_s), c});
    }
}

/// Overrides (substitutes, helpers, absences) that hold for a while and are sometimes removed; some name unknown people or rosters.
void Crowd::plan_overrides(std::vector<Happening>& out, EngineTime start, EngineTime end) {
    const int length_s = static_cast<int>((end - start).count() / 1000);
    for (int i = dice_.chance() < 0.6 ? share(start, end, 4) : 0; i > 0; --i) {
        Command c;
        c.kind = Command::Kind::override_roster;
        c.by = "operator";
        const auto at = start + dice_.span(0, length_s);
        auto& change = c.override_change;
        change.roster = dice_.chance() < 0.15 ? "told" : "r" + std::to_string(dice_.between(0, 3));
        change.out = dice_.chance() < 0.7 ? "p" + std::to_string(dice_.between(0, 12)) : "";
        change.in = dice_.chance() < 0.7 ? "p" + std::to_string(dice_.between(0, 12)) : "";
        // Times are those of a wall clock that was never stepped: after a step an override may be over already, or not have begun.
        const auto wall = wall_time(to_ms(at)) + wall_start;
        change.from = wall + dice_.span(-600, 600);
        change.until = change.from + dice_.span(1, 5400);
        c.key = dice_.chance() < 0.3 ? "v" + std::to_string(++keys_) : std::string();
        out.push_back({at, c});
        ++overrides_;
        if (dice_.chance() < 0.4) {
            change.id = "o-" + std::to_string(dice_.between(1, static_cast<int>(overrides_)));
            change.removed = true;
            c.key.clear();
            out.push_back({at + dice_.span(1, 1800), c});
        }
    }
}

void Crowd::plan_host(std::vector<Happening>& out, EngineTime start, EngineTime end, bool kills) {
    const int length_s = static_cast<int>((end - start).count() / 1000);
    for (int i = share(start, end, 12); i > 0; --i) {
        const int which = dice_.between(0, 3);
        const auto channel = which < 3 ? "c" + std::to_string(which) : std::string(hook_channel);
        out.push_back({start + dice_.span(0, length_s), Temper{channel, dice_.between(0, 5)}});
    }
    for (int i = dice_.chance() < 0.4 ? share(start, end, 3) : 0; i > 0; --i) {
        out.push_back({start + dice_.span(0, length_s), Reload{dice_.between(0, variations)}});
    }
    for (int i = dice_.chance() < 0.3 ? share(start, end, 2) : 0; i > 0; --i) {
        const auto by = dice_.chance() < 0.5 ? dice_.span(-300, 300) : dice_.span(-days_s, days_s);
        out.push_back({start + dice_.span(0, length_s), WallStep{by}});
    }
    if (!kills || dice_.chance() < 0.2) {
        return;
    }
    const auto planned = out;
    for (int i = dice_.between(1, share(start, end, 4)); i > 0; --i) {
        // Close to an event that makes the desk decide something, or at any time.
        const auto near = planned[static_cast<std::size_t>(dice_.between(0, static_cast<int>(planned.size()) - 1))].at;
        const auto at = dice_.chance() < 0.7 ? near + Span{dice_.between(-1, 3000)} : start + dice_.span(0, length_s + 1800);
        const Span down{dice_.chance() < 0.8 ? dice_.between(0, 3000) : dice_.between(0, 1200000)};
        out.push_back({at, Kill{dice_.between(0, 12), dice_.between(0, 4), down}});
    }
}

// ---- channels and people

std::vector<Happening> Crowd::deliver(const SendOrder& order, EngineTime now, std::uint64_t life, bool healed) {
    std::vector<Happening> out;
    const int temper = healed ? 0 : tempers_[order.channel];
    const double roll = dice_.chance();
    SendOutcome o{order.page, order.attempt, OutcomeClass::ok, Span{0}, "", Span{0}};
    bool arrives = temper != 5;  // else: accepted by the provider and never delivered
    if (temper == 1 && roll < 0.6) {
        o.outcome = OutcomeClass::retry;
        o.retry_after = Span{dice_.chance() < 0.3 ? dice_.between(0, 90000) : 0};
        o.pause = Span{dice_.chance() < 0.05 ? dice_.between(0, 600000) : 0};
        arrives = dice_.chance() < 0.1;  // the provider reported a failure although it delivered
    } else if (temper == 2) {
        o.outcome = roll < 0.5 ? OutcomeClass::channel_down : OutcomeClass::config_error;
        arrives = false;
    } else if (temper == 3 && roll < 0.6) {
        o.outcome = OutcomeClass::unknown;
        arrives = dice_.chance() < 0.5;
    } else if (!healed && roll < 0.02) {
        o.outcome = OutcomeClass::reject;
        arrives = false;
    }
    auto at = now + Span{temper == 4 ? dice_.between(1, 30000) : dice_.between(1, 800)};
    if (temper == 4 && dice_.chance() < 0.1) {
        at += dice_.span(0, 1200);  // the outcome comes long after the desk gave the attempt up
    }
    if (temper != 4 || dice_.chance() < 0.8) {
        out.push_back({at, o, life});
        if (dice_.chance() < 0.05) {
            out.push_back({at + Span{dice_.between(0, 5000)}, o, life});  // the same outcome is reported twice
        }
    }
    if (arrives) {
        react(out, order, now);
    }
    return out;
}

void Crowd::react(std::vector<Happening>& out, const SendOrder& order, EngineTime now) {
    if (order.purpose == PagePurpose::close || order.incident.empty()) {
        return;
    }
    end_by_hand(out, order, now);
    for (const auto& person : order.people) {
        if (dice_.chance() < 0.7) {
            answer(out, order, person.person, now);
        }
    }
    if (dice_.chance() < 0.01) {
        answer(out, order, "p" + std::to_string(dice_.between(0, 14)), now);  // somebody answers without a page, perhaps unknown
    }
}

/// Some people who leave name a successor; some successors cannot come. Own dice keep the other draws of the seed as they are.
void Crowd::name_successor(Command& c, EngineTime at) {
    const bool goes = c.answer == AnswerKind::leave || c.answer == AnswerKind::decline;
    Dice aside(std::hash<std::string>{}(c.person + c.incident) ^ static_cast<std::uint64_t>(to_ms(at)));
    c.successor = goes && aside.chance() < 0.3 ? "p" + std::to_string(aside.between(0, 12)) : std::string();
}

void Crowd::answer(std::vector<Happening>& out, const SendOrder& order, const std::string& person, EngineTime now) {
    const double roll = dice_.chance();
    Command c;
    c.incident = order.incident;
    c.person = c.by = person;
    c.way = "test";
    c.answer = roll < 0.57 ? AnswerKind::join : roll < 0.78 ? AnswerKind::decline : AnswerKind::ack;
    c.move = dice_.chance() < 0.3;
    c.key = dice_.chance() < 0.5 ? "k" + std::to_string(++keys_) : std::string();
    auto at = now + Span{dice_.between(100, 240000)};
    if (dice_.chance() < 0.05) {
        at += dice_.span(0, 3600);  // the answer may come after the end, or after the incident has reopened
    }
    name_successor(c, at);
    out.push_back({at, c});
    if (dice_.chance() < 0.2) {
        out.push_back({at + Span{dice_.between(0, 2000)}, c});  // the button was pressed twice
    }
    if (dice_.chance() < 0.05) {
        out.push_back({at + dice_.span(0, 1800), c});  // a client that got no reply tries again
    }
    if (dice_.chance() < 0.1) {
        c.answer = static_cast<AnswerKind>(dice_.between(0, 4));  // they changed their mind, and the second answer arrives first
        name_successor(c, at);
        out.push_back({std::max(now + Span{1}, at + Span{dice_.between(-2000, 60000)}), c});
        c.answer = AnswerKind::join;
        c.successor.clear();
    }
    if (c.answer == AnswerKind::join && dice_.chance() < 0.4) {
        c.key.clear();
        c.answer = dice_.chance() < 0.5 ? AnswerKind::leave : AnswerKind::arrive;
        name_successor(c, at);
        out.push_back({at + Span{dice_.between(100, 900000)}, c});
    }
}

}  // namespace surged::test
