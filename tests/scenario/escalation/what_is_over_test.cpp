// Nobody is called for what is over: an alert that is on its way back opens and raises nothing, whatever ends beside it: a silence, a
// mute, a fold, a forced end, a restart (P4). And what was ended by hand stays ended for its time.
#include "called.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {
const std::vector<std::string> home{"sms close lead-1", "sms close lead-2", "sms close lead-3", "sms close lead-4"};
AlertEdge clearing(DeskLine& line, const std::string& rule, Level level, const std::string& queue = "general") {
    auto edge = line.firing(rule, queue, level);
    edge.from = AlertState::firing;
    edge.to = AlertState::clearing;
    edge.value = 5;
    return edge;
}
void silence(DeskLine& line, Span span, const std::string& rule = "*") {
    Command c;
    c.kind = Command::Kind::silence;
    c.by = "chief";
    c.silence.rule = rule;
    c.silence.until = line.now().at + span;
    REQUIRE(line.command(c).ok);
}
CommandReply order(DeskLine& line, Command::Kind kind, bool force = false) {
    Command c;
    c.kind = kind;
    c.by = "chief";
    c.force = force;
    return line.command(c);
}
}  // namespace

TEST_CASE("over: a silence that ends while the alert is clearing opens nothing; firing again it opens") {
    DeskLine line;
    silence(line, 4min);
    line.at(10s).fire("wait", "general", Level::red).quiet();
    line.at(3min).edge(clearing(line, "wait", Level::red)).quiet();
    line.at(4min).quiet();
    CHECK(line.count() == 0);
    SECTION("it clears") {
        line.at(5min).clear("wait", "general").at(30min).quiet();
        CHECK(line.count() == 0);
    }
    SECTION("it fires again") {
        line.at(4min + 1s).fire("wait", "general", Level::red).expect(plus(plus(leads, sups), {"sms first boss"}));
    }
    SECTION("a restart in between") {
        line.crash(30s).at(6min).quiet();
        CHECK(line.count() == 0);
    }
}

TEST_CASE("over: a mute that ends, and an alert above that ends, open nothing for an alert that is clearing") {
    DeskLine line;
    auto muted = clearing(line, "wait", Level::orange);
    muted.muted = true;
    line.at(0s).edge(muted).quiet();
    muted.muted = false;
    line.at(10s).edge(muted).quiet();
    CHECK(line.count() == 0);

    // "wait" of english is folded under an alert of another group; that one ends while "wait" is clearing.
    DeskLine folded;
    auto above = folded.firing("centre", "all", Level::yellow);
    above.group = "";
    auto below = clearing(folded, "wait", Level::red, "english");
    below.folded = {above.rule, above.queue};
    folded.at(0s).edges({above, below}).expect(leads);
    CHECK(folded.count() == 1);
    CHECK(folded.incident().level == Level::yellow);  // the guest on its way back raises nothing
    above.to = AlertState::ok;
    above.level = Level::none;
    folded.at(10s).edge(above).quiet();
    below.folded = {};
    folded.at(20s).edge(below).quiet();
    CHECK(folded.count() == 1);
}

TEST_CASE("over: an open incident goes on while it is clearing, until its hold to clear is over") {
    auto plan = team_plan();
    plan.policies[0].tiers[0].remind = 90s;
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    line.at(20s).edge(clearing(line, "wait", Level::yellow)).at(90s);
    line.expect({"sms remind lead-1", "sms remind lead-2", "sms remind lead-3", "sms remind lead-4"});
    line.at(2min).expect(sups);
}

TEST_CASE("over: a silence over an open incident that ends while it is clearing calls nobody more, until it fires again") {
    auto plan = team_plan();
    SECTION("no tier, no reminder") {
        plan.policies[0].tiers[0].remind = 30s;
        DeskLine line(plan);
        line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
        silence(line, 4min);
        line.at(3min).edge(clearing(line, "wait", Level::yellow)).at(4min + 30s).quiet();
        SECTION("it clears") {
            line.clear("wait", "general").at(8min).expect(home);
        }
        SECTION("it fires again") {
            line.fire("wait", "general", Level::yellow);
            line.expect(plus(sups, {"sms remind lead-1", "sms remind lead-2", "sms remind lead-3", "sms remind lead-4"}));
            line.edge(clearing(line, "wait", Level::yellow)).at(5min);  // it has been heard of
            line.expect({"sms remind lead-1", "sms remind lead-2", "sms remind lead-3", "sms remind lead-4"});
        }
        SECTION("a restart") {
            line.crash(1s).at(6min).quiet();
        }
        SECTION("without data nobody knows that it is on its way back") {
            auto gone = clearing(line, "wait", Level::yellow);
            gone.stale = gone.stale_changed = true;
            line.edge(gone);
            line.expect(plus(sups, {"sms remind lead-1", "sms remind lead-2", "sms remind lead-3", "sms remind lead-4", "sms blind lead-1",
                                    "sms blind lead-2", "sms blind lead-3", "sms blind lead-4"}));
        }
    }
    SECTION("a page that failed is not tried again by its own way or the next, and is when it fires again") {
        for (auto& person : plan.people) {
            person.normal.push_back({"voice", 1min, Span{0}});
        }
        DeskLine line(plan);
        line.says("sms", {OutcomeClass::retry, OutcomeClass::ok, OutcomeClass::ok, OutcomeClass::ok});
        line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
        silence(line, 30s);
        line.at(10s).edge(clearing(line, "wait", Level::yellow)).at(90s).quiet();
        line.fire("wait", "general", Level::yellow);
        line.expect({"sms first lead-1", "voice first lead-1", "voice first lead-2", "voice first lead-3", "voice first lead-4"});
    }
    SECTION("a yellow that fires beside a red on its way back calls for yellow") {
        DeskLine line(plan);
        silence(line, 1min, "wait");
        line.at(0s).fire("wait", "general", Level::red).quiet();
        line.at(10s).edge(clearing(line, "wait", Level::red)).quiet();
        line.at(20s).fire("surge", "general", Level::yellow).expect(leads);
        line.at(60s + 1ms).quiet();  // the silence is over
        CHECK(line.incident().level == Level::yellow);
        CHECK(line.incident().tier == 1);
    }
}

