// Delivery receipts: what is accepted has not arrived. Both sides of the limit, what comes late, twice, for nobody, and across a
// restart.
#include "support/catch.hpp"
#include "support/desk_line.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {

/// One lead, reached by an SMS with receipts and, should that fail, by voice.
Plan receipt_plan(std::vector<std::string> leads = {"lead-1"}) {
    auto plan = team_plan();
    plan.channels[0].receipt_within = 60s;
    plan.rosters[0].shifts[0].people = std::move(leads);
    for (auto& person : plan.people) {
        person.normal = {{"sms", 0s, 0s}, {"voice", 10min, 0s}};
    }
    plan.policies[0].tiers[0].wait = 20min;
    plan.policies[0].tiers[1].wait = 20min;
    return plan;
}

const std::string first_page = "0-1/1/lead-1/sms/first/1";
const std::string first_message = first_page + "#1";

PageView page(const DeskLine& line, const std::string& key) {
    for (const auto& p : line.incident().pages) {
        if (p.page == key) {
            return p;
        }
    }
    FAIL("no page " << key);
    return {};
}

std::uint64_t receipts(const DeskLine& line, const std::string& what) {
    const auto channels = const_cast<DeskLine&>(line).desk().channels();
    const auto& counts = channels[0].receipts;
    return counts.count(what) > 0 ? counts.at(what) : 0;
}

std::vector<std::string> notes(const DeskLine& line) {
    std::vector<std::string> out;
    for (const auto& record : line.records()) {
        const auto* c = std::get_if<IncidentChange>(&record.body);
        if (c != nullptr && c->step == IncidentStep::note) {
            out.push_back(c->reason);
        }
    }
    return out;
}

}  // namespace

TEST_CASE("receipts: an accepted page waits, and its receipt is its end") {
    DeskLine line(receipt_plan());
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1"});
    CHECK(page(line, first_page).state == PageState::accepted);
    CHECK(line.desk().listening() == std::vector<std::string>{"sms"});
    CHECK(line.desk().channels()[0].pending == 1);

    line.at(8s).receipt("sms", first_message, true);
    CHECK(page(line, first_page).state == PageState::delivered);
    CHECK(line.desk().listening().empty());
    CHECK(line.desk().channels()[0].pending == 0);
    CHECK(line.desk().channels()[0].outcomes.at("delivered") == 1);
    line.at(9min).quiet();  // it arrived: the next step has its own time
    line.at(10min).expect({"voice first lead-1"});
}

TEST_CASE("receipts: \"not delivered\" is a way that failed: the next is tried in the same moment") {
    DeskLine line(receipt_plan());
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1"});
    line.at(8s).receipt("sms", first_message, false).expect({"voice first lead-1"});
    CHECK(page(line, first_page).state == PageState::failed_perm);
    CHECK(page(line, first_page).reason == "not delivered: DB:0140");
}

TEST_CASE("receipts: no word at 59.999 s is waited for, at 60 s it is a way that failed") {
    DeskLine line(receipt_plan());
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1"});
    line.at(59999ms).quiet();
    CHECK(page(line, first_page).state == PageState::accepted);
    line.at(60s).expect({"voice first lead-1"});
    CHECK(page(line, first_page).state == PageState::failed_perm);
    CHECK(page(line, first_page).reason == "no delivery receipt within 1m");
    CHECK(receipts(line, "missing") == 1);
}

TEST_CASE("receipts: one that comes late is told once in the timeline and changes nothing") {
    DeskLine line(receipt_plan());
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1"});
    line.at(60s).expect({"voice first lead-1"});
    line.at(70s).receipt("sms", first_message, true).quiet();
    CHECK(page(line, first_page).state == PageState::failed_perm);
    CHECK(notes(line) == std::vector<std::string>{"late receipt: " + first_page + " to lead-1 was delivered"});
    line.receipt("sms", first_message, true).quiet();
    CHECK(notes(line).size() == 1);
    CHECK(receipts(line, "late") == 1);
    CHECK(receipts(line, "duplicate") == 1);
}

TEST_CASE("receipts: twice and for nobody are counted and harmless") {
    DeskLine line(receipt_plan());
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1"});
    line.receipt("sms", "a message of somebody else", false).receipt("voice", first_message, false).quiet();
    CHECK(page(line, first_page).state == PageState::accepted);
    CHECK(receipts(line, "unknown") == 1);
    line.receipt("sms", first_message, true);
    const auto records = line.records().size();
    line.receipt("sms", first_message, true).receipt("sms", first_message, false);
    CHECK(line.records().size() == records);
    CHECK(page(line, first_page).state == PageState::delivered);
    CHECK(receipts(line, "duplicate") == 2);
}

