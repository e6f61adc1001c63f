// Where each feeder stands: sequence, epoch, clock. Knows nothing of queues and metrics; says of each message whether it is new,
// and how many before it never came.
//
// The hardest rule: a wrong number must not lock a feeder out, and none must be believed at once. A source is followed on several
// tracks: a message that fits none of them (a jump ahead, a fault, a forgery) begins a track of its own and leaves the others as
// they are, so the true feeder goes on where it was. A jump ahead is taken for one when the next message follows it; a source that
// counts from the bottom although its clock did not go on (a clock set back) is a restart after seconds in which nobody else spoke.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/time.hpp"
#include "core/series/message.hpp"

namespace surged {

/// One place at which messages of a source follow each other. For the tracker alone.
struct SourceTrack {
    enum class Doubt : std::uint8_t {
        none,
        ahead,  ///< began with a jump ahead: the next message that follows makes it true
        below   ///< began below what was seen, with a clock that did not go on: refused until it is known for a restart
    };
    std::uint64_t seq = 0;       ///< highest sequence in it
    std::uint64_t seen = ~0ULL;  ///< bit i: seq - 1 - i has come (or was before our time)
    std::uint64_t epoch = 0;
    std::uint64_t hole = 0;        ///< while ahead: what is missing before it if it is true
    std::uint64_t messages = 0;    ///< that were in it
    SourceTime newest{};           ///< newest ts of its messages
    SourceTime first{};            ///< ts of its first message
    EngineTime since{};            ///< arrival of its first message
    EngineTime last{};             ///< arrival of its last message
    WallTime entered{};            ///< when the source was last found on it, coming from another
    Span skew{0};                  ///< arrival minus ts of its last message
    std::uint32_t incarnation = 0;  ///< Verdict::incarnation
    bool has_epoch = false;
    Doubt doubt = Doubt::none;
};

/// One feeder, as views and snapshots see it.
struct SourceState {
    static constexpr std::size_t tracks_max = 4;

    std::string name;
    std::uint64_t messages = 0;  ///< accepted
    std::uint64_t samples = 0;   ///< added by the caller
    std::uint64_t gaps = 0;  ///< messages that never came: sum of holes, each at most hole_max; late arrivals are not taken off
    std::uint64_t repeats = 0;    ///< refused as seen before
    std::uint64_t restarts = 0;   ///< epochs changed, or sequence restarted without one
    std::uint64_t reordered = 0;  ///< accepted behind a newer one
    EngineTime last{};            ///< arrival of the last accepted message
    Span skew{0};  ///< arrival (wall) minus ts of the last message, refused for its clock or not; positive = behind

    // The position; for the tracker alone.
    std::array<SourceTrack, tracks_max> tracks{};  ///< the first is the one it was last on
    std::uint8_t track_count = 0;
    // Signs that two senders use the name, within a minute that began at `minute`.
    EngineTime minute{};
    std::uint32_t returns = 0;    ///< back on a track it had left, or a seen number with a newer clock
    std::uint32_t beginnings = 0;  ///< restarts
    EngineTime troubled{};         ///< when there were last too many in a minute
    bool twofold = false;          ///< these were returns, not restarts alone
};

/// What became of a message.
struct Verdict {
    std::optional<Refusal> refusal;  ///< empty = accepted; else repeat, early, late or source_limit
    std::uint32_t source = 0;        ///< index into sources(); a source that was forgotten gives its index to another;
                                     ///< meaningless when unknown sources are refused
    bool new_epoch = false;          ///< the source restarted: its counters have new baselines
    bool reordered = false;          ///< accepted behind a newer one
    std::uint64_t gap = 0;           ///< messages missing just before this one
    /// Number of this life of this source; no two lives of any two sources share one, it starts at 1. A counter that keeps the
    /// number of its last reading knows by it when its source restarted, in whichever message that was.
    std::uint32_t incarnation = 0;

