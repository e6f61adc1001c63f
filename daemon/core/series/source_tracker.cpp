#include "core/series/source_tracker.hpp"

#include <algorithm>
#include <limits>

#include "core/base/check.hpp"

namespace surged {

namespace {
/// a - b without overflow for any two times; saturates.
Span clock_difference(std::int64_t a, std::int64_t b) {
    // Unsigned subtraction is exact for the true distance, which fits 64 bits without a sign.
    const std::uint64_t distance = a >= b ? static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b)
                                          : static_cast<std::uint64_t>(b) - static_cast<std::uint64_t>(a);
    constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    const auto bounded = static_cast<std::int64_t>(std::min(distance, most));
    return Span{a >= b ? bounded : -bounded};
}

enum class Place : std::uint8_t { next, behind, restart, repeat };

/// Where a message of the same epoch stands against what has come.
Place place_of(const SourceState& state, std::uint64_t seq, SourceTime ts) {
    if (seq > state.seq) {
        return Place::next;
    }
    const std::uint64_t behind = state.seq - seq;
    const bool near = behind >= 1 && behind <= SourceTracker::reorder_max;
    if (near && (state.seen >> (behind - 1) & 1U) == 0) {
        return Place::behind;
    }
    // A feeder that starts over counts from the bottom; one that a forged number has left far behind goes on where it was.
    const bool started_over = seq <= SourceTracker::reorder_max || behind > SourceTracker::reorder_max;
    return started_over && ts > state.newest ? Place::restart : Place::repeat;
}

/// Notes `seq` > state.seq as come; returns how many before it have not.
std::uint64_t move_forward(SourceState& state, std::uint64_t seq) {
    const std::uint64_t step = seq - state.seq;
    if (step > SourceTracker::reorder_max) {
        state.seen = 0;
    } else {
        // The old position itself becomes bit step - 1. A shift by all 64 is not defined, so it is taken in two.
        state.seen = (state.seen << (step - 1) << 1U) | 1ULL << (step - 1);
    }
    state.seq = seq;
    return std::min(step - 1, SourceTracker::hole_max);
}

bool is_past_epoch(const SourceState& state, std::uint64_t epoch) {
    const auto* end = state.past.begin() + state.past_count;
    return std::find(state.past.begin(), end, epoch) != end;
}

void remember_epoch(SourceState& state) {
    std::copy_backward(state.past.begin(), state.past.end() - 1, state.past.end());
    state.past.front() = state.epoch;
    state.past_count = static_cast<std::uint8_t>(std::min<std::size_t>(state.past_count + std::size_t{1}, state.past.size()));
}
}  // namespace

std::optional<Refusal> SourceTracker::check_clock(SourceTime ts, Stamp now, Span skew) {
    const Span behind = clock_difference(to_ms(now.wall), to_ms(ts));
    if (behind > skew) {
        return Refusal::late;
    }
    return -behind > skew ? std::optional<Refusal>(Refusal::early) : std::nullopt;
}

std::optional<std::uint32_t> SourceTracker::find(std::string_view source) const {
    const auto found = index_.find(source);
    return found == index_.end() ? std::nullopt : std::optional<std::uint32_t>(found->second);
}

void SourceTracker::restart(SourceState& state, bool has_epoch, std::uint64_t epoch, std::uint64_t seq) {
    if (has_epoch && state.has_epoch && epoch != state.epoch) {
        remember_epoch(state);
    }
    if (has_epoch) {
        state.has_epoch = true;
        state.epoch = epoch;
    }
    state.seq = seq;
    state.seen = ~0ULL;
    state.incarnation = ++incarnations_;
}

