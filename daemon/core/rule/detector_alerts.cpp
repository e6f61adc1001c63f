// The slow way: an alert leaves its band, a hold ends, a queue falls silent or comes back. Everything that makes an edge is here.
#include <algorithm>
#include <cmath>

#include "core/base/check.hpp"
#include "core/base/text.hpp"
#include "core/rule/detector.hpp"

namespace surged {

ActiveAlert& Detector::activate(std::uint32_t id, std::uint16_t series, std::uint16_t bound) {
    auto& queue = store_[id];
    auto& slot = queue.bounds[bound].active;
    if (slot == no_id) {
        if (free_.empty()) {
            free_.push_back(static_cast<std::uint32_t>(active_.size()));
            active_.emplace_back();
        }
        slot = free_.back();
        free_.pop_back();
        auto& alert = active_[slot];
        const auto generation = alert.generation + 1;
        alert = ActiveAlert{};
        alert.generation = generation;
        alert.queue = id;
        alert.series = series;
        alert.bound = bound;
        alert.rule = queue.series[series].plan->rules[bound - queue.series[series].bounds].rule;
        alert.state = queue.bounds[bound].known ? AlertState::ok : AlertState::unknown;
        alert.stale = (queue.stale || queue.series[series].pace.silent()) && !plan_.rules[alert.rule].feed;
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

void Detector::observe(std::uint32_t id, std::uint16_t series, std::uint16_t bound, double value, SourceTime ts, Stamp now,
                       const std::string* evidence) {
    auto& queue = store_[id];
    const bool resting = queue.bounds[bound].active == no_id;
    if (std::isnan(value) && (resting || active_[queue.bounds[bound].active].stale)) {
        return;  // unknown at rest, nothing changes; unknown because it is not sent, nothing may change (D1)
    }
    auto& alert = activate(id, series, bound);
    const auto& rule = plan_.rules[alert.rule];
    if (std::isnan(value)) {
        alert.latches.observe_unknown(rule.unknown_clear_after, now.at);
    } else {
        const bool moved = alert.latches.observe(rule.levels, value, now.at);
        alert.value = value;
        set_known(queue.bounds[bound], true);
        if (!moved && !alert.latches.idle() && alert.state == alert.latches.state() && alert.level == alert.latches.level()) {
            note_worst(alert, value, now.at);  // worse than ever, and nothing else: holds and timers stay as they are
            renew_band(alert);
            return;
        }
    }
    settle(queue.bounds[bound].active, value, ts, now, evidence);
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
    auto& band = queue.bounds[alert.bound].band;
    band = alert.latches.quiet(rule.levels);
    if (!alert.latches.idle() && !std::isnan(alert.worst)) {
        const bool upward = rule.levels.front().raise.upward();
        (upward ? band.hi : band.lo) = upward ? std::min(band.hi, alert.worst) : std::max(band.lo, alert.worst);
    }
    refresh_band(queue, queue.series[alert.series], alert.bound);
}

/// After the latches moved: record what changed, set the next deadline, renew the band, let go of an alert at rest.
void Detector::settle(std::uint32_t index, double value, SourceTime ts, Stamp now, const std::string* evidence) {
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
        emit(alert, to, ts, now, evidence, false);
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
        const auto& band = queue.bounds[series.bounds + i].band;
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

void Detector::emit(const ActiveAlert& alert, AlertState to, SourceTime ts, Stamp now, const std::string* evidence,
                    bool stale_changed) {
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
    edge.stale_changed = stale_changed;
    edge.muted = muted_at(rule, now.wall);
    edge.folded = speaker_of(alert);
    edge.flapping = to != AlertState::unknown && flapping(alert.queue, alert.bound);
    edge.value = alert.value;
    edge.limit = limit_text(alert);
    if (evidence != nullptr) {
        edge.evidence = *evidence;
    }
    edge.ts = ts;
    edge.at = now.at;
    edge.since = alert.latches.since();
    edges_.push_back(std::move(edge));
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
    static const std::string evidence = "no data";
    for (std::uint16_t s = 0; s < queue.series_count && queue.active > 0; ++s) {
        for (std::size_t i = 0; i < queue.series[s].plan->rules.size(); ++i) {
            const auto index = queue.bounds[queue.series[s].bounds + i].active;
            if (index != no_id && !plan_.rules[active_[index].rule].feed && !active_[index].stale) {
                active_[index].stale = true;
                emit(active_[index], active_[index].state, queue.ts, now, &evidence, true);
            }
        }
    }
}

/// Data again: the first ever, after staleness, or while a rule about the feed itself is not at rest.
void Detector::wake(std::uint32_t id, Stamp now) {
    static const std::string evidence = "data again";
    const bool was_stale = store_[id].stale;
    store_[id].seen = true;
    store_[id].stale = false;
    if (was_stale) {
        --stale_queues_;
        timers_.set(now.at + store_[id].stale_after, TimerKind::stale, id);
    }
    for (std::uint16_t s = 0; s < store_[id].series_count; ++s) {
        const auto& plan = *store_[id].series[s].plan;
        for (std::size_t i = 0; i < plan.rules.size(); ++i) {
            const auto bound = static_cast<std::uint16_t>(store_[id].series[s].bounds + i);
            const auto index = store_[id].bounds[bound].active;
            const bool feed = plan_.rules[plan.rules[i].rule].feed;
            if (feed && !store_[id].bounds[bound].armed) {
                store_[id].bounds[bound].armed = true;
                const auto first = plan_.rules[plan.rules[i].rule].levels.front().raise.value;
                timers_.set(now.at + Span{static_cast<std::int64_t>(first * 1000.0)}, TimerKind::absence, id, bound);
            }
            if (index == no_id) {
                continue;
            }
            if (feed) {
                observe(id, s, bound, 0, store_[id].ts, now, &evidence);
            } else if (was_stale && !store_[id].series[s].pace.silent()) {
                auto& alert = active_[index];
                alert.stale = false;
                alert.latches.thaw(now.at);
                emit(alert, alert.state, store_[id].ts, now, &evidence, true);
                const auto deadline = alert.latches.deadline(plan_.rules[alert.rule].levels);
                if (deadline != engine_never) {
                    timers_.set(std::max(deadline, now.at), TimerKind::hold, index, alert.generation);
                }
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
                const bool plain = rule.kind == RuleKind::threshold && rule.ahead == Span{0};
                const double last = plain ? store_.value(queue, alert.series) : alert.value;
                settle(timer.a, std::isnan(last) ? alert.value : last, queue.ts, now, nullptr);
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
            static const std::string evidence = "still so after the mute";
            alert.muted = false;
            emit(alert, alert.state, store_[alert.queue].ts, now, &evidence, false);
            return;
        }
        case TimerKind::stale: go_stale(timer.a, now); return;
        case TimerKind::flap: end_flap(timer.a, static_cast<std::uint16_t>(timer.b), now); return;
        case TimerKind::absence: check_absence(timer.a, timer.b, now); return;
        case TimerKind::group:
            groups_[timer.a].timed = false;
            fold_group(timer.a, now);
            return;
    }
}

}  // namespace surged
