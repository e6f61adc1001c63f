// Bytes as text and back.
#include "core/base/encoding.hpp"

#include <array>
#include <utility>
#include <vector>

#include "support/catch.hpp"

using namespace surged;

namespace {

std::string all_bytes() {
    std::string out;
    for (int i = 0; i < 256; ++i) {
        out += static_cast<char>(i);
    }
    return out;
}

}  // namespace

TEST_CASE("base64: RFC 4648 vectors, both ways", "[unit]") {
    const std::vector<std::pair<std::string, std::string>> vectors{{"", ""},
                                                                   {"f", "Zg=="},
                                                                   {"fo", "Zm8="},
                                                                   {"foo", "Zm9v"},
                                                                   {"foob", "Zm9vYg=="},
                                                                   {"fooba", "Zm9vYmE="},
                                                                   {"foobar", "Zm9vYmFy"}};
    for (const auto& [plain, coded] : vectors) {
        CHECK(base64(plain) == coded);
        CHECK(from_base64(coded) == plain);
    }
    for (const auto* bad : {"Zg=", "Zg", "Z===", "====", "Zg==Zg==", "Zm9*"}) {
        CHECK_FALSE(from_base64(bad).has_value());
    }
}

TEST_CASE("base64: every byte comes back", "[unit]") {
    for (std::size_t size = 0; size <= 256; ++size) {
        const auto bytes = all_bytes().substr(0, size);
        CHECK(base64(bytes).size() == (size + 2) / 3 * 4);
        CHECK(from_base64(base64(bytes)) == bytes);
    }
    CHECK_FALSE(from_base64("Zm9v\n").has_value());
    CHECK_FALSE(from_base64("Zm9v YmFy").has_value());
}

TEST_CASE("hexadecimal: two digits a byte, sixteen a number, letters small unless asked for", "[unit]") {
    CHECK(to_hex(std::string_view("\x00\x7F\xFF", 3)) == "007fff");
    CHECK(to_hex(std::array<unsigned char, 3>{0x00, 0x0a, 0xf0}) == "000af0");
    CHECK(to_hex(std::string_view()).empty());
    CHECK(to_hex(std::uint64_t{0}) == "0000000000000000");
    CHECK(to_hex(std::uint64_t{0x0123456789abcdef}) == "0123456789abcdef");
    CHECK(to_hex(UINT64_MAX) == "ffffffffffffffff");
    std::string out;
    append_hex(out, 0xAB);
    append_hex(out, 0x0C, HexCase::upper);
    CHECK(out == "ab0C");
}

TEST_CASE("hexadecimal: a digit is 0 to 15, its neighbours in ASCII are none", "[unit]") {
    CHECK(hex_digit('0') == 0);
    CHECK(hex_digit('9') == 9);
    CHECK(hex_digit('a') == 10);
    CHECK(hex_digit('f') == 15);
    CHECK(hex_digit('A') == 10);
    CHECK(hex_digit('F') == 15);
    for (const char c : {'/', ':', '@', 'G', '`', 'g', ' ', '\0', static_cast<char>(0xB0)}) {
        CHECK(hex_digit(c) == -1);
    }
}

TEST_CASE("percent-encoding: what RFC 3986 reserves is escaped, and comes back", "[unit]") {
    CHECK(percent_encoded("azAZ09-._~") == "azAZ09-._~");
    CHECK(percent_encoded("a b+c/d=&%") == "a%20b%2Bc%2Fd%3D%26%25");
    CHECK(percent_encoded("a/b", HexCase::lower) == "a%2fb");
    CHECK(percent_encoded("话") == "%E8%AF%9D");
    CHECK(percent_decoded(percent_encoded(all_bytes())) == all_bytes());
    CHECK(percent_decoded("%e8%af%9D+") == "话+");
}

TEST_CASE("percent-decoding: a mark without two digits stands for itself", "[unit]") {
    for (const auto* text : {"%", "%4", "%4g", "%g4", "100%", "%%", "% 41", "%+1"}) {
        CHECK(percent_decoded(text) == text);
    }
    CHECK(percent_decoded("%41") == "A");
    CHECK(percent_decoded("%%41") == "%A");
    CHECK(percent_decoded("%2541") == "%41");  // once, not twice
}

TEST_CASE("escaped bytes: the caller says what stays and what marks the rest", "[unit]") {
    CHECK(escape_bytes("a=b", '=', ascii_letter_or_digit) == "a=3Db");
    CHECK(escape_bytes("azAZ09@[`{/:", '%', ascii_letter_or_digit) == "azAZ09%40%5B%60%7B%2F%3A");
}
