#include "wire/encode_message.hpp"

#include <msgpack.hpp>

#include <cmath>
#include <cstring>

#include "wire/json_text.hpp"

namespace surged {

namespace {

struct StringSink {
    std::string& out;
    void write(const char* bytes, std::size_t size) { out.append(bytes, size); }
};
using Packer = msgpack::packer<StringSink>;

/// msgpack's float 64. The library's own pack_double converts 2^64 to an integer, which is undefined, and turns large whole numbers
/// into integers that not every reader takes.
void write_real(StringSink& sink, double number) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, &number, sizeof bits);
    char bytes[9] = {'\xCB'};
    for (int i = 0; i < 8; ++i) {
        bytes[8 - i] = static_cast<char>((bits >> (8 * i)) & 0xFFU);
    }
    sink.write(bytes, sizeof bytes);
}

void pack_text(Packer& packer, std::string_view text) {
    packer.pack_str(static_cast<std::uint32_t>(text.size()));
    packer.pack_str_body(text.data(), static_cast<std::uint32_t>(text.size()));
}

/// Whole numbers take the short form: a reader gets the same double either way.
void pack_number(Packer& packer, StringSink& sink, double number) {
    constexpr double whole_end = 9007199254740992.0;  // 2^53
    if (number == std::floor(number) && std::abs(number) < whole_end && !(number == 0 && std::signbit(number))) {
        packer.pack_int64(static_cast<std::int64_t>(number));
    } else {
        write_real(sink, number);
    }
}

void pack_part(Packer& packer, StringSink& sink, const Message& message, const QueuePart& part) {
    const bool with_channel = part.channel != "voice";
    const bool with_ts = part.ts != message.ts;
    std::uint32_t finite = 0;
    for (std::uint32_t i = part.first; i < part.first + part.count; ++i) {
        finite += std::isfinite(message.values[i].value) ? 1U : 0U;
    }
    packer.pack_map(3U + (with_channel ? 1U : 0U) + (with_ts ? 1U : 0U));
    pack_text(packer, "centre");
    pack_text(packer, part.centre);
    pack_text(packer, "queue");
    pack_text(packer, part.queue);
    if (with_channel) {
        pack_text(packer, "channel");
        pack_text(packer, part.channel);
    }
    if (with_ts) {
        pack_text(packer, "ts");
        packer.pack_int64(to_ms(part.ts));
    }
    pack_text(packer, "m");
    packer.pack_map(finite);
    for (std::uint32_t i = part.first; i < part.first + part.count; ++i) {
        if (std::isfinite(message.values[i].value)) {
            pack_text(packer, message.values[i].name);
            pack_number(packer, sink, message.values[i].value);
        }
    }
}

void write_part(JsonWriter& json, const Message& message, const QueuePart& part) {
    json.begin_object().field("centre", part.centre).field("queue", part.queue);
    if (part.channel != "voice") {
        json.field("channel", part.channel);
    }
    if (part.ts != message.ts) {
        json.field("ts", to_ms(part.ts));
    }
    json.key("m").begin_object();
    for (std::uint32_t i = part.first; i < part.first + part.count; ++i) {
        if (std::isfinite(message.values[i].value)) {
            json.field(message.values[i].name, message.values[i].value);
        }
    }
    json.end_object().end_object();
}

}  // namespace

std::string encode_json(const Message& message) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().field("v", 1).field("source", message.source);
    if (message.has_epoch) {
        json.field("epoch", message.epoch);
    }
    json.field("seq", message.seq).field("ts", to_ms(message.ts)).key("queues").begin_array();
    for (const QueuePart& part : message.parts) {
        write_part(json, message, part);
    }
    json.end_array().end_object();
    return out;
}

std::string encode_msgpack(const Message& message) {
    std::string out;
    StringSink sink{out};
    Packer packer(sink);
    packer.pack_map(message.has_epoch ? 6U : 5U);
    pack_text(packer, "v");
    packer.pack_int(1);
    pack_text(packer, "source");
    pack_text(packer, message.source);
    if (message.has_epoch) {
        pack_text(packer, "epoch");
        packer.pack_uint64(message.epoch);
    }
    pack_text(packer, "seq");
    packer.pack_uint64(message.seq);
    pack_text(packer, "ts");
    packer.pack_int64(to_ms(message.ts));
    pack_text(packer, "queues");
    packer.pack_array(static_cast<std::uint32_t>(message.parts.size()));
    for (const QueuePart& part : message.parts) {
        pack_part(packer, sink, message, part);
    }
    return out;
}

}  // namespace surged
