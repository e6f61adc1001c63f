#include "feed/ami_parser.hpp"

#include <string>
#include <vector>

#include "support/catch.hpp"

using namespace surged;

namespace {
struct Blocks {
    AmiParser parser;
    std::vector<std::string> seen;  ///< "event|response|Queue"
    explicit Blocks(AmiParser::Bounds bounds = {}) : parser(bounds) {}
    Blocks& feed(std::string_view bytes) {
        parser.feed(bytes, [&](const AmiBlock& b) {
            seen.push_back(std::string(b.event()) + "|" + std::string(b.response()) + "|" + std::string(b.get("Queue")));
        });
        return *this;
    }
};
AmiBlock copy_of(AmiParser& parser, std::string_view text) {
    AmiBlock out;
    parser.feed(text, [&](const AmiBlock& block) { out = block; });
    return out;
}
}  // namespace

TEST_CASE("ami parser: the greeting is a line of its own, and the response right behind it is whole") {
    Blocks got;
    got.feed("Asterisk Call Manager/11.0.0\r\nResponse: Success\r\nActionID: 1\r\n\r\nEvent: FullyBooted\r\n\r\n");
    CHECK(got.parser.version() == "11.0.0");
    CHECK(got.seen == std::vector<std::string>{"|Success|", "FullyBooted||"});
    got.parser.restart();
    CHECK(got.parser.version().empty());
}

TEST_CASE("ami parser: any cut of the stream gives the same blocks") {
    const std::string text = "Asterisk Call Manager/1.1\r\nEvent: Join\r\nQueue: VIP S\xC3\xBC" "d: a|b\r\nEmpty: \r\nNone:\r\n\r\n\r\nEvent: Leave\nQueue: x\n\n";
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        Blocks got;
        got.feed(text.substr(0, cut)).feed(text.substr(cut));
        CHECK(got.seen == std::vector<std::string>{"Join||VIP S\xC3\xBC" "d: a|b", "Leave||x"});
    }
    Blocks slow;
    for (const char c : text) {
        slow.feed(std::string_view(&c, 1));
    }
    CHECK(slow.seen.size() == 2);
}

TEST_CASE("ami parser: the first of repeated fields counts, in any case of its letters, and numbers fill their field") {
    AmiParser parser;
    const auto block = copy_of(parser, "Event: X\r\nHoldTime: 12\r\nholdtime: 13\r\nBad: 12s\r\nNeg: -4 \r\nBig: 99999999999999999999\r\n"
                                       "Timestamp: 1795902046.363711\r\nWrong: 1e400\r\n\r\n");
    CHECK(block.number("Holdtime") == 12);
    CHECK(block.number("Neg") == -4);
    CHECK_FALSE(block.number("Bad"));
    CHECK_FALSE(block.number("Big"));
    CHECK_FALSE(block.number("Missing"));
    CHECK(block.time_ms("Timestamp") == 1795902046363);
    CHECK_FALSE(block.time_ms("Wrong"));
    CHECK_FALSE(block.time_ms("Neg"));
    CHECK(block.get("Interface", "Bad") == "12s");
}

TEST_CASE("ami parser: what it is stands in the first line; a later field of that name is a value") {
    Blocks got;
    got.feed("Queue: q\r\nEvent: Join\r\n\r\nResponse: Error\r\nEvent: Join\r\n\r\n");
    CHECK(got.seen == std::vector<std::string>{"||q", "|Error|"});
}

TEST_CASE("ami parser: a line at the bound passes, one beyond it costs itself and not its block") {
    Blocks got(AmiParser::Bounds{20, 1000, 10});
    got.feed("Event: Join\r\nQueue: 1234567890123\r\nQueue: 12345678901234\r\n\r\n");
    CHECK(got.seen == std::vector<std::string>{"Join||1234567890123"});
    CHECK(got.parser.stats().long_lines == 1);
    got.feed("Event: Leave\r\n" + std::string(10'000'000, 'x') + "\r\nQueue: q\r\n\r\n");
    CHECK(got.seen.back() == "Leave||q");
    CHECK(got.parser.stats().long_lines == 2);
}

TEST_CASE("ami parser: a block that does not end keeps what fits, and the next is whole again") {
    Blocks got(AmiParser::Bounds{100, 200, 4});
    got.feed("Event: A\r\n1: x\r\n2: x\r\nQueue: fits\r\nQueue2: too many\r\n");
    for (int i = 0; i < 100000; ++i) {
        got.feed("Filler: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n");
    }
    got.feed("\r\nEvent: B\r\nQueue: next\r\n\r\n");
    CHECK(got.seen == std::vector<std::string>{"A||fits", "B||next"});
    CHECK(got.parser.stats().cut_blocks == 1);
}

TEST_CASE("ami parser: lines without a colon are odd and cost nothing else") {
    Blocks got;
    got.feed("rubbish\r\n: no key\r\nEvent: Join\r\nQueue: q\r\nmore rubbish\r\n\r\n\0\x01\xFF\r\n\r\n");
    CHECK(got.seen == std::vector<std::string>{"Join||q"});
    CHECK(got.parser.stats().odd_lines == 3);
}
