// What both decoders share: the fields collected so far, of the message and of one part, and how a part is taken or taken back.
//
// Knows which fields there must be and how far a refusal reaches; knows neither JSON nor MessagePack.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/series/message.hpp"

namespace surged {

/// A field's place in a set of fields seen; each may come once in an object.
enum class Field : std::uint8_t { v, source, epoch, seq, ts, queues, centre, queue, channel, metrics, unknown };

Field envelope_field(std::string_view key);
Field part_field(std::string_view key);

class FieldSet {
public:
    /// False when it was there already.
    bool add(Field field) {
        const auto bit = static_cast<std::uint16_t>(1U << static_cast<unsigned>(field));
        const bool fresh = (bits_ & bit) == 0;
        bits_ = static_cast<std::uint16_t>(bits_ | bit);
        return fresh;
    }
    bool has(Field field) const { return (bits_ & (1U << static_cast<unsigned>(field))) != 0; }

private:
    std::uint16_t bits_ = 0;
};

/// Latest ts taken: the whole numbers of a double end here, some 285,000 years after 1970.
inline constexpr std::uint64_t ts_ms_max = std::uint64_t{1} << 53U;
/// Stands for "no ts of its own" until the whole message has been read: the message's ts may come after its queues.
inline constexpr SourceTime ts_of_message = SourceTime::min();

/// The channel of a part that names none. Padded like a payload: comparisons read whole blocks of it.
inline constexpr char default_channel[16] = "voice";
inline constexpr std::size_t default_channel_size = 5;

/// One decode: limits, the message being filled, and where refusals are counted.
struct DecodeContext {
    const IngestLimits& limits;
    Message& out;
    RefusalCounts& dropped;

    void drop(Refusal reason) { ++dropped[static_cast<std::size_t>(reason)]; }
};

/// A part being read. Its values stand at the end of out.values already; a part that is refused takes them back.
class PartDraft {
public:
    explicit PartDraft(DecodeContext& context) : context_(context) {
        part.channel = {default_channel, default_channel_size};
        part.ts = ts_of_message;
        part.first = static_cast<std::uint32_t>(context.out.values.size());
    }

    FieldSet seen;
    QueuePart part;
    std::optional<Refusal> refusal;  ///< the first reason to refuse the part, if any

    /// The centre, queue or channel of the part before, which has been checked; empty when there is none. Most parts repeat two
    /// of them.
    std::string_view label_before(Field field) const;
    /// Takes a centre, queue or channel that equals label_before(). Precondition: it does.
    void keep_label(Field field, std::string_view text) { label(part, field) = text; }
    /// Takes a centre, queue or channel, or notes why not.
    void set_label(Field field, std::string_view text, bool utf8_known);
    /// Appends the part to the message, or takes its values back and counts the refusal.
    void finish();

private:
    static std::string_view& label(QueuePart& part, Field field) {
        return field == Field::centre ? part.centre : field == Field::queue ? part.queue : part.channel;
    }
    DecodeContext& context_;
};

/// After the last field of the envelope: what is missing? Parts without a ts of their own get the message's.
std::optional<Refusal> finish_message(DecodeContext& context, const FieldSet& seen);

}  // namespace surged
