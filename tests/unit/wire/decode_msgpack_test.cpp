// MessagePack: the same structure, the same refusals. What is read here is written by MsgpackWriter, which msgpack_writer_test.cpp holds
// to the specification byte by byte, and by the few further forms of Packer.
#include <bit>
#include <cmath>
#include <concepts>
#include <limits>
#include <map>
#include <random>
#include <vector>

#include "decode_helpers.hpp"
#include "wire/encode_message.hpp"
#include "wire/msgpack_writer.hpp"

using namespace surged;
using surged::test::Bench;

namespace {

/// Packs what a stranger may send: values by their C++ type, and the forms that the product never writes.
class Packer {
public:
    explicit Packer(std::string& out) : out_(out), writer_(out) {}
    void pack_map(std::size_t pairs) { writer_.map(static_cast<std::uint32_t>(pairs)); }
    void pack_array(std::size_t items) { writer_.array(static_cast<std::uint32_t>(items)); }
    void pack_nil() { out_ += '\xC0'; }
    void pack(const std::string& text) { writer_.text(text); }
    void pack(bool flag) { out_ += flag ? '\xC3' : '\xC2'; }
    void pack(double number) { writer_.real(number); }
    void pack(float number) {
        const auto bits = std::bit_cast<std::uint32_t>(number);
        out_ += '\xCA';
        for (int shift = 24; shift >= 0; shift -= 8) {
            out_ += static_cast<char>(bits >> shift & 0xFFU);
        }
    }
    template <std::integral T>
    void pack(T number) {
        if constexpr (std::is_signed_v<T>) {
            writer_.integer(number);
        } else {
            writer_.natural(number);
        }
    }
    template <typename T>
    void pack(const std::vector<T>& items) {
        pack_array(items.size());
        for (const T& item : items) {
            pack(item);
        }
    }
    void pack(const std::map<std::string, std::string>& pairs) {
        pack_map(pairs.size());
        for (const auto& [name, value] : pairs) {
            pack(name), pack(value);
        }
    }
    /// fixext 4.
    void pack_ext4(std::int8_t type, std::string_view body) {
        out_ += '\xD6';
        out_ += static_cast<char>(type);
        out_ += body;
    }

private:
    std::string& out_;
    MsgpackWriter writer_;
};

/// What packs an envelope, with `queues` packed by the caller.
template <typename Queues>
std::string pack(std::uint32_t extra, Queues queues) {
    std::string buffer;
    Packer packer(buffer);
    packer.pack_map(5 + extra);
    packer.pack(std::string("v")), packer.pack(1);
    packer.pack(std::string("source")), packer.pack(std::string("acd"));
    packer.pack(std::string("seq")), packer.pack(7);
    packer.pack(std::string("ts")), packer.pack(std::int64_t{1795330800123});
    packer.pack(std::string("queues"));
    queues(packer);
    return buffer;
}

/// One part whose metrics are packed by the caller.
template <typename Metrics>
std::string pack_metrics(std::uint32_t count, Metrics metrics) {
    return pack(0, [&](auto& packer) {
        packer.pack_array(1);
        packer.pack_map(3);
        packer.pack(std::string("centre")), packer.pack(std::string("jinan"));
        packer.pack(std::string("queue")), packer.pack(std::string("general"));
        packer.pack(std::string("m"));
        packer.pack_map(count);
        metrics(packer);
    });
}

}  // namespace

TEST_CASE("msgpack: every form of a number is read as it is written", "[unit]") {
    Bench decode;
    const std::vector<std::int64_t> whole{0,         1,  127, 128, 255,  256,  65535,  65536,  4294967295,    4294967296,
                                          INT64_MAX, -1, -32, -33, -128, -129, -32768, -32769, -2147483648LL, -2147483649LL,
                                          INT64_MIN};
    const std::vector<double> real{0.5, -1e300, 1e-300, 33.25};
    const std::string bytes = pack_metrics(static_cast<std::uint32_t>(whole.size() + real.size() + 2), [&](auto& packer) {
        for (std::size_t i = 0; i < whole.size(); ++i) {
            packer.pack("w" + std::to_string(i)), packer.pack(whole[i]);
        }
        for (std::size_t i = 0; i < real.size(); ++i) {
            packer.pack("r" + std::to_string(i)), packer.pack(real[i]);
        }
        packer.pack(std::string("u")), packer.pack(std::numeric_limits<std::uint64_t>::max());
        packer.pack(std::string("f")), packer.pack(0.25F);
    });
    const auto& d = decode(bytes);
    REQUIRE_FALSE(d.refusal);
    REQUIRE(d.message.values.size() == whole.size() + real.size() + 2);
    for (std::size_t i = 0; i < whole.size(); ++i) {
        CHECK(d.message.values[i].value == static_cast<double>(whole[i]));
    }
    for (std::size_t i = 0; i < real.size(); ++i) {
        CHECK(d.message.values[whole.size() + i].value == real[i]);
    }
    CHECK(d.message.values[whole.size() + real.size()].value == 18446744073709551615.0);
    CHECK(d.message.values.back().value == 0.25);
}

