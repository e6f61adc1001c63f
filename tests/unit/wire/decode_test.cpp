// The form of a message: what is taken, and how far each refusal reaches.
#include <bit>

#include "decode_helpers.hpp"

using namespace surged;
using surged::test::Bench;
using surged::test::with_metrics;
using surged::test::with_queues;

namespace {
const std::string contract =
    R"({"v":1,"source":"acd-jinan-1","epoch":1795330000,"seq":90210,"ts":1795330800123,
 "queues":[{"centre":"jinan","queue":"general","channel":"voice","ts":1795330800100,
            "m":{"calls_waiting":42,"oldest_wait_s":33.5,"offered":123456,"answered":120001,"agents_available":12}}]})";
}

TEST_CASE("decode: the contract's own example is taken whole", "[unit]") {
    Bench decode;
    const auto& [refusal, message, dropped] = decode(contract);

    REQUIRE_FALSE(refusal);
    CHECK(dropped == RefusalCounts{});
    CHECK(message.source == "acd-jinan-1");
    CHECK(message.has_epoch);
    CHECK(message.epoch == 1795330000);
    CHECK(message.seq == 90210);
    CHECK(message.ts == source_time(1795330800123));
    REQUIRE(message.parts.size() == 1);
    CHECK(message.parts[0].centre == "jinan");
    CHECK(message.parts[0].queue == "general");
    CHECK(message.parts[0].channel == "voice");
    CHECK(message.parts[0].ts == source_time(1795330800100));
    CHECK(message.parts[0].count == 5);
    REQUIRE(message.values.size() == 5);
    CHECK(message.values[1].name == "oldest_wait_s");
    CHECK(message.values[1].value == 33.5);
    CHECK(message.values[4].value == 12);
}

TEST_CASE("decode: keys come in any order, queues before source and ts included", "[unit]") {
    Bench decode;
    const auto& d = decode(R"({"queues":[{"m":{"x":1},"queue":"q","centre":"c"}],"ts":5,"seq":3,"source":"s","v":1})");
    REQUIRE_FALSE(d.refusal);
    REQUIRE(d.message.parts.size() == 1);
    CHECK(d.message.parts[0].centre == "c");
    CHECK(d.message.parts[0].ts == source_time(5));
    CHECK(d.message.values[0].value == 1);
}

TEST_CASE("decode: a part without channel is voice, without ts has the message's; an empty m has no values", "[unit]") {
    Bench decode;
    const auto& d = decode(with_queues(R"({"centre":"c","queue":"q","m":{}})"));
    REQUIRE_FALSE(d.refusal);
    REQUIRE(d.message.parts.size() == 1);
    CHECK(d.message.parts[0].channel == "voice");
    CHECK(d.message.parts[0].ts == source_time(1795330800123));
    CHECK(d.message.parts[0].count == 0);
    CHECK_FALSE(d.message.has_epoch);
}

TEST_CASE("decode: unknown keys are stepped over, whatever they hold", "[unit]") {
    Bench decode;
    const auto& d = decode(R"({"x":{"a":[1,{"v":2}],"queues":"}]"},"v":1,"period_s":[[[]]],"source":"s","seq":1,"ts":2,
        "queues":[{"vdn":null,"centre":"c","queue":"q","extra":{"m":{"y":9}},"m":{"x":1}}]})");
    REQUIRE_FALSE(d.refusal);
    REQUIRE(d.message.values.size() == 1);
    CHECK(d.message.values[0].name == "x");
}

TEST_CASE("decode: escapes are resolved in names and keys", "[unit]") {
    Bench decode;
    const auto& d = decode(R"({"\u0076":1,"source":"\u7701\u4e2d\u5fc3","seq":1,"ts":2,
        "queues":[{"centre":"a\/b","q\u0075eue":"\ud83d\ude00 \"x\"","m":{"calls\u005fwaiting":3}}]})");
    REQUIRE_FALSE(d.refusal);
    CHECK(d.message.source == "省中心");
    REQUIRE(d.message.parts.size() == 1);
    CHECK(d.message.parts[0].centre == "a/b");
    CHECK(d.message.parts[0].queue == "😀 \"x\"");
    CHECK(d.message.values[0].name == "calls_waiting");
}

TEST_CASE("decode: numbers of the envelope may be whole doubles", "[unit]") {
    Bench decode;
    const auto& d = decode(R"({"v":1.0,"source":"s","seq":7e2,"ts":1795330800123.0,"queues":[]})");
    REQUIRE_FALSE(d.refusal);
    CHECK(d.message.seq == 700);
    CHECK(d.message.ts == source_time(1795330800123));
}

