#include "wire/decode.hpp"

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "wire/decode_json.hpp"
#include "wire/decode_msgpack.hpp"
#include "wire/json_scan.hpp"

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

}  // namespace

struct Decoder::State {
    IngestLimits limits;
    JsonDecoder json;
    std::vector<char> bytes;    // the payload and its padding
    std::vector<char> scratch;  // text that had to be unescaped

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

Decoder::Decoder(const IngestLimits& limits) : state_(std::make_unique<State>()) {
    state_->limits = limits;
}
Decoder::~Decoder() = default;
Decoder::Decoder(Decoder&&) noexcept = default;
Decoder& Decoder::operator=(Decoder&&) noexcept = default;

std::optional<Refusal> Decoder::decode(std::string_view payload, Message& out, RefusalCounts& dropped) {
    out.clear();
    if (payload.size() > state_->limits.message_bytes) {
        return Refusal::message_too_large;
    }
    if (payload.starts_with(byte_order_mark)) {
        payload.remove_prefix(byte_order_mark.size());
    }
    const Format format = payload.empty() ? Format::neither : format_of(payload);
    if (format == Format::neither) {
        return Refusal::malformed;
    }

    state_->reserve(payload.size());
    std::memcpy(state_->bytes.data(), payload.data(), payload.size());
    std::memset(state_->bytes.data() + payload.size(), 0, payload_padding);
    const std::string_view own(state_->bytes.data(), payload.size());

    RefusalCounts counts{};
    DecodeContext context{state_->limits, out, counts};
    const std::optional<Refusal> refusal =
        format == Format::json ? state_->json.decode(own, state_->scratch.data(), context) : decode_msgpack(own, context);
    if (refusal) {
        out.clear();
        return refusal;
    }
    for (std::size_t i = 0; i < counts.size(); ++i) {
        dropped[i] += counts[i];
    }
    return std::nullopt;
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
        return fail("message refused: " + std::string(to_string(*refusal)));
    }
    return true;
}

}  // namespace surged