TEST_CASE("msgpack: values that are no finite numbers cost only themselves", "[unit]") {
    Bench decode;
    const auto& d = decode(pack_metrics(8, [](auto& packer) {
        packer.pack(std::string("a")), packer.pack(true);
        packer.pack(std::string("b")), packer.pack(std::string("1"));
        packer.pack(std::string("c")), packer.pack_nil();
        packer.pack(std::string("d")), packer.pack(std::vector<std::vector<int>>{{1}, {2, 3}});
        packer.pack(std::string("e")), packer.pack(std::nan(""));
        packer.pack(std::string("f")), packer.pack(-std::numeric_limits<float>::infinity());
        packer.pack(5), packer.pack(6);
        packer.pack(std::string("ok")), packer.pack(1);
    }));
    REQUIRE_FALSE(d.refusal);
    REQUIRE(d.message.values.size() == 1);
    CHECK(d.message.values[0].name == "ok");
    CHECK(d.count(Refusal::wrong_type) == 4);
    CHECK(d.count(Refusal::not_finite) == 2);
    CHECK(d.count(Refusal::bad_name) == 1);
}

TEST_CASE("msgpack: unknown keys, keys that are no text and extensions are stepped over", "[unit]") {
    Bench decode;
    std::string buffer;
    Packer packer(buffer);
    packer.pack_map(9);
    packer.pack(17), packer.pack(std::vector<int>{1, 2});
    packer.pack(std::vector<int>{3}), packer.pack(4);
    packer.pack(std::string("later")), packer.pack(std::map<std::string, std::string>{{"v", "2"}});
    packer.pack(std::string("ext")), packer.pack_ext4(1, "abcd");
    packer.pack(std::string("v")), packer.pack(1);
    packer.pack(std::string("source")), packer.pack(std::string("s"));
    packer.pack(std::string("seq")), packer.pack(7.0);
    packer.pack(std::string("ts")), packer.pack(9);
    packer.pack(std::string("queues")), packer.pack_array(0);
    const auto& d = decode({buffer.data(), buffer.size()});
    REQUIRE_FALSE(d.refusal);
    CHECK(d.message.seq == 7);
}

TEST_CASE("msgpack: lengths that promise more than there is are malformed and cost nothing", "[unit]") {
    Bench decode;
    using namespace std::string_literals;
    CHECK(decode("\xDF\xFF\xFF\xFF\xFF"s).refusal == Refusal::malformed);
    CHECK(decode("\xDE\xFF\xFF"s).refusal == Refusal::malformed);
    CHECK(decode("\x81\xA6queues\xDD\xFF\xFF\xFF\xFF"s).refusal == Refusal::malformed);
    CHECK(decode("\x81\xDB\xFF\xFF\xFF\xFF"s).refusal == Refusal::malformed);
    CHECK(decode("\x81\xA1x\xC6\xFF\xFF\xFF\xFF"s).refusal == Refusal::malformed);
    CHECK(decode("\x81\xA1x\xC9\xFF\xFF\xFF\xFF\x01"s).refusal == Refusal::malformed);
    CHECK(decode("\x81\xA1v\xC1"s).refusal == Refusal::malformed);
    CHECK(decode("\x80"s).refusal == Refusal::missing_field);
    CHECK(decode("\x82\xA1x"s + std::string(500000, '\x91') + "\xC0"s).refusal == Refusal::malformed);
    std::string cut = pack(0, [](auto& packer) { packer.pack_array(0); });
    CHECK_FALSE(decode(cut).refusal);
    CHECK(decode(cut + "\xC0"s).refusal == Refusal::malformed);
    for (std::size_t i = 1; i < cut.size(); ++i) {
        CHECK(decode(cut.substr(0, i)).refusal);
    }
}

