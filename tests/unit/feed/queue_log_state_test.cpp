#include "feed/queue_log_state.hpp"

#include <algorithm>

#include "queue_log_kit.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace surged::test;

namespace {
const QueueLogState::Queue& only(const QueueLogState& state, const char* name = "q") {
    return state.queues().at(name);
}
}  // namespace

TEST_CASE("queue_log: one call from entry to end is counted at each step", "[unit]") {
    QueueLogState state;
    fold(state, "0 c1 q - ENTERQUEUE |7000|1");
    CHECK(only(state).waiting() == 1);
    CHECK(only(state).counters.offered == 1);
    CHECK(only(state).oldest_wait_ms(log_ms(7)) == 7000);
    CHECK(only(state).oldest_wait_ms(log_ms(0)) == 1);

    fold(state, "15 c1 q SIP/1 CONNECT 15|c1b|3");
    CHECK(only(state).waiting() == 0);
    CHECK(only(state).oldest_wait_ms(log_ms(16)) == 0);
    CHECK(only(state).counters.answered == 1);
    CHECK(only(state).counters.answered_in_15 == 1);
    CHECK(only(state).counters.handled == 0);
    CHECK(state.agents("q").on_call == 1);

    fold(state, "75 c1 q SIP/1 COMPLETECALLER 15|60|1");
    CHECK(only(state).counters.handled == 1);
    CHECK(only(state).counters.talk_ms == 60000);
    CHECK(only(state).counters.wait_answered_ms == 15000);
    CHECK(state.agents("q").on_call == 0);
}

TEST_CASE("queue_log: answered within 15 and 20 s include their edge", "[unit]") {
    QueueLogState state;
    for (const char* wait : {"15", "16", "20", "21"}) {
        fold(state, std::string("0 c") + wait + " q - ENTERQUEUE ||1");
        fold(state, std::string(wait) + " c" + wait + " q A CONNECT " + wait + "|x|0");
    }
    CHECK(only(state).counters.answered_in_15 == 1);
    CHECK(only(state).counters.answered_in_20 == 3);
}

TEST_CASE("queue_log: every way out takes the caller off the queue and has its counter", "[unit]") {
    struct Way {
        const char* line;
        std::uint64_t QueueLogCounters::*counter;
    };
    const Way ways[] = {
        {"30 c q - ABANDON 1|1|30", &QueueLogCounters::abandoned},
        {"30 c q - EXITWITHTIMEOUT 1|1|30", &QueueLogCounters::timeouts},
        {"30 c q - EXITEMPTY 1|1|30", &QueueLogCounters::timeouts},
        {"30 c q - EXITWITHKEY 9|1|1|30", &QueueLogCounters::overflow_out},
        {"30 c q - EXITWITHKEY 2|1|1|30", &QueueLogCounters::callbacks_requested},
        {"30 c q - WITHDRAW 1|1|30|moved", &QueueLogCounters::overflow_out},
        {"30 c q A SYSCOMPAT", &QueueLogCounters::overflow_out},
        {"30 c q A CONNECT 30|x|0", &QueueLogCounters::answered},
    };
    for (const auto& way : ways) {
        CAPTURE(way.line);
        QueueLogLimits limits;
        limits.callback_keys = {"2"};
        QueueLogState state(limits);
        fold(state, "0 c q - ENTERQUEUE ||1");
        fold(state, way.line);
        CHECK(only(state).waiting() == 0);
        CHECK(only(state).counters.*way.counter == 1);
        const auto& c = only(state).counters;
        CHECK(c.offered == c.answered + c.abandoned + c.timeouts + c.overflow_out + c.callbacks_requested);
    }
}

TEST_CASE("queue_log: ringing phones and unknown events are no outcome", "[unit]") {
    QueueLogState state;
    fold(state, "0 c q - ENTERQUEUE ||1");
    fold(state, "1 c q A RINGNOANSWER 1000");
    fold(state, "2 c q A RINGCANCELED 1000");
    fold(state, "3 c q - DID 555");
    fold(state, "4 c q - CALLOUTBOUND x");

    CHECK(only(state).waiting() == 1);
    CHECK(state.unknown_events() == 2);
}