TEST_CASE("decode: seq takes all 64 bits and ts ends at 2^53", "[unit]") {
    Bench decode;
    const auto with = [&decode](const std::string& seq, const std::string& ts) {
        return decode(R"({"v":1,"source":"s","seq":)" + seq + R"(,"ts":)" + ts + R"(,"queues":[]})").refusal;
    };
    CHECK_FALSE(with("18446744073709551615", "0"));
    CHECK(with("18446744073709551616", "0") == Refusal::wrong_type);
    CHECK_FALSE(with("0", "9007199254740992"));
    CHECK(with("0", "9007199254740993") == Refusal::wrong_type);
    CHECK(with("0", "-1") == Refusal::wrong_type);
    CHECK(with("-1", "0") == Refusal::wrong_type);
    CHECK(with("0.5", "0") == Refusal::wrong_type);
    CHECK(with("0", "1e400") == Refusal::wrong_type);
    CHECK(with("01", "0") == Refusal::malformed);
}

TEST_CASE("decode: what is wrong with the envelope refuses the whole message, by reason", "[unit]") {
    Bench decode;
    CHECK(decode("").refusal == Refusal::malformed);
    CHECK(decode("   ").refusal == Refusal::malformed);
    CHECK(decode("[]").refusal == Refusal::malformed);
    CHECK(decode("hello").refusal == Refusal::malformed);
    CHECK(decode("{}").refusal == Refusal::missing_field);
    CHECK(decode(contract + "x").refusal == Refusal::malformed);
    CHECK(decode(contract + "{}").refusal == Refusal::malformed);
    CHECK_FALSE(decode(contract + " \n").refusal);
    CHECK_FALSE(decode(" \t\r\n" + contract).refusal);
    CHECK_FALSE(decode("\xEF\xBB\xBF" + contract).refusal);
    CHECK(decode(contract.substr(0, contract.size() - 2)).refusal == Refusal::malformed);
    CHECK(decode(R"({"v":2,"source":"s","seq":1,"ts":2,"queues":[]})").refusal == Refusal::wrong_version);
    CHECK(decode(R"({"v":"1","source":"s","seq":1,"ts":2,"queues":[]})").refusal == Refusal::wrong_type);
    CHECK(decode(R"({"v":1,"source":5,"seq":1,"ts":2,"queues":[]})").refusal == Refusal::wrong_type);
    CHECK(decode(R"({"v":1,"source":"","seq":1,"ts":2,"queues":[]})").refusal == Refusal::bad_name);
    CHECK(decode("{\"v\":1,\"source\":\"a\\u0001\",\"seq\":1,\"ts\":2,\"queues\":[]}").refusal == Refusal::bad_name);
    CHECK(decode("{\"v\":1,\"source\":\"a\x7F\",\"seq\":1,\"ts\":2,\"queues\":[]}").refusal == Refusal::bad_name);
    CHECK(decode("{\"v\":1,\"source\":\"a\x01\",\"seq\":1,\"ts\":2,\"queues\":[]}").refusal == Refusal::malformed);
    CHECK(decode("{\"v\":1,\"source\":\"\xFF\",\"seq\":1,\"ts\":2,\"queues\":[]}").refusal == Refusal::malformed);
    CHECK(decode(R"({"v":1,"source":"\ud800","seq":1,"ts":2,"queues":[]})").refusal == Refusal::malformed);
    CHECK(decode(R"({"v":1,"source":"s","seq":1,"ts":2,"queues":{}})").refusal == Refusal::wrong_type);
    CHECK(decode(R"({"v":1,"source":"s","seq":1,"ts":2})").refusal == Refusal::missing_field);
    CHECK(decode(R"({"v":1,"source":"s","seq":1,"queues":[]})").refusal == Refusal::missing_field);
    CHECK(decode(R"({"v":1,"source":"s","ts":1,"queues":[]})").refusal == Refusal::missing_field);
    CHECK(decode(R"({"v":1,"seq":1,"ts":2,"queues":[]})").refusal == Refusal::missing_field);
    CHECK(decode(R"({"source":"s","seq":1,"ts":2,"queues":[]})").refusal == Refusal::missing_field);
    CHECK(decode(R"({"v":1,"source":"s","seq":1,"ts":2,"queues":[],})").refusal == Refusal::malformed);
    CHECK(decode(R"({"v":1 "source":"s","seq":1,"ts":2,"queues":[]})").refusal == Refusal::malformed);
}

