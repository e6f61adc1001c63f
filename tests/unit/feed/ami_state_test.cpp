#include "feed/ami_state.hpp"

#include "ami_kit.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace surged::test;

namespace {
/// Connected, with an empty queue q that one agent serves.
AmiSwitch quiet(AmiOptions options = {}) {
    AmiSwitch s(std::move(options));
    s.connected(0);
    s.booted(0, 1000);
    s.list(0, {{"q", 0, 0, {}, {{"A", {1, 0}}}}});
    return s;
}
/// The account tells causes: both classes have been seen.
AmiSwitch telling() {
    auto s = quiet();
    s.enters(1, "other", "q");
    s.hangup_request(2, "other");
    return s;
}
}  // namespace

TEST_CASE("ami state: a join waits, a leave followed by AgentConnect is answered, with the wait in ms") {
    auto s = quiet();
    s.join(1000, "q", "c1");
    CHECK(s.queue().waiting() == 1);
    CHECK(s.queue().oldest_wait_ms(AmiSwitch::at(3500)) == 2500);
    s.leave(21000, "q", "c1");
    CHECK(s.queue().waiting() == 0);
    CHECK(s.counts().answered == 0);
    s.connect(21001, "q", "c1", "A");
    CHECK(s.counts().answered == 1);
    CHECK(s.counts().wait_answered_ms == 20000);
    CHECK(s.counts().answered_in_20 == 1);
    CHECK(s.counts().answered_in_15 == 0);
    s.complete(30000, "q", "c1", "A", 9);
    CHECK(s.counts().handled == 1);
    CHECK(s.counts().talk_ms == 9000);
    CHECK(s.adds_up());
}

TEST_CASE("ami state: answered within 20 s holds at 20.000 s and no later") {
    auto s = quiet();
    s.join(0, "q", "in");
    s.join(0, "q", "out");
    s.leave(20000, "q", "in");
    s.connect(20000, "q", "in", "A");
    s.leave(20001, "q", "out");
    s.connect(20001, "q", "out", "B");
    CHECK(s.counts().answered == 2);
    CHECK(s.counts().answered_in_20 == 1);
}

TEST_CASE("ami state: a leave with nothing around it is a key, once AgentConnect can no longer come") {
    auto s = quiet();
    s.join(0, "q", "c1");
    s.leave(5000, "q", "c1");
    s.until(5999);
    CHECK(s.counts().overflow_out == 0);
    s.until(6000);
    CHECK(s.counts().overflow_out == 1);
    CHECK(s.adds_up());
}

TEST_CASE("ami state: where something is played to agents, AgentConnect comes late and the queue learns to wait") {
    auto s = quiet();
    s.join(0, "q", "c1");
    s.leave(1000, "q", "c1");
    s.connect(5000, "q", "c1", "A");
    CHECK(s.counts().answered == 1);
    CHECK(s.state.oddities().late_connects == 1);
    s.join(6000, "q", "c2");
    s.leave(7000, "q", "c2");
    s.connect(12000, "q", "c2", "A");
    CHECK(s.counts().answered == 2);
    CHECK(s.counts().overflow_out == 1);  // the first only
    CHECK(s.counts().wait_answered_ms == 3000 + 1000);
}

TEST_CASE("ami state: lost callers are told apart by what stands around them") {
    auto s = telling();
    const auto lose = [&](const std::string& call) {
        s.join(1000, "q", call);
        return call;
    };
    const auto hung = lose("hung up");
    s.hangup_request(4000, hung);
    s.lose(4001, "q", hung);
    s.leave(4002, "q", hung);
    CHECK(s.counts().abandoned == 1);  // at once
    CHECK(s.counts().wait_abandoned_ms == 3002);
    for (const std::string why : {"TIMEOUT", "LEAVEEMPTY", "LEAVEUNAVAIL"}) {
        lose(why);
        s.lose(4003, "q", why);
        s.leave(4004, "q", why);
        s.status(4005, why, why);
    }
    CHECK(s.counts().timeouts == 3);
    lose("WITHDRAW");
    s.lose(4006, "q", "WITHDRAW");
    s.leave(4006, "q", "WITHDRAW");
    s.status(4006, "WITHDRAW", "WITHDRAW");
    CHECK(s.counts().overflow_out == 1);
    lose("redirected");
    s.lose(4010, "q", "redirected");
    s.leave(4010, "q", "redirected");
    s.until(4010 + AmiState::lost_hold_ms);
    CHECK(s.counts().overflow_out == 2);
    CHECK(s.counts().abandoned == 1);
    CHECK(s.adds_up());
}