Verdict SourceTracker::accept(std::string_view source, bool has_epoch, std::uint64_t epoch, std::uint64_t seq, SourceTime ts,
                              Stamp now, Span skew) {
    Verdict verdict;
    verdict.refusal = check_clock(ts, now, skew);
    auto known = find(source);
    if (!known) {
        if (!verdict.refusal && sources_.size() >= sources_max_) {
            verdict.refusal = Refusal::source_limit;
        }
        if (verdict.refusal) {
            return verdict;
        }
        known = static_cast<std::uint32_t>(sources_.size());
        SourceState& fresh = sources_.emplace_back();
        fresh.name = source;
        index_.emplace(fresh.name, *known);
        fresh.newest = ts;
        restart(fresh, has_epoch, epoch, seq);
        verdict.incarnation = fresh.incarnation;
    }
    SourceState& state = sources_[*known];
    const bool first = verdict.incarnation != 0;
    verdict.source = *known;
    state.skew = clock_difference(to_ms(now.wall), to_ms(ts));
    if (verdict.refusal) {
        verdict.incarnation = state.incarnation;
        return verdict;
    }

    if (!first) {
        // An epoch from a feeder that sent none so far is a restart unless the sequence goes straight on.
        const bool other_epoch = has_epoch && (state.has_epoch ? epoch != state.epoch : seq != state.seq + 1 || seq == 0);
        const bool stale_epoch = other_epoch && is_past_epoch(state, epoch) && ts < state.newest;
        const Place place = stale_epoch ? Place::repeat : other_epoch ? Place::restart : place_of(state, seq, ts);
        switch (place) {
            case Place::next:
                verdict.gap = move_forward(state, seq);
                state.gaps += verdict.gap;
                if (has_epoch) {
                    state.has_epoch = true;
                    state.epoch = epoch;
                }
                break;
            case Place::behind:
                state.seen |= 1ULL << (state.seq - seq - 1);
                verdict.reordered = true;
                ++state.reordered;
                break;
            case Place::restart:
                restart(state, has_epoch, epoch, seq);
                verdict.new_epoch = true;
                ++state.restarts;
                break;
            case Place::repeat:
                verdict.refusal = Refusal::repeat;
                verdict.incarnation = state.incarnation;
                ++state.repeats;
                return verdict;
        }
    }
    verdict.incarnation = state.incarnation;
    ++state.messages;
    state.newest = std::max(state.newest, ts);
    state.last = now.at;
    return verdict;
}

void SourceTracker::write(ByteWriter& out) const {
    out.put(incarnations_);
    out.put(static_cast<std::uint32_t>(sources_.size()));
    for (const SourceState& state : sources_) {
        out.put_text(state.name);
        for (const auto total : {state.messages, state.samples, state.gaps, state.repeats, state.restarts, state.reordered}) {
            out.put(total);
        }
        out.put(to_ms(state.last));
        out.put(std::int64_t{state.skew.count()});
        out.put(state.seq);
        out.put(state.seen);
        out.put(state.epoch);
        out.put(static_cast<std::uint8_t>(state.has_epoch ? 1 : 0));
        out.put(state.incarnation);
        out.put(to_ms(state.newest));
        out.put(state.past_count);
        for (const auto epoch : state.past) {
            out.put(epoch);
        }
    }
}

namespace {
bool read_source(ByteReader& in, SourceState& state) {
    state.name = in.get_text();
    for (auto* total : {&state.messages, &state.samples, &state.gaps, &state.repeats, &state.restarts, &state.reordered}) {
        *total = in.get<std::uint64_t>();
    }
    state.last = engine_time(in.get<std::int64_t>());
    state.skew = Span{in.get<std::int64_t>()};
    state.seq = in.get<std::uint64_t>();
    state.seen = in.get<std::uint64_t>();
    state.epoch = in.get<std::uint64_t>();
    const auto has_epoch = in.get<std::uint8_t>();
    state.has_epoch = has_epoch == 1;
    state.incarnation = in.get<std::uint32_t>();
    state.newest = source_time(in.get<std::int64_t>());
    state.past_count = in.get<std::uint8_t>();
    for (auto& epoch : state.past) {
        epoch = in.get<std::uint64_t>();
    }
    return in.ok() && has_epoch <= 1 && state.past_count <= state.past.size() && state.name.size() <= SourceTracker::name_max;
}
}  // namespace

bool SourceTracker::read(ByteReader& in) {
    SourceTracker got(sources_max_);
    got.incarnations_ = in.get<std::uint32_t>();
    const auto count = in.get<std::uint32_t>();
    if (!in.ok() || count > in.left()) {  // a source takes more than a byte: a count beyond that is no count
        return false;
    }
    for (std::uint32_t i = 0; i < count; ++i) {
        SourceState state;
        if (!read_source(in, state)) {
            return false;
        }
        if (got.sources_.size() >= sources_max_) {
            continue;
        }
        const auto at = static_cast<std::uint32_t>(got.sources_.size());
        if (!got.index_.emplace(state.name, at).second) {
            return false;
        }
        got.sources_.push_back(std::move(state));
    }
    *this = std::move(got);
    return true;
}

}  // namespace surged
