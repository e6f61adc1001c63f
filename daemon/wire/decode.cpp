#include "wire/decode.hpp"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "wire/decode_json.hpp"
#include "wire/decode_msgpack.hpp"
#include "wire/json_scan.hpp"
#include "wire/names.hpp"
#include "wire/part_draft.hpp"

namespace surged {

namespace {

enum class Format { json, msgpack, neither };

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

Format format_of(std::string_view payload) {
    const auto first = static_cast<unsigned char>(payload.front());
    if (first == '{' || first == ' ' || first == '\t' || first == '\r' || first == '\n') {
        return Format::json;
    }
    if ((first >= 0x80 && first <= 0x8F) || first == 0xDE || first == 0xDF) {
        return Format::msgpack;
    }
    return Format::neither;
}

/// The source of a message that could not be read to its end: what follows the key "source", in JSON or in MessagePack. Empty: not found.
std::string_view source_in(std::string_view payload, std::size_t name_bytes) {
    constexpr std::string_view word = "source";
    for (auto at = payload.find(word); at != std::string_view::npos; at = payload.find(word, at + 1)) {
        auto rest = payload.substr(at + word.size());
        std::string_view name;
        if (rest.starts_with('"')) {
            rest.remove_prefix(std::min(rest.find_first_not_of("\" \t\r\n:"), rest.size()));
            name = rest.substr(0, rest.find('"'));
        } else if (!rest.empty() && (static_cast<unsigned char>(rest.front()) & 0xE0U) == 0xA0U) {
            name = rest.substr(1, static_cast<unsigned char>(rest.front()) & 0x1FU);
        } else if (rest.size() >= 2 && static_cast<unsigned char>(rest.front()) == 0xD9U) {
            name = rest.substr(2, static_cast<unsigned char>(rest[1]));
        }
        if (!name.empty() && !check_label(name, name_bytes, false)) {
            return name;
        }
    }
    return {};
}

}  // namespace

struct Decoder::State {
    IngestLimits limits;
    bool lenient = false;
    std::uint64_t taken_from_texts = 0;
    JsonDecoder json;
    std::vector<char> bytes;    // the payload and its padding
    std::vector<char> scratch;  // text that had to be unescaped
    RefusalDrafts notes;
    std::string source;

    /// Room for `size` bytes and the padding, in powers of two up to the limit, so that messages of changing size soon cost
    /// nothing.
    void reserve(std::size_t size) {
        if (bytes.size() >= size + payload_padding) {
            return;
        }
        std::size_t room = 4096;
        while (room < size) {
            room *= 2;
        }
        bytes.resize(room + payload_padding);
        scratch.resize(room + payload_padding);
    }
};

Decoder::Decoder(const IngestLimits& limits, bool lenient) : state_(std::make_unique<State>()) {
    state_->limits = limits;
    state_->lenient = lenient;
}
Decoder::~Decoder() = default;
Decoder::Decoder(Decoder&&) noexcept = default;
Decoder& Decoder::operator=(Decoder&&) noexcept = default;

std::optional<Refusal> Decoder::decode(std::string_view payload, Message& out, RefusalCounts& dropped) {
    out.clear();
    state_->notes.count = 0;
    state_->source.clear();
    RefusalCounts counts{};
    DecodeContext context{state_->limits, out, counts, state_->notes, state_->lenient};
    const auto refuse = [&](Refusal reason) {
        if (reason == Refusal::message_too_large) {
            context.note(reason, "message", GotText::number(std::uint64_t{payload.size()}), "fewer bytes: [ingest.limits] message_bytes");
        } else {
            context.note(reason, "message", payload, payload.starts_with('[') ? "one object a message, not a list" : wanted_in(Field::unknown));
        }
        const auto source = source_in(payload.substr(0, state_->limits.message_bytes), state_->limits.name_bytes);
        state_->source.assign(source);
        out.clear();
        return reason;
    };
    if (payload.size() > state_->limits.message_bytes) {
        return refuse(Refusal::message_too_large);
    }
    if (payload.starts_with(byte_order_mark)) {
        payload.remove_prefix(byte_order_mark.size());
    }
    const Format format = payload.empty() ? Format::neither : format_of(payload);
    if (format == Format::neither) {
        return refuse(Refusal::malformed);
    }

    state_->reserve(payload.size());
    std::memcpy(state_->bytes.data(), payload.data(), payload.size());
    std::memset(state_->bytes.data() + payload.size(), 0, payload_padding);
    const std::string_view own(state_->bytes.data(), payload.size());

    const std::optional<Refusal> refusal =
        format == Format::json ? state_->json.decode(own, state_->scratch.data(), context) : decode_msgpack(own, context);
    if (refusal) {
        return refuse(*refusal);
    }
    if (state_->notes.count > 0) {
        state_->source.assign(out.source);
    }
    for (std::size_t i = 0; i < counts.size(); ++i) {
        dropped[i] += counts[i];
    }
    state_->taken_from_texts += context.from_texts;
    return std::nullopt;
}

std::uint64_t Decoder::take_lenient() {
    return std::exchange(state_->taken_from_texts, 0);
}

std::vector<RefusalNote> Decoder::notes() const {
    std::vector<RefusalNote> out;
    for (std::size_t i = 0; i < state_->notes.count; ++i) {
        const auto& draft = state_->notes.drafts[i];
        out.push_back({draft.reason, printable_front(draft.field.text()), printable_front(draft.got.text()), std::string(draft.want)});
    }
    return out;
}

std::string_view Decoder::source() const {
    return state_->source.empty() ? std::string_view("?") : std::string_view(state_->source);
}

Result<bool> decode_line(Decoder& decoder, std::string_view line, Message& out, RefusalCounts& dropped) {
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r' || line.back() == ' ' || line.back() == '\t')) {
        line.remove_suffix(1);
    }
    if (line.empty() || line.front() == '#') {
        out.clear();
        return false;
    }
    if (const auto refusal = decoder.decode(line, out, dropped)) {
        const auto notes = decoder.notes();
        const auto note = std::find_if(notes.begin(), notes.end(), [&](const RefusalNote& n) { return n.reason == *refusal; });
        return fail("message refused: " + std::string(to_string(*refusal)) + (note == notes.end() ? "" : ", " + note->text()));
    }
    return true;
}

}  // namespace surged
