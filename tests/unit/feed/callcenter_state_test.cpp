#include "feed/callcenter_state.hpp"

#include "callcenter_kit.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace surged::test;

namespace {
struct Live : FsSwitch {
    explicit Live(CallcenterLimits limits = {}) : FsSwitch(limits) {
        lists.agents = {{"ann", {}}, {"bob", {}}};
        lists.tiers = {{"q", "ann"}, {"q", "bob"}};
        connected(0);
        REQUIRE(list(0));
    }
};
}  // namespace

TEST_CASE("callcenter: a caller waits until an agent is bridged to him, not until a phone is picked up") {
    Live fs;
    fs.join(1000, "1");
    CHECK(fs.queue().waiting() == 1);
    CHECK(fs.queue().oldest_wait_ms(fs.at(5000)) == 4000);
    fs.picks_up(8000, "1", "ann");
    CHECK(fs.counts().answered == 0);
    CHECK(fs.queue().waiting() == 1);
    fs.agent_state(12500, "ann", "In a queue call");
    CHECK(fs.queue().waiting() == 0);
    CHECK(fs.counts().answered == 1);
    CHECK(fs.counts().wait_answered_ms == 11500);
    CHECK(fs.crew(13000).on_call == 1);
    fs.hands_back(42500, "1", "ann");
    CHECK(fs.counts().handled == 1);
    CHECK(fs.counts().talk_ms == 30000);
    CHECK(fs.crew(43000).on_call == 0);
    CHECK(fs.adds_up());
}

