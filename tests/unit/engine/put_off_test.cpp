#include "core/engine/put_off.hpp"

#include "support/catch.hpp"

using namespace surged;

namespace {

AlertEdge edge(int queue, const std::string& evidence = "", const std::string& rule = "wait") {
    AlertEdge out;
    out.rule = rule;
    out.queue = {"berlin", "q" + std::to_string(queue), ""};
    out.evidence = evidence;
    return out;
}

std::vector<AlertEdge> edges(int count) {
    std::vector<AlertEdge> out;
    for (int i = 0; i < count; ++i) {
        out.push_back(edge(i, "ended"));
    }
    return out;
}

EngineTime ms(int at) {
    return EngineTime{Span{at}};
}

constexpr int at_once = static_cast<int>(PutOff::at_once);

}  // namespace

TEST_CASE("put off: as many as are told at once are not put off, and of one more the last one is") {
    PutOff few;
    auto all = edges(at_once);
    few.put_off(all, ms(0));
    CHECK(all.size() == PutOff::at_once);
    CHECK(few.next() == engine_never);

    PutOff more;
    all = edges(at_once + 1);
    more.put_off(all, ms(0));
    CHECK(all.size() == PutOff::at_once);
    CHECK(more.next() == ms(0) + PutOff::spacing);
    CHECK(more.with_due({}, ms(1)).empty());
    const auto rest = more.with_due({}, more.next());
    REQUIRE(rest.size() == 1);
    CHECK(rest.front().queue.queue == "q" + std::to_string(at_once));
    CHECK(more.next() == engine_never);
}

TEST_CASE("put off: all are told in their order, so many at a time") {
    PutOff later;
    auto told = edges(3 * at_once + 7);
    later.put_off(told, ms(0));
    int turns = 0;
    for (auto at = later.next(); at != engine_never; at = later.next(), ++turns) {
        const auto due = later.with_due({}, at);
        CHECK(due.size() <= PutOff::at_once);
        told.insert(told.end(), due.begin(), due.end());
    }
    CHECK(turns == 3);
    REQUIRE(told.size() == 3 * PutOff::at_once + 7);
    for (std::size_t i = 0; i < told.size(); ++i) {
        CHECK(told[i].queue.queue == "q" + std::to_string(i));
    }
}

TEST_CASE("put off: what is new of an alert comes behind what was put off of it, and of another alert at once") {
    PutOff later;
    auto all = edges(at_once + 3);
    later.put_off(all, ms(0));
    const auto out = later.with_due({edge(at_once + 1, "fires"), edge(at_once + 2, "fires", "another rule"), edge(9, "fires")}, ms(1));
    REQUIRE(out.size() == 4);
    CHECK(out[0].evidence == "ended");
    CHECK(out[0].queue.queue == out[1].queue.queue);
    CHECK(out[1].evidence == "fires");
    CHECK(out[2].rule == "another rule");
    CHECK(out[3].queue.queue == "q9");
    const auto rest = later.with_due({}, later.next());
    REQUIRE(rest.size() == 2);  // the one in between was told
    CHECK(rest[0].queue.queue == "q" + std::to_string(at_once));
    CHECK(rest[1].queue.queue == "q" + std::to_string(at_once + 2));
}
