#include "ami_kit.hpp"
#include "feed/ami_state.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace surged::test;

namespace {
AmiSwitch begun(const std::vector<AmiSwitch::Listed>& queues) {
    AmiSwitch s;
    s.connected(0);
    s.booted(0, 1000);
    s.list(0, queues);
    return s;
}
}  // namespace

TEST_CASE("ami list: at the start those who wait are offered, with the age the switch says") {
    auto s = begun({{"q", 7, 3, {{"c1", 12}, {"c2", 4}}, {{"A", {2, 1}}, {"B", {1, 0}}}}});
    CHECK(s.queue().waiting() == 2);
    CHECK(s.counts().offered == 2);
    CHECK(s.counts().answered == 0);
    CHECK(s.queue().oldest_wait_ms(AmiSwitch::at(1000)) == 13000);
    CHECK(s.crew(0).staffed == 2);
    CHECK(s.crew(0).on_call == 1);
    CHECK(s.crew(0).available == 1);
    CHECK(s.state.current());
}

TEST_CASE("ami list: a join that the list already holds came after it, and counts once") {
    AmiSwitch s;
    s.connected(0);
    s.ask(0);
    s.answer(10, {{"q", 0, 0, {{"c1", 0}}, {}}});
    s.join(9, "q", "c1");  // its event was behind the list
    CHECK(s.counts().offered == 1);
    CHECK(s.queue().waiting() == 1);
    CHECK(s.queue().oldest_wait_ms(AmiSwitch::at(1009)) == 1000);
}

TEST_CASE("ami list: who left since the list was asked for does not come back by it") {
    auto s = begun({{"q"}});
    s.join(1000, "q", "c1");
    s.ask(2000);
    s.leave(2001, "q", "c1");
    s.connect(2002, "q", "c1", "A");
    s.member(2003, "q", "B", 1);
    s.answer(2004, {{"q", 0, 0, {{"c1", 1}}, {{"C", {1, 0}}}}});
    CHECK(s.queue().waiting() == 0);
    CHECK(s.counts().offered == 1);
    CHECK(s.queue().crew.members().contains("B"));  // told since
    CHECK(s.queue().crew.members().contains("C"));
}

TEST_CASE("ami list: who joined since the list was asked for stays") {
    auto s = begun({{"q"}});
    s.ask(1000);
    s.join(1001, "q", "c1");
    s.answer(1002, {{"q"}});
    CHECK(s.queue().waiting() == 1);
}

TEST_CASE("ami list: a waiter whom two lists in a row do not have is gone; whom one does not have may be") {
    auto s = begun({{"q"}});
    s.join(1000, "q", "c1");
    s.list(30000, {{"q"}});
    CHECK(s.queue().waiting() == 1);
    CHECK(s.state.list_due() <= AmiSwitch::at(31000));
    s.list(31000, {{"q", 0, 0, {{"c1", 30}}, {}}});
    s.list(60000, {{"q"}});
    CHECK(s.queue().waiting() == 1);
    s.list(61000, {{"q"}});
    CHECK(s.queue().waiting() == 0);
    CHECK(s.state.oddities().lost_leaves == 1);
    CHECK(s.adds_up());
}

TEST_CASE("ami list: members that nobody announced come and go by it, and a talk that an event began since stands") {
    auto s = begun({{"q", 0, 0, {}, {{"A", {1, 0}}, {"B", {1, 0}}}}});
    s.join(1000, "q", "c1");
    s.ask(2000);
    s.leave(2001, "q", "c1");
    s.connect(2002, "q", "c1", "A");
    s.answer(2003, {{"q", 0, 0, {}, {{"A", {2, 0}}, {"C", {1, 0}}}}});
    CHECK(s.crew(2004).on_call == 1);
    CHECK(s.crew(2004).staffed == 2);
    CHECK_FALSE(s.queue().crew.members().contains("B"));
}

