// What Asterisk of all ages and the dialplans round it really write. Logs of our own, after recordings of Asterisk 22 and reports
// of others' trouble.
#include <sstream>

#include "feed/queue_log_summary.hpp"
#include "queue_log_kit.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace surged::test;

namespace {
const QueueLogState::Queue& world_queue(const QueueLogState& state, const char* name = "q") {
    return state.queues().at(name);
}
std::uint64_t outcomes(const QueueLogState::Queue& queue) {
    const auto& c = queue.counters;
    return c.answered + c.abandoned + c.timeouts + c.overflow_out + c.callbacks_requested;
}
}  // namespace

TEST_CASE("world: a queue dialled in another letter case is the same queue, shown as configured", "[unit]") {
    QueueLogState state;
    fold(state, "0 a CARE - ENTERQUEUE ||1");
    CHECK(world_queue(state, "care").name == "CARE");
    fold(state, "0 b Care - ENTERQUEUE ||2");
    CHECK(world_queue(state, "care").name == "CARE");
    fold(state, "1 CLI cARE X ADDMEMBER");
    CHECK(world_queue(state, "care").name == "cARE");
    fold(state, "2 a care X CONNECT 2|x|1");
    CHECK(world_queue(state, "care").name == "care");
    fold(state, "9 a care X COMPLETEAGENT 2|7|1");
    fold(state, "10 b CARE - ABANDON 1|2|10");
    fold(state, "11 CLI CARE Y ADDMEMBER");
    CHECK(state.queues().size() == 1);
    CHECK(world_queue(state, "care").name == "care");
    CHECK(state.waiting() == 0);
    CHECK(state.agents("Care").staffed == 2);
    CHECK(state.oddities().unmatched_exits == 0);
}

TEST_CASE("world: only ASCII letters are folded, as Asterisk does", "[unit]") {
    QueueLogState state;
    fold(state, "0 a SÜD - ENTERQUEUE ||1");
    fold(state, "0 b süd - ENTERQUEUE ||1");
    CHECK(state.queues().size() == 2);
}

TEST_CASE("world: an agent who refuses at the announcement does not end the caller's wait", "[unit]") {
    QueueLogState state;
    fold(state, "0 a q - ENTERQUEUE ||1");
    fold(state, "12 a q A AGENTDUMP");
    fold(state, "24 a q A AGENTDUMP");
    CHECK(world_queue(state).waiting() == 1);
    CHECK(world_queue(state).oldest_wait_ms(log_ms(30)) == 30000);
    CHECK(outcomes(world_queue(state)) == 0);
    fold(state, "40 a q B CONNECT 40|x|2");
    CHECK(outcomes(world_queue(state)) == 1);
    CHECK(state.oddities().unmatched_exits == 0);
}

TEST_CASE("world: an exit logged twice counts once and takes nobody else out", "[unit]") {
    for (const char* first : {"ABANDON 1|1|21", "SYSCOMPAT", "EXITWITHTIMEOUT 1|1|21", "EXITWITHKEY 5|1|1|21"}) {
        CAPTURE(first);
        QueueLogState state;
        fold(state, "0 a q - ENTERQUEUE ||1");
        fold(state, "0 b q - ENTERQUEUE ||2");
        fold(state, std::string("21 a q A ") + first);
        fold(state, "21 a q - ABANDON 1|1|21");
        CHECK(world_queue(state).by_call.count("b") == 1);
        CHECK(outcomes(world_queue(state)) == 1);
        CHECK(state.oddities().repeated_exits == 1);
        fold(state, "300 b q - ABANDON 1|2|300");
        CHECK(outcomes(world_queue(state)) == 2);
        CHECK(world_queue(state).waiting() == 0);
    }
}

TEST_CASE("world: the same exit is one within 30 s and another after it; who enters again leaves again", "[unit]") {
    for (const int later : {30, 31}) {
        CAPTURE(later);
        QueueLogState state;
        fold(state, "0 a q - ENTERQUEUE ||1");
        fold(state, "10 a q - ABANDON 1|1|10");
        fold(state, std::to_string(10 + later) + " a q - ABANDON 1|1|10");
        CHECK(world_queue(state).counters.abandoned == (later == 30 ? 1 : 2));
    }
    QueueLogState state;
    fold(state, "0 a q - ENTERQUEUE ||1");
    fold(state, "1 a q - EXITWITHTIMEOUT 1|1|1");
    fold(state, "1 a q - ENTERQUEUE ||1");
    fold(state, "2 a q - EXITWITHTIMEOUT 1|1|1");
    CHECK(world_queue(state).counters.timeouts == 2);
    CHECK(state.oddities().repeated_exits == 0);
}