TEST_CASE("decode: a refused message leaves nothing behind", "[unit]") {
    Bench decode;
    const auto& d = decode(R"({"v":1,"source":"s","seq":1,"queues":[{"centre":"c","queue":"q","m":{"x":1,"Y":2}}]})");
    CHECK(d.refusal == Refusal::missing_field);
    CHECK(d.message.parts.empty());
    CHECK(d.message.values.empty());
    CHECK(d.dropped_total() == 0);
}

TEST_CASE("decode: a key that comes twice is malformed, of the message or of its part", "[unit]") {
    Bench decode;
    CHECK(decode(R"({"v":1,"v":1,"source":"s","seq":1,"ts":2,"queues":[]})").refusal == Refusal::malformed);
    const auto& d =
        decode(with_queues(R"({"centre":"c","queue":"q","queue":"r","m":{"x":1}},{"centre":"c","queue":"s","m":{"x":2}})"));
    REQUIRE_FALSE(d.refusal);
    CHECK(d.count(Refusal::malformed) == 1);
    REQUIRE(d.message.parts.size() == 1);
    CHECK(d.message.parts[0].queue == "s");
    CHECK(d.message.values[0].value == 2);
}

TEST_CASE("decode: a metric that comes twice is handed over twice, in order", "[unit]") {
    Bench decode;
    const auto& d = decode(with_metrics(R"("x":1,"x":2)"));
    REQUIRE(d.message.values.size() == 2);
    CHECK(d.message.values[1].value == 2);
}

TEST_CASE("decode: a bad part is left out and the rest is used", "[unit]") {
    Bench decode;
    const auto bad = [&decode](const std::string& part) {
        const auto& d = decode(with_queues(part + R"(,{"centre":"c","queue":"good","m":{"x":1}})"));
        REQUIRE_FALSE(d.refusal);
        REQUIRE(d.message.parts.size() == 1);
        CHECK(d.message.parts[0].queue == "good");
        CHECK(d.message.parts[0].first == 0);
        CHECK(d.dropped_total() == 1);
        for (std::size_t i = 0; i < refusal_count; ++i) {
            if (d.dropped[i] == 1) {
                return static_cast<Refusal>(i);
            }
        }
        return Refusal::count_;
    };
    CHECK(bad("5") == Refusal::wrong_type);
    CHECK(bad("[{}]") == Refusal::wrong_type);
    CHECK(bad("{}") == Refusal::missing_field);
    CHECK(bad(R"({"centre":"c","m":{"x":1}})") == Refusal::missing_field);
    CHECK(bad(R"({"queue":"c","m":{"x":1}})") == Refusal::missing_field);
    CHECK(bad(R"({"centre":"","queue":"q","m":{"x":1}})") == Refusal::bad_name);
    CHECK(bad(R"({"centre":"c","queue":"a\nb","m":{"x":1}})") == Refusal::bad_name);
    CHECK(bad(R"({"centre":"c","queue":"q","channel":"","m":{"x":1}})") == Refusal::bad_name);
    CHECK(bad(R"({"centre":"c","queue":7,"m":{"x":1}})") == Refusal::wrong_type);
    CHECK(bad(R"({"centre":"c","queue":"q","channel":null})") == Refusal::wrong_type);
    CHECK(bad(R"({"centre":"c","queue":"q","ts":"now"})") == Refusal::wrong_type);
    CHECK(bad(R"({"m":{"x":1,"y":2},"centre":"c","queue":"q","ts":-5})") == Refusal::wrong_type);
    CHECK(bad(R"({"centre":"c","queue":"q","m":[1]})") == Refusal::wrong_type);
}

TEST_CASE("decode: a bad value is left out and its part is used", "[unit]") {
    Bench decode;
    const auto& d = decode(with_metrics(
        R"("a":true,"b":"1","c":null,"d":[1,[2]],"e":{"f":{}},"g":false,"h":1e999,"i":NaN,"j":-Infinity,"K":1,"9k":1,"":1,"l":5)"));
    REQUIRE_FALSE(d.refusal);
    REQUIRE(d.message.values.size() == 1);
    CHECK(d.message.values[0].name == "l");
    CHECK(d.message.parts[0].count == 1);
    CHECK(d.count(Refusal::wrong_type) == 6);
    CHECK(d.count(Refusal::not_finite) == 3);
    CHECK(d.count(Refusal::bad_name) == 3);
    CHECK(d.dropped_total() == 12);
}

TEST_CASE("decode: what pretends to be a number and is none costs the message", "[unit]") {
    Bench decode;
    for (const char* number :
         {"01", "1.", ".5", "-", "+1", "1e", "1e+", "0x10", "1_000", "--1", "1.2.3", "1a", "- 1", "-.5", "1 2"}) {
        INFO(number);
        const auto refusal = decode(with_metrics("\"x\":" + std::string(number))).refusal;
        // A word that no number begins with is merely of the wrong type.
        CHECK((refusal == Refusal::malformed || number[0] == '.' || number[0] == '+'));
    }
}

