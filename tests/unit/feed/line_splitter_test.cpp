#include "feed/line_splitter.hpp"

#include <string>
#include <vector>

#include "support/catch.hpp"

using surged::LineSplitter;

namespace {
struct Taken {
    std::string text;
    bool too_long;
    bool operator==(const Taken&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Taken& t) {
    return out << '"' << t.text << (t.too_long ? "\" too long" : "\"");
}
/// The whole text in pieces of `piece` bytes.
std::vector<Taken> split(std::string_view text, std::size_t piece, std::size_t limit = 4096) {
    LineSplitter splitter(limit);
    std::vector<Taken> out;
    const auto take = [&](std::string_view line, bool too_long) { out.push_back({std::string(line), too_long}); };
    for (std::size_t at = 0; at < text.size(); at += piece) {
        splitter.feed(text.substr(at, piece), take);
    }
    splitter.finish(take);
    return out;
}
}  // namespace

TEST_CASE("lines: the pieces in which bytes arrive do not matter", "[unit]") {
    const std::string text =
        "\xEF\xBB\xBF"
        "one\r\ntwo\n\n\r\nlast without end";
    const std::vector<Taken> want{{"one", false}, {"two", false}, {"", false}, {"", false}, {"last without end", false}};

    for (std::size_t piece = 1; piece <= text.size(); ++piece) {
        CAPTURE(piece);
        CHECK(split(text, piece) == want);
    }
}

TEST_CASE("lines: exactly the limit passes, one byte more is cut and marked once", "[unit]") {
    for (const std::size_t piece : {1U, 3U, 7U, 64U}) {
        CAPTURE(piece);
        CHECK(split("12345678\nx\n", piece, 8) == std::vector<Taken>{{"12345678", false}, {"x", false}});
        CHECK(split("12345678\r\nx\n", piece, 8) == std::vector<Taken>{{"12345678", false}, {"x", false}});
        CHECK(split("123456789\nx\n", piece, 8) == std::vector<Taken>{{"12345678", true}, {"x", false}});
        CHECK(split(std::string(1000, 'a'), piece, 8) == std::vector<Taken>{{"aaaaaaaa", true}});
    }
}

TEST_CASE("lines: a mark in the second line is no byte-order mark", "[unit]") {
    CHECK(split("a\n\xEF\xBB\xBF"
                "b\n",
                64)
              .at(1)
              .text ==
          "\xEF\xBB\xBF"
          "b");
}

TEST_CASE("lines: a replaced file loses its half line and says so", "[unit]") {
    LineSplitter splitter;
    std::vector<std::string> out;
    const auto take = [&](std::string_view line, bool) { out.emplace_back(line); };

    splitter.feed("whole\nhal", take);
    CHECK(splitter.restart());
    splitter.feed("new\n", take);

    CHECK(out == std::vector<std::string>{"whole", "new"});
    CHECK_FALSE(splitter.restart());
}
