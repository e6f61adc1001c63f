#include "io/history/book.hpp"

#include <algorithm>
#include <cmath>

namespace surged {
namespace {

constexpr std::int64_t minute_ms = 60000;
constexpr std::size_t no_place = ~std::size_t{0};
/// A counter that rose since a reading so long ago rose at once, as far as minutes are shown ...
constexpr std::int64_t at_once_ms = 90000;
/// ... over so many minutes, evenly; over more, nobody can say when.
constexpr std::int64_t spread_minutes_max = 15;
/// Queues whose minutes are written before readers have their turn.
constexpr std::size_t queues_at_once = 256;

/// Where history_counters stand.
enum Counter : std::size_t { offered, answered, abandoned, handled, talk, acw, timeouts, overflow, in_20, in_15, gave_up_in_20, gave_up_in_15, counters };
static_assert(counters == history_counters.size());

struct Shares {
    std::array<HistoryShare, 2> of{};
    std::size_t count = 0;
};

/// `level_by`: the counter of calls answered in time that the service level is told by; `counters` = nobody counts them.
Shares shares_of(std::size_t counter, std::size_t level_by) {
    const bool level = level_by != counters;
    const auto one = [](std::size_t column, bool there = true, int sign = 1) { return Shares{{HistoryShare{column, sign}, HistoryShare{}}, there ? 1U : 0U}; };
    const auto ended = [level](std::size_t column) { return Shares{{HistoryShare{column}, HistoryShare{column_level_calls}}, level ? 2U : 1U}; };
    switch (static_cast<Counter>(counter)) {
        case offered: return one(column_offered);
        case answered: return ended(column_answered);
        case abandoned: return ended(column_abandoned);
        case handled: return one(column_handled);
        case talk:
        case acw: return one(column_handling_s);
        case timeouts:
        case overflow: return one(column_level_calls, level);
        case in_20: return one(column_in_20, level_by == in_20);
        case in_15: return one(column_in_15, level_by == in_15);
        case gave_up_in_20: return one(column_level_calls, level_by == in_20, -1);
        case gave_up_in_15: return one(column_level_calls, level_by == in_15, -1);
        case counters: break;
    }
    return one(column_offered, false);
}

constexpr std::array gauge_columns{column_waiting, column_oldest_wait, column_staffed, column_on_call, column_available};
static_assert(gauge_columns.size() == history_gauges.size());

std::int64_t minute_of(WallTime wall) {
    const std::int64_t ms = to_ms(wall);
    return (ms >= 0 ? ms : ms - minute_ms + 1) / minute_ms;
}

std::int64_t slot_of(std::int64_t minute) {
    return (minute >= 0 ? minute : minute - history_slot_minutes + 1) / history_slot_minutes;
}

std::size_t cell_of(std::int64_t minute) {
    const auto cell = minute % HistoryBook::minutes_kept;
    return static_cast<std::size_t>(cell < 0 ? cell + HistoryBook::minutes_kept : cell);
}

float joined(HistoryFold fold, float before, float share_before, float now, float share_now) {
    HistoryFolder folder;
    folder.add(fold, static_cast<double>(before), static_cast<double>(share_before));
    folder.add(fold, static_cast<double>(now), static_cast<double>(share_now));
    return static_cast<float>(folder.value(fold));
}

/// Whether there is anything to keep.
bool anything_in(const HistoryRow& row) {
    const auto told = [](double value) { return !std::isnan(value); };
    return row.level > 0 || told(row.required) || std::any_of(row.gauges.begin(), row.gauges.end(), told) ||
           std::any_of(row.counters.begin(), row.counters.end(), [&](const CounterReading& counter) { return told(counter.total); });
}

bool same_band(const BaselineBand& a, const BaselineBand& b) {
    const auto same = [](double x, double y) { return x == y || (std::isnan(x) && std::isnan(y)); };
    return same(a.expected_per_s, b.expected_per_s) && same(a.phi, b.phi) && same(a.slot_s, b.slot_s) && same(a.surprise, b.surprise) &&
           same(a.percent, b.percent);
}

}  // namespace

std::size_t HistoryBook::KeyHash::operator()(const QueueKey& key) const {
    const std::hash<std::string_view> hash;
    return hash(key.centre) * 1000003U ^ hash(key.queue) * 10007U ^ hash(key.channel);
}

void HistoryBook::add(const HistoryBlock& block) {
    const std::int64_t minute = minute_of(block.wall);
    if (minute != open_ && open_ != 0) {
        end_minute();
        if (slot_of(minute) != slot_of(open_)) {
            end_slot();
        }
    }
    const std::lock_guard hold(lock_);
    if (minute != open_) {
        first_ = first_ == 0 ? minute + (to_ms(block.wall) % minute_ms == 0 ? 0 : 1) : std::min(first_, minute);
        open_ = end_ = minute;
        looks_ = 0;
        last_look_ = {};
    }
    if (block.wall != last_look_) {
        last_look_ = block.wall;
        ++looks_;
        ++slot_looks_;
    }
    adopt_names(block);
    for (const HistoryRow& row : block.rows) {
        if (row.queue < place_of_.size() && place_of_[row.queue] != no_place && anything_in(row)) {
            take(*queues_[place_of_[row.queue]], row);
        }
    }
}

void HistoryBook::adopt_names(const HistoryBlock& block) {
    if (block.numbering != numbering_) {
        numbering_ = block.numbering;
        place_of_.clear();
        forget(open_ - minutes_kept);
    }
    for (const auto& [number, key] : block.names) {
        if (number >= place_of_.size()) {
            place_of_.resize(number + std::size_t{1}, no_place);
        }
        const auto [at, added] = places_.try_emplace(key, queues_.size());
        if (added && queues_.size() >= queues_max_) {
            places_.erase(at);
            ++refused_;
            continue;
        }
        if (added) {
            queues_.push_back(std::make_unique<Memory>());
            queues_.back()->key = key;
        }
        place_of_[number] = at->second;
    }
}

/// Only between two numberings: nobody's number points to a queue then.
void HistoryBook::forget(std::int64_t before) {
    std::erase_if(queues_, [before](const auto& queue) { return queue->last < before; });
    places_.clear();
    columns_ = 0;
    for (std::size_t i = 0; i < queues_.size(); ++i) {
        places_.emplace(queues_[i]->key, i);
        columns_ += static_cast<std::size_t>(std::count_if(queues_[i]->columns.begin(), queues_[i]->columns.end(), [](const auto& column) { return column != nullptr; }));
    }
}

void HistoryBook::take(Memory& queue, const HistoryRow& row) {
    queue.last = open_;
    const auto told = [&row](Counter counter) { return !std::isnan(row.counters[counter].total); };
    const std::size_t level_by = told(in_20) ? in_20 : told(in_15) ? in_15 : counters;
    for (std::size_t i = 0; i < counters; ++i) {
        const Shares shares = i == acw && !told(talk) ? Shares{} : shares_of(i, level_by);
        const double part = rise(queue, i, row.counters[i], {shares.of.data(), shares.count});
        for (std::size_t k = 0; k < shares.count; ++k) {
            gather(queue, shares.of[k].column, shares.of[k].sign * part);
        }
    }
    for (std::size_t i = 0; i < gauge_columns.size(); ++i) {
        gather(queue, gauge_columns[i], row.gauges[i]);
    }
    gather(queue, column_level, row.level);
    gather(queue, column_required, row.required);
    gather(queue, column_productive, row.productive);
    queue.band = row.band;
}

/// What of the counter belongs to the open minute; NaN = not known. What rose over some minutes is spread over them.
double HistoryBook::rise(Memory& queue, std::size_t counter, const CounterReading& reading, std::span<const HistoryShare> shares) {
    CounterState& state = queue.counters[counter];
    if (std::isnan(reading.total)) {
        return reading.total;
    }
    const bool first = !state.started;
    constexpr unsigned source_bits = 20;  // above: which source it is, as the detector numbers them
    const bool new_life =
        state.incarnation != reading.incarnation && (state.incarnation >> source_bits) == (reading.incarnation >> source_bits);
    const auto step = surged::advance(state, reading.total, reading.ts, state.started && new_life);
    state.incarnation = reading.incarnation;
    if (first || step.late) {
        return HistoryRow::unknown;
    }
    const std::int64_t over_ms = to_ms(reading.ts) - to_ms(step.from);
    const std::int64_t over = (over_ms + minute_ms - 1) / minute_ms;
    if (over_ms <= at_once_ms) {
        return step.increment;
    }
    if (over > spread_minutes_max) {
        return HistoryRow::unknown;
    }
    const double part = step.increment / static_cast<double>(over);
    for (const HistoryShare& share : shares) {
        auto& column = queue.columns[share.column];
        for (std::int64_t minute = open_ - over + 1; minute < open_ && column; ++minute) {
            if (float& cell = column[cell_of(minute)]; minute_of_[cell_of(minute)] == minute) {
                cell = static_cast<float>(share.sign * part) + (std::isnan(cell) ? 0.0F : cell);
            }
        }
        // The slot gets all of it, of which the open minute has its part; see gather().
        auto& slot = queue.slot[share.column];
        slot.value += static_cast<float>(share.sign * (step.increment - part));
        slot.weight = std::max<std::uint16_t>(slot.weight, 1);
    }
    return part;
}

void HistoryBook::gather(Memory& queue, std::size_t column, double value) {
    if (std::isnan(value)) {
        return;
    }
    for (Gathered* to : {&queue.minute[column], &queue.slot[column]}) {
        const auto v = static_cast<float>(value);
        to->value = history_columns[column].fold == HistoryFold::most ? std::max(to->weight == 0 ? v : to->value, v) : to->value + v;
        to->weight = static_cast<std::uint16_t>(std::min(to->weight + 1, 0xFFFF));
    }
}

namespace {
template <typename Gathered>
float gathered_value(const Gathered& gathered, HistoryFold fold) {
    if (gathered.weight == 0) {
        return history_unknown;
    }
    return fold == HistoryFold::mean ? gathered.value / static_cast<float>(gathered.weight) : gathered.value;
}
}  // namespace

/// What was gathered becomes the cells of the minute. Bands are worked out first, for they take longest and need no lock.
void HistoryBook::end_minute() {
    for (const auto& queue : queues_) {
        if (!same_band(queue->band, queue->band_of)) {
            queue->band_of = queue->band;
            queue->drawn = forecast_band(queue->band);
        }
        if (queue->last == open_ && queue->band.slot_s > 0 && !std::isnan(queue->drawn.expected)) {
            const double a_minute = 60.0 / queue->band.slot_s;
            gather(*queue, column_forecast, queue->drawn.expected * a_minute);
            gather(*queue, column_forecast_low, queue->drawn.low * a_minute);
            gather(*queue, column_forecast_high, queue->drawn.high * a_minute);
        }
    }
    const std::size_t cell = cell_of(open_);
    const bool again = minute_of_[cell] == open_;
    const float share = again ? static_cast<float>(looks_of_[cell]) : 0.0F;
    for (std::size_t i = 0; i < queues_.size(); i += queues_at_once) {
        const std::lock_guard hold(lock_);
        for (std::size_t k = i; k < std::min(i + queues_at_once, queues_.size()); ++k) {
            write_minute(*queues_[k], cell, again, share);
        }
    }
    const std::lock_guard hold(lock_);
    looks_of_[cell] = static_cast<std::uint16_t>((again ? looks_of_[cell] : 0) + looks_);
    minute_of_[cell] = open_;
}

void HistoryBook::write_minute(Memory& queue, std::size_t cell, bool again, float share) {
    for (std::size_t c = 0; c < column_count; ++c) {
        const HistoryFold fold = history_columns[c].fold;
        const float value = gathered_value(queue.minute[c], fold);
        queue.minute[c] = {};
        auto& column = queue.columns[c];
        if (!column) {
            if (std::isnan(value)) {
                continue;
            }
            column = std::make_unique<float[]>(static_cast<std::size_t>(minutes_kept));
            std::fill_n(column.get(), minutes_kept, history_unknown);
            ++columns_;
        }
        column[cell] = again ? joined(fold, column[cell], share, value, static_cast<float>(looks_)) : value;
    }
}

void HistoryBook::end_slot() {
    HistorySlot slot;
    slot.slot = slot_of(open_);
    slot.weight = std::max<std::uint32_t>(slot_looks_, 1);
    slot_looks_ = 0;
    for (const auto& queue : queues_) {
        HistorySlotRow row;
        bool known = false;
        for (std::size_t c = 0; c < column_count; ++c) {
            row.values[c] = gathered_value(queue->slot[c], history_columns[c].fold);
            known = known || !std::isnan(row.values[c]);
            queue->slot[c] = {};
        }
        if (known) {
            row.queue = queue->key;
            slot.rows.push_back(std::move(row));
        }
    }
    if (!slot.rows.empty()) {
        ended_.push_back(std::move(slot));
    }
}

std::vector<HistorySlot> HistoryBook::take_slots(bool all) {
    if (all && open_ != 0) {
        end_minute();
        end_slot();
        const std::lock_guard hold(lock_);
        end_ = std::exchange(open_, 0) + 1;
    }
    return std::exchange(ended_, {});
}

std::optional<HistoryMinutes> HistoryBook::minutes(const QueueKey& key) const {
    const std::lock_guard hold(lock_);
    const auto found = places_.find(key);
    if (found == places_.end()) {
        return std::nullopt;
    }
    const Memory& queue = *queues_[found->second];
    HistoryMinutes out;
    out.first = std::max(first_, end_ - minutes_kept + 1);
    for (std::int64_t minute = out.first; minute < end_; ++minute) {
        const std::size_t cell = cell_of(minute);
        HistoryValues values = no_history_values();
        for (std::size_t c = 0; c < column_count && minute_of_[cell] == minute; ++c) {
            values[c] = queue.columns[c] ? queue.columns[c][cell] : history_unknown;
        }
        out.values.push_back(values);
    }
    return out;
}

std::int64_t HistoryBook::end() const {
    const std::lock_guard hold(lock_);
    return end_;
}

std::size_t HistoryBook::queues() const {
    const std::lock_guard hold(lock_);
    return queues_.size();
}

std::uint64_t HistoryBook::refused() const {
    const std::lock_guard hold(lock_);
    return refused_;
}

std::size_t HistoryBook::queue_bytes_max() {
    return sizeof(Memory) + column_count * static_cast<std::size_t>(minutes_kept) * sizeof(float);
}

std::size_t HistoryBook::memory_bytes() const {
    const std::lock_guard hold(lock_);
    return queues_.size() * sizeof(Memory) + columns_ * static_cast<std::size_t>(minutes_kept) * sizeof(float);
}

}  // namespace surged
