// Bytes of a feeder -> one flat Message. JSON (simdjson) and MessagePack, told apart by the first byte.
//
// Knows the form of a message and its limits; knows nothing of clocks, sequence numbers seen before, or series. The hardest
// rule: everything is hostile. Nothing here throws, recurses, or allocates by what a length field claims; what is refused is told
// by reason.
//
// What is refused how far:
//   whole message  malformed, missing_field, wrong_type and wrong_version of the envelope, bad source, message_too_large,
//   too_many_queues one part       too_many_metrics; bad, missing or wrongly typed centre, queue, channel, ts, m; the rest of the
//   message is used one value      bad metric name, name_too_long, not_finite, a value that is no number (bool, text, null, list,
//   map)
//
// Whole numbers written as floats (1.0, 9e3) are taken for v, epoch, seq and ts wherever a double holds them exactly.
//
// Keys come in any order; unknown keys are skipped without being looked into. A key of the protocol that comes twice in one
// object is malformed (whole message or part); a metric that comes twice in `m` is handed over twice, in order, so that the last
// one stands.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/series/message.hpp"
#include "core/series/refusal_book.hpp"

namespace surged {

/// Decodes one message at a time; keep one per thread. No allocation once it has seen the largest message.
class Decoder {
public:
    /// `lenient` ([ingest] lenient): a text that is a JSON number and nothing else ("12", "3.5") is taken where a number is wanted.
    explicit Decoder(const IngestLimits& limits, bool lenient = false);
    ~Decoder();
    Decoder(Decoder&&) noexcept;
    Decoder& operator=(Decoder&&) noexcept;

    /// Fills `out`; its text borrows the decoder's own copy of the payload and is valid until the next decode. A returned refusal
    /// means that `out` is empty and nothing was added to `dropped`; else every part and value left out has been counted in
    /// `dropped`. ts: milliseconds in 0 .. 2^53, decimals are cut; seq and epoch: 0 .. 2^64-1. `NaN`,
    /// `Infinity` and `-Infinity`, which careless JSON writers emit, cost only their value (not_finite).
    std::optional<Refusal> decode(std::string_view payload, Message& out, RefusalCounts& dropped);
    /// Of the message decoded last: an example for each reason for which something of it, or all, was refused.
    std::vector<RefusalNote> notes() const;
    /// The source of the message decoded last, as far as it can be told; "?" else. Valid until the next decode.
    std::string_view source() const;
    /// Numbers that were taken from texts since the last call; those of refused messages and parts are not counted.
    std::uint64_t take_lenient();

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// One line of a recording (JSON lines as on the wire). false: a blank line or one that starts with '#'. Errors name the refusal.
Result<bool> decode_line(Decoder& decoder, std::string_view line, Message& out, RefusalCounts& dropped);

}  // namespace surged
