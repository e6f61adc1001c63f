#include "feed/esl_parser.hpp"

#include "callcenter_kit.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace surged::test;

namespace {
struct Seen {
    std::string type, reply, body;
    bool cut = false;
};
std::vector<Seen> frames(EslParser& parser, const std::string& bytes, std::size_t step) {
    std::vector<Seen> out;
    for (std::size_t at = 0; at < bytes.size(); at += step) {
        parser.feed(std::string_view(bytes).substr(at, step), [&](const EslFrame& frame) {
            out.push_back({std::string(frame.type), std::string(frame.reply), std::string(frame.body), frame.cut});
        });
    }
    return out;
}
}  // namespace

TEST_CASE("esl parser: frames are the same however the stream is cut") {
    const std::string bytes = "Content-Type: auth/request\n\nContent-Type: command/reply\nReply-Text: +OK accepted\n\n" +
                              fs_frame("api/response", "a|b\n\n1|2\n+OK\n") + fs_frame("text/event-plain", "X: 1\n\n") +
                              "Content-Type: api/response\r\nContent-Length: 0\r\n\r\n";
    for (const std::size_t step : {std::size_t{1}, std::size_t{3}, std::size_t{7}, bytes.size()}) {
        EslParser parser;
        const auto seen = frames(parser, bytes, step);
        REQUIRE(seen.size() == 5);
        CHECK(seen[0].type == "auth/request");
        CHECK(seen[1].reply == "+OK accepted");
        CHECK(seen[1].body.empty());
        CHECK(seen[2].type == "api/response");
        CHECK(seen[2].body == "a|b\n\n1|2\n+OK\n");
        CHECK(seen[2].reply.empty());
        CHECK(seen[3].body == "X: 1\n\n");
        CHECK(seen[4].body.empty());
    }
}

TEST_CASE("esl parser: a body of just the bound is whole, one byte more is cut, and the next frame is read") {
    for (const std::size_t size : {std::size_t{100}, std::size_t{101}}) {
        EslParser parser(EslParser::Bounds{200, 8, 100});
        const auto seen = frames(parser, fs_frame("api/response", std::string(size, 'x')) + fs_frame("api/response", "next"), 11);
        REQUIRE(seen.size() == 2);
        CHECK(seen[0].body.size() == 100);
        CHECK(seen[0].cut == (size == 101));
        CHECK(seen[1].body == "next");
        CHECK_FALSE(seen[1].cut);
        CHECK(parser.stats().cut_bodies == (size == 101 ? 1U : 0U));
    }
}

TEST_CASE("esl parser: a head that cannot be read ends the stream until another connection") {
    for (const auto* head : {"HTTP/1.1 400 Bad Request\r\n", "Content-Length: -1\n\n", "Content-Length: 12x\n\n", "Content-Length: 99999999999\n\n",
                             "Content-Length: 99999999999999999999999\n\n"}) {
        EslParser parser;
        CHECK(frames(parser, std::string(head) + fs_frame("api/response", "x"), 5).empty());
        CHECK(parser.broken());
        parser.restart();
        CHECK(frames(parser, fs_frame("api/response", "x"), 5).size() == 1);
    }
    EslParser narrow(EslParser::Bounds{20, 2, 100});
    CHECK(frames(narrow, "Key: " + std::string(15, 'x') + "\n\n", 4).size() == 1);
    CHECK(frames(narrow, "Key: " + std::string(16, 'x') + "\n\n", 4).empty());
    EslParser few(EslParser::Bounds{20, 2, 100});
    CHECK(frames(few, "A: 1\nB: 2\n\n", 4).size() == 1);
    CHECK(frames(few, "A: 1\nB: 2\nC: 3\n\n", 4).empty());
}

TEST_CASE("esl event: values are decoded, names found in any case, and its own body is none of its headers") {
    EslEvent event;
    event.read("CC-Queue: support%40default\nCC-Member-CID-Name: 100%25%20%E6%9D%8E%2\ncc-count:  7 \nBad line\n: none\n\nCC-Action: body\n");
    CHECK(event.get("cc-queue") == "support@default");
    CHECK(event.get("CC-Member-CID-Name") == "100% 李%2");
    CHECK(event.number("CC-Count") == 7);
    CHECK(event.get("CC-Action").empty());
    CHECK_FALSE(event.number("CC-Queue"));
    CHECK(event.size() == 3);
    event.read("Event-Date-Timestamp: 1700000000123456\n\n");
    CHECK(event.stamp_ms() == 1'700'000'000'123);
    event.read("Event-Date-Timestamp: 99999999999999999\n\n");
    CHECK_FALSE(event.stamp_ms());
    event.read("A: 1\nB: 2\nC: 3\n", 2);
    CHECK(event.size() == 2);
}
