// The hot path takes nothing from the heap once it is warm.
#include "decode_helpers.hpp"
#include "support/allocations.hpp"
#include "wire/encode_message.hpp"

using namespace surged;

namespace {

Message sample(std::size_t queues, const std::vector<std::string>& names) {
    Message message;
    message.source = "acd";
    message.ts = source_time(1795330800123);
    for (std::size_t q = 0; q < queues; ++q) {
        message.parts.push_back(
            {"济南", names[q], "voice", message.ts, static_cast<std::uint32_t>(message.values.size()), 3, false});
        message.values.push_back({"calls_waiting", 4}), message.values.push_back({"oldest_wait_s", 33.5}),
            message.values.push_back({"offered", 123456});
    }
    return message;
}

}  // namespace

TEST_CASE("decode: a warm decoder takes nothing from the heap, in either format, escapes and refusals included", "[unit]") {
    std::vector<std::string> names;
    for (int i = 0; i < 32; ++i) {
        names.push_back("q" + std::to_string(i));
    }
    const Message full = sample(32, names);
    const Message half = sample(16, names);
    std::string escaped = encode_json(full);
    escaped.replace(escaped.find("calls_waiting"), 5, "call\\u0073");
    const std::vector<std::string> payloads{
        encode_json(full),     encode_msgpack(full), encode_json(half), escaped, encode_json(full) + "x", "{",
        "\xDF\xFF\xFF\xFF\xFF"};
    Decoder decoder{IngestLimits{}};
    Message message;
    RefusalCounts dropped{};
    for (const std::string& payload : payloads) {
        static_cast<void>(decoder.decode(payload, message, dropped));
    }
    const std::size_t before = test::allocations();
    std::size_t taken = 0;
    for (int round = 0; round < 50; ++round) {
        for (const std::string& payload : payloads) {
            taken += decoder.decode(payload, message, dropped) ? 0U : 1U;
        }
    }
    CHECK(test::allocations() == before);
    CHECK(taken == 200);
}

TEST_CASE("decode: memory follows the message, never a length it claims", "[unit]") {
    Decoder decoder{IngestLimits{}};
    Message message;
    RefusalCounts dropped{};
    const std::string warm = encode_json(sample(1, {"q"}));
    REQUIRE_FALSE(decoder.decode(warm, message, dropped));
    const std::size_t before = test::allocations();
    for (const std::string_view claim : {"\xDF\xFF\xFF\xFF\xFF", "\x81\xA6queues\xDD\x7F\xFF\xFF\xFF", "\x81\xDB\xFF\xFF\xFF\xFF",
                                         "\x81\xA1x\xC6\xFF\xFF\xFF\xFF"}) {
        CHECK(decoder.decode(claim, message, dropped) == Refusal::malformed);
    }
    CHECK(test::allocations() == before);
}

TEST_CASE("decode: a warm lenient decoder takes nothing from the heap for numbers in texts, taken or refused, in either format", "[unit]") {
    const std::vector<std::string> payloads{
        R"({"v":"1","source":"s","seq":"2","ts":"3","queues":[{"centre":"c","queue":"q","m":{"a":"1","b":"2.5","c":"x"}}]})",
        "\x85\xA1v\xA1" "1\xA6source\xA1s\xA3seq\xA1" "2\xA2ts\xA1" "3\xA6queues\x91\x83\xA6" "centre\xA1" "c\xA5queue\xA1q\xA1m\x82\xA1" "a\xA1" "1\xA1" "b\xA1x"};
    Decoder decoder{IngestLimits{}, true};
    Message message;
    RefusalCounts dropped{};
    for (const std::string& payload : payloads) {
        REQUIRE_FALSE(decoder.decode(payload, message, dropped));
    }
    const std::size_t before = test::allocations();
    for (int round = 0; round < 50; ++round) {
        for (const std::string& payload : payloads) {
            static_cast<void>(decoder.decode(payload, message, dropped));
        }
    }
    CHECK(test::allocations() == before);
    CHECK(decoder.take_lenient() == 51 * (5 + 4));
}