TEST_CASE("queue_log: the wait runs from ENTERQUEUE, not from the call id's own time", "[unit]") {
    QueueLogState state;
    fold(state, "17 1700000000.1 q - ENTERQUEUE ||1");
    fold(state, "20 1700000000.1 q A CONNECT");

    CHECK(only(state).counters.wait_answered_ms == 3000);
    CHECK(only(state).counters.answered == 1);
}

TEST_CASE("queue_log: the logged wait is believed before the measured one", "[unit]") {
    QueueLogState state;
    fold(state, "0 c q - ENTERQUEUE ||1");
    fold(state, "11 c q A CONNECT 10|x|0");
    CHECK(only(state).counters.wait_answered_ms == 10000);

    fold(state, "20 d q - ENTERQUEUE ||1");
    fold(state, "25 d q A CONNECT -3|x|0");
    CHECK(only(state).counters.wait_answered_ms == 15000);
    CHECK(state.oddities().bad_params == 1);
}

// asterisk issue 759: the consult leg enters under its own id, the talk goes on under the first.
TEST_CASE("queue_log: an attended transfer into another queue leaves no ghost and no busy agent", "[unit]") {
    QueueLogState state;
    fold(state, "0 c826 q1501 - ENTERQUEUE ||1");
    fold(state, "4 c826 q1501 A CONNECT 4|x|2");
    fold(state, "60 c830 q1509 - ENTERQUEUE ||1");
    fold(state, "65 c830 q1501 A ATTENDEDTRANSFER BRIDGE|b1|4|61|1");
    CHECK(state.agents("q1501").on_call == 0);
    CHECK(state.oddities().transfers_matched == 1);
    CHECK(only(state, "q1509").waiting() == 1);

    fold(state, "70 c826 q1509 B CONNECT 10|x|2");
    CHECK(only(state, "q1509").waiting() == 0);
    CHECK(state.agents("q1509").on_call == 1);
    CHECK(state.oddities().ghosts_matched == 0);
    CHECK(state.oddities().unmatched_exits == 0);

    fold(state, "90 c826 q1509 B COMPLETEAGENT 10|20|1");
    CHECK(state.agents("q1509").on_call == 0);
    CHECK(only(state, "q1501").counters.handled == 1);
    CHECK(only(state, "q1501").counters.talk_ms == 61000);
}

TEST_CASE("queue_log: the same transfer finished only after the second agent has answered", "[unit]") {
    QueueLogState state;
    fold(state, "0 c826 q1501 - ENTERQUEUE ||1");
    fold(state, "4 c826 q1501 A CONNECT 4|x|2");
    fold(state, "60 c830 q1509 - ENTERQUEUE ||1");
    fold(state, "70 c826 q1509 B CONNECT 10|x|2");
    CHECK(only(state, "q1509").waiting() == 0);
    CHECK(state.oddities().ghosts_matched == 1);
    CHECK(state.agents("q1501").on_call == 1);

    fold(state, "75 c830 q1501 A ATTENDEDTRANSFER BRIDGE|b1|4|71|1");
    CHECK(state.agents("q1501").on_call == 0);
    CHECK(state.agents("q1509").on_call == 1);
    CHECK(state.waiting() == 0);
}

TEST_CASE("queue_log: a CONNECT under a foreign id takes the waiter of that time, within a second", "[unit]") {
    for (const int off : {-2, -1, 0, 1, 2}) {
        CAPTURE(off);
        QueueLogState state;
        fold(state, "0 early q - ENTERQUEUE ||1");
        fold(state, std::to_string(50 + off) + " ghost q - ENTERQUEUE ||1");
        fold(state, "90 late q - ENTERQUEUE ||1");
        fold(state, "100 other q A CONNECT 50|x|0");

        const bool matched = off >= -1 && off <= 1;
        CHECK(only(state).waiting() == (matched ? 2 : 3));
        CHECK(only(state).by_call.count("ghost") == (matched ? 0 : 1));
        CHECK(state.oddities().ghosts_matched == (matched ? 1 : 0));
        CHECK(state.oddities().unmatched_exits == (matched ? 0 : 1));
        CHECK(only(state).counters.answered == 1);
    }
}

