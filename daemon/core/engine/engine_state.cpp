// The engine's durability and its views.
#include <algorithm>
#include <array>
#include <utility>

#include "core/engine/engine_baseline.hpp"
#include "core/engine/engine_parts.hpp"
#include "core/engine/explanation.hpp"

namespace surged {

std::string Engine::snapshot() const {
    return engine_bytes(sequence_, parts_->recorded, parts_->desk->snapshot(), parts_->open);
}

bool Engine::restore(std::string_view bytes) {
    EngineBytes state;
    if (!read_engine_bytes(bytes, state) || !parts_->desk->restore(state.desk)) {
        return false;
    }
    parts_->open.restore(std::move(state.open));
    sequence_ = state.sequence;
    parts_->now.at = parts_->recorded = state.at;
    return true;
}

void Engine::apply(const Record& record) {
    sequence_ = record.seq;
    parts_->recorded = std::max(parts_->recorded, record.at);
    parts_->now.at = std::max(parts_->now.at, record.at);
    parts_->open.apply(record);
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

void Engine::follow(const Message& message, Stamp now) {
    follow(now);
    parts_->detector->ingest(message, parts_->now);
    parts_->detector->clear_edges();
}

void Engine::follow(Stamp now) {
    auto& detector = *parts_->detector;
    now.at = std::max(now.at, parts_->now.at);
    for (auto next = detector.next_deadline(); next <= now.at; next = detector.next_deadline()) {
        const auto at = std::max(next, parts_->now.at);
        detector.advance(enter({at, now.wall - (now.at - at)}));
        detector.clear_edges();
        if (detector.next_deadline() <= at) {
            break;  // it is looked at again below, and by the next call
        }
    }
    detector.advance(enter(now));
    detector.clear_edges();
}

EngineTime Engine::next_followed() const {
    return parts_->detector->next_deadline();
}

void Engine::recovered(EngineTime down_since, Stamp now) {
    now.at = std::max(now.at, parts_->now.at);
    parts_->now = now;
    std::vector<AlertEdge> open;
    std::vector<AlertEdge> gone;
    for (const auto& entry : parts_->open.edges()) {
        const AlertEdge& edge = entry.second;
        const bool fires = edge.to == AlertState::firing || edge.to == AlertState::clearing;
        if (edge.rule == overload_rule) {
            if (fires) {
                parts_->overload.resume(edge, now.at);
            }
            continue;
        }
        const bool known = std::ranges::any_of(parts_->plan->rules, [&](const RuleSpec& rule) { return rule.id == edge.rule; });
        (known ? open : gone).push_back(edge);
    }
    parts_->refused_series = parts_->detector->rejected()[static_cast<std::size_t>(Refusal::series_limit)];
    parts_->refused_sources = parts_->detector->rejected()[static_cast<std::size_t>(Refusal::source_limit)] +
                              parts_->detector->sources().crowded_out();
    parts_->detector->reconcile(open);
    parts_->detector->recovered(now);
    parts_->desk->recovered(down_since, now, decisions_);
    number();
    end_alerts(std::move(gone), now);
}

/// Of rules that are configured no more: nobody would ever end them, and their incidents would stay open.
void Engine::end_alerts(std::vector<AlertEdge> gone, Stamp now) {
    for (auto& edge : gone) {
        edge.from = std::exchange(edge.to, AlertState::unknown);
        edge.level = edge.pending = Level::none;
        edge.stale = edge.flapping = false;
        edge.folded = {};
        edge.evidence = "the rule was removed";
        edge.at = now.at;
        parts_->detector->add_edge(std::move(edge));
    }
    settle(now.at, now);
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
    std::array<std::uint64_t, 5> by_state{};
    for (const ActiveAlert& alert : detector.active()) {
        if (alert.queue != no_id) {
            ++by_state[static_cast<std::size_t>(alert.state)];
            stats.alerts_folded += alert.folded != nullptr && !alert.latches.idle() ? 1U : 0U;
        }
    }
    std::uint64_t busy = 0;
    for (const auto state : {AlertState::pending, AlertState::firing, AlertState::clearing}) {
        const auto count = by_state[static_cast<std::size_t>(state)];
        stats.alerts_by_state[std::string(to_string(state))] = count;
        busy += count;
    }
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
    // To count them walks every queue, and what is learned changes by the day: of many queues it is counted once a minute.
    auto& learning = parts_->learning;
    const auto many = detector.queues().size() > 10000;
    if (!many || learning.reloads != parts_->reloads || parts_->now.at - learning.at >= std::chrono::minutes(1)) {
        count_learning(detector, out);
        learning = {parts_->now.at, parts_->reloads, {}};
        for (const auto& rule : out) {
            learning.queues.push_back(rule.learning);
        }
    }
    for (std::size_t r = 0; r < rules.size(); ++r) {
        out[r].learning = learning.queues[r];
    }
    for (std::size_t r = 0; r < rules.size(); ++r) {
        out[r].rule = rules[r].id;
        out[r].bound = detector.queues().bound_of_rule()[r];
        if (out[r].bound == 0) {
            out[r].problem = rules[r].feed
                                 ? "no queue in its scope is declared or has ever reported"
                                 : "no queue in its scope has ever reported \"" + rules[r].metric + "\"";
        } else if (out[r].learning == out[r].bound) {
            out[r].problem = "learning: no queue has " + std::to_string(rules[r].min_history) + " days yet";
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

}  // namespace surged
