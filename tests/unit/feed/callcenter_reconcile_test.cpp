#include "callcenter_kit.hpp"
#include "feed/callcenter_state.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace surged::test;

TEST_CASE("callcenter list: the first one has who waits, since when, and counts no history") {
    FsSwitch fs;
    fs.lists.queues["q"] = {700, 90, {{"1", "Waiting", 40}, {"2", "Trying", 50}, {"3", "Answered", 10, 20}, {"4", "Abandoned", 10, 0, 30}}};
    fs.connected(60'000);
    CHECK_FALSE(fs.state.current());
    REQUIRE(fs.list(60'000));
    CHECK(fs.state.current());
    CHECK(fs.queue().waiting() == 2);
    CHECK(fs.queue().oldest_wait_ms(fs.at(60'000)) == 20'000);
    CHECK(fs.counts().offered == 2);
    CHECK(fs.counts().answered == 0);
    CHECK(fs.counts().abandoned == 0);
    CHECK(fs.state.oddities().missed_joins == 0);
    fs.hands_back(70'000, "3", "ann");
    CHECK(fs.counts().handled == 1);
    CHECK(fs.counts().talk_ms == 50'000);
}

TEST_CASE("callcenter list: rows of calls that are not there wait for nobody") {
    FsSwitch fs;
    fs.lists.queues["q"].members = {{"1", "Waiting", 40}, {"2", "Waiting", -90'000}, {"3", "Trying", 50}};
    fs.lists.queues["q"].members[1].exists = false;
    fs.lists.queues["q"].members[2].exists = false;
    fs.connected(60'000);
    REQUIRE(fs.list(60'000));
    CHECK(fs.queue().waiting() == 1);
    CHECK(fs.counts().offered == 1);
    CHECK(fs.state.stale() == 2);
    CHECK(fs.queue().oldest_wait_ms(fs.at(60'000)) == 20'000);
}

TEST_CASE("callcenter list: a caller who was there is doubted after ten minutes, and gone when two lists say so") {
    FsSwitch fs;
    fs.connected(0);
    REQUIRE(fs.list(0));
    fs.join(1000, "1");
    fs.lists.queues["q"].members = {{"1", "Waiting", 1}};
    fs.lists.queues["q"].members[0].exists = false;
    REQUIRE(fs.list(601'000));
    CHECK(fs.queue().waiting() == 1);
    CHECK(fs.state.stale() == 0);  // at ten minutes nobody asked
    REQUIRE(fs.list(602'000));
    CHECK(fs.state.stale() == 1);
    CHECK(fs.queue().waiting() == 1);
    CHECK(fs.state.list_due() == fs.at(603'000));  // soon
    REQUIRE(fs.list(603'000));
    CHECK(fs.queue().waiting() == 0);
    CHECK(fs.counts().overflow_out == 1);
    CHECK(fs.state.oddities().lost_leaves == 1);
    CHECK(fs.adds_up());
}

TEST_CASE("callcenter list: what events say while it is made stands") {
    FsSwitch fs;
    fs.lists.agents = {{"ann", {}}};
    fs.lists.tiers = {{"q", "ann"}};
    fs.connected(0);
    REQUIRE(fs.list(0));
    fs.join(1000, "old");
    fs.lists.queues["q"].members = {{"old", "Waiting", 1}};
    auto& list = fs.state.ask_list(fs.at(2000));
    auto result = CallcenterList::Result::more;
    while (result == CallcenterList::Result::more) {
        if (list.question().ends_with("members q")) {
            fs.join(2100, "new");  // its answer is older than this
            fs.hangs_up(2200, "old");
            fs.agent_status(2300, "ann", "On Break");
        }
        result = list.answer(fs.lists.answer(list.question(), 2000), false);
    }
    fs.state.list_end(fs.at(2500));
    CHECK(fs.queue().waiting() == 1);
    CHECK(fs.counts().offered == 2);
    CHECK(fs.counts().abandoned == 1);
    CHECK(fs.crew(2500).aux == 1);
    CHECK(fs.adds_up());
}

TEST_CASE("callcenter list: events that were lost are made up for by rows") {
    FsSwitch fs;
    fs.connected(0);
    REQUIRE(fs.list(0));
    fs.join(1000, "answered");
    fs.join(1000, "gave up");
    fs.lists.queues["q"] = {1, 1, {{"answered", "Answered", 1, 8}, {"gave up", "Abandoned", 1, 0, 6}, {"came", "Waiting", 20}}};
    REQUIRE(fs.list(30'000));
    CHECK(fs.counts().answered == 1);
    CHECK(fs.counts().wait_answered_ms == 7000);
    CHECK(fs.counts().abandoned == 1);
    CHECK(fs.counts().wait_abandoned_ms == 5000);
    CHECK(fs.queue().waiting() == 1);
    CHECK(fs.state.oddities().missed_joins == 1);
    CHECK(fs.state.oddities().lost_leaves == 2);
    CHECK(fs.adds_up());
    REQUIRE(fs.list(60'000));  // the same rows once more
    CHECK(fs.counts().answered == 1);
    CHECK(fs.counts().offered == 3);
}

TEST_CASE("callcenter list: a gap is closed by rows and by the queue's own counters") {
    FsSwitch fs;
    fs.lists.queues["q"] = {100, 50, {}};
    fs.connected(0);
    REQUIRE(fs.list(0));
    for (const auto* call : {"1", "2", "3"}) {
        fs.join(1000, call);
    }
    fs.talks(5000, "1", "ann");
    fs.lost(10'000);
    // Meanwhile 2 was answered and talks, 3 gave up and his row is gone, 4 came and was answered, 5 came and talks, 6 came and gave up,
    // 7 waits.
    fs.lists.queues["q"] = {104, 52, {{"2", "Answered", 1, 12}, {"5", "Answered", 15, 40}, {"7", "Waiting", 50}}};
    fs.connected(60'000);
    REQUIRE(fs.list(60'000));
    CHECK(fs.state.epochs() == 0);
    CHECK(fs.counts().offered == 7);
    CHECK(fs.counts().answered == 4);
    CHECK(fs.counts().abandoned == 2);
    CHECK(fs.queue().waiting() == 1);
    CHECK(fs.counts().answered_in_20 == 3);  // 5 waited 25 s
    CHECK(fs.adds_up());
    CHECK(fs.counts().handled == 2);       // 1, and 4
    CHECK(fs.counts().talk_ms == 60'000);  // 1 to the middle of the gap, 4 as the others
    fs.hands_back(70'000, "5", "ann");
    fs.hands_back(75'000, "2", "bob");
    CHECK(fs.counts().handled == 4);
    fs.lists.queues["q"].members = {{"7", "Waiting", 50}};
    REQUIRE(fs.list(90'000));
    CHECK(fs.counts().offered == 7);
}

TEST_CASE("callcenter list: after a gap in which nothing came, nothing is counted, in talk or not") {
    FsSwitch fs;
    fs.lists.queues["q"] = {100, 50, {}};
    fs.connected(0);
    REQUIRE(fs.list(0));
    fs.join(1000, "1");
    fs.join(1000, "2");
    fs.talks(5000, "1", "ann");
    fs.lists.queues["q"] = {101, 50, {{"1", "Answered", 1, 5}, {"2", "Waiting", 1}}};
    for (std::int64_t ms = 10'000; ms < 100'000; ms += 10'000) {
        fs.lost(ms);
        fs.connected(ms + 2000);
        REQUIRE(fs.list(ms + 2000));
    }
    CHECK(fs.counts().offered == 2);
    CHECK(fs.counts().answered == 1);
    CHECK(fs.counts().handled == 0);
    CHECK(fs.queue().waiting() == 1);
    CHECK(fs.adds_up());
    fs.lost(110'000);
    fs.lists.queues["q"].members = {{"2", "Waiting", 1}};
    fs.connected(120'000);
    REQUIRE(fs.list(120'000));
    CHECK(fs.counts().handled == 1);
    CHECK(fs.counts().talk_ms == 110'000);
}

TEST_CASE("callcenter list: counters that began anew, or are not told, close no gap, and waiters who are gone left unknown") {
    for (const bool told : {true, false}) {
        FsSwitch fs;
        fs.lists.counters = told;
        fs.lists.queues["q"] = {100, 50, {}};
        fs.connected(0);
        REQUIRE(fs.list(0));
        fs.join(1000, "1");
        fs.lost(2000);
        fs.lists.queues["q"] = {3, 2, {}};  // queue reload
        fs.connected(3000);
        REQUIRE(fs.list(3000));
        CHECK(fs.counts().offered == 1);
        CHECK(fs.counts().overflow_out == 1);
        CHECK(fs.adds_up());
        fs.lost(4000);
        fs.lists.queues["q"] = {4, 2, {}};
        fs.connected(5000);
        REQUIRE(fs.list(5000));
        CHECK(fs.counts().answered == (told ? 1U : 0U));
    }
}

TEST_CASE("callcenter list: a reload of the module leaves callers of whom nobody knows") {
    FsSwitch fs;
    fs.connected(0);
    REQUIRE(fs.list(0));
    fs.join(1000, "1");
    fs.lists.queues["q"].members = {{"1", "Abandoned", 1}};  // with no time
    REQUIRE(fs.list(30'000));
    CHECK(fs.counts().overflow_out == 1);
    CHECK(fs.counts().abandoned == 0);
    CHECK(fs.adds_up());
}

TEST_CASE("callcenter list: agents, tiers and queues come and go by lists alone") {
    FsSwitch fs;
    fs.lists.agents = {{"ann", {}}};
    fs.lists.tiers = {{"q", "ann"}, {"unloaded", "ann"}};
    fs.connected(0);
    REQUIRE(fs.list(0));
    CHECK(fs.state.queues().size() == 1);
    fs.join(100, "1");
    fs.lists.agents = {{"bob", {"Available", "Waiting", 0, 0, 0, 0, "[leg_timeout=9]user/1|user/2"}}, {"carl", {}}};
    fs.lists.tiers = {{"q", "bob"}, {"q", "carl"}};
    fs.lists.queues["q"].members = {{"1", "Waiting", 0, 0, 0, 0, true, "A|B|C"}};
    REQUIRE(fs.list(30'000));
    CHECK(fs.state.agents() == 2);
    CHECK(fs.crew(30'000).available == 2);
    CHECK(fs.queue().waiting() == 1);
    fs.lists.queues = {{"r", {}}};
    REQUIRE(fs.list(60'000));
    CHECK_FALSE(fs.queue("q").present);
    CHECK(fs.queue("q").waiting() == 0);
    CHECK(fs.adds_up());
    CHECK(fs.queue("r").present);
}

TEST_CASE("callcenter list: one that is cut or refused changes nothing and another comes in five seconds") {
    FsSwitch fs;
    fs.connected(0);
    REQUIRE(fs.list(0));
    fs.join(1000, "1");
    auto& list = fs.state.ask_list(fs.at(30'000));
    REQUIRE(list.answer("1700000030", false) == CallcenterList::Result::more);
    CHECK(list.answer("name|strategy\nq|x\n", false) == CallcenterList::Result::broken);
    fs.state.drop_list(fs.at(30'000));
    CHECK(fs.queue().waiting() == 1);
    CHECK(fs.state.oddities().bad_lists == 1);
    CHECK(fs.state.list_due() == fs.at(35'000));
    CHECK(fs.state.current());
}
