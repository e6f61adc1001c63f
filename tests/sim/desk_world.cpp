#include "sim/desk_world.hpp"

#include <algorithm>
#include <set>

namespace surged::test {

using namespace std::chrono_literals;

namespace {
constexpr Span wall_offset = 1000h;
WallTime wall_of(EngineTime t) {
    return wall_time(to_ms(t)) + wall_offset;
}
}  // namespace

/// One record for people, when a breach is looked into.
std::string line_of(const Record& r) {
    auto line = std::to_string(to_ms(r.at)) + " " + record_type(r);
    if (const auto* i = std::get_if<IncidentChange>(&r.body)) {
        line += " " + i->incident + " tier " + std::to_string(i->tier) + " joined " + std::to_string(i->joined) + "/" +
                std::to_string(i->need) + " " + i->reason;
    } else if (const auto* s = std::get_if<SeatChange>(&r.body)) {
        line += " " + s->incident + " " + s->person + " tier " + std::to_string(s->tier) + " " + s->reason;
    } else if (const auto* p = std::get_if<PageChange>(&r.body)) {
        line += " " + p->page + " attempt " + std::to_string(p->attempt) + (p->repeat ? " repeat " : " ") + p->reason;
        for (const auto& person : p->people) {
            line += " " + person;
        }
    } else if (const auto* a = std::get_if<AnswerGiven>(&r.body)) {
        line +=
            " " + a->incident + " " + a->person + " " + std::string(to_string(a->kind)) + " " + std::string(to_string(a->result));
    } else if (const auto* e = std::get_if<AlertEdge>(&r.body)) {
        line += " " + e->queue.queue + " " + e->rule + (e->stale ? " stale" : "") + (e->muted ? " muted" : "");
    } else if (const auto* n = std::get_if<SystemNote>(&r.body)) {
        line += " " + n->what + " " + n->detail;
    }
    return line;
}

DeskWorld::DeskWorld(std::uint64_t seed, std::optional<std::size_t> kill_after)
    : random_(seed), kill_after_(kill_after), plan_(make_plan()), reference_(plan_) {
    desk_ = std::make_unique<Desk>(plan_);
    snapshot_ = desk_->snapshot();
    now_ = engine_time(1'000'000);
    end_ = now_ + 90min;
    plan_alerts();
}

Plan DeskWorld::make_plan() {
    Plan plan;
    const int channels = between(1, 3);
    for (int i = 0; i < channels; ++i) {
        ChannelSpec c;
        c.id = "c" + std::to_string(i);
        c.kind = i > 0 && chance() < 0.5 ? ChannelKind::group : ChannelKind::personal;
        if (chance() < 0.3) {
            c.rate = {between(2, 20), Span{between(5, 60) * 1000}};
        }
        c.on_unknown = chance() < 0.7 ? OnUnknown::resend : OnUnknown::skip;
        c.language = chance() < 0.5 ? Language::zh : Language::en;
        c.text_limit = chance() < 0.5 ? 70 : 0;
        plan.channels.push_back(c);
    }
    const int people = between(3, 12);
    for (int i = 0; i < people; ++i) {
        PersonSpec p;
        p.id = "p" + std::to_string(i);
        p.name = p.id;
        for (int k = 0; k < channels; ++k) {
            if (k == 0 || chance() < 0.6) {
                p.normal.push_back(
                    {"c" + std::to_string(k), Span{k * between(0, 60) * 1000}, chance() < 0.1 ? Span{90000} : Span{0}});
            }
        }
        plan.people.push_back(p);
    }
    PolicySpec policy;
    policy.id = "p";
    policy.scope = {"queue"};
    policy.need.fixed = between(1, 6);
    policy.fallback = {"p0"};
    policy.max_age = Span{between(30, 120) * 60000};
    policy.resolve_hold = Span{between(10, 200) * 1000};
    policy.reopen_window = Span{between(1, 15) * 60000};
    policy.ack_stops = chance() < 0.2;
    if (chance() < 0.4) {
        policy.recheck = Span{between(30, 900) * 1000};
        policy.recheck_add = between(1, 3);
        policy.need.max = chance() < 0.5 ? 10000 : between(policy.need.fixed, 8);
    }
    if (chance() < 0.3) {
        policy.person_max = {between(1, 8), Span{between(60, 3600) * 1000}};
    }
    const int tiers = between(1, 3);
    for (int t = 0; t < tiers; ++t) {
        RosterSpec roster;
        roster.id = "r" + std::to_string(t);
        ShiftSpec shift;
        for (int i = 0; i < people; ++i) {
            if (i % tiers == t && chance() < 0.8) {
                shift.people.push_back("p" + std::to_string(i));
            }
        }
        roster.shifts.push_back(shift);
        plan.rosters.push_back(roster);
        TierSpec tier;
        tier.id = "t" + std::to_string(t);
        tier.rosters = {roster.id};
        tier.mode = chance() < 0.3 ? TierMode::batch : TierMode::all;
        tier.overask = 1.0 + chance();
        tier.answer_in = Span{between(20, 90) * 1000};
        tier.wait = Span{between(20, 300) * 1000};
        tier.remind = chance() < 0.4 ? Span{45000} : Span{0};
        tier.arrive_within = chance() < 0.4 ? Span{between(60, 600) * 1000} : Span{0};
        policy.tiers.push_back(tier);
    }
    plan.policies.push_back(policy);
    return plan;
}

void DeskWorld::push(Event event) {
    event.number = ++numbers_;
    events_.push(std::move(event));
}

void DeskWorld::plan_alerts() {
    const int queues = between(1, 3);
    for (int q = 0; q < queues; ++q) {
        for (int r = 0; r < 2; ++r) {
            auto t = now_ + Span{between(0, 900) * 1000};
            while (t < end_) {
                Event e;
                e.edge.rule = "rule" + std::to_string(r);
                e.edge.policy = "p";
                e.edge.queue = {"jinan", "q" + std::to_string(q), "voice"};
                e.edge.metric = "calls_waiting";
                e.edge.to = AlertState::firing;
                e.edge.level = static_cast<Level>(between(1, 3));
                e.edge.value = between(10, 500);
                e.edge.limit = "> 10";
                e.edge.since = t;
                e.at = t;
                push(e);
                const int changes = between(0, 3);
                for (int c = 0; c < changes; ++c) {
                    t = std::min(t + Span{between(1, 300) * 1000}, end_);
                    e.edge.level = static_cast<Level>(between(1, 3));
                    e.edge.stale = chance() < 0.2;
                    e.edge.muted = chance() < 0.1;
                    e.at = t;
                    push(e);
                }
                t += Span{between(1, 900) * 1000};
                e.edge.to = AlertState::ok;
                e.edge.level = Level::none;
                e.edge.stale = e.edge.muted = false;
                e.at = std::min(t, end_);
                push(e);
                t += Span{between(1, 1200) * 1000};
            }
        }
    }
    for (int i = 0; i < 12; ++i) {
        Event mood;
        mood.what = Happening::mood;
        mood.at = now_ + Span{between(0, 5400) * 1000};
        push(mood);
    }
    for (int i = between(0, 3); !kill_after_ && i > 0; --i) {
        Event kill;
        kill.what = Happening::kill;
        kill.at = now_ + Span{between(0, 7200) * 1000};
        push(kill);
    }
    if (chance() < 0.3) {
        Event silence;
        silence.what = Happening::silence;
        silence.at = now_ + Span{between(0, 3600) * 1000};
        silence.command.kind = Command::Kind::silence;
        silence.command.silence.queue = chance() < 0.5 ? "*" : "q0";
        silence.command.silence.until = silence.at + Span{between(1, 900) * 1000};
        push(silence);
    }
}

// ---- the process: what is decided is durable, then it leaves
// ---------------------------------------------------------------------------------

void DeskWorld::commit() {
    while (!out_.empty()) {
        auto decided = std::exchange(out_, {});
        if (kill_after_ && log_.size() + decided.records.size() > *kill_after_) {
            out_ = std::move(decided);
            const auto durable = *kill_after_ - log_.size();
            kill_after_.reset();
            kill(durable);
            return;
        }
        for (const auto& record : decided.records) {
            log_.push_back(record);
            reference_.read(record);
        }
        for (const auto& order : decided.orders) {
            deliver(order);
            if (chance() < 0.0005) {
                kill(0);  // some left, some did not
                return;
            }
        }
        if (chance() < 0.002) {
            snapshot_ = desk_->snapshot();
            snapshot_at_ = log_.size();
        }
    }
}

/// Of the records not yet durable the first `durable` made it, the rest and all orders did not.
void DeskWorld::kill(std::size_t durable) {
    for (std::size_t i = 0; i < std::min(durable, out_.records.size()); ++i) {
        log_.push_back(out_.records[i]);
        reference_.read(out_.records[i]);
    }
    const bool whole = out_.records.size() <= durable;
    const auto live = desk_->snapshot();
    out_.clear();
    ++crashes_;
    ++life_;
    reference_.crashed();
    desk_ = std::make_unique<Desk>(plan_);
    if (!desk_->restore(snapshot_)) {
        own_breaches_.push_back("O3: the snapshot is refused");
    }
    for (std::size_t i = snapshot_at_; i < log_.size(); ++i) {
        desk_->apply(log_[i]);
    }
    if (whole && desk_->snapshot() != live) {
        own_breaches_.push_back("O3: snapshot and log do not fold into the state that was");
    }
    const auto since = now_;
    now_ += Span{chance() < 0.8 ? between(0, 3000) : between(0, 1200000)};
    desk_->recovered(since, {now_, wall_of(now_)}, out_);
    commit();
    // The detector comes back with its own state and says again what the log does not have.
    std::map<std::pair<std::string, std::string>, AlertEdge> durable_alerts;
    for (const auto& record : log_) {
        if (const auto* edge = std::get_if<AlertEdge>(&record.body)) {
            durable_alerts[{edge->queue.queue, edge->rule}] = *edge;
        }
    }
    const auto truth = truth_;
    for (const auto& [key, edge] : truth) {
        const auto known = durable_alerts.find(key);
        const bool same = known != durable_alerts.end() && known->second.to == edge.to && known->second.level == edge.level &&
                          known->second.stale == edge.stale && known->second.muted == edge.muted;
        if (!same) {
            say(edge);
        }
    }
}

void DeskWorld::say(const AlertEdge& edge) {
    truth_[{edge.queue.queue, edge.rule}] = edge;
    out_.records.push_back(Record{0, now_, wall_of(now_), edge});
    desk_->on_alerts(std::span<const AlertEdge>(&edge, 1), now_, {now_, wall_of(now_)}, out_);
    commit();
}

// ---- the channels and the people
// -----------------------------------------------------------------------------------------------------------------

void DeskWorld::deliver(const SendOrder& order) {
    const int mood = now_ >= end_ ? 0 : mood_[order.channel];
    const double roll = chance();
    Event e;
    e.what = Happening::outcome;
    e.outcome = {order.page, order.attempt, OutcomeClass::ok, Span{0}, ""};
    bool arrives = true;
    if (mood == 1 && roll < 0.6) {
        e.outcome.outcome = OutcomeClass::retry;
        e.outcome.retry_after = Span{chance() < 0.3 ? between(0, 90000) : 0};
        arrives = chance() < 0.1;  // it lies
    } else if (mood == 2) {
        e.outcome.outcome = roll < 0.5 ? OutcomeClass::channel_down : OutcomeClass::config_error;
        arrives = false;
    } else if (mood == 3 && roll < 0.6) {
        e.outcome.outcome = OutcomeClass::unknown;
        arrives = chance() < 0.5;
    } else if (roll < 0.02) {
        e.outcome.outcome = OutcomeClass::reject;
        arrives = false;
    }
    e.life = life_;
    e.at = now_ + Span{mood == 4 ? between(0, 30000) : between(0, 800)};
    if (mood != 4 || chance() < 0.8) {
        push(e);
        if (chance() < 0.05) {
            e.at += Span{between(0, 5000)};
            push(e);  // said twice
        }
    }
    if (arrives) {
        react(order);
    }
}

void DeskWorld::react(const SendOrder& order) {
    if (order.purpose == PagePurpose::close || order.incident.empty()) {
        return;
    }
    for (const auto& person : order.people) {
        const double roll = chance();
        if (roll > 0.7) {
            continue;
        }
        Event e;
        e.what = Happening::answer;
        e.command.incident = order.incident;
        e.command.person = e.command.by = person.person;
        e.command.way = "test";
        e.command.answer = roll < 0.4 ? AnswerKind::join : roll < 0.55 ? AnswerKind::decline : AnswerKind::ack;
        e.command.key = chance() < 0.5 ? "k" + std::to_string(++keys_) : std::string();
        e.at = now_ + Span{between(100, 240000)};
        push(e);
        if (chance() < 0.2) {
            e.at += Span{between(0, 2000)};
            push(e);  // pressed twice
        }
        if (e.command.answer == AnswerKind::join && chance() < 0.4) {
            e.command.key.clear();
            e.command.answer = chance() < 0.5 ? AnswerKind::leave : AnswerKind::arrive;
            e.at += Span{between(100, 900000)};
            push(e);
        }
    }
}

void DeskWorld::handle(const Event& event) {
    switch (event.what) {
        case Happening::alert: {
            auto edge = event.edge;
            edge.at = now_;
            say(edge);
            break;
        }
        case Happening::answer:
        case Happening::silence:
            desk_->on_command(event.command, {now_, wall_of(now_)}, out_);
            commit();
            break;
        case Happening::outcome:
            if (event.life == life_) {
                desk_->on_outcome(event.outcome, {now_, wall_of(now_)}, out_);
                commit();
            }
            break;
        case Happening::kill: kill(0); break;
        case Happening::mood: mood_["c" + std::to_string(between(0, 2))] = between(0, 4); break;
    }
}

/// An incident that calls for people must always have a next moment at which something happens.
void DeskWorld::check_alive() {
    for (const auto& inc : desk_->incidents()) {
        if (inc.state != "closed" && desk_->next_deadline() == engine_never) {
            own_breaches_.push_back("P6: " + inc.incident + " is " + inc.state + " and waits for nothing");
        }
    }
}

WorldResult DeskWorld::run() {
    const auto stop = end_ + 3h;
    for (std::size_t step = 0; step < 400000; ++step) {
        const auto timer = std::max(desk_->next_deadline(), now_);
        const auto event = events_.empty() ? engine_never : std::max(events_.top().at, now_);
        if (std::min(timer, event) > stop) {
            break;
        }
        if (event <= timer) {
            now_ = event;
            const auto next = events_.top();
            events_.pop();
            handle(next);
        } else {
            now_ = timer;
            desk_->advance({now_, wall_of(now_)}, out_);
            commit();
        }
        if (step % 64 == 0) {
            check_alive();
        }
    }
    reference_.finish();
    WorldResult r;
    for (const auto& record : log_) {
        r.timeline.push_back(line_of(record));
    }
    r.breaches = reference_.breaches();
    r.breaches.insert(r.breaches.end(), own_breaches_.begin(), own_breaches_.end());
    r.records = log_.size();
    r.incidents = reference_.incidents();
    r.pages = reference_.pages();
    r.repeats = reference_.repeats();
    r.filled = reference_.filled();
    r.exhausted = reference_.exhausted();
    r.rises = reference_.rises();
    r.noshows = reference_.noshows();
    r.crashes = crashes_;
    return r;
}

}  // namespace surged::test
