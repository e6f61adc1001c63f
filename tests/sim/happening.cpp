#include "sim/happening.hpp"

#include <cstdio>

#include "sim/sim_plan.hpp"

namespace surged::test {

namespace {

std::string at_text(Span since) {
    char text[32];
    std::snprintf(text, sizeof text, "%10.3f s  ", seconds(since));
    return text;
}

std::string text_of(const AlertEdge& e) {
    return "alert " + e.queue.queue + "/" + e.rule + " " + std::string(to_string(e.to)) + " " + std::string(to_string(e.level)) +
           (e.stale ? " stale" : "") + (e.muted ? " muted" : "");
}

std::string text_of(const OverrideChange& o) {
    return o.removed ? "operator ends override " + o.id
                     : "operator overrides roster " + o.roster + ": " + o.in + " for " + o.out + " from " +
                           std::to_string(to_ms(o.from)) + " until " + std::to_string(to_ms(o.until));
}

std::string text_of(const Command& c) {
    switch (c.kind) {
        case Command::Kind::answer:
            return c.person + " answers " + std::string(to_string(c.answer)) + " to " + c.incident +
                   (c.move ? " and moves" : "") + (c.successor.empty() ? "" : " and names " + c.successor) +
                   (c.key.empty() ? "" : " under key " + c.key);
        case Command::Kind::escalate: return "operator escalates " + c.incident + " to tier " + std::to_string(c.tier);
        case Command::Kind::resolve: return "operator resolves " + c.incident + (c.force ? " by force" : "");
        case Command::Kind::silence:
            return "operator silences queue " + c.silence.queue + " until " + std::to_string(to_ms(c.silence.until));
        case Command::Kind::unsilence: return "operator ends silence " + c.silence.silence;
        case Command::Kind::override_roster: return text_of(c.override_change);
        case Command::Kind::adopt_policy: return "operator lets " + c.incident + " adopt the policy in force";
        case Command::Kind::verdict: return "operator judges " + c.incident + " " + std::string(to_string(c.verdict));
        case Command::Kind::test_page: return "operator sends a test page to " + c.person;
    }
    return {};
}

std::string text_of(const SendOutcome& o) {
    return "outcome of " + o.page + " attempt " + std::to_string(o.attempt) + ": " + std::string(to_string(o.outcome)) +
           (o.pause > Span{0} ? ", throttled for " + std::to_string(o.pause.count()) + " ms" : "");
}

std::string text_of(const Kill& k) {
    return "KILL in the next commit: " + std::to_string(k.durable) + " records durable, then " + std::to_string(k.left) +
           " orders out, away " + std::to_string(k.down.count()) + " ms";
}
std::string text_of(const Reload& r) {
    return "reload of configuration " + std::to_string(r.variation);
}
std::string text_of(const WallStep& w) {
    return "wall clock steps by " + std::to_string(w.by.count()) + " ms";
}
std::string text_of(const Reading& r) {
    return "queue " + r.queue.queue + " is missing " + std::to_string(static_cast<int>(r.missing)) + " agents, " +
           std::to_string(static_cast<int>(r.waiting)) + " calls wait";
}
std::string text_of(const Temper& t) {
    return "channel " + t.channel + " has temper " + std::to_string(t.temper);
}

}  // namespace

double value_of(const AlertEdge& alert, EngineTime at) {
    constexpr std::int64_t steady_ms = 10000;
    auto mixed = static_cast<std::uint64_t>(to_ms(at) / steady_ms) * 0x9E3779B97F4A7C15ULL;
    for (const char c : alert.rule + alert.queue.queue) {
        mixed = (mixed ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
    }
    const auto number = static_cast<int>(mixed >> 40U);
    const auto raise = static_cast<int>(raise_of(alert.level));
    const auto clear = static_cast<int>(clear_of(alert.level));
    switch (alert.to) {
        case AlertState::firing: return clear + 1 + number % raise;
        case AlertState::clearing: return number % clear;
        default: return number % static_cast<int>(clear_of(Level::yellow));
    }
}

std::string line_of(const Happening& happening, EngineTime start) {
    return at_text(happening.at - start) + std::visit([](const auto& what) { return text_of(what); }, happening.what);
}

std::string lines_of(const std::vector<Happening>& list, EngineTime start) {
    std::string text;
    for (const auto& happening : list) {
        text += line_of(happening, start) + "\n";
    }
    return text;
}

std::string line_of(const Record& r) {
    auto line = std::to_string(to_ms(r.at)) + " " + record_type(r);
    if (const auto* i = std::get_if<IncidentChange>(&r.body)) {
        line += " " + i->incident + " tier " + std::to_string(i->tier) + " joined " + std::to_string(i->joined) + "/" +
                std::to_string(i->need) + " " + i->reason + (i->into.empty() ? "" : " into " + i->into);
    } else if (const auto* s = std::get_if<SeatChange>(&r.body)) {
        line += " " + s->incident + " " + s->person + " tier " + std::to_string(s->tier) + " " + s->reason;
    } else if (const auto* p = std::get_if<PageChange>(&r.body)) {
        line += " " + p->page + " attempt " + std::to_string(p->attempt) + (p->repeat ? " repeat " : " ") + p->reason;
        for (const auto& person : p->people) {
            line += " " + person;
        }
        line += p->carrier.empty() ? "" : " with " + p->carrier;
        line += p->action.empty() ? "" : " action " + p->action;
    } else if (const auto* a = std::get_if<AnswerGiven>(&r.body)) {
        line +=
            " " + a->incident + " " + a->person + " " + std::string(to_string(a->kind)) + " " + std::string(to_string(a->result));
    } else if (const auto* e = std::get_if<AlertEdge>(&r.body)) {
        line += " " + e->queue.centre + "/" + e->queue.queue + " " + e->rule + " " + std::string(to_string(e->level)) + (e->stale ? " stale" : "") + (e->muted ? " muted" : "");
    } else if (const auto* o = std::get_if<OverrideChange>(&r.body)) {
        line += " " + o->id + " " + o->roster + " " + o->in + " for " + o->out + (o->removed ? " ended" : "");
    } else if (const auto* n = std::get_if<SystemNote>(&r.body)) {
        line += " " + n->what + " " + n->detail;
    }
    return line;
}

}  // namespace surged::test
