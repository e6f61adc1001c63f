// What a snapshot keeps of the sources: positions, epochs and totals.
#include <algorithm>

#include "core/series/source_tracker.hpp"

namespace surged {

using Doubt = SourceTrack::Doubt;

namespace {
void write_track(ByteWriter& out, const SourceTrack& track) {
    for (const auto number : {track.seq, track.seen, track.epoch, track.hole, track.messages}) {
        out.put(number);
    }
    for (const auto ms : {to_ms(track.newest), to_ms(track.first), to_ms(track.since), to_ms(track.last), to_ms(track.entered),
                          std::int64_t{track.skew.count()}}) {
        out.put(ms);
    }
    out.put(track.incarnation);
    out.put(static_cast<std::uint8_t>(track.has_epoch ? 1 : 0));
    out.put(track.doubt);
}

bool read_track(ByteReader& in, SourceTrack& track) {
    for (auto* number : {&track.seq, &track.seen, &track.epoch, &track.hole, &track.messages}) {
        *number = in.get<std::uint64_t>();
    }
    track.newest = source_time(in.get<std::int64_t>());
    track.first = source_time(in.get<std::int64_t>());
    track.since = engine_time(in.get<std::int64_t>());
    track.last = engine_time(in.get<std::int64_t>());
    track.entered = wall_time(in.get<std::int64_t>());
    track.skew = Span{in.get<std::int64_t>()};
    track.incarnation = in.get<std::uint32_t>();
    const auto has_epoch = in.get<std::uint8_t>();
    const auto doubt = in.get<std::uint8_t>();
    track.has_epoch = has_epoch == 1;
    track.doubt = static_cast<Doubt>(doubt);
    return in.ok() && has_epoch <= 1 && doubt <= static_cast<std::uint8_t>(Doubt::below);
}

bool read_source(ByteReader& in, SourceState& state) {
    state.name = in.get_text();
    for (auto* total : {&state.messages, &state.samples, &state.gaps, &state.repeats, &state.restarts, &state.reordered}) {
        *total = in.get<std::uint64_t>();
    }
    state.last = engine_time(in.get<std::int64_t>());
    state.skew = Span{in.get<std::int64_t>()};
    state.minute = engine_time(in.get<std::int64_t>());
    state.returns = in.get<std::uint32_t>();
    state.beginnings = in.get<std::uint32_t>();
    state.track_count = in.get<std::uint8_t>();
    if (!in.ok() || state.track_count == 0 || state.track_count > SourceState::tracks_max ||
        state.name.size() > SourceTracker::name_max) {
        return false;
    }
    return std::all_of(state.tracks.begin(), state.tracks.begin() + state.track_count,
                       [&in](SourceTrack& track) { return read_track(in, track); });
}
}  // namespace

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
        out.put(to_ms(state.minute));
        out.put(state.returns);
        out.put(state.beginnings);
        out.put(state.track_count);
        for (std::size_t i = 0; i < state.track_count; ++i) {
            write_track(out, state.tracks[i]);
        }
    }
}

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
    got.links_.resize(got.sources_.size());
    std::vector<std::uint32_t> order(got.sources_.size());
    for (std::uint32_t id = 0; id < order.size(); ++id) {
        order[id] = id;
    }
    std::stable_sort(order.begin(), order.end(),
                     [&got](std::uint32_t a, std::uint32_t b) { return got.sources_[a].last < got.sources_[b].last; });
    for (const std::uint32_t id : order) {
        got.link_last(id);
    }
    *this = std::move(got);
    return true;
}

}  // namespace surged
