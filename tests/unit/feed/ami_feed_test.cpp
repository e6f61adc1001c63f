#include "feed/ami_feed.hpp"

#include <map>

#include "ami_kit.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace surged::test;

namespace {
struct Said {
    std::uint64_t seq = 0;
    std::uint64_t epoch = 0;
    std::map<std::string, std::map<std::string, double>> queues;
};
std::vector<Said> say(AmiFeed& feed, AmiFeed::Which which, std::int64_t ms) {
    std::vector<Said> out;
    feed.emit(which, ami_epoch_ms + ms, AmiSwitch::at(ms), [&](const Message& m) {
        Said said{m.seq, m.epoch, {}};
        for (const auto& part : m.parts) {
            CHECK(part.centre == "north");
            auto& values = said.queues[std::string(part.queue)];
            for (std::uint32_t i = part.first; i < part.first + part.count; ++i) {
                values[std::string(m.values[i].name)] = m.values[i].value;
            }
        }
        out.push_back(said);
        return true;
    });
    return out;
}
AmiFeedOptions north() {
    AmiFeedOptions options;
    options.centre = "north";
    options.epoch = 5;
    return options;
}
}  // namespace

TEST_CASE("ami feed: what has changed goes at once and once, what moves with time every time, all when asked") {
    AmiSwitch s;
    AmiFeed feed(north(), s.state);
    s.connected(0);
    s.list(0, {{"q"}, {"r"}});
    CHECK(say(feed, AmiFeed::Which::changed, 1).at(0).queues.size() == 2);
    CHECK_FALSE(feed.changed());
    CHECK(say(feed, AmiFeed::Which::changed, 2).empty());
    s.join(1000, "q", "c1");
    CHECK(feed.changed());
    const auto changed = say(feed, AmiFeed::Which::changed, 1000);
    REQUIRE(changed.size() == 1);
    CHECK(changed[0].queues.size() == 1);
    CHECK(changed[0].queues.at("q").at("offered") == 1);
    CHECK(changed[0].queues.at("q").at("oldest_wait_s") == 0.001);
    CHECK(say(feed, AmiFeed::Which::changed, 2000).empty());
    const auto moving = say(feed, AmiFeed::Which::moving, 2500);
    CHECK(moving.at(0).queues.at("q").at("oldest_wait_s") == 1.5);
    CHECK(moving[0].queues.size() == 1);
    CHECK(say(feed, AmiFeed::Which::all, 3000).at(0).queues.size() == 2);
    CHECK(feed.messages() == 4);
}

TEST_CASE("ami feed: a switch without queues still says that the feed lives") {
    AmiSwitch s;
    AmiFeed feed(north(), s.state);
    CHECK(say(feed, AmiFeed::Which::moving, 0).empty());
    CHECK(say(feed, AmiFeed::Which::all, 0).size() == 1);
}

TEST_CASE("ami feed: many queues make several messages, each with a number of its own") {
    AmiSwitch s;
    auto options = north();
    options.parts_max = 2;
    AmiFeed feed(options, s.state);
    s.connected(0);
    s.list(0, {{"a"}, {"b"}, {"c"}, {"d"}, {"e"}});
    const auto said = say(feed, AmiFeed::Which::all, 0);
    REQUIRE(said.size() == 3);
    CHECK(said[2].queues.size() == 1);
    CHECK(said[2].seq == said[0].seq + 2);
}

TEST_CASE("ami feed: what the account does not tell is not sent") {
    AmiSwitch s;
    AmiFeed feed(north(), s.state);
    s.connected(0);
    s.list(0, {{"q"}});
    auto q = say(feed, AmiFeed::Which::all, 0).at(0).queues.at("q");
    CHECK_FALSE(q.contains("timeouts"));
    CHECK_FALSE(q.contains("blocked"));
    CHECK_FALSE(q.contains("agents_wrapup"));
    CHECK(q.contains("abandoned"));
    s.enters(1, "c", "q");
    q = say(feed, AmiFeed::Which::all, 2).at(0).queues.at("q");
    CHECK((q.contains("timeouts") && q.contains("blocked")));
}

TEST_CASE("ami feed: a restart of the switch is the next epoch") {
    AmiSwitch s;
    AmiFeed feed(north(), s.state);
    s.connected(0);
    s.booted(0, 1000);
    s.list(0, {{"q"}});
    CHECK(say(feed, AmiFeed::Which::all, 0).at(0).epoch == 5);
    s.lost(1000);
    s.connected(9000);
    s.booted(9000, 3);
    CHECK(say(feed, AmiFeed::Which::all, 9000).at(0).epoch == 6);
}