TEST_CASE("msgpack: depth costs nothing", "[unit]") {
    Bench decode;
    const std::string bytes = pack(0, [](auto& packer) { packer.pack_array(0); });
    std::string deep(1, static_cast<char>(bytes[0] + 1));
    deep += "\xA1x" + std::string(500000, '\x91') + "\xC0" + bytes.substr(1);
    CHECK_FALSE(decode(deep).refusal);
}

TEST_CASE("msgpack: text that is no UTF-8 is a bad name", "[unit]") {
    Bench decode;
    const auto& d = decode(pack(0, [](auto& packer) {
        packer.pack_array(1);
        packer.pack_map(2);
        packer.pack(std::string("centre")), packer.pack(std::string("\xFF\xFE"));
        packer.pack(std::string("queue")), packer.pack(std::string("q"));
    }));
    REQUIRE_FALSE(d.refusal);
    CHECK(d.count(Refusal::bad_name) == 1);
}

TEST_CASE("msgpack: limits hold as in JSON", "[unit]") {
    IngestLimits limits;
    limits.queues_per_message = 3;
    limits.metrics_per_queue = 2;
    Bench decode(limits);
    const auto parts = [](std::uint32_t count, std::uint32_t metrics) {
        return pack(0, [=](auto& packer) {
            packer.pack_array(count);
            for (std::uint32_t i = 0; i < count; ++i) {
                packer.pack_map(3);
                packer.pack(std::string("centre")), packer.pack(std::string("c"));
                packer.pack(std::string("queue")), packer.pack("q" + std::to_string(i));
                packer.pack(std::string("m")), packer.pack_map(metrics);
                for (std::uint32_t m = 0; m < metrics; ++m) {
                    packer.pack("m" + std::to_string(m)), packer.pack(m);
                }
            }
        });
    };
    CHECK(decode(parts(3, 2)).message.values.size() == 6);
    CHECK(decode(parts(3, 2)).message.parts[2].same_layout);
    CHECK(decode(parts(4, 2)).refusal == Refusal::too_many_queues);
    CHECK(decode(parts(3, 3)).count(Refusal::too_many_metrics) == 3);
}

TEST_CASE("encode: any message survives JSON and MessagePack exactly", "[unit]") {
    std::mt19937_64 random(7);
    const std::vector<std::string> labels{"a", "济南", "q \"x\" \\ /", "😀", std::string(64, 'z'), "tab?", "</script>"};
    const std::vector<std::string> names{"offered", "x", std::string(64, 'n')};
    Bench decode;
    for (int round = 0; round < 500; ++round) {
        const auto message = test::any_message(random, random() % 5, random() % 6, labels,
                                               [&](std::size_t) -> std::string_view { return names[random() % names.size()]; });
        for (const std::string& bytes : {encode_json(message), encode_msgpack(message)}) {
            const auto& d = decode(bytes);
            REQUIRE_FALSE(d.refusal);
            REQUIRE(d.dropped_total() == 0);
            test::require_same(d.message, message);
        }
    }
}

TEST_CASE("encode: values that are not finite are left out", "[unit]") {
    Message message;
    message.source = "s";
    message.parts.push_back({"c", "q", "voice", {}, 0, 2, false});
    message.values = {{"x", std::nan("")}, {"y", 1}};
    Bench decode;
    CHECK(decode(encode_json(message)).message.values.size() == 1);
    CHECK(decode(encode_msgpack(message)).message.values.size() == 1);
}

TEST_CASE("encode: MessagePack keeps every double, at both sides of every limit of the integers", "[unit]") {
    Message message;
    message.source = "s";
    message.parts.push_back({"c", "q", "voice", {}, 0, 0, false});
    for (const double value : {9007199254740991.0, 9007199254740992.0, 0x1p63, 0x1p64, std::nextafter(0x1p64, 0.0), 0x1p65, 1e308, 5e-324, 0.0}) {
        for (const double sign : {1.0, -1.0}) {
            message.values.push_back({"x", sign * value});
        }
    }
    for (const auto& value : message.values) {
        Message one = message;
        one.values = {value};
        one.parts.front().count = 1;
        Bench decode;
        const auto& read = decode(encode_msgpack(one)).message.values;
        REQUIRE(read.size() == 1);
        CHECK(std::bit_cast<std::uint64_t>(read.front().value) == std::bit_cast<std::uint64_t>(value.value));
    }
}
