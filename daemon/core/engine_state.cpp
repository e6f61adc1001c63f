// The engine's durability and its views.
#include <algorithm>

#include "core/base/bytes.hpp"
#include "core/base/fields.hpp"
#include "core/engine_baseline.hpp"
#include "core/engine_parts.hpp"
#include "core/explanation.hpp"

namespace surged {

namespace {
constexpr std::uint32_t engine_magic = 0x33475253;  // "SRG3": raised with every change of the bytes below
}  // namespace

std::string Engine::snapshot() const {
    ByteWriter out;
    out.put(engine_magic);
    out.put(sequence_);
    out.put(to_ms(parts_->now.at));
    out.put_text(parts_->desk->snapshot());
    auto open = parts_->detector->open_alerts();
    if (auto own = parts_->overload.open()) {
        open.push_back(*std::move(own));
    }
    FieldsOut edges;
    edges(open);
    out.put_text(edges.take());
    return out.take();
}

bool Engine::restore(std::string_view bytes) {
    ByteReader in(bytes);
    if (in.get<std::uint32_t>() != engine_magic) {
        return false;
    }
    const auto sequence = in.get<std::uint64_t>();
    const auto at = engine_time(in.get<std::int64_t>());
    const auto desk = in.get_text();
    const auto bytes_of_edges = in.get_text();
    FieldsIn edges(bytes_of_edges);
    std::vector<AlertEdge> open;
    edges(open);
    parts_->open.clear();
    for (auto& edge : open) {
        edge.from = edge.to;  // what stands, not the change that led to it
        edge.stale_changed = false;
        auto key = std::pair(edge.rule, edge.queue);
        parts_->open.insert_or_assign(std::move(key), std::move(edge));
    }
    if (!in.ok() || !edges.whole() || !parts_->desk->restore(desk)) {
        return false;
    }
    sequence_ = sequence;
    parts_->now.at = at;
    return true;
}

void Engine::apply(const Record& record) {
    sequence_ = record.seq;
    parts_->now.at = std::max(parts_->now.at, record.at);
    if (const auto* edge = std::get_if<AlertEdge>(&record.body)) {
        const std::pair key(edge->rule, edge->queue);
        if ((edge->to == AlertState::ok && !edge->flapping) || edge->to == AlertState::unknown) {
            parts_->open.erase(key);
        } else if (!edge->stale_changed) {
            parts_->open.insert_or_assign(key, *edge);
        } else if (const auto known = parts_->open.find(key); known != parts_->open.end()) {
            known->second.stale = edge->stale;
        }
    }
    parts_->desk->apply(record);
}

std::string Engine::series_snapshot() const {
    return parts_->detector->snapshot();
}
bool Engine::series_snapshot(SeriesCursor& cursor, std::size_t queues, ByteWriter& out) const {
    if (!cursor.begun) {
        cursor.reloads = parts_->reloads;
    } else if (cursor.reloads != parts_->reloads) {
        return false;
    }
    parts_->detector->snapshot(cursor, queues, out);
    return true;
}
bool Engine::restore_series(std::string_view bytes) {
    return parts_->detector->restore(bytes);
}

void Engine::recovered(EngineTime down_since, Stamp now) {
    now.at = std::max(now.at, parts_->now.at);
    parts_->now = now;
    std::vector<AlertEdge> open;
    for (auto& [key, edge] : parts_->open) {
        const bool fires = edge.to == AlertState::firing || edge.to == AlertState::clearing;
        if (edge.rule != overload_rule) {
            open.push_back(edge);
        } else if (fires) {
            parts_->overload.resume(edge, now.at);
        }
    }
    parts_->refused_series = parts_->detector->rejected()[static_cast<std::size_t>(Refusal::series_limit)];
    parts_->refused_sources = parts_->detector->rejected()[static_cast<std::size_t>(Refusal::source_limit)] +
                              parts_->detector->sources().crowded_out();
    parts_->open.clear();
    parts_->detector->reconcile(open);
    parts_->detector->recovered(now.at);
    parts_->desk->recovered(down_since, now, decisions_);
    number();
}

EngineStats Engine::stats() const {
    const auto& detector = *parts_->detector;
    EngineStats stats;
    stats.messages = detector.messages();
    stats.samples = detector.samples();
    stats.series = detector.queues().series_count();
    stats.queues = detector.queues().size();
    stats.bound = detector.queues().bound_count();
    stats.counter_resets = detector.resets();
    stats.late_samples = detector.late();
    stats.rejected = detector.rejected();
    stats.forgotten_sources = detector.sources().forgotten();
    stats.stale_queues = detector.stale_queues();
    stats.records = sequence_;
    std::uint64_t busy = 0;
    for (const auto state : {AlertState::pending, AlertState::firing, AlertState::clearing}) {
        const auto count =
            static_cast<std::uint64_t>(std::count_if(detector.active().begin(), detector.active().end(),
                                                     [&](const ActiveAlert& a) { return a.queue != no_id && a.state == state; }));
        stats.alerts_by_state[std::string(to_string(state))] = count;
        busy += count;
    }
    stats.alerts_folded =
        static_cast<std::uint64_t>(std::count_if(detector.active().begin(), detector.active().end(), [](const ActiveAlert& a) {
            return a.queue != no_id && a.folded != nullptr && !a.latches.idle();
        }));
    const auto known = detector.known_bounds();
    stats.alerts_by_state["ok"] = known > busy ? known - busy : 0;
    stats.alerts_by_state["unknown"] = stats.bound - std::min(stats.bound, std::max(known, busy));
    return stats;
}

std::vector<SourceView> Engine::sources() const {
    std::vector<SourceView> out;
    for (const auto& source : parts_->detector->sources().sources()) {
        out.push_back({source.name, source.samples, source.messages, source.gaps, source.repeats, source.restarts, source.last,
                       seconds(source.skew), SourceTracker::trouble_of(source, parts_->now.at)});
    }
    return out;
}

std::vector<AlertView> Engine::alerts(bool all) const {
    const auto& detector = *parts_->detector;
    std::vector<AlertView> out;
    for (std::uint32_t id = 0; id < detector.queues().size(); ++id) {
        const auto& queue = detector.queues()[id];
        if (!all && queue.active == 0) {
            continue;
        }
        for (std::size_t s = 0; s < queue.series_count; ++s) {
            const auto& series = queue.series[s];
            for (std::size_t i = 0; i < series.plan->rules.size(); ++i) {
                const auto& bound = queue.bounds[series.bounds + i];
                const auto* active = bound.active != no_id ? &detector.active()[bound.active] : nullptr;
                if (!all && (active == nullptr || active->latches.idle())) {
                    continue;
                }
                AlertView view;
                view.rule = detector.plan().rules[series.plan->rules[i].rule].id;
                view.queue = detector.queues().key(id);
                view.state = active != nullptr ? active->state : bound.known ? AlertState::ok : AlertState::unknown;
                view.level = active != nullptr ? active->level : Level::none;
                view.stale = queue.stale;
                view.muted = active != nullptr && active->muted;
                view.folded = active != nullptr && active->folded ? *active->folded : AlertKey{};
                view.value = active != nullptr ? active->value : detector.queues().value(queue, s);
                view.flapping = detector.flapping(id, static_cast<std::uint16_t>(series.bounds + i));
                view.since = active != nullptr ? active->since : EngineTime{};
                const auto& rule = detector.plan().rules[series.plan->rules[i].rule];
                view.reading = detector.reading(rule.id, view.queue, parts_->now.at);
                view.metric = rule.metric;
                view.raise = raise_text(rule, view.level);
                if (series.plan->rules[i].kind == RuleKind::baseline && view.state == AlertState::unknown) {
                    view.reason = queue.baselines[bound.baseline]->reason();
                }
                out.push_back(std::move(view));
            }
        }
    }
    if (const auto own = parts_->overload.open()) {
        AlertView view;
        view.rule = own->rule;
        view.queue = own->queue;
        view.state = own->to;
        view.level = own->level;
        view.value = own->value;
        view.since = own->since;
        out.push_back(std::move(view));
    }
    return out;
}

std::optional<Explanation> Engine::explain(std::string_view rule, const QueueKey& queue, Stamp now) const {
    now.at = std::max(now.at, parts_->now.at);
    auto found = parts_->detector->explain(rule, queue, now);
    if (!found) {
        return std::nullopt;
    }
    auto paging = parts_->desk->why({found->rule, found->queue}, found->group, now);
    if (found->bound_queues == 0) {
        for (const auto& health : rule_health()) {
            found->problem = health.rule == found->rule ? health.problem : found->problem;
        }
    }
    return Explanation{now, *std::move(found), std::move(paging)};
}

std::vector<RuleHealth> Engine::rule_health() const {
    const auto& detector = *parts_->detector;
    const auto& rules = detector.plan().rules;
    std::vector<RuleHealth> out(rules.size());
    count_learning(detector, out);
    for (std::size_t r = 0; r < rules.size(); ++r) {
        out[r].rule = rules[r].id;
        out[r].bound = detector.queues().bound_of_rule()[r];
        if (out[r].bound == 0) {
            out[r].problem = rules[r].feed
                                 ? "no queue in its scope is declared or has ever reported: it can not fire"
                                 : "no queue in its scope has ever reported \"" + rules[r].metric + "\": it can not fire";
        } else if (out[r].learning == out[r].bound) {
            out[r].problem = "learning: no queue has " + std::to_string(rules[r].min_history) + " days yet: it can not fire";
        }
    }
    return out;
}

std::vector<QueueStaffing> Engine::staffing() const {
    std::vector<QueueStaffing> out;
    for (const auto& entry : parts_->detector->board().entries()) {
        if (entry.fresh(parts_->now.at)) {
            out.push_back(entry);
        }
    }
    return out;
}

std::vector<IncidentView> Engine::incidents() const {
    return parts_->desk->incidents(parts_->now.at);
}

void Engine::view_series(SeriesView& out) const {
    const auto& store = parts_->detector->queues();
    const bool renamed = out.generation != store.generation() || out.queues.size() != store.size();
    if (renamed) {
        out.generation = store.generation();
        out.metrics.clear();
        out.counter.clear();
        for (std::uint32_t m = 0; m < store.metrics().size(); ++m) {
            out.metrics.emplace_back(store.metrics().name(m));
            out.counter.push_back(store.binder().kind_of(m) == MetricKind::counter);
        }
        out.queues.resize(store.size());
        out.metric_of.assign(store.values().size(), 0);
    }
    for (std::uint32_t id = 0; id < store.size(); ++id) {
        const auto& queue = store[id];
        auto& view = out.queues[id];
        view.stale = queue.stale;
        view.never_seen = queue.expected && !queue.seen;
        view.last = queue.last;
        if (renamed) {
            view.key = store.key(id);
            view.group = queue.group;
            view.first = queue.value_first;
            view.count = queue.series_count;
            for (std::size_t s = 0; s < queue.series_count; ++s) {
                out.metric_of[queue.value_first + s] = queue.series[s].plan->metric;
            }
        }
    }
    out.values = store.values();
}

}  // namespace surged
