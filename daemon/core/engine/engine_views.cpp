// Views of the engine, whole and in pieces.
#include <algorithm>

#include "core/engine/engine_parts.hpp"
#include "core/rule/kinds.hpp"

namespace surged {

bool Engine::begin_piece(PieceCursor& cursor) const {
    if (!cursor.begun) {
        cursor.begun = true;
        cursor.reloads = parts_->reloads;
        cursor.end = static_cast<std::uint32_t>(parts_->detector->queues().size());
    }
    return cursor.reloads == parts_->reloads;
}

std::uint64_t Engine::reloads() const {
    return parts_->reloads;
}

std::vector<RuleTexts> Engine::rule_texts() const {
    std::vector<RuleTexts> out;
    for (const auto& rule : parts_->detector->plan().rules) {
        RuleTexts texts{rule.id, rule.metric, {}};
        for (const auto level : {Level::none, Level::yellow, Level::orange, Level::red}) {
            texts.raise[static_cast<std::size_t>(level)] = raise_text(rule, level);
        }
        out.push_back(std::move(texts));
    }
    return out;
}

bool Engine::piece(PieceCursor& cursor, std::size_t queues, bool all, AlertPiece& out) const {
    if (!begin_piece(cursor)) {
        return false;
    }
    const auto& detector = *parts_->detector;
    for (; queues > 0 && cursor.next < cursor.end; --queues, ++cursor.next) {
        const auto id = cursor.next;
        const auto& queue = detector.queues()[id];
        if (!all && queue.active == 0) {
            continue;
        }
        bool named = false;
        for (std::size_t s = 0; s < queue.series_count; ++s) {
            const auto& series = queue.series[s];
            for (std::size_t i = 0; i < series.plan->rules.size(); ++i) {
                const auto& bound = queue.bounds[series.bounds + i];
                const auto* active = bound.active != no_id ? &detector.active()[bound.active] : nullptr;
                if (!all && (active == nullptr || active->latches.idle())) {
                    continue;
                }
                if (!named) {
                    out.keys.push_back(detector.queues().key(id));
                    named = true;
                }
                AlertRow row;
                row.queue = id;
                row.key = static_cast<std::uint32_t>(out.keys.size() - 1);
                row.rule = series.plan->rules[i].rule;
                row.bound = static_cast<std::uint16_t>(series.bounds + i);
                row.state = active != nullptr ? active->state : bound.known ? AlertState::ok : AlertState::unknown;
                row.level = active != nullptr ? active->level : Level::none;
                row.stale = queue.stale || (active != nullptr && active->stale);
                row.muted = active != nullptr && active->muted;
                row.folded = active != nullptr ? active->folded : nullptr;
                row.value = active != nullptr ? active->value : detector.queues().value(queue, s);
                row.flapping = detector.flapping(id, row.bound);
                row.since = active != nullptr ? active->since : EngineTime{};
                row.reading = detector.reading(id, s, i, parts_->now.at);
                if (series.plan->rules[i].row->learns && row.state == AlertState::unknown) {
                    row.reason = queue.baselines[bound.baseline]->reason();
                }
                out.rows.push_back(std::move(row));
            }
        }
    }
    return true;
}

AlertView view_of(const AlertPiece& piece, const AlertRow& row, const std::vector<RuleTexts>& rules) {
    const auto& rule = rules[row.rule];
    AlertView view;
    view.rule = rule.rule;
    view.queue = piece.keys[row.key];
    view.state = row.state;
    view.level = row.level;
    view.stale = row.stale;
    view.muted = row.muted;
    view.folded = row.folded ? *row.folded : AlertKey{};
    view.flapping = row.flapping;
    view.value = row.value;
    view.since = row.since;
    view.reading = row.reading;
    view.metric = rule.metric;
    view.raise = rule.raise[static_cast<std::size_t>(row.level)];
    view.reason = row.reason;
    return view;
}

namespace {
/// The alert of the highest level, of several the one that has it longest.
std::optional<WorstAlert> worst_of(const Detector& detector, std::uint32_t id, EngineTime now) {
    const auto& queue = detector.queues()[id];
    const ActiveAlert* worst = nullptr;
    for (std::size_t i = 0; i < queue.bound_count; ++i) {
        const auto* alert = queue.bounds[i].active != no_id ? &detector.active()[queue.bounds[i].active] : nullptr;
        if (alert == nullptr || alert->level == Level::none || alert->muted || alert->folded) {
            continue;
        }
        if (worst == nullptr || alert->level > worst->level || (alert->level == worst->level && alert->since < worst->since)) {
            worst = alert;
        }
    }
    if (worst == nullptr) {
        return std::nullopt;
    }
    const auto& rule = detector.plan().rules[worst->rule];
    const auto reading = detector.reading(id, worst->series, worst->bound - queue.series[worst->series].bounds, now);
    return WorstAlert{rule.id,
                      rule.metric,
                      worst->state,
                      worst->level,
                      reading.known ? reading.value : worst->value,
                      raise_text(rule, worst->level),
                      worst->since};
}
}  // namespace

std::optional<AlertView> Engine::own_alert() const {
    const auto own = parts_->overload.open();
    if (!own) {
        return std::nullopt;
    }
    AlertView view;
    view.rule = own->rule;
    view.queue = own->queue;
    view.state = own->to;
    view.level = own->level;
    view.value = own->value;
    view.since = own->since;
    return view;
}

std::vector<AlertView> Engine::alerts(bool all) const {
    AlertPiece whole;
    PieceCursor cursor;
    piece(cursor, parts_->detector->queues().size(), all, whole);
    const auto rules = rule_texts();
    std::vector<AlertView> out;
    for (const AlertRow& row : whole.rows) {
        out.push_back(view_of(whole, row, rules));
    }
    if (auto own = own_alert()) {
        out.push_back(*std::move(own));
    }
    return out;
}

bool Engine::piece(PieceCursor& cursor, std::size_t queues, SeriesView& out) const {
    if (!begin_piece(cursor)) {
        return false;
    }
    const auto& store = parts_->detector->queues();
    out.generation = store.generation();
    for (auto m = static_cast<std::uint32_t>(out.metrics.size()); m < store.metrics().size(); ++m) {
        out.metrics.emplace_back(store.metrics().name(m));
        out.counter.push_back(store.binder().kind_of(m) == MetricKind::counter);
    }
    for (; queues > 0 && cursor.next < cursor.end; --queues, ++cursor.next) {
        const auto& queue = store[cursor.next];
        QueueView view;
        view.key = store.key(cursor.next);
        view.group = queue.group;
        view.stale = queue.stale;
        view.never_seen = queue.expected && !queue.seen;
        view.last = queue.last;
        if (queue.active > 0) {
            view.worst = worst_of(*parts_->detector, cursor.next, parts_->now.at);
        }
        if (const auto* staffing = parts_->detector->board().find(cursor.next); staffing != nullptr && staffing->fresh(parts_->now.at)) {
            view.staffing_known = true;
            view.required = staffing->required;
            view.productive = staffing->productive;
            view.missing = staffing->missing;
        }
        view.first = static_cast<std::uint32_t>(out.values.size());
        for (std::size_t s = 0; s < queue.series_count; ++s) {
            if (queue.series[s].plan->metric == store.binder().feed_metric()) {
                continue;  // the silence of a feed is judged like a metric, but has no values
            }
            out.metric_of.push_back(queue.series[s].plan->metric);
            out.values.push_back(store.value(queue, s));
        }
        view.count = static_cast<std::uint32_t>(out.values.size()) - view.first;
        out.queues.push_back(std::move(view));
    }
    return true;
}

SeriesView Engine::series() const {
    SeriesView out;
    PieceCursor cursor;
    piece(cursor, parts_->detector->queues().size(), out);
    return out;
}

std::vector<IncidentView> Engine::incidents() const {
    return parts_->desk->incidents(parts_->now.at);
}

std::optional<IncidentView> Engine::incident(const std::string& id) const {
    return parts_->desk->incident(id, parts_->now.at);
}

std::vector<IncidentView> Engine::incidents_with(const std::string& person) const {
    return parts_->desk->incidents_with(person, parts_->now.at);
}

}  // namespace surged
