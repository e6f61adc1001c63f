// Every limit of a message on both sides: exactly the limit is taken, one more is refused and counted.
#include "wire/names.hpp"
#include "decode_helpers.hpp"

using namespace surged;
using surged::test::Bench;
using surged::test::with_metrics;
using surged::test::with_queues;

namespace {

std::string parts(std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) {
        out += (i > 0 ? "," : "") + std::string(R"({"centre":"c","queue":"q)") + std::to_string(i) + R"(","m":{"x":1}})";
    }
    return out;
}

std::string metrics(std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) {
        out += (i > 0 ? ",\"m" : "\"m") + std::to_string(i) + "\":1";
    }
    return out;
}

}  // namespace

TEST_CASE("limits: a message of exactly the limit is read, one byte more is refused", "[unit]") {
    IngestLimits limits;
    limits.message_bytes = 500;
    Bench decode(limits);
    std::string message = with_metrics("\"x\":1");
    message.append(500 - message.size(), ' ');
    CHECK_FALSE(decode(message).refusal);
    CHECK(decode(message + " ").refusal == Refusal::message_too_large);
}

TEST_CASE("limits: the default message limit is one MiB", "[unit]") {
    Bench decode;
    std::string message = with_metrics("\"x\":1");
    message.append((1U << 20U) - message.size(), ' ');
    CHECK_FALSE(decode(message).refusal);
    CHECK(decode(message + " ").refusal == Refusal::message_too_large);
}

TEST_CASE("limits: one queue too many refuses the whole message", "[unit]") {
    Bench decode;
    CHECK(decode(with_queues(parts(4096))).message.parts.size() == 4096);
    const auto& d = decode(with_queues(parts(4097)));
    CHECK(d.refusal == Refusal::too_many_queues);
    CHECK(d.message.parts.empty());
}

TEST_CASE("limits: one metric too many refuses the part and not its neighbours", "[unit]") {
    Bench decode;
    const std::string after = R"(,{"centre":"c","queue":"after","m":{"x":1}})";
    const auto message = [&after](std::size_t count) {
        return with_queues(R"({"centre":"c","queue":"q","m":{)" + metrics(count) + "}}" + after);
    };
    CHECK(decode(message(128)).message.values.size() == 129);
    const auto& d = decode(message(129));
    REQUIRE_FALSE(d.refusal);
    CHECK(d.count(Refusal::too_many_metrics) == 1);
    CHECK(d.dropped_total() == 1);
    REQUIRE(d.message.parts.size() == 1);
    CHECK(d.message.parts[0].queue == "after");
    CHECK(d.message.values.size() == 1);
}

TEST_CASE("limits: names of exactly the limit are taken, a byte more is refused", "[unit]") {
    Bench decode;
    const std::string longest(64, 'a');
    const auto count_too_long = [&decode](const std::string& message) {
        const auto& d = decode(message);
        return d.refusal == Refusal::name_too_long ? 1U : d.count(Refusal::name_too_long);
    };
    const auto source = [](const std::string& name) {
        return R"({"v":1,"source":")" + name + R"(","seq":1,"ts":2,"queues":[]})";
    };
    const auto queue = [](const std::string& name) { return with_queues(R"({"centre":"c","queue":")" + name + "\"}"); };
    CHECK(count_too_long(with_metrics("\"" + longest + "\":1")) == 0);
    CHECK(count_too_long(with_metrics("\"" + longest + "a\":1")) == 1);
    CHECK(count_too_long(queue(longest)) == 0);
    CHECK(count_too_long(queue(longest + "a")) == 1);
    CHECK(count_too_long(source(longest)) == 0);
    CHECK(count_too_long(source(longest + "a")) == 1);
    // Bytes count, not characters: 22 of three bytes are 66.
    std::string chinese;
    for (int i = 0; i < 22; ++i) {
        chinese += "席";
    }
    CHECK(count_too_long(queue(chinese)) == 1);
    CHECK(count_too_long(queue(chinese.substr(0, 63))) == 0);
}

TEST_CASE("limits: depth costs nothing", "[unit]") {
    Bench decode;
    const std::string open(400000, '[');
    const std::string close(400000, ']');
    CHECK_FALSE(decode(R"({"x":)" + open + close + R"(,"v":1,"source":"s","seq":1,"ts":2,"queues":[]})").refusal);
    CHECK(decode(R"({"x":)" + open + open).refusal == Refusal::malformed);
    CHECK(decode(with_metrics("\"x\":" + open + close)).count(Refusal::wrong_type) == 1);
}

TEST_CASE("limits: larger limits are honoured in full", "[unit]") {
    IngestLimits limits;
    limits.name_bytes = 1000;
    limits.metrics_per_queue = 3000;
    Bench decode(limits);
    const std::string name(1000, 'n');
    const std::string two =
        R"({"centre":"c","queue":"a","m":{")" + name + R"(":1}},{"centre":"c","queue":"b","m":{")" + name + R"(":2}})";
    const auto& d = decode(with_queues(two));
    REQUIRE(d.message.values.size() == 2);
    CHECK(d.message.parts[1].same_layout);
    CHECK(decode(with_metrics(metrics(3000))).message.values.size() == 3000);
    // A name that is longer than all that is left of the payload.
    CHECK(decode(with_queues(R"({"centre":"c","queue":"a","m":{")" + name + R"(":1}},{"centre":"c","queue":"b","m":{"n":2}})"))
              .message.values.size() == 2);
}

TEST_CASE("names: control characters beyond ASCII, turned writing and the names of our own sums are refused", "[unit]") {
    for (const std::string bad : {"\u0080", "a\u009b31m", "\u202e", "x\u2066y", "\u200f", "\u2028", "\u2029", "\u061c", "*", "*group"}) {
        CAPTURE(bad);
        CHECK(check_label(bad, 64, true) == Refusal::bad_name);
        CHECK(check_label(bad, 64, false) == Refusal::bad_name);
    }
    for (const std::string good : {"\u00a0", "普席", "a*", "a*b", "é", "\u200d"}) {
        CAPTURE(good);
        CHECK(check_label(good, 64, false) == std::nullopt);
    }
}
