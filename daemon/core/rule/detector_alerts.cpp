// The slow way: an alert leaves its band, a hold ends, a queue falls silent or comes back. Everything that makes an edge is here.
#include <algorithm>
#include <cmath>

#include "core/base/check.hpp"
#include "core/base/text.hpp"
#include "core/rule/detector.hpp"
#include "core/rule/kind_phrases.hpp"
#include "core/rule/kinds.hpp"
#include "core/rule/rule_step.hpp"

namespace surged {

ActiveAlert& Detector::activate(BoundAt at) {
    auto& queue = store_[at.queue];
    auto& slot = queue.bounds[at.bound].active;
    if (slot == no_id) {
        if (free_.empty()) {
            free_.push_back(static_cast<std::uint32_t>(active_.size()));
            active_.emplace_back();
        }
        slot = free_.back();
        free_.pop_back();
        auto& alert = active_[slot];
        const auto generation = alert.generation + 1;
        const auto& series = queue.series[at.series];
        alert = ActiveAlert{};
        alert.generation = generation;
        alert.queue = at.queue;
        alert.series = at.series;
        alert.bound = at.bound;
        alert.rule = series.plan->rules[at.bound - series.bounds].rule;
        alert.state = queue.bounds[at.bound].known ? AlertState::ok : AlertState::unknown;
        alert.stale = (queue.stale || series.pace.silent()) && !plan_.rules[alert.rule].feed;
        ++queue.active;
    }
    return active_[slot];
}

void Detector::release(std::uint32_t index) {
    auto& alert = active_[index];
    auto& queue = store_[alert.queue];
    queue.bounds[alert.bound].active = no_id;
    --queue.active;
    alert.queue = no_id;
    free_.push_back(index);
}

void Detector::observe(BoundAt at, double value, SourceTime ts, Stamp now, std::string_view evidence) {
    auto& bound = store_[at.queue].bounds[at.bound];
    const bool resting = bound.active == no_id;
    if (std::isnan(value) && (resting || active_[bound.active].stale)) {
        return;  // unknown at rest, nothing changes; unknown because it is not sent, nothing may change (D1)
    }
    auto& alert = activate(at);
    const auto& rule = plan_.rules[alert.rule];
    if (std::isnan(value)) {
        alert.latches.observe_unknown(rule.unknown_clear_after, now.at);
    } else {
        const bool moved = alert.latches.observe(rule.levels, value, now.at);
        alert.value = value;
        set_known(bound, true);
        if (!moved && !alert.latches.idle() && alert.state == alert.latches.state() && alert.level == alert.latches.level()) {
            note_worst(alert, value, now.at);  // worse than ever, and nothing else: holds and timers stay as they are
            renew_band(alert);
            return;
        }
    }
    settle(bound.active, value, ts, now, evidence);
}

/// The worst value since the alert left ok. A worse one leaves the band (renew_band), so that none is missed.
void Detector::note_worst(ActiveAlert& alert, double value, EngineTime at) const {
    const bool upward = plan_.rules[alert.rule].levels.front().raise.upward();
    if (std::isnan(alert.worst) || (upward ? value > alert.worst : value < alert.worst)) {
        alert.worst = value;
        alert.worst_at = at;
    }
}

/// What is worked out per sample and lies within its band: what is shown as of now follows it all the same.
void Detector::keep_value(const Bound& bound, double value) {
    if (bound.active != no_id && !std::isnan(value)) {
        active_[bound.active].value = value;
    }
}

void Detector::renew_band(const ActiveAlert& alert) {
    auto& queue = store_[alert.queue];
    const auto& rule = plan_.rules[alert.rule];
    auto band = alert.latches.quiet(rule.levels);
    if (!alert.latches.idle() && !std::isnan(alert.worst)) {
        const bool upward = rule.levels.front().raise.upward();
        (upward ? band.hi : band.lo) = upward ? std::min(band.hi, alert.worst) : std::max(band.lo, alert.worst);
    }
    queue.bounds[alert.bound].band = band;
    refresh_band(queue, queue.series[alert.series], alert.bound);
}

/// After the latches moved: record what changed, set the next deadline, renew the band, let go of an alert at rest.
void Detector::settle(std::uint32_t index, double value, SourceTime ts, Stamp now, std::string_view evidence) {
    auto& alert = active_[index];
    auto& queue = store_[alert.queue];
    const auto& rule = plan_.rules[alert.rule];
    if (!std::isnan(value)) {
        alert.value = value;
        note_worst(alert, value, now.at);
    }
    const auto to = alert.latches.state();
    const auto level = alert.latches.level();
    const bool silent_start = alert.state == AlertState::unknown && to == AlertState::ok;
    if ((to != alert.state || level != alert.level) && !silent_start) {
        note_change(alert, to, level, now.at);
        emit(alert, to, ts, now, evidence);
        auto& recorded = active_[index];
        recorded.muted = edges_.back().muted;
        recorded.folded = edges_.back().folded.rule.empty() ? nullptr : std::make_shared<const AlertKey>(edges_.back().folded);
        if (recorded.muted && to == AlertState::firing) {
            constexpr Span look_again{60000};
            timers_.set(now.at + look_again, TimerKind::muted, index, recorded.generation);
        }
    }
    alert.state = to;
    alert.level = level;
    alert.since = alert.latches.since();
    note_firing(alert);
    const auto deadline = alert.latches.deadline(rule.levels);
    if (deadline != engine_never && !queue.stale && !alert.stale) {
        timers_.set(deadline, TimerKind::hold, index, alert.generation);
    }
    renew_band(alert);
    if (alert.latches.idle()) {
        release(index);
    }
}

/// The series' band is what all its thresholds have in common; other kinds keep bands of their own only.
void Detector::refresh_band(Queue& queue, Series& series, std::uint16_t bound) {
    if (bound >= series.bounds + series.plan->thresholds) {
        return;
    }
    series.band = queue.bounds[series.bounds].band;
    for (std::uint32_t i = 1; i < series.plan->thresholds; ++i) {
        const QuietBand band = queue.bounds[series.bounds + i].band;
        series.band.lo = std::max(series.band.lo, band.lo);
        series.band.hi = std::min(series.band.hi, band.hi);
    }
}

bool Detector::inside(const MuteWindow& window, WallTime wall) const {
    const auto zone = plan_.zones.find(window.zone);
    const auto civil = zone != plan_.zones.end() ? zone->second.to_civil(wall) : Zone{}.to_civil(wall);
    const auto day = days_from_civil(civil.year, civil.month, civil.day);
    const int minute = civil.second_of_day / 60;
    const auto on = [&](std::int64_t d) { return (window.days >> static_cast<unsigned>(weekday_of(d)) & 1U) != 0; };
    const bool over_midnight = window.to_min <= window.from_min;
    return over_midnight ? (on(day) && minute >= window.from_min) || (on(day - 1) && minute < window.to_min)
                         : on(day) && minute >= window.from_min && minute < window.to_min;
}

bool Detector::muted_at(const RuleSpec& rule, WallTime wall) const {
    return std::any_of(rule.mute.begin(), rule.mute.end(), [&](const MuteWindow& window) { return inside(window, wall); });
}

/// The limit that decided the last change: the raise limit of the level reached or waited for, the clear limit while going back.
std::string Detector::limit_text(const ActiveAlert& alert) const {
    const auto& rule = plan_.rules[alert.rule];
    const auto state = alert.latches.state();
    const bool back = state == AlertState::clearing || state == AlertState::ok;
    const auto wanted = state == AlertState::pending ? alert.latches.pending()
                        : state == AlertState::ok    ? std::max(alert.level, rule.levels.front().level)
                                                     : alert.latches.level();
    for (const auto& level : rule.levels) {
        if (level.level == wanted) {
            return back ? level.clear.text() : level.raise.text();
        }
    }
    return {};
}

/// What an edge to `to` says of the alert whenever it is made. The caller adds what differs: times, level, mute, limit, evidence.
AlertEdge Detector::make_edge(const ActiveAlert& alert, AlertState to) const {
    const auto& rule = plan_.rules[alert.rule];
    const auto& queue = store_[alert.queue];
    AlertEdge edge;
    edge.rule = rule.id;
    edge.policy = rule.policy;
    edge.queue = store_.key(alert.queue);
    edge.group = queue.group;
    edge.metric = rule.metric;
    edge.from = alert.state;
    edge.to = to;
    edge.level = alert.latches.level();
    edge.pending = alert.latches.pending();
    edge.stale = queue.stale || alert.stale;
    edge.flapping = to != AlertState::unknown && flapping(alert.queue, alert.bound);
    edge.value = alert.value;
    edge.ts = queue.ts;
    edge.since = alert.latches.since();
    return edge;
}

void Detector::emit(const ActiveAlert& alert, AlertState to, SourceTime ts, Stamp now, std::string_view evidence) {
    auto edge = make_edge(alert, to);
    edge.muted = muted_at(plan_.rules[alert.rule], now.wall);
    edge.folded = speaker_of(alert);
    edge.limit = limit_text(alert);
    edge.evidence = evidence;
    edge.ts = ts;
    edge.at = now.at;
    edges_.push_back(std::move(edge));
}

/// An edge about `stale` only: the data of this alert stopped, or came back.
void Detector::tell_stale(std::uint32_t index, bool stale, Stamp now, std::string_view evidence) {
    auto& alert = active_[index];
    alert.stale = stale;
    emit(alert, alert.state, store_[alert.queue].ts, now, evidence);
    edges_.back().stale_changed = true;
}

/// Data of this alert is back: what was clearing must be seen clear anew, and its holds go on.
void Detector::freshen(std::uint32_t index, Stamp now) {
    auto& alert = active_[index];
    alert.latches.thaw(now.at);
    tell_stale(index, false, now, KindSay{Language::en}("data.back"));
    const auto deadline = alert.latches.deadline(plan_.rules[alert.rule].levels);
    if (deadline != engine_never) {
        timers_.set(std::max(deadline, now.at), TimerKind::hold, index, alert.generation);
    }
}

void Detector::go_stale(std::uint32_t id, Stamp now) {
    auto& queue = store_[id];
    const auto due = std::max(queue.last + queue.stale_after, recovered_ == EngineTime{} ? recovered_ : recovered_ + std::max(silence_hold, queue.stale_after));
    if (due > now.at) {
        timers_.set(due, TimerKind::stale, id);
        return;
    }
    if (queue.stale) {
        return;
    }
    queue.stale = true;
    ++stale_queues_;
    if (!queue.seen) {
        return;  // "never seen" is a state of its own
    }
    for (std::uint16_t bound = 0; bound < queue.bound_count && queue.active > 0; ++bound) {
        const auto index = queue.bounds[bound].active;
        if (index != no_id && !plan_.rules[active_[index].rule].feed && !active_[index].stale) {
            tell_stale(index, true, now, KindSay{Language::en}("data.none"));
        }
    }
}

/// Data again: the first ever, after staleness, or while a rule about the feed itself is not at rest.
void Detector::wake(std::uint32_t id, Stamp now) {
    const bool was_stale = store_[id].stale;
    store_[id].seen = true;
    store_[id].stale = false;
    if (was_stale) {
        --stale_queues_;
        timers_.set(now.at + store_[id].stale_after, TimerKind::stale, id);
    }
    for (std::size_t s = 0; s < store_[id].series_count; ++s) {
        RuleStep step(*this, id, s, now);
        for (std::size_t i = 0; i < step.series.plan->rules.size(); ++i) {
            const auto& row = *step.series.plan->rules[i].row;
            step.at(i);
            if (step.rule().feed && row.heard != nullptr) {
                row.heard(step);
            } else if (!step.resting() && was_stale && !step.series.pace.silent()) {
                freshen(step.bound().active, now);
            }
        }
    }
}

void Detector::run(const Timer& timer, Stamp now) {
    switch (timer.kind) {
        case TimerKind::hold: {
            auto& alert = active_[timer.a];
            if (alert.queue == no_id || alert.generation != timer.b || store_[alert.queue].stale || alert.stale) {
                return;
            }
            const auto& rule = plan_.rules[alert.rule];
            if (alert.latches.expire(rule.levels, now.at)) {
                // The value at the change is that of now, not the one that left the band when the hold began.
                const auto& queue = store_[alert.queue];
                const double last = banded(rule) ? store_.value(queue, alert.series) : alert.value;
                settle(timer.a, std::isnan(last) ? alert.value : last, queue.ts, now, {});
            }
            return;
        }
        case TimerKind::muted: {
            auto& alert = active_[timer.a];
            if (alert.queue == no_id || alert.generation != timer.b || !alert.muted || alert.state != AlertState::firing) {
                return;
            }
            if (muted_at(plan_.rules[alert.rule], now.wall)) {
                constexpr Span look_again{60000};
                timers_.set(now.at + look_again, TimerKind::muted, timer.a, timer.b);
                return;
            }
            alert.muted = false;
            emit(alert, alert.state, store_[alert.queue].ts, now, "still firing after the mute window");
            return;
        }
        case TimerKind::stale: go_stale(timer.a, now); return;
        case TimerKind::flap: end_flap(timer.a, static_cast<std::uint16_t>(timer.b), now); return;
        case TimerKind::kind: due(timer.a, timer.b, now); return;
        case TimerKind::group:
            groups_[timer.a].timed = false;
            derive_group(timer.a, now);
            return;
    }
}

}  // namespace surged