TEST_CASE("callcenter: answered in 15 and in 20 seconds, both sides of each") {
    Live fs;
    const std::vector<std::int64_t> waits{15000, 15001, 20000, 20001};
    for (std::size_t i = 0; i < waits.size(); ++i) {
        const auto call = std::to_string(i);
        const auto at = static_cast<std::int64_t>(i) * 100'000;
        fs.join(at, call);
        fs.talks(at + waits[i], call, "ann");
        fs.hands_back(at + 50'000, call, "ann");
    }
    CHECK(fs.counts().answered == 4);
    CHECK(fs.counts().answered_in_15 == 1);
    CHECK(fs.counts().answered_in_20 == 3);
}

TEST_CASE("callcenter: a bridge that failed is no answer, and the caller waits on") {
    Live fs;
    fs.join(0, "1");
    fs.picks_up(1000, "1", "ann");
    fs.bridge_ends(2000, "1", "ann", "false");
    fs.agent_state(2000, "ann", "Waiting");
    CHECK(fs.queue().waiting() == 1);
    CHECK(fs.counts().answered == 0);
    fs.agent_state(2500, "ann", "In a queue call");  // of another: nobody picked up for this one any more
    CHECK(fs.counts().answered == 0);
    fs.talks(3000, "1", "bob");
    CHECK(fs.counts().answered == 1);
    CHECK(fs.counts().wait_answered_ms == 3000);
}

TEST_CASE("callcenter: a version that does not tell of failed bridges sends the end of good ones only") {
    Live fs;
    fs.join(0, "1");
    fs.picks_up(1000, "1", "ann");
    fs.event(31'000, "bridge-agent-end",
             {{"CC-Queue", "q"}, {"CC-Agent", "ann"}, {"CC-Member-UUID", "1"}, {"CC-Agent-Answered-Time", std::to_string(fs_epoch_s + 1)},
              {"CC-Bridge-Terminated-Time", std::to_string(fs_epoch_s + 31)}});
    CHECK(fs.counts().answered == 1);
    CHECK(fs.counts().wait_answered_ms == 1000);  // not the talk too
}

TEST_CASE("callcenter: how a caller leaves unanswered") {
    const FsPairs up{{"Answer-State", "answered"}};
    const FsPairs down{{"Answer-State", "hangup"}, {"Hangup-Cause", "ORIGINATOR_CANCEL"}};
    Live fs;
    const auto left = [&](const std::string& reason, const FsPairs& channel) {
        const auto before = fs.counts();
        fs.join(0, "1");
        fs.cancel(5000, "1", reason, channel);
        CHECK(fs.adds_up());
        const auto& now = fs.counts();
        return now.abandoned > before.abandoned ? "abandoned" : now.timeouts > before.timeouts ? "timeout" : now.overflow_out > before.overflow_out ? "overflow" : "?";
    };
    CHECK(left("BREAK_OUT", down) == std::string("abandoned"));
    CHECK(left("NONE", down) == std::string("abandoned"));
    CHECK(left("BREAK_OUT", {{"Answer-State", "hangup"}}) == std::string("abandoned"));
    CHECK(left("BREAK_OUT", {}) == std::string("abandoned"));  // a version that tells nothing of the channel
    CHECK(left("BREAK_OUT", up) == std::string("overflow"));   // a transfer
    CHECK(left("BREAK_OUT", {{"Answer-State", "hangup"}, {"Hangup-Cause", "MANAGER_REQUEST"}}) == std::string("overflow"));
    CHECK(left("TIMEOUT", up) == std::string("timeout"));
    CHECK(left("NO_AGENT_TIMEOUT", up) == std::string("timeout"));
    CHECK(left("EXIT_WITH_KEY", up) == std::string("overflow"));
    CHECK(fs.counts().abandoned == 4);
    CHECK(fs.counts().abandoned_in_20 == 4);
    CHECK(fs.counts().wait_abandoned_ms == 20000);
}

TEST_CASE("callcenter: an event that comes twice counts once") {
    Live fs;
    fs.join(0, "1");
    fs.join(10, "1");
    fs.hangs_up(1000, "1");
    fs.hangs_up(1000, "1");
    fs.join(2000, "2");
    fs.talks(3000, "2", "ann");
    fs.talks(3000, "2", "ann");
    CHECK(fs.counts().offered == 2);
    CHECK(fs.counts().abandoned == 1);
    CHECK(fs.counts().answered == 1);
    CHECK(fs.state.oddities().unknown_ends == 1);
}

TEST_CASE("callcenter: who comes back to his old place is offered again, and waits from then") {
    Live fs;
    fs.join(0, "1");
    fs.hangs_up(10'000, "1");
    fs.event(30'000, "member-queue-resume", {{"CC-Queue", "q"}, {"CC-Member-UUID", "1"}});
    CHECK(fs.counts().offered == 2);
    CHECK(fs.queue().oldest_wait_ms(fs.at(31'000)) == 1000);
    fs.talks(35'000, "1", "ann");
    CHECK(fs.counts().wait_answered_ms == 5000);
    CHECK(fs.adds_up());
}

TEST_CASE("callcenter: each status and state of an agent has its place") {
    Live fs;
    const auto is = [&](const std::string& status, const std::string& state) {
        fs.agent_status(1000, "ann", status);
        fs.agent_state(1000, "ann", state);
        const auto crew = fs.crew(2000);
        return std::vector<std::uint64_t>{crew.staffed, crew.available, crew.ringing, crew.aux, crew.on_call};
    };
    using Row = std::vector<std::uint64_t>;
    CHECK(is("Available", "Waiting") == Row{2, 2, 0, 0, 0});  // bob is the other one
    CHECK(is("Available", "Receiving") == Row{2, 1, 1, 0, 0});
    CHECK(is("Available", "Reserved") == Row{2, 1, 1, 0, 0});
    CHECK(is("Available (On Demand)", "Waiting") == Row{2, 2, 0, 0, 0});
    CHECK(is("Available (On Demand)", "Idle") == Row{2, 1, 0, 1, 0});
    CHECK(is("On Break", "Waiting") == Row{2, 1, 0, 1, 0});
    CHECK(is("Logged Out", "Waiting") == Row{1, 1, 0, 0, 0});
    CHECK(is("Nonsense", "Waiting") == Row{1, 1, 0, 0, 0});
    CHECK(is("Available", "Nonsense") == Row{2, 1, 0, 0, 0});
}

TEST_CASE("callcenter: who talks for another queue is staffed here, and neither available nor on call") {
    FsSwitch fs;
    fs.lists.queues = {{"q", {}}, {"r", {}}};
    fs.lists.agents = {{"ann", {}}};
    fs.lists.tiers = {{"q", "ann"}, {"r", "ann"}};
    fs.connected(0);
    REQUIRE(fs.list(0));
    fs.join(0, "1", "r");
    fs.talks(1000, "1", "ann", "r");
    CHECK(fs.crew(2000, "r").on_call == 1);
    CHECK(fs.crew(2000, "q").on_call == 0);
    CHECK(fs.crew(2000, "q").staffed == 1);
    CHECK(fs.crew(2000, "q").available == 0);
    CHECK(fs.state.queues().at("q").changed);
    // Another connection: only the tiers say for which queue he talks.
    FsSwitch later;
    later.lists = fs.lists;
    later.lists.agents["ann"].state = "In a queue call";
    later.lists.talks_for = "r";
    later.connected(0);
    REQUIRE(later.list(0));
    CHECK(later.crew(0, "r").on_call == 1);
    CHECK(later.crew(0, "q").on_call == 0);
}

TEST_CASE("callcenter: wrap-up, a forced pause and other calls keep an agent from the next one, to the second") {
    FsSwitch fs;
    fs.lists.queues["q"].skips_external = true;
    fs.lists.agents = {{"wraps", {"Available", "Waiting", 10, 95}}, {"sleeps", {"Available", "Waiting", 0, 0, 106}},
                       {"calls", {"Available", "Waiting", 0, 0, 0, 1}}, {"free", {"Available", "Waiting", 10, 80}}};
    fs.lists.tiers = {{"q", "wraps"}, {"q", "sleeps"}, {"q", "calls"}, {"q", "free"}};
    fs.connected(100'000);
    REQUIRE(fs.list(100'000));
    CHECK(fs.crew(100'000).staffed == 4);
    CHECK(fs.crew(100'000).available == 1);
    CHECK(fs.crew(100'000).wrapup == 1);
    CHECK(fs.crew(105'999).available == 1);
    CHECK(fs.crew(106'000).available == 3);  // 95 + 10 is before 106, and 106 has come
    CHECK(fs.crew(106'000).wrapup == 0);
    fs.lists.queues["q"].skips_external = false;
    REQUIRE(fs.list(107'000));
    CHECK(fs.crew(107'000).available == 4);
}

TEST_CASE("callcenter: wrap-up begins with the end of a bridge") {
    FsSwitch fs;
    fs.lists.agents = {{"ann", {"Available", "Waiting", 10}}};
    fs.lists.tiers = {{"q", "ann"}};
    fs.connected(0);
    REQUIRE(fs.list(0));
    fs.join(1000, "1");
    fs.talks(2000, "1", "ann");
    fs.hands_back(60'000, "1", "ann");
    CHECK(fs.crew(60'500).wrapup == 1);
    CHECK(fs.crew(60'500).available == 0);
    CHECK(fs.crew(71'000).wrapup == 0);
    CHECK(fs.crew(71'000).available == 1);
}

TEST_CASE("callcenter: who was rung in vain is not rung again for the time of its cause, which no list needs to tell") {
    const auto rests = [](const std::string& cause, std::int64_t ms) {
        Live fs;
        fs.lists.agents = {{"ann", {.reject_s = 10, .busy_s = 20, .no_answer_s = 30}}};
        REQUIRE(fs.list(1000));
        fs.join(2000, "1");
        fs.agent_state(2500, "ann", "Receiving");
        fs.event(5400, "bridge-agent-fail", {{"CC-Queue", "q"}, {"CC-Agent", "ann"}, {"CC-Member-UUID", "1"}, {"CC-Hangup-Cause", cause},
                                             {"CC-Agent-Aborted-Time", std::to_string(fs_epoch_s + 5)}});
        fs.agent_state(5400, "ann", "Waiting");
        const auto crew = fs.crew(ms);
        CHECK(crew.staffed == 1);
        CHECK(crew.available + crew.resting == 1);
        CHECK(crew.moves() == (crew.resting == 1));
        return crew.resting == 1;
    };
    for (const auto& [cause, until_ms] : std::vector<std::pair<std::string, std::int64_t>>{{"CALL_REJECTED", 15'000},
                                                                                           {"USER_BUSY", 25'000},
                                                                                           {"NORMAL_CIRCUIT_CONGESTION", 25'000},
                                                                                           {"USER_NOT_REGISTERED", 10'000},
                                                                                           {"NO_ANSWER", 35'000},
                                                                                           {"ALLOTTED_TIMEOUT", 35'000}}) {
        CAPTURE(cause);
        CHECK(rests(cause, until_ms - 1));
        CHECK_FALSE(rests(cause, until_ms));
    }
    CHECK_FALSE(rests("LOSE_RACE", 5500));  // ring-all: another was faster
    CHECK_FALSE(rests("ORIGINATOR_CANCEL", 5500));

    // The list under way may be older than the event.
    Live fs;
    fs.lists.agents = {{"ann", {.no_answer_s = 30}}};
    REQUIRE(fs.list(1000));
    auto& older = fs.state.ask_list(fs.at(2000));
    fs.event(2000, "bridge-agent-fail", {{"CC-Queue", "q"}, {"CC-Agent", "ann"}, {"CC-Hangup-Cause", "NO_ANSWER"},
                                         {"CC-Agent-Aborted-Time", std::to_string(fs_epoch_s + 2)}});
    REQUIRE(fs.answer(older, 2000));
    CHECK(fs.crew(31'000).resting == 1);
}

TEST_CASE("callcenter: other events change nothing, and an agent nobody knows brings a list soon") {
    Live fs;
    for (const auto* action : {"members-count", "agent-offering", "agent-max-no-answer", "agent-status-get", "agent-contact-change"}) {
        fs.event(1000, action, {{"CC-Queue", "q"}, {"CC-Agent", "ann"}, {"CC-Member-UUID", "1"}, {"CC-Count", "7"}});
    }
    CHECK(fs.queue().waiting() == 0);
    CHECK(fs.counts().offered == 0);
    CHECK(fs.state.unknown_events() == 0);
    fs.event(1000, "something-new", {});
    CHECK(fs.state.unknown_events() == 1);
    CHECK(fs.state.list_due() == fs.at(30'000));
    fs.agent_status(2000, "carl", "Available");
    CHECK(fs.state.list_due() == fs.at(2000));
}

TEST_CASE("callcenter: another run of the switch is a new epoch from zero") {
    Live fs;
    fs.join(0, "1");
    fs.join(0, "2");
    fs.hangs_up(1000, "1");
    fs.lost(2000);
    fs.connected(5000, "core-2");
    CHECK(fs.state.epochs() == 1);
    CHECK(fs.counts().offered == 0);
    CHECK(fs.queue().waiting() == 0);
    CHECK(fs.queue().earlier.abandoned == 1);
    // What the module wrote over its rows when it was loaded again is nobody's call.
    fs.lists.queues["q"].members = {{"2", "Abandoned", 0}};
    REQUIRE(fs.list(6000));
    CHECK(fs.counts().offered == 0);
    fs.lost(7000);
    fs.connected(8000, "core-2");
    CHECK(fs.state.epochs() == 1);
}

TEST_CASE("callcenter: each limit is held at its bound, counted, and the sum still adds up") {
    CallcenterLimits limits;
    limits.waiters = 2;
    limits.list.queues = 2;
    limits.list.agents = 3;
    Live fs(limits);
    fs.join(0, "1");
    fs.join(0, "2");
    CHECK(fs.state.oddities().over_limit == 0);
    fs.join(0, "3");
    CHECK(fs.state.oddities().over_limit == 1);
    CHECK(fs.adds_up());
    fs.join(0, "4", "r");
    CHECK(fs.state.queues().size() == 2);
    fs.join(0, "5", "s");
    CHECK(fs.state.queues().size() == 2);
    fs.agent_status(0, "carl", "Available");
    fs.agent_status(0, "dora", "Available");
    CHECK(fs.state.agents() == 3);
}