TEST_CASE("decode: same_layout is said of equal names in equal order only", "[unit]") {
    Bench decode;
    const auto layouts = [&decode](const std::string& second) {
        const auto& d = decode(
            with_queues(R"({"centre":"c","queue":"a","m":{"x":1,"yy":2}},{"centre":"c","queue":"b","m":{)" + second + "}}"));
        REQUIRE(d.message.parts.size() == 2);
        CHECK_FALSE(d.message.parts[0].same_layout);
        return d.message.parts[1].same_layout;
    };
    CHECK(layouts(R"("x":3,"yy":4)"));
    CHECK(layouts(R"( "x" : 3.25 , "yy" : -4e2 )"));
    CHECK(layouts(R"("x":12345678901234567890,"y\u0079":4)"));
    CHECK_FALSE(layouts(R"("yy":3,"x":4)"));
    CHECK_FALSE(layouts(R"("x":3)"));
    CHECK_FALSE(layouts(R"("x":3,"yy":4,"z":5)"));
    CHECK_FALSE(layouts(R"("x":3,"yyy":4)"));
    CHECK_FALSE(layouts(R"("x":3,"y":4)"));
    CHECK_FALSE(layouts(R"("x":3,"yy":null)"));
    CHECK_FALSE(layouts(R"()"));
}

