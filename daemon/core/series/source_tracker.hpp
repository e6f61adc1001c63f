// Where each feeder stands: sequence, epoch, clock. Knows nothing of queues and metrics; says of each message whether it is new,
// and how many before it never came.
//
// The hardest rule: a wrong number must not lock a feeder out. A sequence may jump anywhere (a fault, a forgery); the next
// message of the true feeder is then far behind, but its clock is ahead of everything seen, and that is a restart, not a repeat.
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

/// One feeder, as views and snapshots see it.
struct SourceState {
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
    std::uint64_t seq = 0;       ///< highest sequence of this incarnation
    std::uint64_t seen = ~0ULL;  ///< bit i: seq - 1 - i has come (or was before our time)
    std::uint64_t epoch = 0;
    bool has_epoch = false;
    std::uint32_t incarnation = 0;        ///< Verdict::incarnation
    SourceTime newest{};                  ///< newest ts of any accepted message of the source
    std::array<std::uint64_t, 4> past{};  ///< epochs before this one, latest first
    std::uint8_t past_count = 0;
};

/// What became of a message.
struct Verdict {
    std::optional<Refusal> refusal;  ///< empty = accepted; else repeat, early, late or source_limit
    std::uint32_t source = 0;        ///< index into sources(); stable until read(); meaningless when unknown sources are refused
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
    /// How far behind a message is still looked up one by one.
    static constexpr std::uint64_t reorder_max = 64;
    /// Longest source name in a snapshot; what comes in is limited by wire/.
    static constexpr std::size_t name_max = 4096;

    /// At most `sources_max` feeders are known at a time; messages of further ones are refused (source_limit).
    explicit SourceTracker(std::size_t sources_max) : sources_max_(sources_max) {}
    /// On reload. Those already known stay.
    void set_sources_max(std::size_t sources_max) { sources_max_ = sources_max; }

    /// `ts` against the wall clock at arrival: early or late when further away than `skew` (exactly `skew` is accepted). Any
    /// `ts`.
    static std::optional<Refusal> check_clock(SourceTime ts, Stamp now, Span skew);

    /// Judges a message and moves the source's position. A refused message moves nothing. No allocation for a known source.
    Verdict accept(std::string_view source, bool has_epoch, std::uint64_t epoch, std::uint64_t seq, SourceTime ts, Stamp now,
                   Span skew);
    void add_samples(std::uint32_t source, std::uint64_t count) { sources_[source].samples += count; }

    /// In order of first message.
    std::span<const SourceState> sources() const { return sources_; }

    /// For snapshots (D7): positions, epochs and totals. read() replaces everything, or leaves everything and says false when the
    /// bytes are not what write() made. Sources beyond sources_max are dropped: they begin anew.
    void write(ByteWriter& out) const;
    bool read(ByteReader& in);

private:
    struct NameHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view name) const { return std::hash<std::string_view>{}(name); }
    };

    std::optional<std::uint32_t> find(std::string_view source) const;
    void restart(SourceState& state, bool has_epoch, std::uint64_t epoch, std::uint64_t seq);

    std::size_t sources_max_;
    std::vector<SourceState> sources_;
    std::unordered_map<std::string, std::uint32_t, NameHash, std::equal_to<>> index_;
    std::uint32_t incarnations_ = 0;
};

}  // namespace surged
