// When which kind of rule is asked. What each of them does is in core/rule/kinds; evidence texts are made only when an alert leaves
// its band.
#include "core/rule/detector.hpp"
#include "core/rule/kinds.hpp"
#include "core/rule/rule_step.hpp"

namespace surged {

namespace {
constexpr Span look_pause{5000};  ///< between two looks at one queue

/// Calls each(row, step) for the rules of the step's series from the place `from` on.
template <typename Each>
void each_rule(RuleStep& step, std::size_t from, Each each) {
    const auto& rules = step.series.plan->rules;
    const auto* rule = rules.data() + from;
    for (auto place = from; place < rules.size(); ++place, ++rule) {
        each(*rule->row, step.at(*rule, place));
    }
}
}  // namespace

void Detector::thresholds(Queue& queue, const Sample& sample, Stamp now) {
    // observe() may lay out nothing and free nothing, but it may change bands: read by index each time.
    const auto count = queue.series[sample.series].plan->thresholds;
    for (std::uint32_t i = 0; i < count; ++i) {
        const auto bound = static_cast<std::uint16_t>(queue.series[sample.series].bounds + i);
        if (!queue.bounds[bound].band.contains(sample.value)) {
            observe({sample.queue, sample.series, bound}, sample.value, sample.ts, now);
        }
    }
}

/// Rules that are not banded.
void Detector::windowed(const Sample& sample, Stamp now) {
    RuleStep step(*this, sample.queue, sample.series, now);
    each_rule(step, step.series.plan->thresholds, [&](const KindRow& row, RuleStep& rule) {
        if (row.observe != nullptr) {
            row.observe(rule, sample.ts, sample.value);
        }
    });
}

void Detector::count_learners(const Sample& sample, const CounterStep& counted, Stamp now) {
    RuleStep step(*this, sample.queue, sample.series, now);
    each_rule(step, step.series.plan->thresholds, [&](const KindRow& row, RuleStep& rule) {
        if (row.count != nullptr) {
            row.count(rule, sample.ts, counted);
        }
    });
}

void Detector::gauge_learners(const Sample& sample, Stamp now) {
    RuleStep step(*this, sample.queue, sample.series, now);
    each_rule(step, step.series.plan->thresholds, [&](const KindRow& row, RuleStep& rule) {
        if (row.gauge != nullptr) {
            row.gauge(rule, sample.ts, sample.value);
        }
    });
}

/// The counter does not go on from its reading at `since`.
void Detector::broke(const Sample& sample, SourceTime since, bool known, Stamp now) {
    RuleStep step(*this, sample.queue, sample.series, now);
    each_rule(step, step.series.plan->thresholds, [&](const KindRow& row, RuleStep& rule) {
        if (row.broke != nullptr) {
            row.broke(rule, since, sample.ts, known);
        }
    });
}

void Detector::rose(const Sample& sample, Stamp now) {
    RuleStep step(*this, sample.queue, sample.series, now);
    each_rule(step, step.series.plan->thresholds, [](const KindRow& row, RuleStep& rule) {
        if (row.rose != nullptr) {
            row.rose(rule);
        }
    });
}

/// The queue's series from this one on are new.
void Detector::begin_rules(std::uint32_t id, std::size_t from_series, Stamp now) {
    for (std::size_t s = from_series; s < store_[id].series_count; ++s) {
        RuleStep step(*this, id, s, now);
        each_rule(step, step.series.plan->thresholds, [](const KindRow& row, RuleStep& rule) {
            if (row.begin != nullptr) {
                row.begin(rule);
            }
        });
    }
}

/// All rules of a queue that are worked out every few seconds, and never per sample.
void Detector::look(std::uint32_t id, SourceTime ts, Stamp now) {
    store_[id].staffed = now.at + look_pause;
    const auto& wanted = store_[id].cls->staffing;
    for (const auto& [rule, metric] : wanted) {
        const auto s = store_[id].find(metric);
        if (s == store_[id].series_count) {
            continue;
        }
        const auto& rules = store_[id].series[s].plan->rules;
        for (std::size_t place = 0; place < rules.size(); ++place) {
            if (rules[place].rule == rule) {
                RuleStep step(*this, id, s, now);
                rules[place].row->look(step.at(rules[place], place), ts, rule == wanted.front().first);
                break;
            }
        }
    }
}

/// The time that a kind asked for has come.
void Detector::due(std::uint32_t id, std::uint32_t bound, Stamp now) {
    if (bound >= store_[id].bound_count) {
        return;
    }
    touch(id);
    const auto s = store_[id].series_of(bound);
    RuleStep step(*this, id, s, now);
    const auto place = bound - step.series.bounds;
    step.series.plan->rules[place].row->due(step.at(place));
}

}  // namespace surged