TEST_CASE("world: only a CONNECT is matched by time", "[unit]") {
    for (const char* exit : {"ABANDON 1|1|50", "EXITWITHTIMEOUT 1|1|50", "EXITEMPTY 1|1|50", "EXITWITHKEY 1|1|1|50"}) {
        CAPTURE(exit);
        QueueLogState state;
        fold(state, "50 b q - ENTERQUEUE ||1");
        fold(state, std::string("100 unseen q - ") + exit);
        CHECK(world_queue(state).waiting() == 1);
        CHECK(state.oddities().unmatched_exits == 1);
    }
}

TEST_CASE("world: the talk of an attended transfer is where its method puts it", "[unit]") {
    for (const char* params : {"BRIDGE|0a1b|12|300|1", "APP|voicemail|12|300|1", "LINK|Local/1@x-1;1|Local/1@x-1;2|12|300|1",
                               "LINK|Local/1@x-1;1|12|300|1"}) {
        CAPTURE(params);
        QueueLogState state;
        fold(state, "0 a q - ENTERQUEUE ||1");
        fold(state, "12 a q A CONNECT 12|x|1");
        fold(state, std::string("312 a q A ATTENDEDTRANSFER ") + params);
        CHECK(world_queue(state).counters.talk_ms == 300000);
        CHECK(state.agents("q").on_call == 0);
        CHECK(state.oddities().bad_params == 0);
    }
}

TEST_CASE("world: a dialplan's own word ends the wait whose exit line was lost, and says nothing new of others", "[unit]") {
    struct Word {
        const char* line;
        std::uint64_t QueueLogCounters::*counter;
    };
    const Word words[] = {
        {"30 a q - EXITCODE TIMEOUT", &QueueLogCounters::timeouts},
        {"30 a q - EXITCODE LEAVEEMPTY", &QueueLogCounters::timeouts},
        {"30 a NONE - EXITCODE TIMEOUT", &QueueLogCounters::timeouts},
        {"30 a q - LEAVEEMPTY", &QueueLogCounters::timeouts},
        {"30 a q - EXITHANGUP", &QueueLogCounters::abandoned},
        {"30 a Q - EXITCODE CONTINUE", &QueueLogCounters::overflow_out},
    };
    for (const auto& word : words) {
        CAPTURE(word.line);
        QueueLogState state;
        fold(state, "0 a q - ENTERQUEUE ||1");
        fold(state, "0 b q - ENTERQUEUE ||2");
        fold(state, word.line);
        CHECK(world_queue(state).waiting() == 1);
        CHECK(world_queue(state).counters.*word.counter == 1);
        CHECK(outcomes(world_queue(state)) == 1);
        fold(state, word.line);
        fold(state, "31 b q - ABANDON 1|2|31");
        fold(state, "31 b q - EXITHANGUP");
        fold(state, "31 x1 q ivr EXITCODE a|b");
        CHECK(outcomes(world_queue(state)) == 2);
        CHECK(world_queue(state).waiting() == 0);
    }
}

TEST_CASE("world: a talk that ends was answered, though its CONNECT line was lost", "[unit]") {
    QueueLogState state;
    fold(state, "0 a q - ENTERQUEUE ||1");
    fold(state, "60 a q A COMPLETEAGENT 10|50|1");
    CHECK(world_queue(state).waiting() == 0);
    CHECK(world_queue(state).counters.answered == 1);
    CHECK(world_queue(state).counters.wait_answered_ms == 10000);

    // But a caller who came back before the end of the first talk was written waits.
    fold(state, "70 b q - ENTERQUEUE ||1");
    fold(state, "75 b q A CONNECT 5|x|1");
    fold(state, "90 b q - ENTERQUEUE ||1");
    fold(state, "90 b q A COMPLETEAGENT 5|15|1");
    CHECK(world_queue(state).waiting() == 1);
}

