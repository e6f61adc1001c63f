// What survives a restart or a reload: windows, counters and source positions by snapshot, alerts by snapshot and by their edges
// in the log (which are newer). Snapshots name everything by text and content, never by index: they may be read under another
// configuration.
#include <algorithm>
#include <map>
#include <set>

#include "core/base/bytes.hpp"
#include "core/rule/detector.hpp"

namespace surged {

namespace {
constexpr std::uint32_t snapshot_magic = 0x33445253;  // "SRD3"; earlier ones knew fewer kinds
constexpr std::uint32_t list_max = 1U << 21U;

void put_key(ByteWriter& out, const QueueKey& key) {
    out.put_text(key.centre);
    out.put_text(key.queue);
    out.put_text(key.channel);
}
QueueKey get_key(ByteReader& in) {
    QueueKey key;
    key.centre = in.get_text();
    key.queue = in.get_text();
    key.channel = in.get_text();
    return key;
}
}  // namespace

void Detector::write_alert(ByteWriter& out, const ActiveAlert& alert) const {
    out.put(alert.state);
    out.put(alert.level);
    out.put(to_ms(alert.since));
    out.put(static_cast<std::uint8_t>(alert.muted ? 1 : 0));
    out.put(alert.value);
    out.put(alert.frozen);
    out.put(to_ms(alert.frozen_at));
    put_key(out, alert.folded ? alert.folded->queue : QueueKey{});
    out.put_text(alert.folded ? alert.folded->rule : std::string());
    for (std::size_t i = 0; i < 3; ++i) {
        out.put(alert.latches.latch(i).phase);
        out.put(to_ms(alert.latches.latch(i).since));
    }
}

void Detector::read_alert(ByteReader& in, ActiveAlert& alert) const {
    alert.state = in.get<AlertState>();
    alert.level = in.get<Level>();
    alert.since = engine_time(in.get<std::int64_t>());
    alert.muted = in.get<std::uint8_t>() != 0;
    alert.value = in.get<double>();
    alert.frozen = in.get<double>();
    alert.frozen_at = engine_time(in.get<std::int64_t>());
    AlertKey folded;
    folded.queue = get_key(in);
    folded.rule = in.get_text();
    alert.folded = folded.rule.empty() ? nullptr : std::make_shared<const AlertKey>(std::move(folded));
    for (std::size_t i = 0; i < 3; ++i) {
        const auto phase = in.get<LatchPhase>();
        const auto since = engine_time(in.get<std::int64_t>());
        alert.latches.set(i, {phase <= LatchPhase::clearing ? phase : LatchPhase::off, since});
    }
}

void Detector::snapshot(SeriesCursor& cursor, std::size_t queues, ByteWriter& out) const {
    if (!cursor.begun) {
        cursor.begun = true;
        cursor.next = 0;
        cursor.end = static_cast<std::uint32_t>(store_.size());
        out.put(snapshot_magic);
        sources_.write(out);
        for (const auto count : {messages_, samples_, resets_, late_}) {
            out.put(count);
        }
        out.put(cursor.end);
    }
    for (; queues > 0 && cursor.next < cursor.end; --queues) {
        write_queue(out, cursor.next++, cursor.profiles);
    }
}

std::string Detector::snapshot() const {
    ByteWriter out;
    SeriesCursor cursor;
    snapshot(cursor, store_.size(), out);
    return out.take();
}

void Detector::write_queue(ByteWriter& out, std::uint32_t id, bool profiles) const {
    const auto& queue = store_[id];
    put_key(out, store_.key(id));
    out.put(to_ms(queue.last));
    out.put(to_ms(queue.ts));
    out.put(static_cast<std::uint8_t>(queue.seen ? 1 : 0));
    out.put(static_cast<std::uint32_t>(queue.series_count));
    for (std::size_t s = 0; s < queue.series_count; ++s) {
        const auto& series = queue.series[s];
        out.put_text(store_.metrics().name(series.plan->metric));
        out.put(series.derived);
        out.put(store_.value(queue, s));
        write(out, series.reading);
        out.put(static_cast<std::uint32_t>(series.plan->rings.size()));
        for (const auto& ring : series.plan->rings) {
            out.put(ring.shape.kind);
            out.put(ring.shape.length.count());
            const auto* raw = reinterpret_cast<const char*>(queue.rings + series.rings + ring.offset);
            out.put_text({raw, ring_bytes(ring.shape.kind)});
        }
        out.put(static_cast<std::uint32_t>(series.plan->rules.size()));
        for (std::size_t i = 0; i < series.plan->rules.size(); ++i) {
            const auto& bound = queue.bounds[series.bounds + i];
            out.put(plan_.rules[series.plan->rules[i].rule].content);
            out.put(static_cast<std::uint8_t>(bound.known ? 1 : 0));
            out.put(to_ms(bound.last_rise));
            const auto& plan = series.plan->rules[i];
            out.put_text({reinterpret_cast<const char*>(queue.rings + series.rings + plan.state), plan.state_bytes});
            const bool alive = bound.active != no_id;
            out.put(static_cast<std::uint8_t>(alive ? 1 : 0));
            if (alive) {
                write_alert(out, active_[bound.active]);
            }
            const auto& rule = plan_.rules[series.plan->rules[i].rule];
            out.put(static_cast<std::uint8_t>(rule.kind == RuleKind::baseline && profiles ? 1 : 0));
            if (rule.kind == RuleKind::baseline && profiles) {
                write_baseline(out, queue, bound, rule);
            }
        }
    }
}

/// Reads one series; false when the bytes end early.
bool Detector::restore_series_of(ByteReader& in, std::uint32_t id, SeriesNotes& notes) {
    const auto name = in.get_text();
    const bool derived = in.get<std::uint8_t>() != 0;
    const auto value = in.get<double>();
    CounterState reading;
    if (!read(in, reading)) {
        return false;
    }
    const auto metric = store_.metrics().find_or_add(name);
    auto& queue = store_[id];
    auto at = queue.find(metric);
    if (at == queue.series_count && !derived && metric != store_.binder().feed_metric() &&
        store_.series_count() < plan_.limits.series) {
        store_.grow(id, {&metric, 1});
        at = queue.find(metric);
    }
    const bool there = at < queue.series_count;
    if (there) {
        queue.series[at].reading = reading;
        store_.value(queue, at) = value;
    }
    const auto rings = in.get<std::uint32_t>();
    for (std::uint32_t r = 0; r < rings && in.ok(); ++r) {
        const auto kind = in.get<RingKind>();
        const RingShape shape{kind, Span{in.get<std::int64_t>()}};
        const auto bytes = in.get_text();
        if (there && kind <= RingKind::first && bytes.size() == ring_bytes(kind)) {
            for (const auto& ring : queue.series[at].plan->rings) {
                if (ring.shape == shape) {
                    auto* to = queue.rings + queue.series[at].rings + ring.offset;
                    std::copy_n(reinterpret_cast<const std::byte*>(bytes.data()), bytes.size(), to);
                }
            }
        }
    }
    const auto rules = in.get<std::uint32_t>();
    for (std::uint32_t i = 0; i < rules && in.ok(); ++i) {
        BoundNote note;
        note.queue = id;
        note.metric = metric;
        note.content = in.get<std::uint64_t>();
        note.known = in.get<std::uint8_t>() != 0;
        note.last_rise = engine_time(in.get<std::int64_t>());
        note.memory = in.get_text();
        note.alive = in.get<std::uint8_t>() != 0;
        if (note.alive) {
            read_alert(in, note.alert);
        }
        if (in.get<std::uint8_t>() != 0) {
            const auto learned = in.get_text();
            if (there && in.ok()) {
                read_baseline(learned, note.content, queue, queue.series[at]);
            }
        }
        notes.push_back(std::move(note));
    }
    return in.ok();
}

bool Detector::restore(std::string_view bytes) {
    ByteReader in(bytes);
    if (in.get<std::uint32_t>() != snapshot_magic || !sources_.read(in)) {
        return false;
    }
    for (auto* count : {&messages_, &samples_, &resets_, &late_}) {
        *count = in.get<std::uint64_t>();
    }
    const auto queues = in.get<std::uint32_t>();
    SeriesNotes notes;
    for (std::uint32_t q = 0; q < queues && in.ok(); ++q) {
        auto key = get_key(in);
        if (!in.ok() || queues > list_max) {
            return false;
        }
        auto id = store_.find(key.centre, key.queue, key.channel);
        if (id == no_id) {
            id = store_.add(std::move(key));
            groups_of_.resize(store_.size());
        }
        store_[id].last = engine_time(in.get<std::int64_t>());
        store_[id].ts = source_time(in.get<std::int64_t>());
        store_[id].seen = in.get<std::uint8_t>() != 0;
        const auto series = in.get<std::uint32_t>();
        for (std::uint32_t s = 0; s < series && in.ok(); ++s) {
            if (!restore_series_of(in, id, notes)) {
                return false;
            }
        }
        timers_.set(store_[id].last + store_[id].stale_after, TimerKind::stale, id);
    }
    attach(notes);
    count_firing();
    return in.ok();
}

/// Gives bound rules of equal content their state back, and sets their timers.
void Detector::attach(const SeriesNotes& notes) {
    for (const auto& note : notes) {
        auto& queue = store_[note.queue];
        const auto s = static_cast<std::uint16_t>(queue.find(note.metric));
        if (s == queue.series_count) {
            continue;
        }
        const auto& rules = queue.series[s].plan->rules;
        for (std::size_t i = 0; i < rules.size(); ++i) {
            const auto& rule = plan_.rules[rules[i].rule];
            const auto bound_index = static_cast<std::uint16_t>(queue.series[s].bounds + i);
            auto& bound = queue.bounds[bound_index];
            if (rule.content != note.content) {
                continue;
            }
            set_known(bound, note.known);
            bound.last_rise = note.last_rise;
            if (note.memory.size() == rules[i].state_bytes) {
                auto* to = queue.rings + queue.series[s].rings + rules[i].state;
                std::copy_n(reinterpret_cast<const std::byte*>(note.memory.data()), note.memory.size(), to);
            }
            if (rule.kind == RuleKind::absence) {
                bound.armed = true;
                const Span first{static_cast<std::int64_t>(rule.levels.front().raise.value * 1000.0)};
                timers_.set((rule.feed ? queue.last : bound.last_rise) + first, TimerKind::absence, note.queue, bound_index);
            }
            if (note.alive) {
                auto& alert = activate(note.queue, s, bound_index);
                const auto generation = alert.generation;
                const auto rule_index = alert.rule;
                alert = note.alert;
                alert.queue = note.queue;
                alert.series = s;
                alert.bound = bound_index;
                alert.rule = rule_index;
                alert.generation = generation;
            }
            if (bound.active != no_id || note.known) {
                resume_bound(note.queue, s, bound_index);
            }
        }
    }
}

/// Band and deadline of a bound rule whose state was just set from outside.
void Detector::resume_bound(std::uint32_t id, std::uint16_t s, std::uint16_t bound_index) {
    auto& queue = store_[id];
    auto& bound = queue.bounds[bound_index];
    const auto& rule = plan_.rules[queue.series[s].plan->rules[bound_index - queue.series[s].bounds].rule];
    const LatchSet resting;
    const auto& latches = bound.active != no_id ? active_[bound.active].latches : resting;
    bound.band = latches.quiet(rule.levels);
    refresh_band(queue, queue.series[s], bound_index);
    const auto deadline = latches.deadline(rule.levels);
    if (deadline != engine_never) {
        timers_.set(deadline, TimerKind::hold, bound.active, active_[bound.active].generation);
    }
}

std::vector<AlertEdge> Detector::open_alerts() const {
    std::vector<AlertEdge> out;
    for (const auto& alert : active_) {
        if (alert.queue == no_id || alert.latches.idle()) {
            continue;
        }
        const auto& rule = plan_.rules[alert.rule];
        AlertEdge edge;
        edge.rule = rule.id;
        edge.policy = rule.policy;
        edge.queue = store_.key(alert.queue);
        edge.group = store_[alert.queue].group;
        edge.metric = rule.metric;
        edge.from = edge.to = alert.state;
        edge.level = alert.level;
        edge.pending = alert.latches.pending();
        edge.stale = store_[alert.queue].stale;
        edge.muted = alert.muted;
        edge.folded = alert.folded ? *alert.folded : AlertKey{};
        edge.flapping = flapping(alert.queue, alert.bound);
        edge.value = alert.value;
        edge.limit = limit_text(alert);
        edge.ts = store_[alert.queue].ts;
        edge.at = alert.since;
        edge.since = alert.since;
        out.push_back(std::move(edge));
    }
    flapping_at_rest(out);
    std::sort(out.begin(), out.end(),
              [](const AlertEdge& a, const AlertEdge& b) { return std::tie(a.queue, a.rule) < std::tie(b.queue, b.rule); });
    return out;
}

void Detector::reconcile(const std::vector<AlertEdge>& open) {
    std::set<std::pair<std::string, QueueKey>> named;
    for (const auto& edge : open) {
        named.emplace(edge.rule, edge.queue);
    }
    for (std::uint32_t i = 0; i < active_.size(); ++i) {
        auto& alert = active_[i];
        if (alert.queue == no_id || named.contains({plan_.rules[alert.rule].id, store_.key(alert.queue)})) {
            continue;
        }
        const auto queue = alert.queue;
        const auto series = alert.series;
        const auto bound = alert.bound;
        release(i);
        resume_bound(queue, series, bound);
    }
    for (const auto& edge : open) {
        apply(edge);
    }
    count_firing();
}

/// The alert is where this edge left it.
void Detector::apply(const AlertEdge& edge) {
    const auto rule = std::find_if(plan_.rules.begin(), plan_.rules.end(), [&](const RuleSpec& r) { return r.id == edge.rule; });
    if (rule == plan_.rules.end() || edge.stale_changed) {
        return;
    }
    auto id = store_.find(edge.queue.centre, edge.queue.queue, edge.queue.channel);
    if (id == no_id) {
        id = store_.add(edge.queue);
        groups_of_.resize(store_.size());
        store_[id].last = edge.at;
        store_[id].seen = true;
        timers_.set(edge.at + store_[id].stale_after, TimerKind::stale, id);
    }
    const auto metric = rule->feed ? store_.binder().feed_metric() : store_.metrics().find_or_add(rule->metric);
    if (store_[id].find(metric) == store_[id].series_count) {
        store_.grow(id, {&metric, 1});
    }
    auto& queue = store_[id];
    const auto s = static_cast<std::uint16_t>(queue.find(metric));
    const auto& rules = queue.series[s].plan->rules;
    for (std::size_t i = 0; i < rules.size(); ++i) {
        if (&plan_.rules[rules[i].rule] != &*rule) {
            continue;
        }
        const auto bound = static_cast<std::uint16_t>(queue.series[s].bounds + i);
        set_known(queue.bounds[bound], edge.to != AlertState::unknown);
        auto& alert = activate(id, s, bound);
        const auto& latches = alert.latches;
        // A snapshot that agrees with the edge knows each level's own times; the edge alone knows one.
        if (latches.state() != edge.to || latches.level() != edge.level || latches.since() != edge.since) {
            alert.latches.resume(rule->levels, edge.to, edge.level, edge.pending, edge.since);
        }
        alert.state = edge.to;
        alert.level = edge.level;
        alert.since = edge.since;
        alert.muted = edge.muted;
        alert.value = edge.value;
        alert.folded = edge.folded.rule.empty() ? nullptr : std::make_shared<const AlertKey>(edge.folded);
        if (alert.latches.idle()) {
            release(queue.bounds[bound].active);
        }
        resume_bound(id, s, bound);
        resume_flap(id, bound, *rule, edge);
    }
}

void Detector::take_over(Detector& old, Stamp now, std::uint64_t& kept, std::uint64_t& re_evaluated, std::uint64_t& closed) {
    start(now);
    ByteWriter windows;
    SeriesCursor cursor;
    cursor.profiles = false;
    old.snapshot(cursor, old.store_.size(), windows);
    restore(windows.bytes());
    take_over_baselines(old);
    rejected_ = old.rejected_;
    std::set<std::uint64_t> contents;
    std::set<std::string> ids;
    for (const auto& rule : plan_.rules) {
        contents.insert(rule.content);
        ids.insert(rule.id);
    }
    const auto count = [&](const RuleSpec& rule) -> std::uint64_t& {
        return contents.contains(rule.content) ? kept : ids.contains(rule.id) ? re_evaluated : closed;
    };
    for (std::uint32_t id = 0; id < old.store_.size(); ++id) {
        for (const auto& series : old.store_[id].all_series()) {
            for (const auto& bound : series.plan->rules) {
                ++count(old.plan_.rules[bound.rule]);
            }
        }
    }
    static const std::string evidence = "the rule was changed or removed";
    for (auto& alert : old.active_) {
        if (alert.queue == no_id || contents.contains(old.plan_.rules[alert.rule].content) || alert.state == AlertState::ok) {
            continue;
        }
        alert.latches = LatchSet{};
        old.emit(alert, AlertState::unknown, old.store_[alert.queue].ts, now, &evidence, false);
    }
    edges_.insert(edges_.end(), old.edges_.begin(), old.edges_.end());
    old.edges_.clear();
    take_over_flaps(old, contents, now);
}

}  // namespace surged