TEST_CASE("ami state: a channel that ends right after its leave was hung up by its caller, unless the platform did") {
    auto s = telling();
    s.join(0, "q", "dahdi");
    s.lose(1000, "q", "dahdi");
    s.leave(1000, "q", "dahdi");
    s.gone(1001, "dahdi", 16);
    CHECK(s.counts().abandoned == 1);
    s.join(2000, "q", "by us");
    s.lose(3000, "q", "by us");
    s.leave(3000, "q", "by us");
    s.gone(3001, "by us", 0);
    CHECK(s.counts().overflow_out == 1);
    s.join(4000, "q", "soft");
    s.event(5000, "SoftHangupRequest", {{"Uniqueid", "soft"}, {"Cause", "16"}}, "call,all");
    s.lose(5001, "q", "soft");
    s.leave(5001, "q", "soft");
    CHECK(s.counts().overflow_out == 2);
    s.join(6000, "q", "dead line");
    s.event(7000, "SoftHangupRequest", {{"Uniqueid", "dead line"}, {"Cause", "1"}}, "call,all");
    s.lose(7001, "q", "dead line");
    s.leave(7001, "q", "dead line");
    CHECK(s.counts().abandoned == 2);
    CHECK(s.counts().overflow_out == 2);
    CHECK(s.adds_up());
}

TEST_CASE("ami state: an account without call and dialplan has only abandoned; the first shows it, the others count at once") {
    auto s = quiet();
    s.join(0, "q", "c1");
    s.lose(1000, "q", "c1");
    s.leave(1000, "q", "c1");
    CHECK(s.counts().abandoned == 0);
    s.until(1000 + AmiState::lost_hold_ms);
    CHECK(s.counts().abandoned == 1);
    CHECK_FALSE(s.state.told().any());
    s.join(2000, "q", "c2");
    s.lose(3000, "q", "c2");
    s.leave(3000, "q", "c2");
    CHECK(s.counts().abandoned == 2);
    CHECK(s.adds_up());
}

TEST_CASE("ami state: who was turned away is blocked in the queue that was dialled, in any case of its letters") {
    auto s = telling();
    s.enters(1000, "c1", "Q");
    s.status(1001, "c1", "FULL");
    s.status(1002, "c1", "FULL");  // once
    s.enters(2000, "c2", "q");
    s.status(2001, "c2", "JOINEMPTY");
    s.status(3000, "nobody dialled", "FULL");
    CHECK(s.counts().blocked == 2);
    CHECK(s.counts().offered == 0);
    CHECK(s.queue().name == "q");
}

TEST_CASE("ami state: one caller goes from a queue that timed out into the next under one id") {
    auto s = telling();
    s.join(0, "q", "c1");
    s.lose(5000, "q", "c1");
    s.leave(5000, "q", "c1");
    s.status(5001, "c1", "TIMEOUT");
    s.join(5002, "next", "c1");
    s.leave(7002, "next", "c1");
    s.connect(7003, "next", "c1", "A");
    CHECK(s.counts().timeouts == 1);
    CHECK(s.counts("next").answered == 1);
    CHECK(s.counts("next").wait_answered_ms == 2000);
    CHECK((s.adds_up() && s.adds_up("next")));
}

