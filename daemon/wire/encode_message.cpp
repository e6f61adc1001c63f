#include "wire/encode_message.hpp"

#include <cmath>

#include "core/series/queue_key.hpp"
#include "wire/json_text.hpp"
#include "wire/msgpack_writer.hpp"

namespace surged {

namespace {

/// Whole numbers take the short form: a reader gets the same double either way. Those beyond 2^53 stay real, since not every reader
/// takes integers so large.
void pack_number(MsgpackWriter& out, double number) {
    constexpr double whole_end = 9007199254740992.0;  // 2^53
    if (number == std::floor(number) && std::abs(number) < whole_end && !(number == 0 && std::signbit(number))) {
        out.integer(static_cast<std::int64_t>(number));
    } else {
        out.real(number);
    }
}

void pack_part(MsgpackWriter& pack, const Message& message, const QueuePart& part) {
    const bool with_channel = part.channel != voice_channel;
    const bool with_ts = part.ts != message.ts;
    std::uint32_t finite = 0;
    for (std::uint32_t i = part.first; i < part.first + part.count; ++i) {
        finite += std::isfinite(message.values[i].value) ? 1U : 0U;
    }
    pack.map(3U + (with_channel ? 1U : 0U) + (with_ts ? 1U : 0U));
    pack.text("centre");
    pack.text(part.centre);
    pack.text("queue");
    pack.text(part.queue);
    if (with_channel) {
        pack.text("channel");
        pack.text(part.channel);
    }
    if (with_ts) {
        pack.text("ts");
        pack.integer(to_ms(part.ts));
    }
    pack.text("m");
    pack.map(finite);
    for (std::uint32_t i = part.first; i < part.first + part.count; ++i) {
        if (std::isfinite(message.values[i].value)) {
            pack.text(message.values[i].name);
            pack_number(pack, message.values[i].value);
        }
    }
}

void write_part(JsonWriter& json, const Message& message, const QueuePart& part) {
    json.begin_object().field("centre", part.centre).field("queue", part.queue);
    if (part.channel != voice_channel) {
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
    MsgpackWriter pack(out);
    pack.map(message.has_epoch ? 6U : 5U);
    pack.text("v");
    pack.natural(1);
    pack.text("source");
    pack.text(message.source);
    if (message.has_epoch) {
        pack.text("epoch");
        pack.natural(message.epoch);
    }
    pack.text("seq");
    pack.natural(message.seq);
    pack.text("ts");
    pack.integer(to_ms(message.ts));
    pack.text("queues");
    pack.array(static_cast<std::uint32_t>(message.parts.size()));
    for (const QueuePart& part : message.parts) {
        pack_part(pack, message, part);
    }
    return out;
}

}  // namespace surged