TEST_CASE("receipts: the waiting goes on over a crash, and who was away at the limit waits anew") {
    DeskLine line(receipt_plan());
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1"});
    line.crash(20s);
    line.receipt("sms", first_message, true).quiet();
    CHECK(page(line, first_page).state == PageState::delivered);

    DeskLine away(receipt_plan());
    away.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1"});
    away.crash(61s);
    away.at(61s).quiet();
    CHECK(page(away, first_page).state == PageState::accepted);
    away.at(120999ms).quiet();
    away.at(121s).expect({"voice first lead-1"});
}

TEST_CASE("receipts: of several people in one message each has a way of their own from there on") {
    auto plan = receipt_plan({"lead-1", "lead-2", "lead-3"});
    plan.channels[0].kind = ChannelKind::group;
    for (std::size_t i = 0; i < 3; ++i) {
        plan.people[i].mobile = "1380000000" + std::to_string(i + 1);
    }
    plan.people[2].address["sms"] = "13900000003";
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1+lead-2+lead-3"});
    const std::string key = "0-1/1/group/sms/first/1";
    line.at(5s).receipt("sms", key + "#1", true, "8613800000001").quiet();
    CHECK(page(line, key).state == PageState::accepted);
    line.receipt("sms", key + "#1", false, "13800000002").expect({"voice first lead-2"});
    CHECK(page(line, key).state == PageState::accepted);
    line.crash();
    SECTION("word of everybody ends it") {
        line.receipt("sms", key + "#1", true, "13900000003").quiet();
        CHECK(page(line, key).state == PageState::failed_perm);
        CHECK(page(line, key).reason == "not delivered to lead-2: DB:0140");
    }
    SECTION("who is not heard of is called by another way, who has it is not") {
        line.at(59s).quiet();
        line.at(60s).expect({"voice first lead-3"});
        CHECK(page(line, key).reason == "no delivery receipt within 1m from lead-3");
    }
    line.at(9min).quiet();
}

TEST_CASE("receipts: a page to many is delivered when every number is") {
    auto plan = receipt_plan({"lead-1", "lead-2"});
    plan.channels[0].kind = ChannelKind::group;
    plan.people[0].mobile = "13800000001";
    plan.people[1].mobile = "13800000002";
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1+lead-2"});
    const std::string key = "0-1/1/group/sms/first/1";
    line.receipt("sms", key + "#1", true, "13800000001").receipt("sms", key + "#1", true, "13700000009").quiet();
    CHECK(page(line, key).state == PageState::accepted);
    line.receipt("sms", key + "#1", true, "13800000002").quiet();
    CHECK(page(line, key).state == PageState::delivered);
}

TEST_CASE("receipts: a closing message that did not arrive goes by the next way; the incident closes when its word is in") {
    DeskLine line(receipt_plan());
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1"});
    line.receipt("sms", first_message, true);
    line.at(10s).clear("wait", "general");
    line.at(190s).expect({"sms close lead-1"});
    CHECK(line.state() == "resolved");
    const std::string closing = "0-1/1/lead-1/sms/close/2";
    SECTION("delivered") {
        line.receipt("sms", closing + "#1", true).quiet();
        CHECK(line.state() == "closed");
    }
    SECTION("not delivered") {
        line.receipt("sms", closing + "#1", false).expect({"voice close lead-1"});
        CHECK(line.state() == "closed");
    }
    SECTION("no word") {
        line.at(249s).quiet();
        CHECK(line.state() == "resolved");
        line.at(250s).expect({"voice close lead-1"});
        CHECK(line.state() == "closed");
    }
}

TEST_CASE(
    "receipts: five pages in a row without any, and other ways do not wait for the channel; one receipt, and they do again") {
    auto plan = receipt_plan({"lead-1", "lead-2", "lead-3", "lead-4"});
    plan.policies[0].need.fixed = 9;
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow);
    line.expect({"sms first lead-1", "sms first lead-2", "sms first lead-3", "sms first lead-4"});
    line.at(60s).expect({"voice first lead-1", "voice first lead-2", "voice first lead-3", "voice first lead-4"});
    CHECK_FALSE(line.desk().channels()[0].doubtful);  // four phones that are switched off
    line.at(2min).fire("wait", "general", Level::orange);
    line.expect({"sms first sup-1", "sms first sup-2", "sms first sup-3"});
    line.at(3min).expect({"voice first sup-1", "voice first sup-2", "voice first sup-3"});
    CHECK(line.desk().channels()[0].doubtful);
    CHECK_FALSE(line.desk().channels()[0].down);
    line.crash();

    line.at(4min).fire("wait", "general", Level::red);
    line.expect({"sms first boss", "voice first boss"});  // both: the SMS may be all there is
    CHECK(line.seat("boss") == SeatState::asked);
    std::string boss;
    for (const auto& p : line.incident().pages) {
        boss = p.channel == "sms" ? p.page : boss;
    }
    line.receipt("sms", boss + "#1", true);
    CHECK_FALSE(line.desk().channels()[0].doubtful);
    CHECK(line.count_type("system") >= 2);
}

