// What survives a restart by snapshot: windows, counters, source positions, and alerts as they were then. Snapshots name
// everything by text and content, never by index: they may be read under another configuration. What the log knows better is told
// afterwards (detector_resume.cpp).
#include <algorithm>
#include <cmath>
#include <map>

#include "core/base/bytes.hpp"
#include "core/rule/detector.hpp"
#include "core/rule/kinds.hpp"
#include "core/rule/rule_step.hpp"

namespace surged {

namespace {
constexpr std::uint32_t snapshot_magic = 0x37445253;  // "SRD7"; earlier ones knew one track of a source, no cadence, no worst value, no pace
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
    out.put(alert.worst);
    out.put(to_ms(alert.worst_at));
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
    alert.worst = in.get<double>();
    alert.worst_at = engine_time(in.get<std::int64_t>());
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
    for (const auto ms : queue.cadence.ms) {
        out.put(ms);
    }
    out.put(queue.cadence.next);
    out.put(to_ms(queue.cadence.begun));
    out.put(static_cast<std::uint32_t>(queue.series_count));
    for (std::size_t s = 0; s < queue.series_count; ++s) {
        const auto& series = queue.series[s];
        out.put_text(store_.metrics().name(series.plan->metric));
        out.put(series.derived);
        out.put(series.pace.bits());
        out.put(store_.value(queue, s));
        write(out, series.reading);
        out.put(static_cast<std::uint32_t>(series.plan->rings.size()));
        for (const auto& ring : series.plan->rings) {
            out.put(ring.shape.kind);
            out.put(ring.shape.length.count());
            out.put(static_cast<std::uint32_t>(ring_image_bytes(ring.shape.kind)));
            queue.ring(series, ring).save(out);
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
            out.put(static_cast<std::uint8_t>(row_of(rule.kind).learns && profiles ? 1 : 0));
            if (row_of(rule.kind).learns && profiles) {
                write_baseline(out, queue, bound, rule);
            }
        }
    }
}

/// The queue has every series of these bytes that a feeder sends: laid out once, not once a series.
void Detector::grow_as(ByteReader in, std::uint32_t series, std::uint32_t id) {
    std::vector<std::uint32_t> own;
    for (std::uint32_t s = 0; s < series && in.ok(); ++s) {
        const auto name = in.view_text();
        const bool derived = in.get<std::uint8_t>() != 0;
        (void)in.get<std::uint8_t>();
        (void)in.get<double>();
        CounterState reading;
        if (!in.ok() || !read(in, reading)) {
            break;
        }
        const auto metric = store_.metrics().find_or_add(name);
        if (!derived && metric != store_.binder().feed_metric()) {
            own.push_back(metric);
        }
        const auto rings = in.get<std::uint32_t>();
        for (std::uint32_t r = 0; r < rings && in.ok(); ++r) {
            (void)in.get<RingKind>();
            (void)in.get<std::int64_t>();
            (void)in.view_text();
        }
        const auto rules = in.get<std::uint32_t>();
        for (std::uint32_t i = 0; i < rules && in.ok(); ++i) {
            (void)in.get<std::uint64_t>();
            (void)in.get<std::uint8_t>();
            (void)in.get<std::int64_t>();
            (void)in.view_text();
            if (in.get<std::uint8_t>() != 0) {
                ActiveAlert alert;
                read_alert(in, alert);
            }
            if (in.get<std::uint8_t>() != 0) {
                (void)in.view_text();
            }
        }
    }
    store_.grow_each(id, own, plan_.limits.series);
}

/// Reads one series; false when the bytes end early.
bool Detector::restore_series_of(ByteReader& in, std::uint32_t id, SeriesNotes& notes) {
    const auto name = in.view_text();
    (void)in.get<std::uint8_t>();  // derived or not: grow_as() asked
    const SeriesPace pace(in.get<std::uint8_t>());
    const auto value = in.get<double>();
    CounterState reading;
    if (!read(in, reading)) {
        return false;
    }
    const auto metric = store_.metrics().find_or_add(name);
    auto& queue = store_[id];
    const auto at = queue.find(metric);
    const bool there = at < queue.series_count;
    if (there) {
        queue.series[at].reading = reading;
        if (std::isnan(reading.last) && queue.series[at].plan->kind == MetricKind::counter) {
            queue.series[at].reading.last = -1;  // the next reading is where it begins
        }
        queue.series[at].pace = pace;
        store_.value(queue, at) = value;
    }
    const auto rings = in.get<std::uint32_t>();
    for (std::uint32_t r = 0; r < rings && in.ok(); ++r) {
        const auto kind = in.get<RingKind>();
        const RingShape shape{kind, Span{in.get<std::int64_t>()}};
        const auto bytes = in.view_text();
        if (there) {
            for (const auto& ring : queue.series[at].plan->rings) {
                if (ring.shape == shape) {
                    (void)queue.ring(queue.series[at], ring).load(bytes);
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
            const auto learned = in.view_text();
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
        // Spoiled bytes may name any moment: within these bounds a deadline added to it overflows nothing.
        constexpr std::int64_t far_ms = std::int64_t{1} << 60U;
        const auto last = engine_time(std::clamp(in.get<std::int64_t>(), -far_ms, far_ms));
        auto id = store_.find(key.centre, key.queue, key.channel);
        if (id == no_id) {
            id = add_queue(std::move(key), last);
        }
        store_[id].last = last;
        store_[id].ts = source_time(in.get<std::int64_t>());
        store_[id].seen = in.get<std::uint8_t>() != 0;
        auto& cadence = store_[id].cadence;
        for (auto& ms : cadence.ms) {
            ms = std::min(in.get<std::uint32_t>(), static_cast<std::uint32_t>(Cadence::most.count()));
        }
        cadence.next = static_cast<std::uint8_t>(in.get<std::uint8_t>() % Cadence::kept);
        cadence.begun = engine_time(in.get<std::int64_t>());
        store_[id].set_stale_after();
        const auto series = in.get<std::uint32_t>();
        grow_as(in, series, id);
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
            if (const auto& row = row_of(rule.kind); row.resume != nullptr) {
                row.resume(RuleStep(*this, note.queue, s, {}).at(i));
            }
            if (note.alive) {
                auto& alert = activate({note.queue, s, bound_index});
                const auto generation = alert.generation;
                const auto rule_index = alert.rule;
                alert = note.alert;
                alert.queue = note.queue;
                alert.series = s;
                alert.bound = bound_index;
                alert.rule = rule_index;
                alert.generation = generation;
                alert.stale = !rule.feed && queue.series[s].pace.silent();
            }
            if (bound.active != no_id || note.known) {
                resume_bound({note.queue, s, bound_index});
            }
        }
    }
}

/// Band and deadline of a bound rule whose state was just set from outside.
void Detector::resume_bound(BoundAt at) {
    auto& queue = store_[at.queue];
    auto& bound = queue.bounds[at.bound];
    auto& series = queue.series[at.series];
    const auto& rule = plan_.rules[series.plan->rules[at.bound - series.bounds].rule];
    const LatchSet resting;
    const auto& latches = bound.active != no_id ? active_[bound.active].latches : resting;
    if (bound.active != no_id) {
        renew_band(active_[bound.active]);
    } else {
        bound.band = latches.quiet(rule.levels);
        refresh_band(queue, series, at.bound);
    }
    const auto deadline = latches.deadline(rule.levels);
    if (deadline != engine_never) {
        timers_.set(deadline, TimerKind::hold, bound.active, active_[bound.active].generation);
    }
}

}  // namespace surged
