#include "core/engine/overload.hpp"

#include <algorithm>
#include <utility>

namespace surged {

Overload::Overload(const Plan& plan) {
    take_spec(plan);
}

/// Never below what the policy pages from: a summary that nobody gets would be silence.
void Overload::take_spec(const Plan& plan) {
    spec_ = plan.overload;
    level_ = Level::yellow;
    for (const auto& policy : plan.policies) {
        if (policy.id == spec_.policy) {
            level_ = std::max(level_, policy.page_from);
        }
    }
}

void Overload::adopt(const Plan& plan) {
    const bool fires = state_ == AlertState::firing || state_ == AlertState::clearing;
    if (fires && plan.overload.policy != spec_.policy) {
        leaving_ = edge(AlertState::unknown, {});
        state_ = AlertState::ok;
    }
    take_spec(plan);
}

bool Overload::any() const {
    return std::any_of(causes_.begin(), causes_.end(), [](const Cause& c) { return c.there; });
}

void Overload::say(OverloadCause cause, bool there, std::string detail, EngineTime) {
    auto& known = causes_[static_cast<std::size_t>(cause)];
    told_anew_ = told_anew_ || (there && !known.there);
    known = {there, engine_never, there ? std::move(detail) : std::string()};
}

void Overload::happened(OverloadCause cause, std::string detail, Span lasts, EngineTime now) {
    say(cause, true, std::move(detail), now);
    causes_[static_cast<std::size_t>(cause)].until = now + lasts;
}

std::string Overload::evidence() const {
    std::string out;
    for (const auto& cause : causes_) {
        if (cause.there) {
            out += (out.empty() ? "" : "; ") + cause.detail;
        }
    }
    return out.empty() ? "no cause is left" : out;
}

AlertEdge Overload::edge(AlertState to, Stamp now) const {
    AlertEdge e;
    e.rule = overload_rule;
    e.policy = spec_.policy;
    e.queue = {"surged", "overload", "engine"};
    e.metric = "overload";
    e.from = state_;
    e.to = to;
    const bool fires = to == AlertState::firing || to == AlertState::clearing;
    e.level = fires ? level_ : Level::none;
    e.pending = to == AlertState::pending ? level_ : Level::none;
    e.value = static_cast<double>(std::count_if(causes_.begin(), causes_.end(), [](const Cause& c) { return c.there; }));
    e.limit = "> 0";
    e.evidence = evidence();
    e.ts = source_time(to_ms(now.wall));
    e.at = now.at;
    e.since = fires ? fired_ : since_;
    return e;
}

std::optional<AlertEdge> Overload::step(Stamp now) {
    if (leaving_) {
        auto out = std::exchange(leaving_, std::nullopt);
        out->at = now.at;
        return out;
    }
    for (auto& cause : causes_) {
        if (cause.there && cause.until <= now.at) {
            cause = {};
        }
    }
    const auto move = [&](AlertState to) {
        since_ = now.at;
        fired_ = to == AlertState::firing && state_ != AlertState::clearing ? now.at : fired_;
        auto out = edge(to, now);
        state_ = to;
        return std::optional(std::move(out));
    };
    const bool bad = any();
    switch (state_) {
        case AlertState::unknown:
        case AlertState::ok: return bad ? move(AlertState::pending) : std::nullopt;
        case AlertState::pending:
            told_anew_ = false;
            if (!bad) {
                return move(AlertState::ok);
            }
            return now.at - since_ >= spec_.raise_after ? move(AlertState::firing) : std::nullopt;
        case AlertState::firing:
            if (!bad) {
                return move(AlertState::clearing);
            }
            // Another cause: the evidence is recorded again, for pages that are still to be made.
            return std::exchange(told_anew_, false) ? std::optional(edge(AlertState::firing, now)) : std::nullopt;
        case AlertState::clearing:
            if (bad) {
                told_anew_ = false;
                return move(AlertState::firing);
            }
            return now.at - since_ >= spec_.clear_after ? move(AlertState::ok) : std::nullopt;
    }
    return std::nullopt;
}

EngineTime Overload::deadline() const {
    if (leaving_) {
        return EngineTime::min();
    }
    auto next = engine_never;
    for (const auto& cause : causes_) {
        next = cause.there ? std::min(next, cause.until) : next;
    }
    if (state_ == AlertState::pending) {
        next = std::min(next, since_ + spec_.raise_after);
    } else if (state_ == AlertState::clearing) {
        next = std::min(next, since_ + spec_.clear_after);
    }
    return next;
}

std::optional<AlertEdge> Overload::open() const {
    if (state_ != AlertState::firing && state_ != AlertState::clearing) {
        return std::nullopt;
    }
    auto e = edge(state_, {});
    e.at = fired_;
    return e;
}

void Overload::resume(const AlertEdge& edge, EngineTime now) {
    state_ = AlertState::clearing;
    since_ = now;
    fired_ = edge.since;
}

}  // namespace surged
