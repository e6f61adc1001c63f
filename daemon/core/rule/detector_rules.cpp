// What each kind of rule compares, on the hot path. Evidence texts are made only when an alert leaves its band.
#include <algorithm>
#include <cmath>

#include "core/base/text.hpp"
#include "core/rule/change.hpp"
#include "core/rule/detector.hpp"

namespace surged {

void Detector::thresholds(Queue& queue, const Sample& sample, Stamp now) {
    // observe() may lay out nothing and free nothing, but it may change bands: read by index each time.
    const auto count = queue.series[sample.series].plan->thresholds;
    for (std::uint32_t i = 0; i < count; ++i) {
        const auto bound = static_cast<std::uint16_t>(queue.series[sample.series].bounds + i);
        if (!queue.bounds[bound].band.contains(sample.value)) {
            observe(sample.queue, sample.series, bound, sample.value, sample.ts, now, nullptr);
        }
    }
}

double Detector::change(Queue& queue, const Series& series, const BoundRule& bound, const Sample& sample,
                        const ActiveAlert* active, double* recent_out, double* usual_out) {
    const auto& rings = series.plan->rings;
    auto& total = queue.ring(series, bound.ring_total);
    const auto covered = total.covered_ms(rings[bound.ring_total].width_ms, sample.ts);
    const bool frozen = active != nullptr && active->frozen_at != engine_never;
    const auto result = change_of(plan_.rules[bound.rule], series.plan->kind == MetricKind::counter,
                                  {queue.ring(series, bound.ring_recent), place(rings[bound.ring_recent], sample.ts), total,
                                   place(rings[bound.ring_total], sample.ts), covered},
                                  frozen ? &active->frozen : nullptr);
    *recent_out = result.recent;
    *usual_out = result.usual;
    return result.value;
}

void Detector::windowed(Queue& queue, const Sample& sample, Stamp now) {
    auto& series = queue.series[sample.series];
    const auto& plan = *series.plan;
    for (std::size_t i = plan.thresholds; i < plan.rules.size(); ++i) {
        const auto bound = static_cast<std::uint16_t>(series.bounds + i);
        if (plan.rules[i].kind == RuleKind::volatility) {
            swing(queue, sample, bound, now);
        } else if (plan.rules[i].kind == RuleKind::threshold) {
            foresee(queue, sample, bound, now);
        }
        if (plan.rules[i].kind != RuleKind::rate_of_change) {
            continue;
        }
        auto& state = queue.bounds[bound];
        auto* active = state.active != no_id ? &active_[state.active] : nullptr;
        if (active != nullptr && active->frozen_at != engine_never &&
            now.at - active->frozen_at >= plan_.rules[plan.rules[i].rule].freeze) {
            active->frozen_at = engine_never;  // a lasting shift is the new normal: compare with the real past again
        }
        double recent = 0;
        double usual = 0;
        const double value = change(queue, series, plan.rules[i], sample, active, &recent, &usual);
        if (state.band.contains(value) || (std::isnan(value) && !state.known)) {
            continue;
        }
        const auto& rule = plan_.rules[plan.rules[i].rule];
        const auto evidence = format_rounded(recent, 1) + " in the last " + format_span(rule.window) + ", " +
                              format_rounded(usual, 1) + " expected from the " + format_span(rule.versus) + " before";
        observe(sample.queue, sample.series, bound, value, sample.ts, now, &evidence);
        if (state.active != no_id && active_[state.active].frozen_at == engine_never && active == nullptr) {
            active_[state.active].frozen = usual;
            active_[state.active].frozen_at = now.at;
        }
    }
}

/// The counter moved: silence is over.
void Detector::rose(Queue& queue, std::uint32_t id, Series& series, Stamp now) {
    const auto& plan = *series.plan;
    for (std::size_t i = plan.thresholds; i < plan.rules.size(); ++i) {
        if (plan.rules[i].kind != RuleKind::absence) {
            continue;
        }
        const auto bound = static_cast<std::uint16_t>(series.bounds + i);
        queue.bounds[bound].last_rise = now.at;
        set_known(queue.bounds[bound], true);
        if (queue.bounds[bound].active != no_id) {
            static const std::string evidence = "it is back";
            observe(id, static_cast<std::uint16_t>(&series - queue.series), bound, 0, queue.ts, now, &evidence);
        }
        if (!queue.bounds[bound].armed) {
            queue.bounds[bound].armed = true;
            const auto& rule = plan_.rules[plan.rules[i].rule];
            timers_.set(now.at + Span{static_cast<std::int64_t>(rule.levels.front().raise.value * 1000.0)}, TimerKind::absence,
                        id, bound);
        }
    }
}

/// New series: silence counts from now.
void Detector::arm_absences(std::uint32_t id, std::size_t from_series, Stamp now) {
    auto& queue = store_[id];
    for (std::size_t s = from_series; s < queue.series_count; ++s) {
        const auto& plan = *queue.series[s].plan;
        for (std::size_t i = plan.thresholds; i < plan.rules.size(); ++i) {
            const auto& rule = plan_.rules[plan.rules[i].rule];
            if (rule.kind != RuleKind::absence) {
                continue;
            }
            const auto bound = static_cast<std::uint16_t>(queue.series[s].bounds + i);
            queue.bounds[bound].last_rise = now.at;
            queue.bounds[bound].armed = true;
            timers_.set(now.at + Span{static_cast<std::int64_t>(rule.levels.front().raise.value * 1000.0)}, TimerKind::absence,
                        id, bound);
        }
    }
}

/// A check set for this absence rule has come up: raise what the silence has reached and set the next check.
void Detector::check_absence(std::uint32_t id, std::uint32_t bound, Stamp now) {
    auto& queue = store_[id];
    if (bound >= queue.bound_count) {
        return;
    }
    std::uint16_t s = 0;
    while (s + 1U < queue.series_count && queue.series[s + 1U].bounds <= bound) {
        ++s;
    }
    if (recovered_ != EngineTime{} && now.at < recovered_ + silence_hold) {
        timers_.set(recovered_ + silence_hold, TimerKind::absence, id, bound);
        return;
    }
    const auto& series = queue.series[s];
    const auto& bound_rule = series.plan->rules[bound - series.bounds];
    const auto& rule = plan_.rules[bound_rule.rule];
    const auto last = rule.feed ? std::max(queue.last, recovered_) : queue.bounds[bound].last_rise;
    const auto silence = now.at - last;
    auto next = engine_never;
    double raise_max = -1;
    for (const auto& level : rule.levels) {
        const auto at = last + Span{static_cast<std::int64_t>(level.raise.value * 1000.0)} +
                        Span{level.raise.comparison == Comparison::above ? 1 : 0};
        if (at > now.at) {
            next = std::min(next, at);
        } else {
            raise_max = std::max(raise_max, level.raise.value);
        }
    }
    if (raise_max >= 0) {
        std::string evidence = "silent for " + format_span(std::chrono::duration_cast<std::chrono::seconds>(silence));
        bool counts = true;
        if (rule.feed) {
            // A queue nobody declared and that never spoke is not missing.
            counts = queue.seen || queue.expected;
        } else {
            const auto& plan = series.plan->rings[bound_rule.ring_recent];
            const double expected =
                usual_in_silence(queue.ring(series, bound_rule.ring_recent), plan.width_ms, rule, queue.ts, silence);
            evidence += ", " + format_rounded(expected, 0) + " usual in that time";
            // With a dead feed, or one that sends no such counter, nothing is known of the traffic.
            counts = expected >= rule.expected_min && !queue.stale && !series.pace.silent();
        }
        if (counts) {
            set_known(queue.bounds[bound], true);
            observe(id, s, static_cast<std::uint16_t>(bound), seconds(silence), queue.ts, now, &evidence);
        } else {
            constexpr Span look_again{10000};
            next = std::min(next, now.at + look_again);
        }
    }
    queue.bounds[bound].armed = next != engine_never;
    if (next != engine_never) {
        timers_.set(next, TimerKind::absence, id, bound);
    }
}

}  // namespace surged
