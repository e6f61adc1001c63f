// One message of a feeder, decoded and flat: what wire/ hands to the engine. All text is borrowed from the decoder's buffer and is
// valid until the next decode. Form and size limits have been enforced by wire/; what needs memory of earlier messages (repeats, gaps,
// clocks, series limits) is the engine's.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/base/time.hpp"

namespace surged {

/// Why something from outside was not used. Each has a counter `surged_ingest_rejected_total{reason}`; the names are the label values.
enum class Refusal : std::uint8_t {
    malformed,         // not JSON / not MessagePack, or not UTF-8
    missing_field,     // v, source, seq, ts, queues, or a part without centre or queue
    wrong_type,        // a field of another type than the protocol says
    wrong_version,     // v is not 1
    message_too_large, // more than limits.message_bytes; far more, or in too many frames: the connection is cut
    too_many_queues,   // more than limits.queues_per_message: the whole message is refused
    too_many_metrics,  // more than limits.metrics_per_queue: the part is refused
    bad_name,          // not [a-z][a-z0-9_]* for metrics; empty or control bytes for centre, queue, channel, source
    name_too_long,     // more than limits.name_bytes
    not_finite,        // NaN, infinite, or a number beyond double
    topic_mismatch,    // more than two frames, or a topic that is not q.<centre>.<queue>
    repeat,            // a sequence number seen before
    early,             // ts ahead of arrival by more than limits.skew
    late,              // ts behind arrival by more than limits.skew
    source_limit,      // more sources than limits.sources
    series_limit,      // more series than limits.series
    foreign_source,    // a source name that [[ingest.client]] binds to another key
    not_zmtp,          // a connection that does not speak ZMTP 3, or not with our mechanism
    handshake_timeout, // a connection that was not ready within seconds
    connection_limit,  // more connections than [ingest] connections
    memory_limit,      // a connection that held too much of [ingest] memory in a message it did not end
    wrong_socket,      // a connection of another kind of socket: PUB, REQ ... where PUSH is wanted
    wrong_key,         // a connection by CURVE that has another key of ours than we, or a key of its own that is not allowed
    count_             // number of reasons
};
inline constexpr std::size_t refusal_count = static_cast<std::size_t>(Refusal::count_);
std::string_view to_string(Refusal reason);

using RefusalCounts = std::array<std::uint64_t, refusal_count>;

struct MetricValue {
    std::string_view name;
    double value = 0;  ///< finite
};

struct QueuePart {
    std::string_view centre;
    std::string_view queue;
    std::string_view channel;  ///< "voice" when the message names none
    SourceTime ts{};           ///< the part's own, else the message's
    std::uint32_t first = 0;   ///< index of its first value in Message::values
    std::uint32_t count = 0;
    /// A hint, never needed for correctness: the same metric names in the same order as the part before it in this message.
    bool same_layout = false;
};

struct Message {
    std::string_view source;
    bool has_epoch = false;
    std::uint64_t epoch = 0;
    std::uint64_t seq = 0;
    SourceTime ts{};
    std::vector<QueuePart> parts;
    std::vector<MetricValue> values;

    void clear() {
        source = {};
        has_epoch = false;
        epoch = seq = 0;
        ts = {};
        parts.clear();
        values.clear();
    }
};

/// Limits on what comes in. Each edge is inclusive: exactly the limit is accepted.
struct IngestLimits {
    std::size_t message_bytes = 1U << 20U;
    std::size_t queues_per_message = 4096;
    std::size_t metrics_per_queue = 128;
    std::size_t name_bytes = 64;
    std::size_t series = 1000000;
    std::size_t sources = 1024;
    Span skew = std::chrono::seconds{60};
};

}  // namespace surged
