#include "core/incident/group.hpp"
#include "support/catch.hpp"

using namespace surged;

namespace {
AlertEdge edge(const std::string& rule, const std::string& queue, AlertState to, Level level, AlertKey folded = {}) {
    AlertEdge e;
    e.rule = rule;
    e.policy = "p";
    e.queue = {"jinan", queue, "voice"};
    e.to = to;
    e.level = level;
    e.folded = std::move(folded);
    return e;
}
std::string by_queue(const AlertEdge& e) {
    return group_key(e.policy, scope_values({"queue"}, e.queue, e.group));
}
std::string by_centre(const AlertEdge& e) {
    return group_key(e.policy, scope_values({"centre"}, e.queue, e.group));
}
const AlertKey centre{"centre", {"jinan", "*", "voice"}};
}  // namespace

TEST_CASE("guests: a folded alert is quiet where it belongs and counts, with its level, in the group of its speaker", "[unit]") {
    AlertBook book;
    const auto mine = book.apply(edge("q", "q1", AlertState::firing, Level::red), by_queue);
    const auto host = book.apply(edge("centre", "*", AlertState::firing, Level::yellow), by_queue);
    CHECK(book.group(mine)->any_loud());
    std::vector<std::string> hosts;
    book.apply(edge("q", "q1", AlertState::firing, Level::red, centre), by_queue, &hosts);
    CHECK(hosts == std::vector<std::string>{host});
    CHECK_FALSE(book.group(mine)->any_loud());
    CHECK(book.group(mine)->level() == Level::none);
    CHECK(book.group(mine)->firing());
    CHECK(book.group(host)->level() == Level::red);
    CHECK(book.worst(host, 9).size() == 2);
    CHECK(book.host_of({"q", {"jinan", "q1", "voice"}}) == host);
}

TEST_CASE("guests: when the speaker ends, its group is gone and the alert is loud at home again", "[unit]") {
    AlertBook book;
    const auto host = book.apply(edge("centre", "*", AlertState::firing, Level::yellow), by_queue);
    const auto mine = book.apply(edge("q", "q1", AlertState::firing, Level::red, centre), by_queue);
    book.apply(edge("centre", "*", AlertState::ok, Level::none), by_queue);
    REQUIRE(book.group(host) != nullptr);
    CHECK_FALSE(book.group(host)->firing());
    CHECK(book.group(host)->level() == Level::none);  // guests alone are no storm
    book.apply(edge("q", "q1", AlertState::firing, Level::red), by_queue);
    CHECK(book.group(host) == nullptr);
    CHECK(book.group(mine)->level() == Level::red);
}

TEST_CASE("guests: never silence: a silenced speaker still carries its guests, an unknown one speaks for nobody", "[unit]") {
    AlertBook book;
    const auto host = book.apply(edge("centre", "*", AlertState::firing, Level::yellow), by_queue);
    book.apply(edge("q", "q1", AlertState::firing, Level::orange, centre), by_queue);
    book.set_silence({"s-1", "centre", "*", "*", {}});
    CHECK(book.group(host)->any_loud());
    CHECK(book.group(host)->level() == Level::orange);
    const auto lone = book.apply(edge("q", "q2", AlertState::firing, Level::orange, {"gone", {"jinan", "*", "voice"}}), by_queue);
    CHECK(book.group(lone)->any_loud());
    book.set_silence({"s-2", "q", "*", "*", {}});
    CHECK_FALSE(book.group(host)->any_loud());  // silenced itself: it counts nowhere
    book.end_silence("s-2");
    CHECK(book.group(host)->level() == Level::orange);
}

TEST_CASE("guests: in one group with its speaker an alert counts as it is", "[unit]") {
    AlertBook book;
    const auto key = book.apply(edge("centre", "*", AlertState::firing, Level::yellow), by_centre);
    CHECK(book.apply(edge("q", "q1", AlertState::firing, Level::orange, centre), by_centre) == key);
    CHECK(book.group(key)->level() == Level::orange);
    CHECK(book.group(key)->quiet == 0);
}

TEST_CASE("guests: a restored book counts as the one it was taken from, whatever the order of names", "[unit]") {
    AlertBook book;
    const AlertKey late{"z-centre", {"jinan", "*", "voice"}};
    const auto host = book.apply(edge("z-centre", "*", AlertState::firing, Level::yellow), by_queue);
    const auto mine = book.apply(edge("a", "q1", AlertState::firing, Level::red, late), by_queue);
    AlertBook again;
    again.restore(book.alerts(), by_queue);
    CHECK(again.group(host)->level() == Level::red);
    CHECK(again.group(mine)->quiet == 1);
}