TEST_CASE("queue_log: of two waiters in reach the nearer one is the ghost, then the first in the file", "[unit]") {
    QueueLogState state;
    fold(state, "49 a q - ENTERQUEUE ||1");
    fold(state, "50 b q - ENTERQUEUE ||1");
    fold(state, "50 c q - ENTERQUEUE ||1");
    fold(state, "100 other q A CONNECT 50|x|0");

    CHECK(only(state).by_call.count("b") == 0);
    CHECK(only(state).waiting() == 2);
}

TEST_CASE("queue_log: a waiter expires after the bound and not at it", "[unit]") {
    QueueLogState state;
    fold(state, "0 c q - ENTERQUEUE ||1");
    state.advance(log_ms(7200));
    CHECK(only(state).waiting() == 1);
    state.advance(log_ms(7201));
    CHECK(only(state).waiting() == 0);
    CHECK(state.oddities().expired == 1);
    CHECK(state.waiting() == 0);
}

TEST_CASE("queue_log: QUEUESTART ends every open call and begins a new epoch of counters", "[unit]") {
    QueueLogState state;
    fold(state, "0 c1 q - ENTERQUEUE ||1");
    fold(state, "1 c1 q A CONNECT 1|x|0");
    fold(state, "2 c2 q - ENTERQUEUE ||1");
    fold(state, "10 NONE NONE - QUEUESTART");

    CHECK(only(state).waiting() == 0);
    CHECK(state.agents("q").on_call == 0);
    CHECK(state.restarts() == 1);
    CHECK(only(state).counters.offered == 0);
    CHECK(only(state).total().offered == 2);
    CHECK(only(state).total().answered == 1);
    CHECK(state.oddities().lost_at_restart == 1);

    fold(state, "20 c3 q - ENTERQUEUE ||1");
    CHECK(only(state).counters.offered == 1);
    CHECK(only(state).total().offered == 3);
}

TEST_CASE("queue_log: CONFIGRELOAD touches nobody", "[unit]") {
    QueueLogState state;
    fold(state, "0 c1 q - ENTERQUEUE ||1");
    fold(state, "1 NONE NONE - CONFIGRELOAD");

    CHECK(only(state).waiting() == 1);
    CHECK(state.restarts() == 0);
}

TEST_CASE("queue_log: who enters another queue has left the first, whatever its log says", "[unit]") {
    QueueLogState state;
    fold(state, "0 c q - ENTERQUEUE ||1");
    fold(state, "0 d q - ENTERQUEUE ||2");
    fold(state, "5 c p - ENTERQUEUE ||1");
    CHECK(only(state).waiting() == 1);
    CHECK(only(state).by_call.count("d") == 1);
    CHECK(only(state).counters.overflow_out == 1);
    CHECK(only(state, "p").waiting() == 1);
    CHECK(state.oddities().exits_by_others == 1);
}

TEST_CASE("queue_log: of callers who have left only the last half minute is remembered, however busy the queue", "[unit]") {
    QueueLogState state;
    const auto lives = [&](int call, int second) {
        const auto at = std::to_string(second);
        const auto id = "c" + std::to_string(call);
        fold(state, at + " " + id + " q - ENTERQUEUE ||1");
        fold(state, at + " " + id + " q A CONNECT 0|x|1");
    };
    std::size_t most = 0;
    for (int call = 0; call < 20000; ++call) {
        lives(call, call / 2);  // two a second
        most = std::max(most, only(state).left.size());
    }
    CHECK(most <= 512);
    for (int call = 20000; call < 23000; ++call) {
        lives(call, 10000 + (call - 20000) / 100);  // a hundred a second: three thousand in half a minute
    }
    CHECK(only(state).left.size() >= 2900);
    CHECK(only(state).counters.answered == 23000);
    CHECK(only(state).waiting() == 0);
}