TEST_CASE("world: callers turned away are `blocked`, once each, and neither offered nor waiting", "[unit]") {
    QueueLogState state;
    CHECK_FALSE(state.tells_blocked());
    for (const char* line :
         {"0 a q - FULL", "0 a q - EXITCODE FULL", "1 b q - JOINEMPTY", "2 c q - DIVERT_CA_RATIO", "3 d Q - CLOSED"}) {
        fold(state, line);
    }
    CHECK(state.tells_blocked());
    CHECK(world_queue(state).counters.blocked == 4);
    CHECK(world_queue(state).counters.offered == 0);
    CHECK(state.waiting() == 0);
    fold(state, "4 NONE NONE - FULL");
    CHECK(state.queues().size() == 1);
}

TEST_CASE("world: members added by interface and working by name are one each", "[unit]") {
    QueueLogState state;
    fold(state, "0 CLI q Local/201@from-queue/n ADDMEMBER");
    fold(state, "10 a q - ENTERQUEUE ||1");
    CHECK_FALSE(state.agents("q").members_known);
    fold(state, "12 a q Ana CONNECT 2|x|1");
    CHECK(state.agents("q").members_known);
    CHECK(state.agents("q").staffed == 1);
    CHECK(state.agents("q").on_call == 1);
    CHECK(state.agents("q").available == 0);
    fold(state, "22 a q Ana COMPLETECALLER 2|10|1");
    CHECK(state.agents("q").available == 1);
    fold(state, "30 NONE q Ana PAUSE Lunch");
    CHECK(state.agents("q").staffed == 1);
    CHECK(state.agents("q").aux == 1);
    fold(state, "40 CLI q Local/201@from-queue/n REMOVEMEMBER");
    CHECK(state.agents("q").members_known);
    CHECK(state.agents("q").staffed == 0);

    // Another person at the same phone, and a line that came late of the first.
    fold(state, "50 CLI q Local/201@from-queue/n ADDMEMBER");
    fold(state, "51 a q Ana RINGNOANSWER 1000");
    fold(state, "60 b q Ben RINGNOANSWER 1000");
    CHECK(state.agents("q").members_known);
    CHECK(state.agents("q").staffed == 1);
    CHECK(state.agents("q").available == 1);
}

TEST_CASE("world: many names without a known interface are still one member each", "[unit]") {
    QueueLogState state;
    for (const char* line : {"0 M q Local/1@a ADDMEMBER", "0 M q Local/2@a ADDMEMBER PAUSED", "0 M q Local/3@a ADDMEMBER",
                             "1 a q Ana CONNECT 1|x|1", "2 b q Ben CONNECT 1|x|1"}) {
        fold(state, line);
    }
    auto g = state.agents("q");
    CHECK(g.staffed == 3);
    CHECK(g.on_call == 2);
    CHECK(g.aux == 1);
    fold(state, "3 NONE q Cai UNPAUSE");
    CHECK(state.agents("q").available == 1);
    fold(state, "9 a q Ana COMPLETEAGENT 1|8|1");
    fold(state, "10 M q Local/1@a REMOVEMEMBER");
    fold(state, "11 M q Local/3@a REMOVEMEMBER");
    g = state.agents("q");
    CHECK(g.members_known);
    CHECK(g.staffed == 2);
    CHECK(g.on_call == 1);
    fold(state, "12 b q Ben COMPLETEAGENT 1|10|1");
    CHECK(state.agents("q").staffed == 1);
}

TEST_CASE("world: who of several left is not guessed when one of them was paused", "[unit]") {
    QueueLogState state;
    for (const char* line : {"0 M q Local/1@a ADDMEMBER", "0 M q Local/2@a ADDMEMBER", "0 M q Local/3@a ADDMEMBER",
                             "1 a q Ana RINGNOANSWER 1000", "2 NONE q Ben PAUSE"}) {
        fold(state, line);
    }
    CHECK(state.agents("q").pauses_known);
    CHECK(state.agents("q").aux == 1);
    fold(state, "3 M q Local/3@a REMOVEMEMBER");
    CHECK(state.agents("q").members_known);
    CHECK(state.agents("q").staffed == 2);
    CHECK_FALSE(state.agents("q").pauses_known);
    fold(state, "4 NONE q Ben UNPAUSE");
    CHECK(state.agents("q").pauses_known);
    CHECK(state.agents("q").available == 2);
}

