// What both decoders share: the fields collected so far, of the message and of one part, and how a part is taken or taken back.
//
// Knows which fields there must be and how far a refusal reaches; knows neither JSON nor MessagePack.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/series/message.hpp"
#include "core/series/queue_key.hpp"
#include "core/series/refusal_book.hpp"

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
inline constexpr std::size_t default_channel_size = voice_channel.size();
static_assert(voice_channel == std::string_view(default_channel));

/// What stood where something was refused: its front, in a place of its own, so that refusals cost no heap.
class GotText {
public:
    GotText() = default;
    GotText(std::string_view bytes);                                // NOLINT: what is at hand becomes the example
    GotText(const char* text) : GotText(std::string_view(text)) {}  // NOLINT
    static GotText number(std::uint64_t value);
    static GotText number(std::int64_t value);
    static GotText number(double value);
    static GotText more_than(std::uint64_t value);
    std::string_view text() const { return {bytes_.data(), size_}; }

private:
    std::array<char, RefusalNote::text_max + 1> bytes_{};  ///< one more: whether it was cut
    std::size_t size_ = 0;
};

/// The examples of one message: the first of each reason.
struct RefusalDrafts {
    struct Draft {
        Refusal reason = Refusal::malformed;
        GotText field;
        GotText got;
        std::string_view want;  ///< static text
    };
    std::array<Draft, refusal_count> drafts;
    std::size_t count = 0;
};

/// One decode: limits, the message being filled, and where refusals are counted.
struct DecodeContext {
    const IngestLimits& limits;
    Message& out;
    RefusalCounts& dropped;
    RefusalDrafts& notes;
    bool lenient = false;          ///< numbers may come as texts
    std::uint64_t from_texts = 0;  ///< numbers that did

    void drop(Refusal reason) { ++dropped[static_cast<std::size_t>(reason)]; }
    /// Keeps an example of what was refused. `want` is static text.
    void note(Refusal reason, GotText field, const GotText& got, std::string_view want);
};

/// What a field of the protocol is called, and what is wanted there.
std::string_view name_of(Field field);
std::string_view wanted_in(Field field);
inline constexpr std::string_view wanted_metric_name = "[a-z][a-z0-9_]*";
inline constexpr std::string_view wanted_value = "a finite number";

/// A whole number in 0 .. max for a field of the protocol. Doubles with a whole value are taken: some writers know no other numbers. A ts
/// may have decimals (`time.time() * 1000` is what people write first): the millisecond it lies in is meant.
std::optional<std::uint64_t> whole_of(double number, Field field, std::uint64_t max);
/// The same of a text, for [ingest] lenient.
std::optional<std::uint64_t> whole_of_text(std::string_view text, Field field, std::uint64_t max);

/// A part being read. Its values stand at the end of out.values already; a part that is refused takes them back.
class PartDraft {
public:
    explicit PartDraft(DecodeContext& context) : context_(context), from_texts_before_(context.from_texts) {
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
    /// Refuses the part; the first reason stands.
    void refuse(Refusal reason, Field field, const GotText& got);
    /// Appends the part to the message, or takes its values back and counts the refusal.
    void finish();

private:
    static std::string_view& label(QueuePart& part, Field field) {
        return field == Field::centre ? part.centre : field == Field::queue ? part.queue : part.channel;
    }
    DecodeContext& context_;
    std::uint64_t from_texts_before_;
};

/// After the last field of the envelope: what is missing? Parts without a ts of their own get the message's.
std::optional<Refusal> finish_message(DecodeContext& context, const FieldSet& seen);

}  // namespace surged