TEST_CASE("decode: a short message after a long one shows nothing of it", "[unit]") {
    Bench decode;
    std::string many;
    for (int i = 0; i < 500; ++i) {
        many += (i > 0 ? "," : "") + std::string(R"({"centre":"c","queue":"q)") + std::to_string(i) + R"(","m":{"x":1,"y":2}})";
    }
    CHECK(decode(with_queues(many)).message.values.size() == 1000);
    CHECK(decode("{\"v\":1,\"source\":\"s\",\"seq\":1,\"ts\":2,\"queues\":[").refusal == Refusal::malformed);
    CHECK(decode("{\"v\":1,\"source\":\"s").refusal == Refusal::malformed);
    CHECK(decode("{\"v\":1,\"source\":\"s\",\"seq\":1").refusal == Refusal::malformed);
    CHECK(decode("{").refusal == Refusal::malformed);
}

TEST_CASE("decode_line: a line is a message, blank lines and comments are none", "[unit]") {
    Decoder decoder{IngestLimits{}};
    Message message;
    RefusalCounts dropped{};
    CHECK(decode_line(decoder,
                      R"({"v":1,"source":"s","seq":1,"ts":2,"queues":[]})"
                      "\r\n",
                      message, dropped)
              .value());
    CHECK(message.source == "s");
    CHECK_FALSE(decode_line(decoder, "\n", message, dropped).value());
    CHECK_FALSE(decode_line(decoder, "# recorded", message, dropped).value());
    const auto bad = decode_line(decoder, "{}", message, dropped);
    REQUIRE_FALSE(bad);
    CHECK(bad.error().message == "message refused: missing_field, v: wanted 1");
}

TEST_CASE("decode: a part without m is refused, however it is misspelt: it would look fresh and say nothing", "[unit]") {
    Bench decode;
    for (const char* part : {R"({"centre":"c","queue":"q"})", R"({"centre":"c","queue":"q","metrics":{"x":1}})"}) {
        const auto& d = decode(with_queues(part));
        REQUIRE_FALSE(d.refusal);
        CHECK(d.message.parts.empty());
        CHECK(d.dropped[static_cast<std::size_t>(Refusal::missing_field)] == 1);
    }
}

TEST_CASE("decode: a ts with decimals is taken as the millisecond it lies in, in both formats; seq and epoch stay whole", "[unit]") {
    Decoder decoder{IngestLimits{}};
    Message message;
    RefusalCounts dropped{};
    const auto json = [](const std::string& ts, const std::string& seq) {
        return R"({"v":1,"source":"s","seq":)" + seq + R"(,"ts":)" + ts + R"(,"queues":[{"centre":"c","queue":"q","ts":)" + ts + R"(,"m":{"x":1}}]})";
    };
    REQUIRE_FALSE(decoder.decode(json("1795898301123.4", "1"), message, dropped));
    CHECK(message.ts == source_time(1795898301123));
    REQUIRE(message.parts.size() == 1);
    CHECK(message.parts[0].ts == source_time(1795898301123));
    CHECK(decoder.decode(json("1795898301123", "1.5"), message, dropped) == Refusal::wrong_type);
    CHECK(decoder.decode(json("-0.5", "1"), message, dropped) == Refusal::wrong_type);
    // {v:1, source:"s", seq:1, ts:<double>, queues:[]}
    std::string packed = "\x85\xA1v\x01\xA6source\xA1s\xA3seq\x01\xA2ts\xCB";
    const auto bits = std::bit_cast<std::uint64_t>(1795898301123.4);
    for (int byte = 7; byte >= 0; --byte) {
        packed.push_back(static_cast<char>(bits >> (8 * byte) & 0xFFU));
    }
    packed += "\xA6queues\x90";
    REQUIRE_FALSE(decoder.decode(packed, message, dropped));
    CHECK(message.ts == source_time(1795898301123));
}

TEST_CASE("decode: what is refused comes with its source, the field, what stood there and what is wanted", "[unit]") {
    struct Case {
        std::string payload;
        const char* source;
        Refusal reason;
        const char* text;
    };
    const auto list = std::vector<Case>{
        {R"({"v":1,"source":"py","seq":"4","ts":1,"queues":[]})", "py", Refusal::wrong_type, "seq: got \"4\", wanted a whole number, 0 or more"},
        {R"({"ts":"2026-09-21T10:00:00Z","v":1,"source" : "py","seq":4,"queues":[]})", "py", Refusal::wrong_type,
         "ts: got \"2026-09-21T10:00:00Z\", wanted milliseconds since 1970"},
        {R"({"v":1,"source":"py","seq":4,"ts":1})", "py", Refusal::missing_field, "queues: wanted a list of queues, within the limit of a message"},
        {R"({"v":2,"source":"py","seq":4,"ts":1,"queues":[]})", "py", Refusal::wrong_version, "v: got 2, wanted 1"},
        {R"([{"v":1,"source":"py"}])", "py", Refusal::malformed, "message: got [{\"v\":1,\"source\":\"py\"}], wanted one object a message, not a list"},
        {"hello", "?", Refusal::malformed, "message: got hello, wanted one JSON object or MessagePack map as in surged-feed(7)"},
        {R"({"v":1,"source":"py","seq":4,"ts":1,"queues":[{"centre":"c","queue":999,"m":{}}]})", "py", Refusal::wrong_type,
         "queue: got 999, wanted a name: text, not empty, no control characters, within the limit"},
        {R"({"v":1,"source":"py","seq":4,"ts":1,"queues":[{"centre":"c","queue":"q","m":{"calls_waiting":"4"}}]})", "py", Refusal::wrong_type,
         "calls_waiting: got \"4\", wanted a finite number"},
        {R"({"v":1,"source":"py","seq":4,"ts":1,"queues":[{"centre":"c","queue":"q","m":{"LoggedIn":1}}]})", "py", Refusal::bad_name,
         "m: got LoggedIn, wanted [a-z][a-z0-9_]*"},
        {R"({"v":1,"source":"py","seq":4,"ts":1,"queues":[{"centre":"c","queue":"q","m":{"x":NaN}}]})", "py", Refusal::not_finite,
         "x: got NaN, wanted a finite number"},
        {"\x85\xA1v\x01\xA6source\xA2py\xA3seq\xA1" "4\xA2ts\x01\xA6queues\x90", "py", Refusal::wrong_type,
         "seq: got 4, wanted a whole number, 0 or more"},
        {"\x85\xA1v\x01\xA6source\xA2py\xA3seq\x01\xA2ts\xC0\xA6queues\x90", "py", Refusal::wrong_type,
         "ts: got nil, wanted milliseconds since 1970"},
    };
    Decoder decoder{IngestLimits{}};
    Message message;
    for (const auto& one : list) {
        CAPTURE(one.payload);
        RefusalCounts dropped{};
        static_cast<void>(decoder.decode(one.payload, message, dropped));
        CHECK(decoder.source() == one.source);
        REQUIRE(decoder.notes().size() == 1);
        CHECK(decoder.notes()[0].reason == one.reason);
        CHECK(decoder.notes()[0].text() == one.text);
    }
    RefusalCounts dropped{};
    static_cast<void>(decoder.decode("\x1b[31m" + std::string(100, 'x'), message, dropped));
    CHECK(decoder.notes()[0].got == "?[31m" + std::string(43, 'x') + "...");
    static_cast<void>(decoder.decode(R"({"v":1,"source":"py","seq":4,"ts":1,"queues":[]})", message, dropped));
    CHECK(decoder.notes().empty());
}