TEST_CASE("ami list: a list that is not complete adds what it has and takes nothing away") {
    auto s = begun({{"q", 0, 0, {}, {{"A", {1, 0}}}}, {"r"}});
    s.join(1000, "q", "c1");
    s.ask(2000);
    CHECK(s.answer(2000, {{"q", 0, 0, {}, {{"B", {1, 0}}}}}, 9));
    s.ask(3000);
    CHECK(s.answer(3000, {{"q"}}, 9));
    CHECK(s.queue().waiting() == 1);
    CHECK(s.crew(3000).staffed == 2);
    CHECK(s.queue("r").present);
    CHECK(s.state.oddities().bad_lists == 2);
    CHECK(s.state.list_due() <= AmiSwitch::at(8000));
}

TEST_CASE("ami list: a queue that the switch no longer has is not told, and is told again when it is back") {
    auto s = begun({{"q"}, {"r", 0, 0, {{"c", 3}}, {{"A", {1, 0}}}}});
    s.list(30000, {{"q"}});
    CHECK_FALSE(s.queue("r").present);
    CHECK(s.queue("r").waiting() == 0);
    s.join(40000, "r", "c2");
    CHECK(s.queue("r").present);
    CHECK(s.queue("r").waiting() == 1);
}

TEST_CASE("ami gap: what was missed follows from the switch's own counters, and nobody counts twice") {
    auto s = begun({{"q", 10, 5, {}, {{"A", {1, 0}}, {"B", {1, 0}}}}});
    s.join(1000, "q", "talks");
    s.leave(2000, "q", "talks");
    s.connect(2001, "q", "talks", "A");
    s.join(3000, "q", "waits on");
    s.join(4000, "q", "gives up");
    s.join(5000, "q", "is answered");
    s.lost(10000);
    // Unseen: A's talk ended, B answered one, one gave up, one came and waits, one came and gave up.
    s.connected(15000);
    CHECK_FALSE(s.booted(15000, 1015));
    s.list(15001, {{"q", 11, 7, {{"waits on", 12}, {"new", 2}}, {{"A", {1, 0}}, {"B", {2, 1}}}}});
    CHECK(s.state.epochs() == 0);
    CHECK(s.counts().offered == 4 + 2);
    CHECK(s.counts().answered == 2);
    CHECK(s.counts().abandoned == 2);
    CHECK(s.counts().handled == 1);
    CHECK(s.counts().talk_ms == 60000);  // the switch's average
    CHECK(s.queue().waiting() == 2);
    CHECK(s.queue().oldest_wait_ms(AmiSwitch::at(16000)) == 13000);  // the finer time is kept
    CHECK(s.adds_up());
    CHECK(s.crew(15002).on_call == 1);
}

TEST_CASE("ami gap: a leave whose other piece was cut off with the connection is told by the balance") {
    auto s = begun({{"q", 0, 0, {}, {{"A", {1, 0}}}}});
    s.join(1000, "q", "answered");
    s.join(1000, "q", "pressed a key");
    s.leave(2000, "q", "answered");
    s.leave(2000, "q", "pressed a key");
    s.lost(2001);
    s.until(60000);
    CHECK(s.counts().overflow_out == 0);
    s.connected(5000);
    s.list(5001, {{"q", 0, 0, {}, {{"A", {2, 1}}}}});
    CHECK(s.counts().answered == 1);
    CHECK(s.counts().overflow_out == 1);
    CHECK(s.counts().offered == 2);
    CHECK(s.adds_up());
}

TEST_CASE("ami gap: events between login and list belong to us, not to the balance") {
    auto s = begun({{"q", 0, 0, {}, {{"A", {1, 0}}}}});
    s.lost(1000);
    s.connected(2000);
    s.join(2001, "q", "c1");
    s.join(2001, "q", "c2");
    s.leave(2002, "q", "c1");
    s.connect(2003, "q", "c1", "A");
    s.complete(2004, "q", "c1", "A", 1);
    s.list(2005, {{"q", 1, 0, {{"c2", 0}}, {{"A", {1, 0}}}}});
    CHECK(s.counts().offered == 2);
    CHECK(s.counts().answered == 1);
    CHECK(s.counts().handled == 1);
    CHECK(s.adds_up());
}

