#include "core/rule/latch.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace surged {

namespace {
std::size_t index_of(Level level) {
    return static_cast<std::size_t>(level) - 1;
}
Level level_of(std::size_t index) {
    return static_cast<Level>(index + 1);
}

bool step(Latch& latch, const LevelSpec& spec, double value, EngineTime now) {
    const auto before = latch.phase;
    switch (latch.phase) {
        case LatchPhase::off:
            if (spec.raise.holds(value)) {
                latch = {spec.raise_after.count() == 0 ? LatchPhase::on : LatchPhase::raising, now};
            }
            break;
        case LatchPhase::raising:
            if (!spec.raise.holds(value)) {
                latch = {LatchPhase::off, now};
            } else if (now - latch.since >= spec.raise_after) {
                latch = {LatchPhase::on, now};
            }
            break;
        case LatchPhase::on:
            if (spec.clear.holds(value)) {
                latch = {spec.clear_after.count() == 0 ? LatchPhase::off : LatchPhase::clearing, now};
            }
            break;
        case LatchPhase::clearing:
            if (!spec.clear.holds(value)) {
                latch = {LatchPhase::on, now};
            } else if (now - latch.since >= spec.clear_after) {
                latch = {LatchPhase::off, now};
            }
            break;
    }
    return latch.phase != before;
}
}  // namespace

bool LatchSet::observe(std::span<const LevelSpec> levels, double value, EngineTime now) {
    unknown_since_ = engine_never;
    bool changed = false;
    for (const auto& spec : levels) {
        changed |= step(latches_[index_of(spec.level)], spec, value, now);
    }
    return changed;
}

bool LatchSet::observe_unknown(Span unknown_clear_after, EngineTime now) {
    bool changed = false;
    if (unknown_since_ == engine_never) {
        unknown_since_ = now;
    }
    const bool over = unknown_clear_after.count() > 0 && now - unknown_since_ >= unknown_clear_after;
    for (auto& latch : latches_) {
        if (latch.phase == LatchPhase::raising || (over && latch.phase != LatchPhase::off)) {
            latch = {LatchPhase::off, now};
            changed = true;
        } else if (latch.phase == LatchPhase::clearing) {
            latch = {LatchPhase::on, now};
            changed = true;
        }
    }
    return changed;
}

bool LatchSet::expire(std::span<const LevelSpec> levels, EngineTime now) {
    bool changed = false;
    for (const auto& spec : levels) {
        auto& latch = latches_[index_of(spec.level)];
        if (latch.phase == LatchPhase::raising && now - latch.since >= spec.raise_after) {
            latch = {LatchPhase::on, now};
            changed = true;
        } else if (latch.phase == LatchPhase::clearing && now - latch.since >= spec.clear_after) {
            latch = {LatchPhase::off, now};
            changed = true;
        }
    }
    return changed;
}

EngineTime LatchSet::deadline(std::span<const LevelSpec> levels) const {
    auto next = engine_never;
    for (const auto& spec : levels) {
        const auto& latch = latches_[index_of(spec.level)];
        if (latch.phase == LatchPhase::raising) {
            next = std::min(next, latch.since + spec.raise_after);
        } else if (latch.phase == LatchPhase::clearing) {
            next = std::min(next, latch.since + spec.clear_after);
        }
    }
    return next;
}

void LatchSet::thaw(EngineTime now) {
    for (auto& latch : latches_) {
        if (latch.phase == LatchPhase::clearing) {
            latch.since = now;
        }
    }
}

Level LatchSet::level() const {
    for (std::size_t i = latches_.size(); i-- > 0;) {
        if (latches_[i].phase == LatchPhase::on || latches_[i].phase == LatchPhase::clearing) {
            return level_of(i);
        }
    }
    return Level::none;
}

Level LatchSet::pending() const {
    const auto reached = level();
    for (std::size_t i = latches_.size(); i-- > 0;) {
        if (latches_[i].phase == LatchPhase::raising && level_of(i) > reached) {
            return level_of(i);
        }
    }
    return Level::none;
}

bool LatchSet::clearing() const {
    const auto top = level();
    return top != Level::none && latches_[index_of(top)].phase == LatchPhase::clearing;
}

bool LatchSet::idle() const {
    return std::all_of(latches_.begin(), latches_.end(), [](const Latch& latch) { return latch.phase == LatchPhase::off; });
}

AlertState LatchSet::state() const {
    if (level() != Level::none) {
        return clearing() ? AlertState::clearing : AlertState::firing;
    }
    return pending() != Level::none ? AlertState::pending : AlertState::ok;
}

EngineTime LatchSet::since() const {
    const auto top = level() != Level::none ? level() : pending();
    return top != Level::none ? latches_[index_of(top)].since : EngineTime{};
}

QuietBand LatchSet::quiet(std::span<const LevelSpec> levels) const {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    QuietBand band{-infinity, infinity};
    for (const auto& spec : levels) {
        const auto phase = latches_[index_of(spec.level)].phase;
        const bool watches_raise = phase == LatchPhase::off || phase == LatchPhase::raising;
        const auto& limit = watches_raise ? spec.raise : spec.clear;
        // Waiting phases are quiet while their limit holds, resting phases while it does not.
        const bool quiet_inside = phase == LatchPhase::raising || phase == LatchPhase::clearing;
        double edge = limit.value;
        const bool edge_inside = limit.comparison == Comparison::at_least || limit.comparison == Comparison::at_most;
        if (limit.upward() == quiet_inside) {  // quiet above the edge
            if (edge_inside != quiet_inside) {
                edge = std::nextafter(edge, infinity);
            }
            band.lo = std::max(band.lo, edge);
        } else {  // quiet below it
            if (edge_inside != quiet_inside) {
                edge = std::nextafter(edge, -infinity);
            }
            band.hi = std::min(band.hi, edge);
        }
    }
    return band;
}

void LatchSet::resume(std::span<const LevelSpec> levels, AlertState state, Level level, Level pending, EngineTime since) {
    latches_ = {};
    for (const auto& spec : levels) {
        auto& latch = latches_[index_of(spec.level)];
        if (spec.level <= level) {
            const bool top = spec.level == level;
            latch = {top && state == AlertState::clearing ? LatchPhase::clearing : LatchPhase::on, since};
        } else if (spec.level <= pending) {
            latch = {LatchPhase::raising, since};
        }
    }
}

}  // namespace surged
