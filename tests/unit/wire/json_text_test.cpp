#include <cmath>
#include <limits>

#include "core/base/text.hpp"
#include "support/catch.hpp"
#include "wire/json_text.hpp"

using namespace surged;

TEST_CASE("json writer: objects, arrays and every kind of value, commas where they belong", "[unit]") {
    std::string out;
    JsonWriter json(out);
    json.begin_object()
        .field("a", 1)
        .field("b", "x")
        .key("c")
        .begin_array()
        .value(true)
        .null()
        .value(0.5)
        .begin_object()
        .end_object()
        .end_array();
    json.field("d", std::uint64_t{18446744073709551615U})
        .field("e", std::numeric_limits<std::int64_t>::min())
        .key("f")
        .raw("[1]");
    json.field("g", std::nan("")).end_object();
    CHECK(out == R"({"a":1,"b":"x","c":[true,null,0.5,{}],"d":18446744073709551615,"e":-9223372036854775808,"f":[1],"g":null})");
}

TEST_CASE("json writer: text comes back as it was, controls and all", "[unit]") {
    std::string text;
    for (int c = 0; c < 128; ++c) {
        text += static_cast<char>(c);
    }
    text += "é席😀\xC2\x80";
    std::string out;
    append_json_string(out, text);
    CHECK(*parse_json(out)->text() == text);
    CHECK(out.find("\\u0000\\u0001") != std::string::npos);
    CHECK(out.find("\\u007f") != std::string::npos);
}

TEST_CASE("json writer: every byte is written alike at every place of a text, long or short, as a key and as a value", "[unit]") {
    const auto alone = [](char byte) {
        std::string out;
        append_json_string(out, std::string(1, byte));
        return out.substr(1, out.size() - 2);
    };
    CHECK(alone('"') == "\\\"");
    CHECK(alone('\\') == "\\\\");
    CHECK(alone('\x1F') == "\\u001f");
    CHECK(alone('\x7F') == "\\u007f");
    CHECK(alone(' ') == " ");
    for (const std::size_t size : {1U, 7U, 8U, 9U, 17U, 91U, 92U, 93U, 200U}) {
        for (const std::size_t at : {std::size_t{0}, size / 2, size - 1}) {
            for (int byte = 0; byte < 256; ++byte) {
                std::string text(size, '~');  // the greatest that stands as it is
                text[at] = static_cast<char>(byte);
                const auto wanted = "\"" + std::string(at, '~') + alone(text[at]) + std::string(size - at - 1, '~') + "\"";
                std::string out;
                JsonWriter json(out);
                json.begin_object().field(text, text).field(text, text).end_object();
                if (out != "{" + wanted + ":" + wanted + "," + wanted + ":" + wanted + "}") {
                    CAPTURE(size, at, byte, out, wanted);
                    FAIL("another text");
                }
            }
        }
    }
}

TEST_CASE("json writer: bytes that are no UTF-8 become U+FFFD, the rest stays", "[unit]") {
    for (const char* bad : {"\xFF", "\xC0\xAF", "\xED\xA0\x80", "\xF5\x80\x80\x80", "\xE5\xB8", "\x80"}) {
        std::string out;
        append_json_string(out, "a" + std::string(bad) + "席");
        CHECK(utf8_valid(out));
        const std::string read = *parse_json(out)->text();
        CHECK(read.starts_with("a\xEF\xBF\xBD"));
        CHECK(read.ends_with("席"));
    }
}

TEST_CASE("json reader: whole numbers keep 64 bits, and types are asked for by name", "[unit]") {
    const auto value = parse_json(
        R"({"big":18446744073709551615,"low":-9223372036854775808,"x":1.5,"t":"a","b":false,"n":null,"l":[1,"2"],"o":{"k":"v"}})");
    REQUIRE(value);
    CHECK(value->find("big")->natural() == 18446744073709551615U);
    CHECK_FALSE(value->find("big")->integer());
    CHECK(value->find("low")->integer() == std::numeric_limits<std::int64_t>::min());
    CHECK_FALSE(value->find("low")->natural());
    CHECK(value->find("x")->number() == 1.5);
    CHECK_FALSE(value->find("x")->integer());
    CHECK(*value->find("b")->boolean() == false);
    CHECK(value->find("n")->is_null());
    CHECK(value->find("l")->array()->size() == 2);
    CHECK(value->find("o")->text_or("k", "") == "v");
    CHECK(value->text_or("x", "other") == "other");
    CHECK(value->text_or("none", "other") == "other");
    CHECK(value->find("none") == nullptr);
    CHECK(parse_json("[]")->find("x") == nullptr);
}

TEST_CASE("json reader: of a key that comes twice the last stands", "[unit]") {
    CHECK(parse_json(R"({"a":"1","a":"2"})")->text_or("a", "") == "2");
}

TEST_CASE("json reader: bytes, depth and number of values are bounded, each exactly", "[unit]") {
    const JsonLimits limits{.bytes = 20, .depth = 3, .values = 5};
    CHECK(parse_json("\"" + std::string(18, 'a') + "\"", limits));
    CHECK(parse_json("\"" + std::string(19, 'a') + "\"", limits).error().message == "more than 20 bytes");
    CHECK(parse_json("[1,2,3,4]", limits));
    CHECK(parse_json("[1,2,3,4,5]", limits).error().message == "more than 5 values");
    CHECK(parse_json("[[1]]", limits));
    CHECK(parse_json("[[[[1]]]]", limits).error().message == "nested deeper than 3");
    CHECK(parse_json(std::string(30000, '[') + std::string(30000, ']')).error().message == "nested deeper than 16");
}

TEST_CASE("json reader: what is no JSON is told so", "[unit]") {
    CHECK(parse_json("").error().message == "empty, where JSON was expected");
    for (const char* bad : {"{", "{\"a\":}", "nul", "\"\xFF\"", "[1,]", "{} x", "'a'"}) {
        INFO(bad);
        REQUIRE_FALSE(parse_json(bad));
        CHECK(parse_json(bad).error().message == "not JSON");
    }
}

TEST_CASE("json: one byte order mark before the document is left out, a second one and one alone are no JSON", "[unit]") {
    const auto json = parse_json("\xEF\xBB\xBF{\"errcode\":0}");
    REQUIRE(json);
    CHECK(json->find("errcode")->integer() == 0);
    CHECK_FALSE(parse_json("\xEF\xBB\xBF\xEF\xBB\xBF{}"));
    CHECK_FALSE(parse_json("\xEF\xBB\xBF"));
    CHECK_FALSE(parse_json("\xEF\xBB{}"));
}