TEST_CASE("queue_log: a caller who goes from queue to queue waits in one at a time, and in none at the end", "[unit]") {
    QueueLogState state;
    for (int round = 0; round < 3; ++round) {
        for (const std::string queue : {"p", "q", "r"}) {
            fold(state, std::to_string(round * 10) + " c " + queue + " - ENTERQUEUE ||1");
            CHECK(state.waiting() == 1);
        }
    }
    CHECK(only(state, "r").waiting() == 1);
    CHECK(state.oddities().exits_by_others == 8);
    fold(state, "40 c r - ABANDON 1|1|20");
    CHECK(state.waiting() == 0);
    fold(state, "41 c q - ENTERQUEUE ||1");
    CHECK(state.oddities().exits_by_others == 8);
    fold(state, "42 NONE NONE - QUEUESTART");
    fold(state, "43 c p - ENTERQUEUE ||1");
    CHECK(state.oddities().exits_by_others == 8);
    CHECK(state.waiting() == 1);
}

TEST_CASE("queue_log: entering twice is one waiter", "[unit]") {
    QueueLogState state;
    fold(state, "0 c q - ENTERQUEUE ||1");
    fold(state, "9 c q - ENTERQUEUE ||1");
    CHECK(only(state).waiting() == 1);
    CHECK(only(state).counters.offered == 2);
    CHECK(only(state).oldest_wait_ms(log_ms(10)) == 1000);
    CHECK(state.oddities().replaced == 1);
}

TEST_CASE("queue_log: talk times past the cap count as the cap", "[unit]") {
    QueueLogLimits limits;
    limits.talk_cap = std::chrono::seconds{3600};
    QueueLogState state(limits);
    fold(state, "0 c q A COMPLETEAGENT 1|3600|1");
    CHECK(state.oddities().talks_capped == 0);
    fold(state, "0 d q A COMPLETEAGENT 1|3601|1");
    CHECK(state.oddities().talks_capped == 1);
    CHECK(only(state).counters.talk_ms == 7200000);
}

TEST_CASE("queue_log: the bound on open calls refuses to track, not to count", "[unit]") {
    QueueLogLimits limits;
    limits.waiters = 2;
    QueueLogState state(limits);
    for (const char* line : {"0 a q - ENTERQUEUE ||1", "0 b q - ENTERQUEUE ||1", "0 c q - ENTERQUEUE ||1"}) {
        fold(state, line);
    }
    CHECK(state.waiting() == 2);
    CHECK(only(state).counters.offered == 3);
    CHECK(state.oddities().over_limit == 1);

    fold(state, "5 a q - ABANDON 1|1|5");
    fold(state, "6 d q - ENTERQUEUE ||1");
    CHECK(state.waiting() == 2);
    CHECK(state.oddities().over_limit == 1);
}

TEST_CASE("queue_log: the bound on queues holds at its edge", "[unit]") {
    QueueLogLimits limits;
    limits.queues = 2;
    QueueLogState state(limits);
    fold(state, "0 a q1 - ENTERQUEUE ||1");
    fold(state, "0 a q2 - ENTERQUEUE ||1");
    CHECK(state.oddities().over_limit == 0);
    fold(state, "0 a q3 - ENTERQUEUE ||1");
    fold(state, "0 NONE q4 A ADDMEMBER");
    CHECK(state.queues().size() == 2);
    CHECK(state.oddities().over_limit == 2);
}

TEST_CASE("queue_log: times that go back neither crash nor make a negative wait", "[unit]") {
    QueueLogState state;
    fold(state, "100 c q - ENTERQUEUE ||1");
    fold(state, "40 c q A CONNECT");
    CHECK(only(state).counters.wait_answered_ms == 0);
    CHECK(state.oddities().backward == 1);
}
