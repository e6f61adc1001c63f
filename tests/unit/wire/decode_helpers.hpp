// Short words for decoding in tests.
#pragma once

#include <string>

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

/// A whole message around `queues`, the inside of the array.
inline std::string with_queues(const std::string& queues) {
    return R"({"v":1,"source":"acd","seq":7,"ts":1795330800123,"queues":[)" + queues + "]}";
}
/// A whole message with one part around `metrics`, the inside of "m".
inline std::string with_metrics(const std::string& metrics) {
    return with_queues(R"({"centre":"jinan","queue":"general","m":{)" + metrics + "}}");
}

}  // namespace surged::test
