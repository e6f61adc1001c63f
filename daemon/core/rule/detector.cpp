#include "core/rule/detector.hpp"

#include <algorithm>
#include <utility>

#include "core/base/not_known.hpp"
#include "core/base/room.hpp"
#include "core/base/text.hpp"

namespace surged {

namespace {

/// Why a message or a part of it that could be read is not taken, in words for the feeder's author.
RefusalNote clock_note(Refusal reason, SourceTime ts, Stamp now, Span skew) {
    const auto ahead_ms = to_ms(ts) - to_ms(now.wall);
    const bool seconds = to_ms(ts) < 100'000'000'000;  // of 1973 in ms, of 5138 in s
    return {reason, "ts",
            std::to_string(to_ms(ts)) + (ahead_ms < 0 ? ", " + format_rounded(static_cast<double>(-ahead_ms) / 1000, 1) + " s behind"
                                                      : ", " + format_rounded(static_cast<double>(ahead_ms) / 1000, 1) + " s ahead"),
            seconds ? "milliseconds since 1970; this looks like seconds" : "the time of now within " + format_span(skew) + ": check its clock"};
}

RefusalNote verdict_note(Refusal reason, const Message& message, Stamp now, const IngestLimits& limits) {
    switch (reason) {
        case Refusal::early:
        case Refusal::late: return clock_note(reason, message.ts, now, limits.skew);
        case Refusal::repeat: return {reason, "seq", std::to_string(message.seq), "one more than the message before, or a new epoch"};
        case Refusal::source_limit: return {reason, "source", "", "one name a feeder, kept over its restarts; [ingest.limits] sources"};
        default: return {reason, "message", "", ""};
    }
}

}  // namespace

Detector::Detector(const DetectionPlan& plan) : plan_(plan), store_(plan), sources_(plan.limits.sources), dependencies_(plan) {}

/// At the first event: what is declared exists from now on, silent until it speaks.
void Detector::start(Stamp now) {
    if (started_) {
        return;
    }
    started_ = true;
    for (const auto& expect : plan_.expects) {
        if (store_.find(expect.centre, expect.queue, expect.channel) == no_id) {
            begin_rules(add_queue({expect.centre, expect.queue, expect.channel}, now.at), 0, now);
        }
    }
}

void Detector::ingest(const Message& message, Stamp now) {
    start(now);
    const auto verdict =
        sources_.accept(message.source, message.has_epoch, message.epoch, message.seq, message.ts, now, plan_.limits.skew);
    if (!verdict.accepted()) {
        refuse(*verdict.refusal, 1);
        note_refusal(message.source, verdict_note(*verdict.refusal, message, now, plan_.limits), 1, now.at);
        return;
    }
    ++messages_;
    told_not_known_ = false;
    layout_.clear();
    // A counter remembers which life of which source it was read in. Two feeders of one queue are not each other's restart: only
    // a new life of the same source is.
    const auto life = (verdict.source << 20U) | (verdict.incarnation & 0xFFFFFU);
    std::uint64_t used = 0;
    const auto& beyond = rejected_[static_cast<std::size_t>(Refusal::series_limit)];
    const auto beyond_before = beyond;
    for (const auto& one : message.parts) {
        if (one.ts != message.ts) {
            if (const auto refusal = SourceTracker::check_clock(one.ts, now, plan_.limits.skew)) {
                refuse(*refusal, 1);
                note_refusal(message.source, clock_note(*refusal, one.ts, now, plan_.limits.skew), 1, now.at);
                layout_.clear();
                continue;
            }
        }
        part(message, one, life, now);
        used += one.count;
    }
    if (beyond != beyond_before) {
        note_refusal(message.source,
                     {Refusal::series_limit, "queues", "new queues or metrics", "as many as [ingest.limits] series and queues allow"},
                     beyond - beyond_before, now.at);
    }
    samples_ += used;
    sources_.add_samples(verdict.source, used);
    flush_groups(now);
    refold(now);
}

/// A queue that is not there yet, last heard at `heard`: from then on its silence counts.
std::uint32_t Detector::add_queue(QueueKey key, EngineTime heard) {
    const auto id = store_.add(std::move(key));
    make_room(groups_of_, 1);
    groups_of_.resize(store_.size());
    store_[id].last = heard;
    timers_.set(heard + store_[id].stale_after, TimerKind::stale, id);
    return id;
}

std::uint32_t Detector::find_or_add(const QueuePart& part, Stamp now) {
    // Feeders repeat their order: the queue that followed the last one is most likely the next.
    if (last_queue_ != no_id) {
        const auto guess = store_[last_queue_].next;
        if (store_.is(guess, part.centre, part.queue, part.channel)) {
            return guess;
        }
    }
    auto id = store_.find(part.centre, part.queue, part.channel);
    if (id == no_id) {
        if (store_.size() >= plan_.queue_max || store_.series_count() >= plan_.limits.series) {
            refuse(Refusal::series_limit, part.count);
            return no_id;
        }
        id = add_queue({std::string(part.centre), std::string(part.queue), std::string(part.channel)}, now.at);
        begin_rules(id, 0, now);
    }
    if (last_queue_ != no_id) {
        store_[last_queue_].next = id;
    }
    return id;
}

std::size_t Detector::find_series(Queue& queue, std::size_t guess, std::string_view name) {
    const auto& names = store_.metrics();
    if (guess < queue.series_count && names.name(queue.series[guess].plan->metric) == name) {
        return guess;
    }
    const auto metric = names.find(name);
    return metric == no_id ? queue.series_count : queue.find(metric);
}

/// The series of the part's metric number `i`. Queues of one class share the plan of a metric: an equal plan is an equal name.
std::size_t Detector::place_series(Queue& queue, const QueuePart& part, std::size_t i, std::size_t guess, std::string_view name) {
    if (part.same_layout && i < layout_.size()) {
        const auto& known = layout_[i];
        if (known.series < queue.series_count && queue.series[known.series].plan == known.plan) [[likely]] {
            return known.series;
        }
    }
    const auto series = find_series(queue, guess, name);
    if (layout_.size() <= i) {
        layout_.resize(i + 1);
    }
    layout_[i] = {series < queue.series_count ? queue.series[series].plan : nullptr, series};
    return series;
}

/// Slow, once per new metric of a queue: all of the part's unknown names are added in one layout.
bool Detector::add_unknown_metrics(std::uint32_t id, const Message& message, const QueuePart& part) {
    unknown_metrics_.clear();
    auto& queue = store_[id];
    std::size_t refused = 0;
    for (std::uint32_t i = 0; i < part.count; ++i) {
        const auto name = message.values[part.first + i].name;
        if (find_series(queue, i, name) < queue.series_count) {
            continue;
        }
        const bool full = store_.series_count() + unknown_metrics_.size() >= plan_.limits.series ||
                          queue.series_count + unknown_metrics_.size() >= 4 * plan_.limits.metrics_per_queue;
        if (full) {
            ++refused;
            continue;
        }
        const auto metric = store_.metrics().find_or_add(name);
        if (std::find(unknown_metrics_.begin(), unknown_metrics_.end(), metric) == unknown_metrics_.end()) {
            unknown_metrics_.push_back(metric);
        }
    }
    refuse(Refusal::series_limit, refused);
    if (unknown_metrics_.empty()) {
        return false;
    }
    store_.grow(id, unknown_metrics_);
    return true;
}

/// While this queue is worked on, what the next will touch is asked for, and the series of the one after it. Feeders repeat their order, so
/// the guess is nearly always right. What is needed first stands first.
void Detector::prefetch(std::uint32_t next, SourceTime ts) {
    constexpr std::int64_t usual_pause_ms = 4000;  // between two readings, or a little more
    auto& queue = store_[next];
    ahead_.ask_all();
    ahead_.add(queue.rings, queue.rings_bytes);
    for (const auto& group : queue.ring_groups()) {
        // The rows that the reading fills, back to the reading before, and the one that leaves the window then.
        constexpr std::int64_t back_most = 3;
        const auto back = std::min(back_most, 1 + usual_pause_ms / group.width_ms);
        const auto rows = back + 1 + ring_cells - ring_widths;
        const auto first = (place(group, ts).cell - back) & (ring_cells - 1);
        const auto whole = std::min(rows, ring_cells - first);
        const auto* cells = queue.cells + group.base;
        ahead_.add(cells + static_cast<std::size_t>(first) * group.row_bytes, static_cast<std::size_t>(whole) * group.row_bytes);
        ahead_.add(cells, static_cast<std::size_t>(rows - whole) * group.row_bytes);
    }
    if (queue.series_count > 0) {
        ahead_.add(&store_.value(queue, 0), queue.series_count * sizeof(double));
    }
    for (const auto& baseline : queue.baselines) {
        baseline->prefetch();
    }
    if (!queue.cls->staffing.empty()) {
        board_.prefetch(next);
    }
    const auto& after = store_[queue.next];
    ahead_.add(&store_.key(queue.next), sizeof(QueueKey));
    ahead_.add(after.memory.get(), after.series_count * sizeof(Series) + after.bound_count * sizeof(Bound));
    ahead_.add(after.baselines.data(), after.baselines.size() * sizeof(after.baselines[0]));
    ahead_.add(&store_[after.next], sizeof(Queue) - sizeof(Queue::group));
}

void Detector::part(const Message& message, const QueuePart& part, std::uint32_t life, Stamp now) {
    const auto id = find_or_add(part, now);
    if (id == no_id) {
        layout_.clear();
        return;
    }
    last_queue_ = id;
    touch(id);
    prefetch(store_[id].next, part.ts);
    auto* queue = &store_[id];
    queue->heard(now.at);
    if (!queue->met || queue->stale) {
        give_time(*queue, now.at);
    }
    if (!queue->seen || queue->stale || (queue->cls->feed_rules && queue->active != 0)) {
        wake(id, now);
    }
    queue->ts = std::max(queue->ts, part.ts);
    Arrival arrival(now.at);
    std::size_t guess = 0;
    bool grown = false;
    const auto portion = ahead_.lines() / std::max(part.count, 1U) + 1;
    for (std::uint32_t i = 0; i < part.count; ++i, ++guess) {
        ahead_.ask(portion);
        const auto& value = message.values[part.first + i];
        auto series = place_series(*queue, part, i, guess, value.name);
        if (series == queue->series_count) {
            const auto before = queue->series_count;
            if (grown || !add_unknown_metrics(id, message, part)) {
                continue;
            }
            grown = true;
            begin_rules(id, before, now);
            series = find_series(*queue, guess, value.name);
            if (series == queue->series_count) {
                continue;
            }
        }
        guess = series;
        const Sample sample{id, static_cast<std::uint16_t>(series), value.value, part.ts};
        const auto& plan = *queue->series[series].plan;
        if (queue->series[series].derived != 0) {
            continue;  // a formula of ours has this name: what comes from outside under it is not believed
        }
        if (plan.may_be_unknown && (value.value < 0 || value.value >= plan.known_below)) [[unlikely]] {
            note_not_known(message.source, value, now);
            take_not_known(*queue, sample, life, now);
            continue;  // not known is not heard
        }
        auto& heard = queue->series[series];
        if (arrival.note(heard.reading.started, heard.reading.heard, heard.pace)) {
            speak(id, sample.series, now);
        }
        if (plan.kind == MetricKind::counter) {
            take_counter(*queue, sample, life, message, now);
        } else {
            take_gauge(*queue, sample, now);
        }
    }
    work_out(id, part.ts, now);
}

/// What is made of the values of a part once all of them are taken.
void Detector::work_out(std::uint32_t id, SourceTime ts, Stamp now) {
    const auto& queue = store_[id];
    if (now.at >= queue.listened) {
        listen(id, now);
    }
    if (!queue.cls->staffing.empty() && now.at >= queue.staffed) {
        look(id, ts, now);
    }
    if (!queue.derives.empty()) {
        derive(id, ts, now);
    }
    if (!queue.cls->members.empty()) {
        mark_groups(id, now);
    }
}

void Detector::note_not_known(std::string_view source, const MetricValue& value, Stamp now) {
    refuse(Refusal::wrong_type, 1);
    if (std::exchange(told_not_known_, true)) {
        return;  // one example a message is enough
    }
    note_refusal(source,
                 {Refusal::wrong_type, "m." + std::string(value.name), format_number(value.value),
                  "0 or more; leave it out while it is not known"},
                 1, now.at);
}

/// One restart is life; a counter that falls again and again is none: counts of an interval, sent as they come.
void Detector::note_fall(std::string_view source, const Series& series, double from, double to, Stamp now) {
    refuse(Refusal::wrong_type, 1);
    note_refusal(source,
                 {Refusal::wrong_type, "m." + std::string(store_.metrics().name(series.plan->metric)),
                  format_number(to) + " after " + format_number(from) + ", again and again",
                  "a count that only rises inside an epoch: the feeder adds up counts of an interval"},
                 1, now.at);
}

/// The queue says that it does not know: what it said before is not so any more, and a counter begins anew when it knows again.
void Detector::take_not_known(Queue& queue, const Sample& sample, std::uint32_t life, Stamp now) {
    auto& series = queue.series[sample.series];
    auto& reading = series.reading;
    if (reading.started && sample.ts < reading.ts) {
        ++late_;
        return;
    }
    store_.value(queue, sample.series) = not_known;
    if (series.plan->kind == MetricKind::counter) {
        if (reading.started && reading.last >= 0) {
            broke(sample, reading.ts, false, now);
        }
        surged::advance(reading, -1, sample.ts, false);
        reading.incarnation = life;
        windowed({sample.queue, sample.series, not_known, sample.ts}, now);
        return;
    }
    reading.started = true;
    reading.ts = sample.ts;
    evaluate(queue, {sample.queue, sample.series, not_known, sample.ts}, now);
}

void Detector::take_counter(Queue& queue, const Sample& sample, std::uint32_t life, const Message& message, Stamp now) {
    auto& series = queue.series[sample.series];
    auto& reading = series.reading;
    const bool new_life = reading.incarnation != life && (reading.incarnation >> 20U) == (life >> 20U);
    const double before = reading.last;
    const auto since = reading.ts;
    const bool goes_on = !reading.started || (!new_life && sample.value >= before && before >= 0);
    const auto step = surged::advance(reading, sample.value, sample.ts, reading.started && new_life);
    reading.incarnation = life;
    if (!goes_on && (!step.late || step.reset)) {
        broke(sample, since, !step.late, now);
    }
    if (step.late) {
        ++late_;
        return;
    }
    resets_ += step.reset ? 1U : 0U;
    if (step.reset && !new_life) {
        constexpr std::uint8_t each = 4;
        constexpr std::uint8_t too_many = 12;
        series.falls = static_cast<std::uint8_t>(series.falls + each) & 0x7F;
        if (series.falls >= too_many) {
            note_fall(message.source, series, before, sample.value, now);
            series.falls = 0;
        }
    } else if (series.falls > 0) {
        --series.falls;
    }
    for (const auto& ring : series.plan->rings) {
        queue.ring(series, ring).add_spread(ring.width_ms, place(ring, sample.ts), step.from, sample.ts, step.increment);
    }
    store_.value(queue, sample.series) = sample.value;
    if (series.plan->learners != 0) {
        count_learners(sample, step, now);
    }
    if (step.increment > 0 && series.plan->risers != 0) {
        rose(sample, now);
    }
    evaluate(queue, sample, now);
}

void Detector::take_gauge(Queue& queue, const Sample& sample, Stamp now) {
    auto& series = queue.series[sample.series];
    const bool late = series.reading.started && sample.ts < series.reading.ts;
    for (const auto& ring : series.plan->rings) {
        queue.ring(series, ring).add_reading(place(ring, sample.ts), sample.ts, sample.value);
    }
    if (late) {
        ++late_;  // it counts in its own cell of the windows; the present is known from a later reading
        return;
    }
    series.reading.started = true;
    series.reading.ts = sample.ts;
    store_.value(queue, sample.series) = sample.value;
    if (series.plan->learners != 0) {
        gauge_learners(sample, now);
    }
    evaluate(queue, sample, now);
}

void Detector::evaluate(Queue& queue, const Sample& sample, Stamp now) {
    const auto& series = queue.series[sample.series];
    if (!series.band.contains(sample.value)) {
        thresholds(queue, sample, now);
    }
    if (series.plan->observers != 0) {
        windowed(sample, now);
    }
}

void Detector::advance(Stamp now) {
    start(now);
    // Deadlines run at their own time, not at the time of this call: a late loop must not stretch a hold.
    while (timers_.next() <= now.at) {
        const auto timer = timers_.pop();
        run(timer, Stamp{std::max(timer.at, EngineTime{}), now.wall - (now.at - timer.at)});
    }
    flush_groups(now);
    refold(now);
}

}  // namespace surged
