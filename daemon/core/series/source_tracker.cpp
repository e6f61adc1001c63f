#include "core/series/source_tracker.hpp"

#include <algorithm>
#include <limits>

#include "core/base/check.hpp"

namespace surged {

using Doubt = SourceTrack::Doubt;

/// One message, as it is judged.
struct SourceTracker::Arrived {
    bool has_epoch;
    std::uint64_t epoch;
    std::uint64_t seq;
    SourceTime ts;
    Stamp now;
    Span skew;    ///< allowed
    Span behind;  ///< its own: arrival minus ts
};

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

enum class Fit : std::uint8_t { none, next, behind };

/// Whether a message goes on where the track is. What is close ahead is believed; behind a jump that is not yet known for one,
/// whatever is higher confirms it: a feeder that loses much, or counts in steps, goes up again, and one whose number was forged
/// does not.
Fit fit_of(const SourceTrack& track, std::uint64_t seq) {
    if (seq > track.seq) {
        const auto ahead = seq - track.seq;
        return ahead <= SourceTracker::reorder_max || track.doubt == Doubt::ahead ? Fit::next : Fit::none;
    }
    const auto behind = track.seq - seq;
    const bool missing = behind >= 1 && behind <= SourceTracker::reorder_max && (track.seen >> (behind - 1) & 1U) == 0;
    return missing ? Fit::behind : Fit::none;
}

/// Whether a message can belong to the track by its epoch. A feeder that begins to send epochs goes on where it was, or restarts.
bool of_epoch(const SourceTrack& track, bool has_epoch, std::uint64_t epoch, std::uint64_t seq) {
    if (!has_epoch) {
        return true;
    }
    return track.has_epoch ? epoch == track.epoch : seq == track.seq + 1 && seq != 0 && track.doubt == Doubt::none;
}

/// Notes `seq` > track.seq as come; returns how many before it have not.
std::uint64_t move_forward(SourceTrack& track, std::uint64_t seq) {
    const std::uint64_t step = seq - track.seq;
    if (step > SourceTracker::reorder_max) {
        track.seen = 0;
    } else {
        // The old position itself becomes bit step - 1. A shift by all 64 is not defined, so it is taken in two.
        track.seen = (track.seen << (step - 1) << 1U) | 1ULL << (step - 1);
    }
    track.seq = seq;
    return std::min(step - 1, SourceTracker::hole_max);
}

/// The track becomes the first; the order of the others stays.
void to_front(SourceState& state, std::size_t track) {
    const auto first = state.tracks.begin();
    std::rotate(first, first + static_cast<std::ptrdiff_t>(track), first + static_cast<std::ptrdiff_t>(track) + 1);
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

void SourceTracker::unlink(std::uint32_t id) {
    Queue& queue = queue_of(sources_[id]);
    const Link link = links_[id];
    (link.before == none ? queue.first : links_[link.before].after) = link.after;
    (link.after == none ? queue.last : links_[link.after].before) = link.before;
    links_[id] = {};
}

void SourceTracker::link_last(std::uint32_t id) {
    Queue& queue = queue_of(sources_[id]);
    links_[id] = {queue.last, none};
    (queue.last == none ? queue.first : links_[queue.last].after) = id;
    queue.last = id;
}

/// An index for a source that is not known: a new one, or that of the longest silent. Who said one message only loses nothing by
/// being forgotten, so a flood of names pushes out its own.
std::optional<std::uint32_t> SourceTracker::place_for_another(EngineTime now) {
    if (sources_.size() < sources_max_) {
        sources_.emplace_back();
        links_.emplace_back();
        return static_cast<std::uint32_t>(sources_.size() - 1);
    }
    const bool silent = settled_.first != none && now - sources_[settled_.first].last >= forget_after;
    std::uint32_t id = silent ? settled_.first : newcomers_.first;
    if (silent && newcomers_.first != none && sources_[newcomers_.first].last < sources_[id].last) {
        id = newcomers_.first;
    }
    if (id == none) {
        return std::nullopt;
    }
    crowded_out_ += now - sources_[id].last < forget_after ? 1U : 0U;
    unlink(id);
    index_.erase(sources_[id].name);
    sources_[id] = {};
    troubled_ = troubled_ == id ? none : troubled_;
    ++forgotten_;
    return id;
}

/// An empty track, the first or behind the first; in a full table that of the least weight goes: one in doubt, else the one with
/// the fewest messages. The first goes last.
SourceTrack& SourceTracker::begin_track(SourceState& state, bool front) {
    if (state.track_count == SourceState::tracks_max) {
        const auto weight = [](const SourceTrack& track) { return track.doubt == Doubt::none ? track.messages : 0; };
        auto least = state.tracks.begin() + 1;
        for (auto it = least; it != state.tracks.end(); ++it) {
            least = weight(*it) <= weight(*least) ? it : least;
        }
        std::move(least + 1, state.tracks.end(), least);
        --state.track_count;
    }
    state.tracks[state.track_count] = {};
    const std::size_t at = front || state.track_count == 0 ? 0 : 1;
    const auto first = state.tracks.begin() + static_cast<std::ptrdiff_t>(at);
    const auto end = state.tracks.begin() + state.track_count;
    std::rotate(first, end, end + 1);
    ++state.track_count;
    return state.tracks[at];
}

void SourceTracker::restart(SourceState& state, SourceTrack& track, Stamp now) {
    track.incarnation = ++incarnations_;
    track.entered = now.wall;
    ++state.restarts;
}

/// A sign that two senders use the name of the source, or that one restarts: too many in a minute are told.
void SourceTracker::sign(std::uint32_t id, bool restarted, EngineTime now) {
    SourceState& state = sources_[id];
    if (now - state.minute >= Span{60000}) {
        state.minute = now;
        state.returns = state.beginnings = 0;
    }
    ++(restarted ? state.beginnings : state.returns);
    if (state.returns + state.beginnings >= troubles_a_minute) {
        state.troubled = now;
        state.twofold = state.returns >= troubles_a_minute / 2;
        troubled_ = id;
    }
}

std::string SourceTracker::trouble_of(const SourceState& state, EngineTime now) {
    if (state.troubled == EngineTime{} || now - state.troubled > trouble_shown) {
        return {};
    }
    return state.twofold ? "two senders use this name: its numbers go back and forth" : "restarts again and again";
}

const SourceState* SourceTracker::troubled(EngineTime now) const {
    if (troubled_ == none || now - sources_[troubled_].troubled > trouble_shown) {
        return nullptr;
    }
    return &sources_[troubled_];
}

Verdict SourceTracker::accept(std::string_view source, bool has_epoch, std::uint64_t epoch, std::uint64_t seq, SourceTime ts,
                              Stamp now, Span skew) {
    Verdict verdict;
    verdict.refusal = check_clock(ts, now, skew);
    const Arrived message{has_epoch, epoch, seq, ts, now, skew, clock_difference(to_ms(now.wall), to_ms(ts))};
    auto known = find(source);
    if (!known) {
        if (!verdict.refusal && !(known = place_for_another(now.at))) {
            verdict.refusal = Refusal::source_limit;
        }
        if (verdict.refusal) {
            return verdict;
        }
        SourceState& fresh = sources_[*known];
        fresh.name = source;
        index_.emplace(fresh.name, *known);
        SourceTrack& track = begin_track(fresh, true);
        track.has_epoch = has_epoch;
        track.epoch = epoch;
        track.seq = seq;
        track.since = now.at;
        track.first = track.newest = ts;
        restart(fresh, track, now);
        fresh.restarts = 0;
        link_last(*known);
        verdict.incarnation = track.incarnation;
    }
    SourceState& state = sources_[*known];
    const bool first = verdict.incarnation != 0;
    verdict.source = *known;
    state.skew = message.behind;
    if (!first && !verdict.refusal) {
        judge(*known, message, verdict);
    }
    SourceTrack& track = state.tracks.front();
    verdict.incarnation = verdict.incarnation != 0 ? verdict.incarnation : track.incarnation;
    if (verdict.refusal) {
        state.repeats += verdict.refusal == Refusal::repeat ? 1U : 0U;
        return verdict;
    }
    if (first) {
        track.messages = 1;
        track.last = now.at;
        track.skew = message.behind;
    }
    unlink(*known);
    ++state.messages;
    link_last(*known);
    state.last = now.at;
    return verdict;
}

void SourceTracker::judge(std::uint32_t id, const Arrived& message, Verdict& verdict) {
    SourceState& state = sources_[id];
    for (std::size_t i = 0; i < state.track_count; ++i) {
        const SourceTrack& track = state.tracks[i];
        if (of_epoch(track, message.has_epoch, message.epoch, message.seq) && fit_of(track, message.seq) != Fit::none) {
            if (!settle_on(id, i, message, verdict)) {
                verdict.refusal = Refusal::repeat;
            }
            return;
        }
    }
    judge_stranger(id, message, verdict);
}

/// The message goes on with a track. False: it is a repeat all the same.
bool SourceTracker::settle_on(std::uint32_t id, std::size_t at, const Arrived& message, Verdict& verdict) {
    SourceState& state = sources_[id];
    SourceTrack& track = state.tracks[at];
    const EngineTime now = message.now.at;
    // What was sent before the source moved to another track is a straggler of before, unless it is seen to go back and forth.
    const bool back = at > 0 && track.doubt == Doubt::none;
    if (back && state.returns == 0 &&
        clock_difference(to_ms(message.ts) + track.skew.count(), to_ms(state.tracks.front().entered)) < Span{0}) {
        sign(id, false, now);
        return false;
    }
    const Fit fit = fit_of(track, message.seq);
    std::uint64_t gap = 0;
    if (fit == Fit::next) {
        gap = move_forward(track, message.seq);
    } else {
        track.seen |= 1ULL << (track.seq - message.seq - 1);
    }
    if (message.has_epoch) {
        track.has_epoch = true;
        track.epoch = message.epoch;
    }
    if (track.doubt == Doubt::below && now - track.last > doubt_max) {
        track.messages = 0;
        track.since = now;
        track.first = message.ts;
    }
    ++track.messages;
    track.last = now;
    track.skew = message.behind;
    track.newest = std::max(track.newest, message.ts);
    if (track.doubt == Doubt::below) {
        // A restart speaks alone, and at the pace of its clock; what is sent again does neither.
        const bool alone = std::none_of(state.tracks.begin(), state.tracks.begin() + state.track_count, [&](const SourceTrack& other) {
            return other.doubt != Doubt::below && other.last >= track.since;
        });
        const Span waited = now - track.since;
        const Span told = clock_difference(to_ms(message.ts), to_ms(track.first));
        if (!alone || track.messages < restart_messages || waited < restart_after || told < waited / 2 ||
            told > 2 * waited + restart_after) {
            return false;
        }
        track.doubt = Doubt::none;
        restart(state, track, message.now);
        verdict.new_epoch = true;
        sign(id, true, now);
    } else if (track.doubt == Doubt::ahead) {
        track.doubt = Doubt::none;
        track.entered = message.now.wall;
        gap = std::min(gap + track.hole, hole_max);
        track.hole = 0;
    } else if (back) {
        track.entered = message.now.wall;
        sign(id, false, now);
    }
    verdict.gap = gap;
    state.gaps += gap;
    verdict.reordered = fit == Fit::behind;
    state.reordered += verdict.reordered ? 1U : 0U;
    if (at > 0) {
        to_front(state, at);
    }
    return true;
}

/// The message goes on with no track: a jump ahead, a restart, or something that was seen before.
void SourceTracker::judge_stranger(std::uint32_t id, const Arrived& message, Verdict& verdict) {
    SourceState& state = sources_[id];
    const auto end = state.tracks.begin() + state.track_count;
    const auto near = std::find_if(state.tracks.begin(), end, [&](const SourceTrack& track) {
        return track.doubt == Doubt::none && of_epoch(track, message.has_epoch, message.epoch, message.seq);
    });
    Doubt doubt = Doubt::none;
    std::uint64_t hole = 0;
    std::uint32_t incarnation = 0;
    if (near != end && message.seq > near->seq) {
        doubt = Doubt::ahead;
        hole = std::min(message.seq - near->seq - 1, hole_max);
        incarnation = near->incarnation;
    } else if (near != end) {
        // A feeder that starts over counts from the bottom; one that was left far behind goes on where it was.
        const bool started_over = message.seq <= reorder_max || near->seq - message.seq > reorder_max;
        const bool went_on = message.ts > near->newest;
        // Further ahead than any message may be: our clock was set back since.
        const bool set_back = -clock_difference(to_ms(message.now.wall), to_ms(near->newest)) > message.skew;
        if (!started_over && went_on) {
            sign(id, false, message.now.at);  // a number seen before, under a newer time: somebody else counts as well
        }
        if (!started_over && !went_on) {
            verdict.refusal = Refusal::repeat;
            return;
        }
        doubt = started_over && (went_on || set_back) ? Doubt::none : Doubt::below;
        incarnation = near->incarnation;
    }
    SourceTrack& track = begin_track(state, doubt == Doubt::none);
    track.has_epoch = message.has_epoch;
    track.epoch = message.epoch;
    track.seq = message.seq;
    track.hole = hole;
    track.messages = 1;
    track.newest = track.first = message.ts;
    track.since = track.last = message.now.at;
    track.skew = message.behind;
    track.incarnation = incarnation;
    track.doubt = doubt;
    if (doubt == Doubt::none) {
        restart(state, track, message.now);
        verdict.new_epoch = true;
        sign(id, true, message.now.at);
    } else if (doubt == Doubt::below) {
        verdict.refusal = Refusal::repeat;
    } else {
        verdict.incarnation = incarnation;
    }
}

}  // namespace surged
