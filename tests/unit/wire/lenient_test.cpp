// Numbers as loosely typed writers send them: floats that are whole are always taken, texts with [ingest] lenient only.
#include <bit>

#include "decode_helpers.hpp"

using namespace surged;
using namespace surged::test;

namespace {

/// One decode by a decoder of its own.
struct Read {
    explicit Read(const std::string& payload, bool lenient = true) : decoder(IngestLimits{}, lenient) {
        refusal = decoder.decode(payload, message, dropped);
        taken = decoder.take_lenient();
    }
    std::uint64_t count(Refusal reason) const { return dropped[static_cast<std::size_t>(reason)]; }
    std::string note() const { return decoder.notes().empty() ? "" : decoder.notes()[0].text(); }

    Decoder decoder;
    Message message;
    RefusalCounts dropped{};
    std::optional<Refusal> refusal;
    std::uint64_t taken = 0;
};

std::string lenient_json(const std::string& v, const std::string& seq, const std::string& ts, const std::string& value) {
    return R"({"v":)" + v + R"(,"source":"py","epoch":)" + seq + R"(,"seq":)" + seq + R"(,"ts":)" + ts +
           R"(,"queues":[{"centre":"c","queue":"q","ts":)" + ts + R"(,"m":{"calls_waiting":)" + value + R"(,"offered":7}}]})";
}

/// MessagePack of a text shorter than 32 bytes.
std::string pack_as(const std::string& text) {
    return std::string(1, static_cast<char>(0xA0U | text.size())) + text;
}
std::string pack_as(double value) {
    std::string out = "\xCB";
    for (int byte = 7; byte >= 0; --byte) {
        out.push_back(static_cast<char>(std::bit_cast<std::uint64_t>(value) >> (8 * byte) & 0xFFU));
    }
    return out;
}
std::string lenient_msgpack(const std::string& v, const std::string& seq, const std::string& ts, const std::string& value) {
    return "\x86" + pack_as("v") + v + pack_as("source") + pack_as("py") + pack_as("epoch") + seq + pack_as("seq") + seq + pack_as("ts") + ts +
           pack_as("queues") + "\x91\x84" + pack_as("centre") + pack_as("c") + pack_as("queue") + pack_as("q") + pack_as("ts") + ts + pack_as("m") +
           "\x82" + pack_as("calls_waiting") + value + pack_as("offered") + "\x07";
}

std::string in_text(const std::string& text) {
    return "\"" + text + "\"";
}

}  // namespace

TEST_CASE("lenient: texts that are numbers are taken for every number of the protocol, in both formats, and counted", "[unit]") {
    for (const auto& payload : {lenient_json(in_text("1"), in_text("18446744073709551615"), in_text("1795330800123"), in_text("3.5")),
                                lenient_msgpack(pack_as("1"), pack_as("18446744073709551615"), pack_as("1795330800123"), pack_as("3.5"))}) {
        const Read read(payload);
        REQUIRE_FALSE(read.refusal);
        CHECK(read.message.seq == UINT64_MAX);
        CHECK(read.message.epoch == UINT64_MAX);
        CHECK(read.message.ts == source_time(1795330800123));
        REQUIRE(read.message.parts.size() == 1);
        CHECK(read.message.parts[0].ts == source_time(1795330800123));
        REQUIRE(read.message.values.size() == 2);
        CHECK(read.message.values[0].value == 3.5);
        CHECK(read.message.values[1].value == 7);
        CHECK(read.taken == 6);
        CHECK(read.note().empty());
    }
}

TEST_CASE("lenient: it is off by default: the same texts are refused and named", "[unit]") {
    const Read seq(lenient_json("1", in_text("12"), "5", "1"), false);
    CHECK(seq.refusal == Refusal::wrong_type);
    CHECK(seq.note().find("got \"12\", wanted a whole number") != std::string::npos);
    const Read value(lenient_json("1", "12", "5", in_text("3.5")), false);
    REQUIRE_FALSE(value.refusal);
    CHECK(value.count(Refusal::wrong_type) == 1);
    CHECK(value.note() == "calls_waiting: got \"3.5\", wanted a finite number");
    CHECK(value.taken == 0);
    const Read binary(lenient_msgpack("\x01", "\x0C", "\x05", pack_as("3.5")), false);
    REQUIRE_FALSE(binary.refusal);
    CHECK(binary.count(Refusal::wrong_type) == 1);
    CHECK(binary.message.values.size() == 1);
}