    bool accepted() const { return !refusal.has_value(); }
};

class SourceTracker {
public:
    /// One hole counts at most this much, so that one forged number does not make the sum meaningless.
    static constexpr std::uint64_t hole_max = 1000000;
    /// How far behind a message is still looked up one by one, and how far ahead it is believed at once.
    static constexpr std::uint64_t reorder_max = 64;
    /// Longest source name in a snapshot; what comes in is limited by wire/.
    static constexpr std::size_t name_max = 4096;
    /// A source that was heard within this time is not forgotten for another, unless it has said one message only.
    static constexpr Span forget_after{60000};
    /// This many restarts or returns in a minute are a trouble, which is shown until it is gone for trouble_shown.
    static constexpr std::uint32_t troubles_a_minute = 6;
    static constexpr Span trouble_shown{120000};
    /// A restart below what was seen, with a clock that did not go on, is believed after this many messages over this time.
    static constexpr std::uint64_t restart_messages = 3;
    static constexpr Span restart_after{1000};
    /// Longest silence within such a restart.
    static constexpr Span doubt_max{10000};

    /// At most `sources_max` feeders are known at a time. A further one takes the place of the longest silent; when all have been
    /// heard within forget_after its messages are refused (source_limit).
    explicit SourceTracker(std::size_t sources_max) : sources_max_(sources_max) {}
    /// On reload. Those already known stay.
    void set_sources_max(std::size_t sources_max) { sources_max_ = sources_max; }

    /// `ts` against the wall clock at arrival: early or late when further away than `skew` (exactly `skew` is accepted). Any
    /// `ts`.
    static std::optional<Refusal> check_clock(SourceTime ts, Stamp now, Span skew);

    /// Judges a message and moves the source's position. No allocation for a known source.
    Verdict accept(std::string_view source, bool has_epoch, std::uint64_t epoch, std::uint64_t seq, SourceTime ts, Stamp now,
                   Span skew);
    void add_samples(std::uint32_t source, std::uint64_t count) { sources_[source].samples += count; }

    std::span<const SourceState> sources() const { return sources_; }
    /// Sources that gave their place to another.
    std::uint64_t forgotten() const { return forgotten_; }
    /// Those of them that had spoken within forget_after: more names speak than may be known.
    std::uint64_t crowded_out() const { return crowded_out_; }
    /// What is wrong with how a source numbers its messages, for people; empty = nothing.
    static std::string trouble_of(const SourceState& state, EngineTime now);
    /// The source that was last found in trouble, while that is shown; null = none. Cheap.
    const SourceState* troubled(EngineTime now) const;

    /// For snapshots (D7): positions, epochs and totals. read() replaces everything, or leaves everything and says false when the
    /// bytes are not what write() made. Sources beyond sources_max are dropped: they begin anew.
    void write(ByteWriter& out) const;
    bool read(ByteReader& in);

private:
    struct NameHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view name) const { return std::hash<std::string_view>{}(name); }
    };
    /// Sources in order of their last message; two of them: those with one message, and all others.
    struct Queue {
        std::uint32_t first = none;
        std::uint32_t last = none;
    };
    struct Link {
        std::uint32_t before = none;
        std::uint32_t after = none;
    };
    static constexpr std::uint32_t none = 0xFFFFFFFF;

    std::optional<std::uint32_t> find(std::string_view source) const;
    std::optional<std::uint32_t> place_for_another(EngineTime now);
    Queue& queue_of(const SourceState& state) { return state.messages < 2 ? newcomers_ : settled_; }
    void unlink(std::uint32_t id);
    void link_last(std::uint32_t id);
    SourceTrack& begin_track(SourceState& state, bool front);
    void restart(SourceState& state, SourceTrack& track, Stamp now);
    void sign(std::uint32_t id, bool restarted, EngineTime now);

    struct Arrived;  // one message, as it is judged
    void judge(std::uint32_t id, const Arrived& message, Verdict& verdict);
    bool settle_on(std::uint32_t id, std::size_t track, const Arrived& message, Verdict& verdict);
    void judge_stranger(std::uint32_t id, const Arrived& message, Verdict& verdict);

    std::size_t sources_max_;
    std::vector<SourceState> sources_;
    std::vector<Link> links_;  ///< beside sources_
    Queue newcomers_;
    Queue settled_;
    std::unordered_map<std::string, std::uint32_t, NameHash, std::equal_to<>> index_;
    std::uint32_t incarnations_ = 0;
    std::uint64_t forgotten_ = 0;
    std::uint64_t crowded_out_ = 0;
    std::uint32_t troubled_ = none;
};

}  // namespace surged