TEST_CASE("ami gap: counters that somebody reset meanwhile begin a new epoch") {
    auto s = begun({{"q", 10, 5, {}, {}}});
    s.join(1000, "q", "c1");
    s.lost(2000);
    s.connected(3000);
    s.list(3001, {{"q", 0, 0, {{"c1", 2}}, {}}});
    CHECK(s.state.epochs() == 1);
    CHECK(s.counts().offered == 1);
    CHECK(s.counts().abandoned == 0);
    CHECK(s.queue().waiting() == 1);
}

TEST_CASE("ami gap: a reset while we listen changes nothing of ours, and a later gap is right") {
    auto s = begun({{"q", 10, 5, {}, {}}});
    s.join(1000, "q", "c1");
    s.list(30000, {{"q", 0, 0, {{"c1", 29}}, {}}});
    CHECK(s.state.epochs() == 0);
    s.lost(31000);
    s.connected(32000);
    s.list(32001, {{"q", 0, 1, {}, {}}});
    CHECK(s.counts().abandoned == 1);
    CHECK(s.state.epochs() == 0);
    CHECK(s.adds_up());
}

TEST_CASE("ami restart: another run of the switch is a new epoch, from zero, with what it did before we came") {
    auto s = begun({{"q", 10, 5, {{"c1", 3}}, {{"A", {1, 0}}}}});
    s.lost(60000);
    s.connected(70000);
    CHECK(s.booted(70000, 5));
    CHECK(s.state.epochs() == 1);
    CHECK(s.queue().waiting() == 0);
    s.join(70001, "q", "n1");
    s.leave(70002, "q", "n1");
    s.connect(70003, "q", "n1", "A");
    s.list(70010, {{"q", 0, 1, {{"n2", 1}}, {{"A", {2, 1}}}}});
    CHECK(s.counts().offered == 3);  // n1, n2, and one who gave up before we were there
    CHECK(s.counts().answered == 1);
    CHECK(s.counts().abandoned == 1);
    CHECK(s.queue().earlier.offered == 1);
    CHECK(s.adds_up());
}

TEST_CASE("ami restart: an uptime of whole seconds is the same run up to two seconds off") {
    auto s = begun({{"q"}});
    s.lost(60000);
    s.connected(61000);
    CHECK_FALSE(s.booted(61000, 1060));  // began at 1 s instead of 0: rounded
    s.lost(62000);
    s.connected(63000);
    CHECK(s.booted(63000, 1060));  // began at 3 s
}

TEST_CASE("ami restart: without an uptime the word Shutdown tells it") {
    AmiSwitch s;
    s.connected(0, "1.1");
    s.state.booted(std::nullopt, AmiSwitch::at(0));
    s.list(0, {{"q", 3, 1, {{"c1", 1}}, {}}});
    s.event(1000, "Shutdown", {{"Shutdown", "Cleanly"}, {"Restart", "True"}}, "system,all");
    s.lost(1001);
    s.connected(5000, "1.1");
    CHECK(s.state.booted(std::nullopt, AmiSwitch::at(5000)));
    s.list(5001, {{"q"}});
    CHECK(s.queue().waiting() == 0);
    CHECK(s.counts().offered == 0);
}

TEST_CASE("ami list: beyond a bound nothing is taken, and it is not asked for every second") {
    AmiOptions options;
    options.limits.waiters = 2;
    AmiSwitch s(options);
    s.connected(0);
    s.ask(0);
    CHECK_FALSE(s.answer(0, {{"q", 0, 0, {{"1", 1}, {"2", 1}, {"3", 1}}, {}}}));
    CHECK_FALSE(s.state.current());
    CHECK(s.state.list_due() >= AmiSwitch::at(5000));
}

TEST_CASE("ami reload: a reload of app_queue asks for a list, one of another module does not") {
    auto s = begun({{"q"}});
    const auto regular = s.state.list_due();
    s.event(1000, "Reload", {{"Module", "chan_sip"}, {"Status", "0"}}, "system,all");
    CHECK(s.state.list_due() == regular);
    s.event(2000, "Reload", {{"Module", "app_queue"}, {"Status", "0"}}, "system,all");
    CHECK(s.state.list_due() == AmiSwitch::at(2000));
}
