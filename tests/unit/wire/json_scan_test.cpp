// Numbers and escapes against simdjson's own document model, bit for bit.
#include <bit>
#include <cmath>
#include <cstring>
#include <random>

#include "support/catch.hpp"
#include "wire/json_scan.hpp"
#include "wire/json_text.hpp"

using namespace surged;

namespace {

/// Text as the scanner wants it: followed by readable zero bytes.
struct Padded {
    explicit Padded(const std::string& text) : bytes(text) { bytes.append(payload_padding, '\0'); }
    std::string bytes;
};

std::optional<double> ours(const std::string& text) {
    const Padded padded(text);
    double value = 0;
    return parse_json_number(padded.bytes.data(), value) == NumberError::none ? std::optional(value) : std::nullopt;
}
std::optional<double> plain(const std::string& text) {
    const Padded padded(text);
    double value = 0;
    return parse_plain_number(padded.bytes.data(), value) ? std::optional(value) : std::nullopt;
}
/// The document model refuses whole numbers past 64 bits, which are doubles to us: one with a point stands in for them.
std::optional<double> theirs(const std::string& text) {
    const bool past_64_bits =
        text.size() >= 19 && text.find_first_not_of("0123456789", text.starts_with('-') ? 1 : 0) == std::string::npos;
    const auto value = parse_json(past_64_bits ? text + ".0" : text);
    return value ? value->number() : std::nullopt;
}

/// A text that looks like a number most of the time.
std::string random_number(std::mt19937_64& random) {
    const auto digits = [&random](std::size_t most) {
        std::string out;
        for (std::size_t n = random() % (most + 1); n > 0; --n) {
            out += static_cast<char>('0' + random() % 10);
        }
        return out;
    };
    std::string text = random() % 3 == 0 ? "-" : "";
    text += random() % 5 == 0 ? "0" : digits(random() % 4 == 0 ? 25 : 9);
    if (random() % 2 == 0) {
        text += "." + digits(random() % 4 == 0 ? 25 : 9);
    }
    if (random() % 4 == 0) {
        text += random() % 2 == 0 ? "e" : "E";
        text += random() % 3 == 0 ? "-" : random() % 2 == 0 ? "+" : "";
        text += digits(3);
    }
    if (random() % 50 == 0 && !text.empty()) {
        text[random() % text.size()] = "x.- e"[random() % 5];
    }
    return text;
}

}  // namespace

TEST_CASE("numbers: every text is read, rounded or refused as simdjson's document model does", "[unit]") {
    std::mt19937_64 random(11);
    std::size_t numbers = 0;
    for (int i = 0; i < 60000; ++i) {
        const std::string text = random_number(random);
        const auto expected = theirs(text);
        const auto got = ours(text);
        INFO(text);
        // Whitespace inside ends our token; the walk over tokens then refuses what follows.
        if (text.find(' ') != std::string::npos) {
            continue;
        }
        REQUIRE(got.has_value() == expected.has_value());
        if (got) {
            ++numbers;
            REQUIRE(*got == *expected);
        }
        if (const auto fast = plain(text)) {
            REQUIRE(expected);
            REQUIRE(*fast == *expected);
        }
    }
    CHECK(numbers > 30000);
}

TEST_CASE("numbers: common forms take the fast path and keep their value", "[unit]") {
    for (const char* text :
         {"0", "7", "-1", "42", "33.5", "123456", "12345678", "123456789012345", "0.1", "-0.25", "1234567.1234567", "99999999"}) {
        INFO(text);
        REQUIRE(plain(text));
        CHECK(*plain(text) == *theirs(text));
    }
    CHECK(std::signbit(*plain("-0")));
    for (const char* text : {"", "-", "01", "1.", ".5", "1e5", "1a", "1234567890123456", "12345678.5", "0.12345678"}) {
        INFO(text);
        CHECK_FALSE(plain(text));
    }
}

TEST_CASE("numbers: too large is not finite, too small is zero, however it is written", "[unit]") {
    const auto judge = [](const std::string& text) {
        const Padded padded(text);
        double value = 1;
        const NumberError error = parse_json_number(padded.bytes.data(), value);
        return error == NumberError::none         ? (value == 0 ? "zero" : "number")
               : error == NumberError::not_finite ? "not finite"
                                                  : "bad";
    };
    const std::string zeros(500, '0');
    CHECK(judge("1e999") == std::string("not finite"));
    CHECK(judge("-1e309") == std::string("not finite"));
    CHECK(judge("1e308") == std::string("number"));
    CHECK(judge("1e-999") == std::string("zero"));
    CHECK(judge("5e-324") == std::string("number"));
    CHECK(judge("1" + zeros) == std::string("not finite"));
    CHECK(judge("1" + zeros + "e-400") == std::string("number"));
    CHECK(judge("0." + zeros + "1") == std::string("zero"));
    CHECK(judge("0." + zeros + "1e400") == std::string("number"));
    CHECK(judge("0." + zeros + "1e900") == std::string("not finite"));
    CHECK(judge("1e99999999999999999999") == std::string("not finite"));
    CHECK(judge("1e-99999999999999999999") == std::string("zero"));
    CHECK(judge("0e99999999999999999999") == std::string("zero"));
    CHECK(judge("NaN") == std::string("not finite"));
    CHECK(judge("-Infinity") == std::string("not finite"));
    CHECK(judge("-Inf") == std::string("bad"));
}

TEST_CASE("digits: eight at once counts and reads any run", "[unit]") {
    std::mt19937_64 random(3);
    for (int i = 0; i < 20000; ++i) {
        std::string text;
        const std::size_t length = random() % 10;
        for (std::size_t d = 0; d < length; ++d) {
            text += static_cast<char>('0' + random() % 10);
        }
        const char stop = static_cast<char>(random());
        const bool is_stop = stop < '0' || stop > '9';
        const Padded padded(text + (is_stop ? std::string(1, stop) : "") + "123");
        if (!is_stop && length < 8) {
            continue;
        }
        const DigitRun run = take_digits(padded.bytes.data());
        REQUIRE(run.count == std::min<std::size_t>(length, 8));
        REQUIRE(run.value == (length == 0 ? 0U : static_cast<unsigned>(std::stoul(text.substr(0, 8)))));
    }
}

TEST_CASE("escapes: resolved or refused as simdjson's document model does", "[unit]") {
    const std::vector<std::string> pieces{
        "a",       "\\n",     "\\\"",           "\\\\",           "\\/",     "\\b",     "\\f",   "\\r", "\\t",
        "\\u0041", "\\u00e9", "\\u7701",        "\\ud83d\\ude00", "\\ud83d", "\\ude00", "\\u12", "\\x", "\\u00zz",
        "席",      "\\u0000", "\\uD83D\\uDE00", "\\ud83d\\u0041"};
    std::mt19937_64 random(5);
    for (int i = 0; i < 20000; ++i) {
        std::string text;
        for (std::size_t n = random() % 6; n > 0; --n) {
            text += pieces[random() % pieces.size()];
        }
        const auto expected = parse_json("\"" + text + "\"");
        const Padded padded(text + "\"");
        std::string out(padded.bytes.size(), '?');
        const char* end = unescape_json(padded.bytes.data(), out.data());
        INFO(text);
        REQUIRE((end != nullptr) == expected.has_value());
        if (end != nullptr) {
            REQUIRE(out.substr(0, static_cast<std::size_t>(end - out.data())) == *expected->text());
        }
    }
}
