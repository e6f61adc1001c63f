// The writer against the specification's own table of formats: the head bytes are written out here, at both sides of every width.
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "core/base/encoding.hpp"
#include "support/catch.hpp"
#include "wire/msgpack_writer.hpp"

using namespace surged;

namespace {
template <typename Put>
std::string hex_of(Put put) {
    std::string out;
    MsgpackWriter writer(out);
    put(writer);
    return to_hex(out);
}
}  // namespace

TEST_CASE("msgpack writer: whole numbers take the shortest form, at both sides of every width", "[unit]") {
    const std::vector<std::pair<std::uint64_t, std::string>> naturals{
        {0, "00"}, {1, "01"}, {0x7F, "7f"}, {0x80, "cc80"}, {0xFF, "ccff"}, {0x100, "cd0100"}, {0xFFFF, "cdffff"},
        {0x10000, "ce00010000"}, {0xFFFFFFFF, "ceffffffff"}, {0x100000000, "cf0000000100000000"},
        {std::numeric_limits<std::uint64_t>::max(), "cfffffffffffffffff"}};
    for (const auto& [number, bytes] : naturals) {
        CHECK(hex_of([n = number](MsgpackWriter& w) { w.natural(n); }) == bytes);
        if (number <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
            CHECK(hex_of([n = number](MsgpackWriter& w) { w.integer(static_cast<std::int64_t>(n)); }) == bytes);
        }
    }
    const std::vector<std::pair<std::int64_t, std::string>> negatives{
        {-1, "ff"}, {-32, "e0"}, {-33, "d0df"}, {-128, "d080"}, {-129, "d1ff7f"}, {-32768, "d18000"}, {-32769, "d2ffff7fff"},
        {-2147483648LL, "d280000000"}, {-2147483649LL, "d3ffffffff7fffffff"},
        {std::numeric_limits<std::int64_t>::min(), "d38000000000000000"}};
    for (const auto& [number, bytes] : negatives) {
        CHECK(hex_of([n = number](MsgpackWriter& w) { w.integer(n); }) == bytes);
    }
}

TEST_CASE("msgpack writer: reals are float 64, whole ones too", "[unit]") {
    const std::vector<std::pair<double, std::string>> reals{{0.5, "cb3fe0000000000000"},
                                                            {1.0, "cb3ff0000000000000"},
                                                            {-0.0, "cb8000000000000000"},
                                                            {1.1, "cb3ff199999999999a"},
                                                            {std::numeric_limits<double>::max(), "cb7fefffffffffffff"},
                                                            {std::numeric_limits<double>::denorm_min(), "cb0000000000000001"}};
    for (const auto& [number, bytes] : reals) {
        CHECK(hex_of([n = number](MsgpackWriter& w) { w.real(n); }) == bytes);
    }
}

TEST_CASE("msgpack writer: texts, maps and arrays have the head of their size", "[unit]") {
    const std::vector<std::pair<std::size_t, std::string>> texts{{0, "a0"},       {1, "a1"},       {31, "bf"},
                                                                 {32, "d920"},    {255, "d9ff"},   {256, "da0100"},
                                                                 {65535, "daffff"}, {65536, "db00010000"}};
    for (const auto& [size, head] : texts) {
        const std::string body(size, 'x');
        CHECK(hex_of([&](MsgpackWriter& w) { w.text(body); }) == head + to_hex(body));
    }
    const std::vector<std::pair<std::uint32_t, std::pair<std::string, std::string>>> heads{
        {0, {"80", "90"}},         {15, {"8f", "9f"}},         {16, {"de0010", "dc0010"}},
        {65535, {"deffff", "dcffff"}}, {65536, {"df00010000", "dd00010000"}}, {0xFFFFFFFFU, {"dfffffffff", "ddffffffff"}}};
    for (const auto& [count, both] : heads) {
        CHECK(hex_of([n = count](MsgpackWriter& w) { w.map(n); }) == both.first);
        CHECK(hex_of([n = count](MsgpackWriter& w) { w.array(n); }) == both.second);
    }
}
