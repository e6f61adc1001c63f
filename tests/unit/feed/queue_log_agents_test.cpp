#include "feed/queue_log_agents.hpp"

#include "queue_log_kit.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace surged::test;

// The option "--members log": everybody who serves is in the log.
static QueueLogState declared() {
    QueueLogLimits limits;
    limits.members = MembersFrom::log;
    return QueueLogState(limits);
}

namespace {
bool holds(const AgentGauges& g) {
    return g.staffed >= g.available + g.on_call + g.aux;
}
}  // namespace

TEST_CASE("agents: members, pauses and talks add up to the staffed", "[unit]") {
    auto state = declared();
    fold(state, "0 CLI q A ADDMEMBER");
    fold(state, "0 CLI q B ADDMEMBER PAUSED");
    fold(state, "0 CLI q C ADDMEMBER");
    auto g = state.agents("q");
    CHECK(g.members_known);
    CHECK(g.staffed == 3);
    CHECK(g.available == 2);
    CHECK(g.aux == 1);

    fold(state, "1 c1 q - ENTERQUEUE ||1");
    fold(state, "2 c1 q A CONNECT 1|x|0");
    g = state.agents("q");
    CHECK(g.on_call == 1);
    CHECK(g.available == 1);

    fold(state, "3 NONE q A PAUSE lunch");
    CHECK(state.agents("q").on_call == 1);
    CHECK(state.agents("q").aux == 1);
    fold(state, "9 c1 q A COMPLETEAGENT 1|7|1");
    CHECK(state.agents("q").aux == 2);

    fold(state, "10 NONE NONE A UNPAUSEALL");
    CHECK(state.agents("q").available == 2);
    fold(state, "11 CLI q C REMOVEMEMBER");
    g = state.agents("q");
    CHECK(g.staffed == 2);
    CHECK(holds(g));
}

TEST_CASE("agents: a member removed in mid-call is staffed until the call ends", "[unit]") {
    QueueLogState state;
    fold(state, "0 CLI q A ADDMEMBER");
    fold(state, "1 c q A CONNECT 0|x|0");
    fold(state, "2 CLI q A REMOVEMEMBER");
    CHECK(state.agents("q").staffed == 1);
    CHECK(holds(state.agents("q")));
    fold(state, "3 c q A COMPLETEAGENT 0|2|1");
    CHECK(state.agents("q").staffed == 0);
}

TEST_CASE("agents: a talk in one queue makes the agent unavailable in the others", "[unit]") {
    QueueLogState state;
    fold(state, "0 CLI q A ADDMEMBER");
    fold(state, "0 CLI p A ADDMEMBER");
    fold(state, "1 c q A CONNECT 0|x|0");

    CHECK(state.agents("p").staffed == 1);
    CHECK(state.agents("p").available == 0);
    CHECK(state.agents("p").on_call == 0);
    CHECK(holds(state.agents("p")));
}

TEST_CASE("agents: without member events only the talks are known", "[unit]") {
    QueueLogState state;
    fold(state, "1 c q A CONNECT 0|x|0");
    CHECK_FALSE(state.agents("q").members_known);
    CHECK(state.agents("q").on_call == 1);
}

TEST_CASE("agents: log-off sends home from every queue, log-in brings back", "[unit]") {
    QueueLogState state;
    fold(state, "0 c q Agent/1 CONNECT 0|x|0");
    fold(state, "5 c q Agent/1 COMPLETEAGENT 0|5|1");
    fold(state, "6 NONE NONE Agent/1 AGENTLOGOFF SIP/1|3600");
    CHECK(state.agents("q").members_known);
    CHECK(state.agents("q").staffed == 0);
    fold(state, "7 NONE NONE Agent/1 AGENTLOGIN SIP/1");
    CHECK(state.agents("q").staffed == 1);
    CHECK(state.agents("q").available == 1);
}

TEST_CASE("agents: the newest CONNECT ends a talk whose end was never logged", "[unit]") {
    QueueLogState state;
    fold(state, "0 c1 q A CONNECT 0|x|0");
    fold(state, "60 c2 q A CONNECT 0|x|0");
    CHECK(state.agents("q").on_call == 1);
    fold(state, "90 c2 q A COMPLETEAGENT 0|30|1");
    CHECK(state.agents("q").on_call == 0);
}

TEST_CASE("agents: a talk without an end is forgotten", "[unit]") {
    QueueLogState state;
    fold(state, "0 c1 q A CONNECT 0|x|0");
    state.advance(log_ms(12 * 3600));
    CHECK(state.agents("q").on_call == 1);
    state.advance(log_ms(14 * 3600));
    CHECK(state.agents("q").on_call == 0);
}

TEST_CASE("agents: QUEUESTART keeps the members", "[unit]") {
    QueueLogState state;
    fold(state, "0 CLI q A ADDMEMBER");
    fold(state, "1 c1 q A CONNECT 0|x|0");
    fold(state, "2 NONE NONE - QUEUESTART");
    CHECK(state.agents("q").staffed == 1);
    CHECK(state.agents("q").available == 1);
}

TEST_CASE("agents: the bound on memberships holds at its edge", "[unit]") {
    QueueLogAgents agents({2, 1000});
    CHECK(agents.add_member("q", "A", false));
    CHECK(agents.add_member("q", "B", false));
    CHECK(agents.add_member("q", "B", true));
    CHECK_FALSE(agents.add_member("q", "C", false));
    agents.remove_member("q", "A", 0);
    CHECK(agents.add_member("q", "C", false));
}

TEST_CASE("agents: shifts of one phone do not use up the bound on names", "[unit]") {
    QueueLogAgents agents({2, 1000});
    for (std::int64_t day = 0; day < 50; ++day) {
        const auto at = day * 86400000;
        REQUIRE(agents.add_member("q", "Local/1@a", false));
        REQUIRE(agents.rang("q", "Ana", at + 1000));
        CHECK(agents.gauges("q").available == 1);
        agents.remove_member("q", "Local/1@a", at + 2000);
        CHECK(agents.gauges("q").staffed == 0);
        CHECK(agents.gauges("q").members_known);
    }
    CHECK(agents.rang("p", "somebody else", 0));
}
