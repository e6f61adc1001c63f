// Short words for decoding in tests.
#pragma once

#include <bit>
#include <cmath>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "support/catch.hpp"
#include "wire/decode.hpp"

namespace surged::test {

/// One decode and everything it said.
struct Decoded {
    std::optional<Refusal> refusal;
    Message message;
    RefusalCounts dropped{};

    std::uint64_t count(Refusal reason) const { return dropped[static_cast<std::size_t>(reason)]; }
    std::uint64_t dropped_total() const {
        std::uint64_t sum = 0;
        for (const std::uint64_t n : dropped) {
            sum += n;
        }
        return sum;
    }
};

/// A decoder whose answers stay valid until the next one.
class Bench {
public:
    explicit Bench(IngestLimits limits = {}) : decoder_(limits) {}
    const Decoded& operator()(std::string_view payload) {
        decoded_ = {};
        decoded_.refusal = decoder_.decode(payload, decoded_.message, decoded_.dropped);
        return decoded_;
    }

private:
    Decoder decoder_;
    Decoded decoded_;
};

/// What was read is what was meant, to the bit.
inline void require_same(const Message& read, const Message& meant) {
    REQUIRE(read.source == meant.source);
    REQUIRE(read.has_epoch == meant.has_epoch);
    REQUIRE(read.epoch == meant.epoch);
    REQUIRE(read.seq == meant.seq);
    REQUIRE(read.ts == meant.ts);
    REQUIRE(read.parts.size() == meant.parts.size());
    REQUIRE(read.values.size() == meant.values.size());
    const auto part = [](const QueuePart& p) { return std::tie(p.centre, p.queue, p.channel, p.ts, p.first, p.count); };
    for (std::size_t i = 0; i < meant.parts.size(); ++i) {
        REQUIRE(part(read.parts[i]) == part(meant.parts[i]));
    }
    for (std::size_t i = 0; i < meant.values.size(); ++i) {
        REQUIRE(read.values[i].name == meant.values[i].name);
        REQUIRE(std::bit_cast<std::uint64_t>(read.values[i].value) == std::bit_cast<std::uint64_t>(meant.values[i].value));
    }
}

/// A finite value of any size: every bit pattern, quotients, whole numbers.
inline double any_value(std::mt19937_64& random) {
    const auto bits = random();
    double value = static_cast<double>(static_cast<std::int64_t>(bits)) / static_cast<double>(1 + random() % 1000);
    value = random() % 4 == 0 ? std::bit_cast<double>(bits) : random() % 2 == 0 ? std::round(value) : value;
    return std::isfinite(value) ? value : 0.0;
}

/// A message of `parts` parts with `values` values each, told apart by `name`; labels are of `labels`. It borrows them.
template <typename Name>
Message any_message(std::mt19937_64& random, std::size_t parts, std::size_t values, const std::vector<std::string>& labels, Name name) {
    Message message;
    message.source = labels[random() % labels.size()];
    message.has_epoch = random() % 2 == 0;
    message.epoch = message.has_epoch ? random() : 0;
    message.seq = random();
    message.ts = source_time(static_cast<std::int64_t>(random() % (std::uint64_t{1} << 53U)));
    for (std::size_t p = 0; p < parts; ++p) {
        QueuePart part;
        part.centre = labels[random() % labels.size()];
        part.queue = labels[random() % labels.size()];
        part.channel = random() % 2 == 0 ? "voice" : "chat";
        part.ts = random() % 2 == 0 ? message.ts : source_time(static_cast<std::int64_t>(random() % 1000000));
        part.first = static_cast<std::uint32_t>(message.values.size());
        part.count = static_cast<std::uint32_t>(values);
        for (std::size_t i = 0; i < values; ++i) {
            message.values.push_back({name(i), any_value(random)});
        }
        message.parts.push_back(part);
    }
    return message;
}

/// A whole message around `queues`, the inside of the array.
inline std::string with_queues(const std::string& queues) {
    return R"({"v":1,"source":"acd","seq":7,"ts":1795330800123,"queues":[)" + queues + "]}";
}
/// A whole message with one part around `metrics`, the inside of "m".
inline std::string with_metrics(const std::string& metrics) {
    return with_queues(R"({"centre":"jinan","queue":"general","m":{)" + metrics + "}}");
}

}  // namespace surged::test
