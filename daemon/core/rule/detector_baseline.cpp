// Learned profiles in the detector: how they are bound, fed, judged, frozen while an incident is open, kept over a reload, and
// given what history has taught. On the hot path a sample only adds to the running row; rows are looked at once a minute.
#include <algorithm>
#include <cmath>

#include "core/base/bytes.hpp"
#include "core/rule/detector.hpp"

namespace surged {

const Zone& QueueStore::zone_of(const RuleSpec& rule, const QueueKey& key) const {
    static const Zone utc;
    std::string_view name = plan_.timezone;
    if (!rule.zone.empty()) {
        name = rule.zone;
    } else if (const auto expect = expects_.find(key); expect != expects_.end() && !expect->second->zone.empty()) {
        name = expect->second->zone;
    } else if (const auto centre = centre_zones_.find(key.centre); centre != centre_zones_.end()) {
        name = centre->second;
    }
    const auto zone = plan_.zones.find(std::string(name));
    return zone != plan_.zones.end() ? zone->second : utc;
}

void QueueStore::bind_baseline(Queue& queue, Bound& bound, const RuleSpec& rule, const QueueKey& key) {
    const auto calendar = std::find_if(plan_.calendars.begin(), plan_.calendars.end(),
                                       [&](const CalendarSpec& c) { return c.id == rule.calendar; });
    bound.baseline = static_cast<std::uint16_t>(queue.baselines.size());
    queue.baselines.push_back(
        std::make_unique<Baseline>(rule, zone_of(rule, key), calendar != plan_.calendars.end() ? &*calendar : nullptr));
    if (const auto learned = shelf_.find({key, rule.profile}); learned != shelf_.end()) {
        if (learned->second.zone == queue.baselines.back()->zone().name() && learned->second.days > 0) {
            queue.baselines.back()->adopt(learned->second.bytes);
        }
        const auto sharing =
            std::count_if(plan_.rules.begin(), plan_.rules.end(), [&](const RuleSpec& r) { return r.profile == rule.profile; });
        if (sharing == 1) {
            shelf_.erase(learned);  // it has come to where it belongs
        }
    }
}

void Detector::count_baselines(Queue& queue, const Sample& sample, const CounterStep& step, Stamp now) {
    const auto& series = queue.series[sample.series];
    for (std::size_t i = series.plan->thresholds; i < series.plan->rules.size(); ++i) {
        if (series.plan->rules[i].kind == RuleKind::baseline) {
            const auto bound = static_cast<std::uint16_t>(series.bounds + i);
            auto& baseline = *queue.baselines[queue.bounds[bound].baseline];
            // What a counter lost when it restarted nobody knows: that part of the row was not seen.
            if (!(step.reset ? baseline.skip(sample.ts) : baseline.add(step.from, sample.ts, step.increment))) {
                look_at_baseline(sample.queue, sample.series, bound, sample.ts, now);
            }
        }
    }
}

void Detector::gauge_baselines(Queue& queue, const Sample& sample, Stamp now) {
    const auto& series = queue.series[sample.series];
    for (std::size_t i = series.plan->thresholds; i < series.plan->rules.size(); ++i) {
        if (series.plan->rules[i].kind == RuleKind::baseline) {
            const auto bound = static_cast<std::uint16_t>(series.bounds + i);
            if (!queue.baselines[queue.bounds[bound].baseline]->gauge(sample.ts, sample.value)) {
                look_at_baseline(sample.queue, sample.series, bound, sample.ts, now);
            }
        }
    }
}

void Detector::look_at_baseline(std::uint32_t id, std::uint16_t s, std::uint16_t bound, SourceTime ts, Stamp now) {
    auto& queue = store_[id];
    auto& baseline = *queue.baselines[queue.bounds[bound].baseline];
    // An incident that others opened teaches as any hour does, as long as this queue's own calls are usual.
    const bool hold = baseline.loud() && incident_open_ && incident_open_(store_.key(id), queue.group);
    if (baseline.run(hold, only_learn_) && !only_learn_) {
        judge_baseline(id, s, bound, ts, now);
    }
}

void Detector::judge_baseline(std::uint32_t id, std::uint16_t s, std::uint16_t index, SourceTime ts, Stamp now) {
    auto& queue = store_[id];
    auto& bound = queue.bounds[index];
    const auto& baseline = *queue.baselines[bound.baseline];
    const bool resting = bound.active == no_id;
    const double value = baseline.value(!resting && active_[bound.active].latches.level() != Level::none);
    if (std::isnan(value) && resting) {
        if (baseline.reading().state == BaselineReading::State::learning && bound.known) {
            set_known(bound, false);  // never green while it learns
            bound.band = {1, 0};
        }
        return;
    }
    if (bound.band.contains(value)) {
        return;
    }
    const auto evidence = baseline.evidence();
    observe(id, s, index, value, ts, now, &evidence);
}

const Baseline* Detector::find_baseline(std::uint32_t id, std::uint32_t rule) const {
    const auto& queue = store_[id];
    for (const auto& series : queue.all_series()) {
        for (std::size_t i = 0; i < series.plan->rules.size() && series.plan->baselines != 0; ++i) {
            if (series.plan->rules[i].rule == rule && series.plan->rules[i].kind == RuleKind::baseline) {
                return queue.baselines[queue.bounds[series.bounds + i].baseline].get();
            }
        }
    }
    return nullptr;
}

std::optional<BaselineView> Detector::baseline(std::uint32_t queue, std::uint32_t rule) const {
    const auto* found = queue < store_.size() ? find_baseline(queue, rule) : nullptr;
    return found != nullptr ? std::optional(found->view()) : std::nullopt;
}

std::size_t Detector::offer_profiles(ProfileShelf profiles) {
    std::size_t taken = 0;
    std::vector<ProfileKey> bound;
    for (std::uint32_t id = 0; id < store_.size(); ++id) {
        for (std::uint32_t rule = 0; rule < plan_.rules.size() && !store_[id].baselines.empty(); ++rule) {
            const auto* found = find_baseline(id, rule);
            const auto learned = found != nullptr ? profiles.find({store_.key(id), plan_.rules[rule].profile}) : profiles.end();
            if (learned == profiles.end() || learned->second.zone != found->zone().name() ||
                learned->second.days <= found->days()) {
                continue;
            }
            for (auto& baseline : store_[id].baselines) {
                if (baseline.get() == found && baseline->adopt(learned->second.bytes)) {
                    ++taken;
                }
            }
            bound.push_back(learned->first);
        }
    }
    for (const auto& key : bound) {
        profiles.erase(key);
    }
    store_.shelf() = std::move(profiles);
    return taken;
}

void Detector::write_baseline(ByteWriter& out, const Queue& queue, const Bound& bound, const RuleSpec& rule) const {
    ByteWriter learned;
    learned.put(rule.profile);
    queue.baselines[bound.baseline]->save(learned);
    out.put_text(learned.bytes());
}

/// A profile outlives its rule's limits: what it depends on is the metric, the slot and the zone.
void Detector::read_baseline(std::string_view bytes, std::uint64_t content, Queue& queue, const Series& series) {
    ByteReader in(bytes);
    const auto profile = in.get<std::uint64_t>();
    const auto body = bytes.substr(std::min(bytes.size(), sizeof(profile)));
    for (std::size_t i = 0; i < series.plan->rules.size(); ++i) {
        const auto& rule = plan_.rules[series.plan->rules[i].rule];
        if (rule.kind == RuleKind::baseline && rule.profile == profile) {
            auto& baseline = *queue.baselines[queue.bounds[series.bounds + i].baseline];
            if (rule.content == content || baseline.days() == 0) {
                ByteReader rest(body);
                baseline.load(rest);
            }
        }
    }
}

void Detector::take_over_baselines(const Detector& old) {
    ByteWriter learned;
    for (std::uint32_t from = 0; from < old.store_.size(); ++from) {
        const auto& queue = old.store_[from];
        const auto& key = old.store_.key(from);
        const auto to = queue.baselines.empty() ? no_id : store_.find(key.centre, key.queue, key.channel);
        if (to == no_id) {
            continue;
        }
        for (const auto& series : queue.all_series()) {
            const auto metric = store_.metrics().find(old.store_.metrics().name(series.plan->metric));
            const auto at = metric == no_id ? store_[to].series_count : store_[to].find(metric);
            for (std::size_t i = 0; i < series.plan->rules.size() && at < store_[to].series_count; ++i) {
                if (series.plan->rules[i].kind != RuleKind::baseline) {
                    continue;
                }
                const auto& rule = old.plan_.rules[series.plan->rules[i].rule];
                learned.clear();
                learned.put(rule.profile);
                queue.baselines[queue.bounds[series.bounds + i].baseline]->save(learned);
                read_baseline(learned.bytes(), rule.content, store_[to], store_[to].series[at]);
            }
        }
    }
    store_.shelf() = old.store_.shelf();
}

}  // namespace surged
