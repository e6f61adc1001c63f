// The engine's durability and its views.
#include <algorithm>
#include <array>

#include "core/base/bytes.hpp"
#include "core/base/fields.hpp"
#include "core/engine/engine_baseline.hpp"
#include "core/engine/engine_parts.hpp"
#include "core/engine/explanation.hpp"

namespace surged {

namespace {
constexpr std::uint32_t engine_magic = 0x33475253;  // "SRG3": raised with every change of the bytes below

/// The present state, not the change that led to it.
void stand(AlertEdge& edge) {
    edge.from = edge.to;
    edge.stale_changed = false;
}
}  // namespace

std::string Engine::snapshot() const {
    ByteWriter out;
    out.put(engine_magic);
    out.put(sequence_);
    out.put(to_ms(parts_->now.at));
    out.put_text(parts_->desk->snapshot());
    // Of one that follows only what the owner has told is the state; its own detector may be a moment ahead or behind.
    auto open = parts_->follows ? std::vector<AlertEdge>{} : parts_->detector->open_alerts();
    if (auto own = parts_->overload.open()) {
        open.push_back(*std::move(own));
    }
    for (const auto& [key, edge] : parts_->open) {  // of a log that was replayed or is followed, and not gone on with yet
        open.push_back(edge);
    }
    for (auto& edge : open) {
        stand(edge);
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
        stand(edge);
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

void Engine::follow(const Message& message, Stamp now) {
    follow(now);
    parts_->detector->ingest(message, parts_->now);
    parts_->detector->clear_edges();
}

void Engine::follow(Stamp now) {
    parts_->follows = true;
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
    parts_->follows = false;
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
    parts_->detector->recovered(now);
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
