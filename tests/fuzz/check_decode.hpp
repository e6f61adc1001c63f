// What must hold for any bytes at all. Used by the libFuzzer targets and by the smoke program, so that both hold the same rules.
#pragma once

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/base/text.hpp"
#include "wire/decode.hpp"
#include "wire/encode_message.hpp"
#include "wire/json_text.hpp"
#include "wire/names.hpp"

namespace surged::fuzz {

/// Small limits, so that short inputs reach them.
inline IngestLimits limits() {
    IngestLimits limits;
    limits.message_bytes = 16384;
    limits.queues_per_message = 8;
    limits.metrics_per_queue = 6;
    limits.name_bytes = 24;
    return limits;
}

inline void require(bool ok, const char* claim) {
    if (!ok) {
        std::fprintf(stderr, "broken: %s\n", claim);
        std::abort();
    }
}

inline bool label_ok(std::string_view label) {
    return !label.empty() && label.size() <= limits().name_bytes && utf8_valid(label) &&
           !check_label(label, limits().name_bytes, false);
}

/// Every part and value is within the contract.
inline void check_message(const Message& message) {
    require(label_ok(message.source), "source is a valid label");
    require(to_ms(message.ts) >= 0, "ts is in range");
    require(message.parts.size() <= limits().queues_per_message, "queues are within the limit");
    std::size_t expected_first = 0;
    const QueuePart* before = nullptr;
    for (const QueuePart& part : message.parts) {
        require(label_ok(part.centre) && label_ok(part.queue) && label_ok(part.channel), "names of a part are valid labels");
        require(part.first == expected_first, "the values of parts follow each other");
        require(part.count <= limits().metrics_per_queue, "metrics are within the limit");
        require(to_ms(part.ts) >= 0, "a part's ts is in range");
        expected_first += part.count;
        require(expected_first <= message.values.size(), "values of a part exist");
        bool same = before != nullptr && before->count == part.count;
        for (std::size_t i = 0; i < part.count; ++i) {
            const MetricValue& value = message.values[part.first + i];
            require(!check_metric_name(value.name, limits().name_bytes), "metric names are valid");
            require(std::isfinite(value.value), "values are finite");
            same = same && message.values[before->first + i].name == value.name;
        }
        require(!part.same_layout || same, "same_layout is said only of equal layouts");
        before = &part;
    }
    require(expected_first == message.values.size(), "no value belongs to nobody");
}

/// The messages say the same; NaN cannot occur, so that == is enough.
inline void check_equal(const Message& a, const Message& b) {
    require(a.source == b.source && a.has_epoch == b.has_epoch && a.epoch == b.epoch && a.seq == b.seq && a.ts == b.ts,
            "envelope survives");
    require(a.parts.size() == b.parts.size() && a.values.size() == b.values.size(), "no part and no value is lost");
    for (std::size_t i = 0; i < a.parts.size(); ++i) {
        const QueuePart& x = a.parts[i];
        const QueuePart& y = b.parts[i];
        require(x.centre == y.centre && x.queue == y.queue && x.channel == y.channel && x.ts == y.ts, "a part survives");
        require(x.first == y.first && x.count == y.count, "a part keeps its values");
    }
    for (std::size_t i = 0; i < a.values.size(); ++i) {
        require(a.values[i].name == b.values[i].name && a.values[i].value == b.values[i].value, "a value survives exactly");
    }
}

/// Against an independent reader: what we took of the envelope and of the only part is what simdjson's document model reads.
inline void check_against_dom(std::string_view payload, const Message& message) {
    const auto document = parse_json(payload, JsonLimits{.bytes = 16384, .depth = 64, .values = 20000});
    if (!document || document->find("queues") == nullptr) {
        return;  // an unknown key's value, which the decoder only steps over, is no JSON
    }
    require(document->text_or("source", "") == message.source, "source is what the document says");
    const auto* queues = document->find("queues")->array();
    if (queues == nullptr || queues->size() != 1 || message.parts.size() != 1) {
        return;
    }
    require(queues->front().text_or("queue", "") == message.parts[0].queue, "queue is what the document says");
    const JsonValue* metrics = queues->front().find("m");
    for (std::size_t i = 0; metrics != nullptr && i < message.values.size(); ++i) {
        bool repeated = false;
        for (std::size_t j = i + 1; j < message.values.size(); ++j) {
            repeated = repeated || message.values[j].name == message.values[i].name;
        }
        const JsonValue* member = metrics->find(message.values[i].name);
        require(repeated || (member != nullptr && (!member->number() || *member->number() == message.values[i].value)),
                "a number is rounded as the document model rounds it");
    }
}

/// Everything about one input.
inline void check_payload(std::string_view payload) {
    // One decoder for all inputs, as in the daemon: what an earlier message left behind must not matter.
    static Decoder decoder(limits());
    static Decoder again(limits());
    static Decoder lenient(limits(), true);
    Message message;
    Message copy;
    RefusalCounts dropped{};
    const auto refusal = decoder.decode(payload, message, dropped);
    if (RefusalCounts ignored{}; lenient.decode(payload, copy, ignored)) {
        require(copy.parts.empty() && copy.values.empty() && lenient.take_lenient() == 0, "what is refused counts nothing as taken from texts");
    } else {
        check_message(copy);
        const bool as_strict = !refusal && copy.parts.size() == message.parts.size() && copy.values.size() == message.values.size();
        require(lenient.take_lenient() > 0 || as_strict, "what a lenient decoder takes more is counted");
    }
    if (refusal) {
        require(message.parts.empty() && message.values.empty(), "a refused message is empty");
        require(dropped == RefusalCounts{}, "a refused message drops nothing");
        require(to_string(*refusal) != "unknown", "a refusal has a name");
        return;
    }
    check_message(message);
    if (payload.front() != '\xDE' && payload.front() != '\xDF' && (static_cast<unsigned char>(payload.front()) & 0xF0U) != 0x80) {
        check_against_dom(payload.starts_with("\xEF\xBB\xBF") ? payload.substr(3) : payload, message);
    }
    RefusalCounts none{};
    const std::string json = encode_json(message);
    const std::string packed = encode_msgpack(message);
    if (json.size() <= limits().message_bytes) {
        require(!again.decode(json, copy, none) && none == RefusalCounts{}, "what we write as JSON we read back");
        check_equal(message, copy);
    }
    if (packed.size() <= limits().message_bytes) {
        require(!again.decode(packed, copy, none) && none == RefusalCounts{}, "what we write as MessagePack we read back");
        check_equal(message, copy);
    }
}

}  // namespace surged::fuzz