TEST_CASE("receipts: whose only way is in doubt is not unreachable before its time") {
    auto plan = receipt_plan({"lead-1", "lead-2", "lead-3", "lead-4"});
    for (auto& person : plan.people) {
        person.normal = {{"sms", 0s, 0s}};
    }
    plan.policies[0].tiers[0].wait = 10s;
    plan.policies[0].tiers[1].wait = 100s;
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow);
    line.expect({"sms first lead-1", "sms first lead-2", "sms first lead-3", "sms first lead-4"});
    line.at(10s).expect({"sms first sup-1", "sms first sup-2", "sms first sup-3"});
    line.at(59s).quiet();
    CHECK(line.seat("lead-1") == SeatState::asked);
    line.at(70s).expect({"sms first boss"});  // nobody of the first tiers has it
    CHECK(line.seat("lead-1") == SeatState::unreachable);
    CHECK(line.desk().channels()[0].doubtful);
    line.at(129s).quiet();
    CHECK(line.seat("boss") == SeatState::asked);
    line.at(130s).expect({"sms first desk"});
    CHECK(line.seat("boss") == SeatState::unreachable);
}

TEST_CASE("receipts: an answer ends no page, and a page whose person has answered still ends") {
    auto plan = receipt_plan();
    plan.policies[0].need.fixed = 1;
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1"});
    line.answer(AnswerKind::join, "lead-1");
    CHECK(page(line, first_page).state == PageState::accepted);
    line.at(60s).quiet();
    CHECK(page(line, first_page).state == PageState::failed_perm);
    CHECK(line.seat("lead-1") == SeatState::joined);
}

TEST_CASE("receipts: without an id of the message, or on a channel that promises none, accepted is the end") {
    DeskLine line(receipt_plan());
    line.silent("sms").at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1"});
    line.outcome({first_page, 1, OutcomeClass::ok, Span{0}, "HTTP 200"});
    CHECK(page(line, first_page).state == PageState::accepted);
    CHECK(page(line, first_page).reason == "HTTP 200; without an id of the message there will be no receipt");
    CHECK(line.desk().listening().empty());
    line.at(9min).quiet();

    auto plan = receipt_plan();
    plan.channels[0].receipt_within = 0s;
    DeskLine other(plan);
    other.silent("sms").at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1"});
    other.outcome({first_page, 1, OutcomeClass::ok, Span{0}, "HTTP 200", Span{0}, "m1"});
    CHECK(other.desk().listening().empty());
    other.at(9min).quiet();
}

TEST_CASE("receipts: one message for two incidents has one receipt, and it ends both pages") {
    auto plan = receipt_plan();
    plan.channels[0].coalesce = true;
    plan.policies[0].scope = {"queue"};
    DeskLine line(plan);
    line.at(0s).edges({line.firing("wait", "general", Level::yellow), line.firing("wait", "vip", Level::orange)});
    line.expect({"sms first lead-1", "sms first sup-1", "sms first sup-2", "sms first sup-3"});
    const auto message = [&] {
        std::string of;
        for (const auto& order : line.orders()) {
            of = order.people.front().person == "lead-1" ? order.page + "#1" : of;
        }
        return of;
    }();
    const auto states = [&] {
        std::vector<PageState> out;
        for (const auto& incident : line.desk().incidents()) {
            for (const auto& p : incident.pages) {
                if (p.people == std::vector<std::string>{"lead-1"} && p.channel == "sms") {
                    out.push_back(p.state);
                }
            }
        }
        return out;
    };
    REQUIRE(states() == std::vector<PageState>{PageState::accepted, PageState::accepted});
    line.crash();
    SECTION("delivered") {
        line.receipt("sms", message, true).quiet();
        CHECK(states() == std::vector<PageState>{PageState::delivered, PageState::delivered});
        CHECK(receipts(line, "delivered") == 1);
    }
    SECTION("not delivered: both call by the next way") {
        line.receipt("sms", message, false).expect({"voice first lead-1", "voice first lead-1"});
        CHECK(states() == std::vector<PageState>{PageState::failed_perm, PageState::failed_perm});
        CHECK(receipts(line, "failed") == 1);
    }
}