TEST_CASE("over: who hands a seat over while it is clearing is relieved all the same") {
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    for (const auto* id : {"lead-1", "lead-2", "lead-3"}) {
        line.answer(AnswerKind::join, id);
    }
    line.at(10s).edge(clearing(line, "wait", Level::yellow)).quiet();
    Command c;
    c.answer = AnswerKind::leave;
    c.person = c.by = "lead-1";
    c.successor = "sup-1";
    CHECK(line.command(c).ok);
    line.expect({"sms handover sup-1"});
}

TEST_CASE("over: an operator's escalate reaches nobody while all of it is silenced, or clearing since, and is told so") {
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    silence(line, 1min);
    auto no = order(line, Command::Kind::escalate);
    CHECK_FALSE(no.ok);
    CHECK(no.message.find("silenced") != std::string::npos);
    line.at(10s).edge(clearing(line, "wait", Level::yellow)).at(61s);
    no = order(line, Command::Kind::escalate);
    CHECK_FALSE(no.ok);
    CHECK(no.message.find("clearing") != std::string::npos);
    line.fire("wait", "general", Level::yellow).edge(clearing(line, "wait", Level::yellow));
    CHECK(order(line, Command::Kind::escalate).ok);
    line.expect(sups);
}

TEST_CASE("over: ended by force under a silence, it holds for 15 minutes at the level that is silenced") {
    const auto level = GENERATE(Level::yellow, Level::orange, Level::red);
    DeskLine line;
    line.at(0s).fire("wait", "general", level);
    const auto called = line.orders().size();
    std::vector<std::string> all(leads), closed(home);
    if (level >= Level::orange) {
        all = plus(all, sups);
        closed = plus(closed, {"sms close sup-1", "sms close sup-2", "sms close sup-3"});
    }
    if (level == Level::red) {
        all.emplace_back("sms first boss");
        closed.emplace_back("sms close boss");
    }
    CHECK(called == all.size());
    line.expect(all);
    silence(line, 12s);
    CHECK(order(line, Command::Kind::resolve, true).ok);
    line.expect(closed);
    line.at(15min - 1ms).quiet();
    line.at(15min).expect(all);
}

TEST_CASE("over: after a forced end what fired then holds at whatever level it goes on, and another alert opens") {
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::red).fire("surge", "general", Level::yellow);
    line.expect(plus(plus(leads, sups), {"sms first boss"}));
    CHECK(order(line, Command::Kind::resolve, true).ok);
    line.expect(plus(plus(home, {"sms close boss"}), {"sms close sup-1", "sms close sup-2", "sms close sup-3"}));
    SECTION("a milder one that gets worse, and one that swings") {
        auto worse = line.firing("surge", "general", Level::orange);
        worse.since = line.now().at + 10s;  // an alert's time is that of its level
        line.at(10s).edge(worse).quiet();
        line.at(20s).fire("wait", "general", Level::yellow).quiet();
        auto back = line.firing("wait", "general", Level::red);
        back.since = line.now().at;
        line.edge(back).at(14min).quiet();
    }
    SECTION("another alert, although the old ones still fire") {
        line.at(10s).fire("lost", "general", Level::yellow).expect({"sms first lead-1", "sms first lead-2", "sms first lead-3", "sms first lead-4",
                                                                    "sms first sup-1", "sms first sup-2", "sms first sup-3", "sms first boss"});
    }
    SECTION("another one that is silenced does not") {
        silence(line, 1min, "lost");
        line.at(10s).fire("lost", "general", Level::yellow).at(50s).quiet();
    }
    SECTION("another one that is clearing already does not") {
        line.at(10s).edge(clearing(line, "lost", Level::red)).at(50s).quiet();
    }
}