TEST_CASE("ami state: a wait is measured by the switch's clock, whatever the way delays") {
    auto s = quiet();
    s.clock = 3'600'000;  // an hour ahead
    s.join(1000, "q", "c1");
    CHECK(s.queue().oldest_wait_ms(AmiSwitch::at(2000)) == 1000);
    s.leave(11000, "q", "c1");
    s.connect(11001, "q", "c1", "A");
    CHECK(s.counts().wait_answered_ms == 10000);
}

TEST_CASE("ami state: a switch's clock that is set back or forth makes no wait of it") {
    for (const std::int64_t step : {-3'600'000LL, 3'600'000LL}) {
        auto s = quiet();
        s.join(1000, "q", "c1");
        s.clock = step;
        s.join(2000, "q", "c2");
        CHECK(s.queue().oldest_wait_ms(AmiSwitch::at(3000)) == 2000);
        s.leave(5000, "q", "c1");
        s.connect(5001, "q", "c1", "A");
        s.leave(6000, "q", "c2");
        s.connect(6001, "q", "c2", "A");
        CHECK(s.counts().wait_answered_ms == 4000 + 4000);
    }
}

TEST_CASE("ami state: without timestamps the arrival counts") {
    auto s = quiet();
    s.stamped = false;
    s.join(1000, "q", "c1");
    s.leave(4000, "q", "c1");
    s.connect(4001, "q", "c1", "A");
    CHECK(s.counts().wait_answered_ms == 3000);
}

TEST_CASE("ami state: Asterisk 1.8 has other words, and without Agent events a leave that was not lost is answered") {
    AmiSwitch s;
    s.connected(0, "1.1");
    s.state.booted(std::nullopt, AmiSwitch::at(0));
    s.list(0, {{"q", 0, 0, {}, {{"SIP/1", {1, 0}}}}});
    s.event(1000, "Join", {{"Queue", "q"}, {"Uniqueid", "c1"}, {"Count", "1"}}, "call,all");
    s.event(3000, "Leave", {{"Queue", "q"}, {"Uniqueid", "c1"}, {"Count", "0"}}, "call,all");
    s.until(5000);
    CHECK(s.state.legacy());
    CHECK(s.counts().answered == 1);
    s.event(6000, "AgentCalled", {{"Queue", "q"}}, "agent,all");
    CHECK_FALSE(s.state.legacy());
    s.event(7000, "Join", {{"Queue", "q"}, {"Uniqueid", "c2"}, {"Count", "1"}});
    s.event(9000, "Leave", {{"Queue", "q"}, {"Uniqueid", "c2"}, {"Count", "0"}});
    s.event(9000, "AgentConnect", {{"Queue", "q"}, {"Uniqueid", "c2"}, {"Member", "SIP/1"}, {"Holdtime", "2"}});
    CHECK(s.counts().answered == 2);
    CHECK(s.crew(9100).on_call == 1);
    s.event(9200, "QueueMemberPaused", {{"Queue", "q"}, {"Location", "SIP/1"}, {"MemberName", "Ann"}, {"Paused", "1"}});
    s.event(9300, "AgentComplete", {{"Queue", "q"}, {"Uniqueid", "c2"}, {"Member", "SIP/1"}, {"TalkTime", "1"}});
    CHECK(s.crew(9400).aux == 1);
}

TEST_CASE("ami state: Asterisk 1.8 has no HangupRequest: a lost caller of whom nothing else is said was hung up") {
    AmiSwitch s;
    s.connected(0, "1.1");
    s.list(0, {{"q"}});
    s.enters(1, "c1", "q");
    for (const auto* call : {"c1", "c2"}) {
        s.event(1000, "Join", {{"Queue", "q"}, {"Uniqueid", call}}, "call,all");
        s.lose(3000, "q", call);
        s.event(3000, "Leave", {{"Queue", "q"}, {"Uniqueid", call}}, "call,all");
    }
    s.status(3001, "c1", "TIMEOUT");
    s.until(5000);
    CHECK(s.counts().timeouts == 1);
    CHECK(s.counts().abandoned == 1);
    CHECK(s.adds_up());
}

