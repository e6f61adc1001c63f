// A metric that is no longer sent while its queue goes on. Its last value is no value of now: what rests on it is stale, stands still
// and is said so, as when the whole queue is silent (D1). Each metric is judged at its own pace (pace.hpp); a derived one is silent
// with the first input that it cannot do without.
#include <algorithm>
#include <string>

#include "core/rule/detector.hpp"
#include "core/rule/kind_phrases.hpp"

namespace surged {

/// The queue was silent, or we were away: each of its metrics has the time to speak that it has on any other day.
void Detector::give_time(Queue& queue, EngineTime now) {
    queue.met = true;
    for (auto& series : queue.all_series()) {
        series.reading.heard = heard_at(now);
    }
}

/// Which of the queue's own metrics have fallen silent? Asked again when the first of them can be, and once a second at most.
void Detector::listen(std::uint32_t id, Stamp now) {
    constexpr Span pause{1000};
    auto& queue = store_[id];
    const auto least = recovered_ == EngineTime{} ? queue.stale_after : std::max(queue.stale_after, silence_hold);
    // Whoever is heard from now on has this long, whatever is learned of its pace and of its queue's.
    auto next = queue.stale_least;
    for (std::uint16_t s = 0; s < queue.series_count; ++s) {
        const auto& series = queue.series[s];
        const auto metric = series.plan->metric;
        if (series.derived != 0 || series.pace.silent() || metric == store_.binder().feed_metric()) {
            continue;
        }
        const Span quiet{quiet_for(series.reading.heard, now.at) * std::int64_t{1000}};
        next = std::min(next, series.pace.limit(queue.stale_least) - quiet);
        if (quiet <= series.pace.limit(least)) {
            continue;
        }
        // What a formula makes here and whose inputs never came is unknown, not silent.
        const bool made = !series.reading.started && std::any_of(queue.derives.begin(), queue.derives.end(),
                                                                 [s](const DeriveSlot& slot) { return slot.out == s; });
        if (!made) {
            hush(id, s, now, store_.metrics().name(metric));
        }
    }
    queue.listened = now.at + std::max(next, pause);
}

/// From now on its value is unknown, and its alerts are stale; `metric` is what is not sent.
void Detector::hush(std::uint32_t id, std::uint16_t s, Stamp now, std::string_view metric) {
    auto& queue = store_[id];
    auto& series = queue.series[s];
    auto& value = store_.value(queue, s);
    if (series.plan->kind != MetricKind::counter || !series.reading.started) {
        series.reading.last = value;
    }
    value = std::numeric_limits<double>::quiet_NaN();
    series.pace.set_silent(true);
    for (std::size_t i = 0; i < series.plan->rules.size(); ++i) {
        const auto index = queue.bounds[series.bounds + i].active;
        if (index == no_id || active_[index].stale || plan_.rules[active_[index].rule].feed) {
            continue;
        }
        tell_stale(index, true, now, KindSay{Language::en}("data.none.metric", {{"metric", metric}}));
    }
}

/// It is sent again.
void Detector::speak(std::uint32_t id, std::uint16_t s, Stamp now) {
    auto& queue = store_[id];
    auto& series = queue.series[s];
    series.pace.set_silent(false);
    for (std::size_t i = 0; i < series.plan->rules.size(); ++i) {
        const auto index = queue.bounds[series.bounds + i].active;
        if (index != no_id && active_[index].stale && !queue.stale) {
            freshen(index, now);
        }
    }
}

}  // namespace surged
