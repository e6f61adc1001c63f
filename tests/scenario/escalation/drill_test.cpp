// Drills: what is said to a test page, and in which language a page speaks.
#include <algorithm>

#include "core/incident/state.hpp"
#include "support/catch.hpp"
#include "support/desk_line.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {
Command drill_of(const std::string& person) {
    Command c;
    c.kind = Command::Kind::test_page;
    c.person = person;
    c.by = "operator";
    return c;
}
Command said(const std::string& person, const std::string& page = std::string(any_drill), AnswerKind kind = AnswerKind::ack) {
    Command c;
    c.kind = Command::Kind::answer;
    c.answer = kind;
    c.drill = page;
    c.person = person;
    c.by = person;
    c.way = "test";
    return c;
}
Plan two_ways() {
    auto plan = team_plan();
    plan.people[0].normal = {{"sms", 0s, 0s}, {"ding", 0s, 0s}};
    return plan;
}
}  // namespace

TEST_CASE("drill: the answer to a test page is recorded once, opens nothing and holds over a kill") {
    DeskLine line(two_ways());
    line.at(0s).command(drill_of("lead-1"));
    line.expect({"sms test lead-1", "ding test lead-1"});
    const auto page = line.orders().front().page;
    CHECK_FALSE(line.desk().drill("lead-1", line.now().at)->answered);
    line.at(5min).crash(1min);
    CHECK(line.command(said("lead-1", page)).code == "noted");
    CHECK(line.desk().drill("lead-1", line.now().at)->answered);
    CHECK(line.command(said("lead-1")).code == "already");
    line.crash();
    CHECK(line.command(said("lead-1", line.orders().back().page)).code == "already");
    const auto answer = std::find_if(line.records().begin(), line.records().end(),
                                     [](const Record& r) { return std::holds_alternative<AnswerGiven>(r.body); });
    REQUIRE(answer != line.records().end());
    CHECK(std::get<AnswerGiven>(answer->body).drill == page);
    CHECK(std::get<AnswerGiven>(answer->body).incident.empty());
    CHECK(line.count() == 0);
    line.quiet();
}

TEST_CASE("drill: who is in none, who does not exist, and a page of an earlier one are refused; a day later it is over") {
    DeskLine line(two_ways());
    line.at(0s).command(drill_of("lead-1"));
    line.expect({"sms test lead-1", "ding test lead-1"});
    const auto old = line.orders().front().page;
    CHECK(line.command(said("lead-2")).code == "not_asked");
    CHECK(line.command(said("ghost")).code == "unknown_person");
    CHECK(line.command(said("lead-1", old, AnswerKind::decline)).code == "conflict");
    CHECK(line.command(said("lead-1", "test/0/lead-1/sms/test/99")).code == "closed");
    line.at(1h).command(drill_of("lead-1"));
    line.expect({"sms test lead-1", "ding test lead-1"});
    CHECK(line.command(said("lead-1", old)).code == "closed");
    line.at(25h);
    CHECK(line.command(said("lead-1", std::string(any_drill), AnswerKind::join)).code == "noted");
    line.command(drill_of("lead-2"));
    line.expect({"sms test lead-2"});
    line.at(49h + 1ms);
    CHECK(line.command(said("lead-2")).code == "not_asked");
    CHECK_FALSE(line.desk().drill("lead-2", line.now().at));
}

TEST_CASE("drill: one answer a key, and another under it is refused") {
    DeskLine line;
    line.at(0s).command(drill_of("lead-1"));
    line.expect({"sms test lead-1"});
    auto c = said("lead-1");
    c.key = "k";
    CHECK(line.command(c).code == "noted");
    CHECK(line.command(c).code == "noted");
    CHECK(line.command(c).message.find("drill") != std::string::npos);
    c.answer = AnswerKind::join;
    CHECK(line.command(c).code == "conflict");
    CHECK(line.count_type("answer") == 1);
}

TEST_CASE("drill: the text says that it is one, and that nobody need log on") {
    DeskLine line;
    line.at(0s).command(drill_of("lead-1"));
    line.expect({"sms test lead-1"});
    CHECK(line.orders().back().text.find("这是演练，无需上线") != std::string::npos);
}

TEST_CASE("language: a page to one person is in theirs, else in the channel's; a group reads the channel's") {
    auto plan = team_plan();
    plan.people[0].language = Language::en;
    plan.people[1].language = Language::zh;
    plan.channels[2].language = Language::en;
    plan.people[0].normal = {{"sms", 0s, 0s}, {"ding", 0s, 0s}};
    plan.people[1].normal = {{"voice", 0s, 0s}};
    plan.people[2].normal = {{"voice", 0s, 0s}};
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow);
    line.expect({"sms first lead-1", "ding first lead-1", "voice first lead-2", "voice first lead-3", "sms first lead-4"});
    const auto english = [&](const std::string& channel, const std::string& person) {
        for (const auto& order : line.orders()) {
            if (order.channel == channel && order.people.front().person == person) {
                const bool said = order.text.find("please log on") != std::string::npos;
                CHECK((order.language == Language::en) == said);
                return said;
            }
        }
        FAIL("no page to " + person);
        return false;
    };
    CHECK(english("sms", "lead-1"));
    CHECK_FALSE(english("ding", "lead-1"));
    CHECK_FALSE(english("voice", "lead-2"));
    CHECK(english("voice", "lead-3"));
    CHECK_FALSE(english("sms", "lead-4"));
    // What is recorded is what was said.
    for (const auto& record : line.records()) {
        const auto* page = std::get_if<PageChange>(&record.body);
        if (page != nullptr && page->state == PageState::queued && page->channel == "sms") {
            CHECK((page->text.find("please log on") != std::string::npos) == (page->people.front() == "lead-1"));
        }
    }
    line.at(10s).command(drill_of("lead-1"));
    line.expect({"sms test lead-1", "ding test lead-1"});
    line.clear("wait", "general").at(5min);
    line.expect({"sms close lead-1", "voice close lead-2", "voice close lead-3", "sms close lead-4"});
    for (const auto& order : line.orders()) {
        if (order.purpose == PagePurpose::close) {
            const auto& who = order.people.front().person;
            CHECK((order.text.find("您无需上线") != std::string::npos) == (who == "lead-2" || who == "lead-4"));
        }
    }
}

TEST_CASE("drill: what is kept of drills is bounded") {
    Plan plan = team_plan();
    DeskState state(plan);
    const auto page = [](std::size_t n, EngineTime at) {
        PageChange c;
        const auto person = "p" + std::to_string(n);
        c.page = "test/0/" + person + "/sms/test/" + std::to_string(n);
        c.people = {person};
        c.channel = "sms";
        c.purpose = PagePurpose::test;
        return Record{0, at, {}, c};
    };
    for (std::size_t n = 0; n < drills_max + 5; ++n) {
        state.apply(page(n, engine_time(static_cast<std::int64_t>(1000 + n))));
    }
    CHECK(state.drills.size() == drills_max);
    CHECK(state.drills.count("p0") == 0);
    CHECK(state.drills.count("p" + std::to_string(drills_max + 4)) == 1);
    state.apply(page(drills_max + 5, engine_time(1000) + drill_life + 1h));
    CHECK(state.drills.size() == 1);
}