TEST_CASE("lenient: numbers of every form of JSON in a text, and nothing that can be read in two ways", "[unit]") {
    const auto longest = "0." + std::string(38, '1');  // 40 bytes
    for (const auto& [text, number] : std::vector<std::pair<std::string, double>>{
             {"0", 0}, {"12", 12}, {"-1", -1}, {"1e3", 1000}, {"2.5E-1", 0.25}, {"1E+2", 100}, {longest, 0.11111111111111111}}) {
        CAPTURE(text);
        const Read read(lenient_json("1", "2", "3", in_text(text)));
        REQUIRE(read.message.values.size() == 2);
        CHECK(read.message.values[0].value == number);
        CHECK(read.taken == 1);
        if (text.size() < 32) {
            CHECK(Read(lenient_msgpack("\x01", "\x02", "\x03", pack_as(text))).message.values.size() == 2);
        }
    }
    for (const std::string text : {"", " 12", "12 ", "1,250", "1 250", "1.250,5", "007", "+5", ".5", "5.", "0x10", "1e", "--1", "-", "12s", "NaN",
                                   "Infinity", "inf", "true", "12\\n", "1\\u0032", "\xEF\xBC\x91", "5%", "1_000", "12-3"}) {
        CAPTURE(text);
        const Read read(lenient_json("1", "2", "3", in_text(text)));
        REQUIRE_FALSE(read.refusal);
        CHECK(read.count(Refusal::wrong_type) == 1);
        CHECK(read.message.values.size() == 1);
        CHECK(read.taken == 0);
        CHECK(read.note().starts_with("calls_waiting: got \""));
        const Read binary(lenient_msgpack("\x01", "\x02", "\x03", pack_as(text)));
        REQUIRE_FALSE(binary.refusal);
        CHECK(binary.count(Refusal::wrong_type) == 1);
        CHECK(binary.taken == 0);
        CHECK(Read(lenient_json("1", in_text(text), "3", "4")).refusal == Refusal::wrong_type);
    }
    CHECK(Read(lenient_json("1", "2", "3", in_text(longest + "1"))).count(Refusal::wrong_type) == 1);
    CHECK(Read(lenient_json("1", "2", "3", in_text("1e999"))).count(Refusal::not_finite) == 1);
    CHECK(Read(lenient_msgpack("\x01", "\x02", "\x03", pack_as("-1e999"))).count(Refusal::not_finite) == 1);
}

TEST_CASE("lenient: a whole field wants a whole number in a text, too", "[unit]") {
    CHECK(Read(lenient_json(in_text("1.0"), in_text("12.0"), in_text("9.7"), "1")).message.ts == source_time(9));
    for (const std::string text : {"12.5", "-1", "18446744073709551616", "1e30"}) {
        CAPTURE(text);
        CHECK(Read(lenient_json("1", in_text(text), "3", "4")).refusal == Refusal::wrong_type);
        CHECK(Read(lenient_msgpack("\x01", pack_as(text), "\x03", "\x04")).refusal == Refusal::wrong_type);
    }
    CHECK(Read(lenient_json(in_text("2"), "1", "3", "4")).refusal == Refusal::wrong_version);
    CHECK(Read(lenient_json("1", "1", in_text("2026-11-29T10:00:00Z"), "4")).refusal == Refusal::wrong_type);
    CHECK(Read(lenient_json("1", "1", in_text("9007199254740993"), "4")).refusal == Refusal::wrong_type);
}

TEST_CASE("lenient: names stay texts, lists and words stay refused, and what was refused is not counted as taken", "[unit]") {
    for (const std::string value : {"true", "null", "[1]", "{}"}) {
        CHECK(Read(lenient_json("1", "2", "3", value)).count(Refusal::wrong_type) == 1);
    }
    CHECK(Read(R"({"v":1,"source":7,"seq":"2","ts":3,"queues":[]})").refusal == Refusal::wrong_type);
    CHECK(Read(R"({"v":1,"source":7,"seq":"2","ts":3,"queues":[]})").taken == 0);
    const Read part(with_queues(R"({"centre":"c","m":{"a":"1","b":"2"}},{"centre":"c","queue":"q","m":{"a":"1"}})"));
    CHECK(part.count(Refusal::missing_field) == 1);
    CHECK(part.taken == 1);
    CHECK(Read(with_metrics(R"("Bad":"1")")).taken == 0);
}

TEST_CASE("lenient: parts of texts and parts of numbers follow each other: each value stands under its own name", "[unit]") {
    const Read read(with_queues(R"({"centre":"c","queue":"1","m":{"a":1,"b":2}},{"centre":"c","queue":"2","m":{"a":"3","b":4}},)"
                                R"({"centre":"c","queue":"3","m":{"a":5,"b":"6"}},{"centre":"c","queue":"4","m":{"a":7,"b":8}})"));
    REQUIRE(read.message.values.size() == 8);
    for (std::size_t i = 0; i < 8; ++i) {
        CHECK(read.message.values[i].value == static_cast<double>(i + 1));
        CHECK(read.message.values[i].name == (i % 2 == 0 ? "a" : "b"));
    }
    CHECK(read.taken == 2);
}

TEST_CASE("floats: a whole number written as one is taken for v, epoch, seq and ts, also without lenient, as long as it is exact", "[unit]") {
    for (const bool lenient : {false, true}) {
        const Read text(lenient_json("1.0", "9007199254740991.0", "1.795330800123e12", "4"), lenient);
        REQUIRE_FALSE(text.refusal);
        CHECK(text.message.seq == 9007199254740991U);
        CHECK(text.message.epoch == 9007199254740991U);
        CHECK(text.message.ts == source_time(1795330800123));
        const Read binary(lenient_msgpack(pack_as(1.0), pack_as(9007199254740991.0), pack_as(1795330800123.0), "\x04"), lenient);
        REQUIRE_FALSE(binary.refusal);
        CHECK(binary.message.seq == 9007199254740991U);
        CHECK(text.taken + binary.taken == 0);
        for (const double wrong : {1.5, -1.0, 9007199254740992.0, 1e300}) {
            CHECK(Read(lenient_msgpack(pack_as(1.0), pack_as(wrong), "\x03", "\x04"), lenient).refusal == Refusal::wrong_type);
        }
        for (const char* wrong : {"1.5", "-1.0", "9007199254740992.0", "9007199254740993.0", "1e300"}) {
            CHECK(Read(lenient_json("1.0", wrong, "3", "4"), lenient).refusal == Refusal::wrong_type);
        }
        CHECK(Read(lenient_json("1.1", "1", "3", "4"), lenient).refusal == Refusal::wrong_type);
        CHECK(Read(lenient_json("2.0", "1", "3", "4"), lenient).refusal == Refusal::wrong_version);
    }
}