TEST_CASE("world: beside members the log never named, nobody is known to be staffed, unless the user says so", "[unit]") {
    for (const auto from : {MembersFrom::inferred, MembersFrom::log, MembersFrom::nowhere}) {
        CAPTURE(static_cast<int>(from));
        QueueLogLimits limits;
        limits.members = from;
        QueueLogState state(limits);
        const bool declared = from == MembersFrom::log;
        fold(state, "0 M q Local/sup ADDMEMBER");
        CHECK(state.agents("q").members_known == declared);
        fold(state, "1 M q Local/sup REMOVEMEMBER");
        fold(state, "60 a q - ENTERQUEUE ||1");
        CHECK(state.agents("q").members_known == declared);
        fold(state, "70 a q Local/st0 RINGNOANSWER 9000");
        fold(state, "80 a q Local/st1 RINGNOANSWER 9000");
        CHECK(state.agents("q").members_known == declared);
        if (declared) {
            CHECK(state.agents("q").staffed == 2);
        }
    }
}

TEST_CASE("world: a member who came before the log began makes the others unknown until they log off", "[unit]") {
    QueueLogState state;
    fold(state, "0 a q SIP/1 CONNECT 1|x|1");
    fold(state, "1 M q SIP/2 ADDMEMBER");
    fold(state, "2 b q SIP/2 CONNECT 1|x|1");
    CHECK_FALSE(state.agents("q").members_known);
    fold(state, "9 a q SIP/1 COMPLETEAGENT 1|8|1");
    fold(state, "10 M q SIP/1 REMOVEMEMBER");
    CHECK(state.agents("q").members_known);
    CHECK(state.agents("q").staffed == 1);
}

TEST_CASE("world: a CONNECT ends a pause, unless the pause began while the phone rang", "[unit]") {
    for (const int paused_at : {5, 8}) {
        CAPTURE(paused_at);
        QueueLogState state;
        fold(state, "0 R q A ADDMEMBER PAUSED");
        fold(state, std::to_string(paused_at) + " NONE q A PAUSE");
        fold(state, "10 a q A CONNECT 2|x|1");
        fold(state, "20 a q A COMPLETEAGENT 2|10|1");
        CHECK(state.agents("q").aux == (paused_at == 8 ? 1 : 0));
        CHECK(state.agents("q").available == (paused_at == 8 ? 0 : 1));
    }
}

TEST_CASE("world: a talk in one queue keeps an agent busy in another by whichever name", "[unit]") {
    QueueLogState state;
    for (const char* line : {"0 M q Local/1@a ADDMEMBER", "0 M p Local/1@a ADDMEMBER", "1 a q Ana CONNECT 1|x|1",
                             "2 a q Ana COMPLETEAGENT 1|1|1", "3 b p Ana CONNECT 1|x|1"}) {
        fold(state, line);
    }
    CHECK(state.agents("q").staffed == 1);
    CHECK(state.agents("q").available == 0);
    CHECK(state.agents("p").on_call == 1);
}

TEST_CASE("world: --waiter-max holds on both sides, and a backdated caller is counted but does not wait", "[unit]") {
    QueueLogLimits limits;
    limits.waiter_age_max = std::chrono::minutes{10};
    QueueLogState state(limits);
    fold(state, "0 a q - ENTERQUEUE ||1");
    state.advance(log_ms(600));
    CHECK(state.waiting() == 1);
    state.advance(log_ms(601));
    CHECK(state.waiting() == 0);

    fold(state, "1000 b q - ENTERQUEUE ||1");
    fold(state, "940 c q - ENTERQUEUE ||2");
    CHECK(state.waiting() == 2);
    fold(state, "939 d q - ENTERQUEUE ||2");
    CHECK(state.waiting() == 2);
    CHECK(state.oddities().backdated == 1);
    fold(state, "1005 d q A CONNECT 5|x|1");
    CHECK(world_queue(state).by_call.count("b") == 1);
    CHECK(world_queue(state).counters.offered == 4);
}