TEST_CASE("ami state: queues are one whatever the case of their letters, and have the name the switch says") {
    auto s = quiet();
    s.join(0, "SALES", "c1");
    s.join(1, "Sales", "c2");
    CHECK(s.queue("sales").waiting() == 2);
    CHECK(s.queue("sales").name == "Sales");
}

TEST_CASE("ami state: events without a queue, without a call, or of a kind nobody knows change nothing") {
    auto s = quiet();
    s.event(0, "QueueCallerJoin", {{"Queue", "q"}});
    s.event(0, "QueueCallerJoin", {{"Uniqueid", "c"}});
    s.event(0, "QueueCallerLeave", {{"Queue", "q"}, {"Uniqueid", "nobody"}});
    s.event(0, "PeerStatus", {{"Peer", "SIP/1"}});
    s.event(0, "AgentComplete", {{"TalkTime", "-5"}, {"Queue", "q"}, {"Interface", "A"}});
    CHECK(s.counts().offered == 0);
    CHECK(s.counts().talk_ms == 0);
    CHECK(s.state.unknown_events() == 1);
    CHECK(s.state.queues().size() == 1);
}

TEST_CASE("ami state: every limit refuses what is beyond it and counts it") {
    AmiOptions options;
    options.limits.queues = 2;
    options.limits.waiters = 2;
    options.limits.members = 1;
    auto s = quiet(options);
    s.join(0, "q", "1");
    s.join(0, "q2", "2");
    s.join(0, "q2", "3");
    s.join(0, "q3", "4");
    s.member(0, "q", "B", 1);
    CHECK(s.state.waiting() == 2);
    CHECK(s.state.queues().size() == 2);
    CHECK(s.queue().crew.members().size() == 1);
    CHECK(s.state.oddities().over_limit == 3);
    s.leave(1, "q2", "3");
    s.leave(1, "q2", "2");
    s.join(2, "q2", "5");
    CHECK(s.state.waiting() == 2);
}

TEST_CASE("ami state: a Count that differs asks for a list soon") {
    auto s = quiet();
    const auto regular = s.state.list_due();
    s.event(1000, "QueueCallerJoin", {{"Uniqueid", "c1"}, {"Queue", "q"}, {"Count", "1"}});
    CHECK(s.state.list_due() == regular);
    s.event(2000, "QueueCallerJoin", {{"Uniqueid", "c3"}, {"Queue", "q"}, {"Count", "3"}});
    CHECK(s.state.list_due() == AmiSwitch::at(2000));
    CHECK(s.state.oddities().count_differs == 1);
}

TEST_CASE("ami state: an event that comes twice counts once, and a caller who comes again counts again") {
    auto s = telling();
    for (int again = 0; again < 2; ++again) {
        const auto t = again * 10000;
        for (int twice = 0; twice < 2; ++twice) {
            s.join(t + 0, "q", "c1");
        }
        for (int twice = 0; twice < 2; ++twice) {
            s.leave(t + 1000, "q", "c1");
        }
        for (int twice = 0; twice < 2; ++twice) {
            s.connect(t + 1001, "q", "c1", "A");
        }
        for (int twice = 0; twice < 2; ++twice) {
            s.complete(t + 4000, "q", "c1", "A", 3);
        }
        for (int twice = 0; twice < 2; ++twice) {
            s.join(t + 5000, "q", "c2");
            s.hangup_request(t + 6000, "c2");
            s.lose(t + 6000, "q", "c2");
        }
        s.leave(t + 6001, "q", "c2");
        s.leave(t + 6001, "q", "c2");
    }
    CHECK(s.counts().offered == 4);
    CHECK(s.counts().answered == 2);
    CHECK(s.counts().handled == 2);
    CHECK(s.counts().abandoned == 2);
    CHECK(s.queue().lost == 2);
    CHECK(s.adds_up());
}
