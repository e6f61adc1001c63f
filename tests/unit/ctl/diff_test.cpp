#include "ctl/replay_diff.hpp"

#include "ctl/explain_text.hpp"
#include "support/catch.hpp"

using namespace surged;

namespace {

Record edge(std::int64_t s, const std::string& rule, AlertState to, Level level) {
    AlertEdge e;
    e.rule = rule;
    e.queue = {"jinan", "general", "voice"};
    e.to = to;
    e.level = level;
    return {0, engine_time(s * 1000), wall_time(s * 1000), e};
}
Record incident(std::int64_t s, IncidentStep step, Level level, int tier) {
    IncidentChange c;
    c.incident = "0-1";
    c.policy = "surge";
    c.scope = {{"centre", "jinan"}};
    c.step = step;
    c.level = level;
    c.tier = tier;
    return {0, engine_time(s * 1000), wall_time(s * 1000), c};
}
SendOrder call(const std::string& person, PagePurpose purpose = PagePurpose::first) {
    SendOrder o;
    o.purpose = purpose;
    o.people.push_back({person, person, "", "", ""});
    return o;
}
void episode(ReplayStory& story, const std::string& rule, std::int64_t from, std::int64_t until, Level level) {
    story.record(edge(from, rule, AlertState::firing, level));
    story.record(edge(until - 1, rule, AlertState::clearing, level));
    story.record(edge(until, rule, AlertState::ok, Level::none));
}

}  // namespace

TEST_CASE("diff: the same story differs in nothing", "[unit]") {
    ReplayStory a;
    ReplayStory b;
    for (ReplayStory* story : {&a, &b}) {
        episode(*story, "wait", 10, 20, Level::red);
        story->order(call("lead-01"));
    }
    const auto difference = compare(a, b);
    CHECK_FALSE(difference.any());
    CHECK(difference.same == 1);
    CHECK(diff_text(difference, Zone{}) == "0 appear, 0 disappear, 0 shift, 1 stay the same; 0 people are called more or less\n");
}

TEST_CASE("diff: what overlaps shifts, what does not appears and disappears", "[unit]") {
    ReplayStory a;
    ReplayStory b;
    episode(a, "wait", 10, 20, Level::yellow);
    episode(b, "wait", 12, 30, Level::red);  // overlaps: shifts
    episode(a, "wait", 100, 110, Level::yellow);
    episode(b, "wait", 110, 120, Level::yellow);  // touches only
    episode(b, "rate", 15, 16, Level::orange);
    const auto difference = compare(a, b);
    REQUIRE(difference.episodes.size() == 4);
    CHECK(difference.episodes[0].kind == Difference::Kind::shifts);
    CHECK(difference.episodes[1].kind == Difference::Kind::appears);
    CHECK(difference.episodes[1].after->who == "rate jinan/general");
    CHECK(difference.episodes[2].kind == Difference::Kind::disappears);
    CHECK(difference.episodes[3].kind == Difference::Kind::appears);
    const auto text = diff_text(difference, Zone{});
    CHECK(text.find("alert wait jinan/general yellow: starts 2s later, ends 10s later; red instead of yellow") !=
          std::string::npos);
    CHECK(text.find("2 appear, 1 disappear, 1 shift, 0 stay the same") != std::string::npos);
    CHECK(diff_json(difference) ==
          R"({"appears":[{"what":"alert","who":"rate jinan/general","from":15000,"until":16000,"level":"orange","tier":0},)"
          R"({"what":"alert","who":"wait jinan/general","from":110000,"until":120000,"level":"yellow","tier":0}],"disappears":[)"
          R"({"what":"alert","who":"wait jinan/general","from":100000,"until":110000,"level":"yellow","tier":0}],"shifts":[{"before":)"
          R"({"what":"alert","who":"wait jinan/general","from":10000,"until":20000,"level":"yellow","tier":0},"after":)"
          R"({"what":"alert","who":"wait jinan/general","from":12000,"until":30000,"level":"red","tier":0}}],"calls":[],"same":0})");
}

TEST_CASE("diff: incidents are compared by policy and scope, up to their highest tier; an open end is told", "[unit]") {
    ReplayStory a;
    ReplayStory b;
    a.record(incident(10, IncidentStep::opened, Level::yellow, 0));
    a.record(incident(11, IncidentStep::tier, Level::yellow, 2));
    a.record(incident(50, IncidentStep::resolved, Level::none, 2));
    b.record(incident(10, IncidentStep::opened, Level::yellow, 0));
    b.record(incident(11, IncidentStep::tier, Level::yellow, 1));
    const auto difference = compare(a, b);
    REQUIRE(difference.episodes.size() == 1);
    CHECK(diff_text(difference, Zone{}).find("incident surge centre=jinan yellow: does not end; up to tier 1 instead of 2") !=
          std::string::npos);
}

TEST_CASE("diff: who is called more or less; closing messages are no calls", "[unit]") {
    ReplayStory a;
    ReplayStory b;
    a.order(call("lead-01"));
    a.order(call("lead-02"));
    b.order(call("lead-01"));
    b.order(call("lead-01"));
    b.order(call("lead-02"));
    b.order(call("boss", PagePurpose::close));
    const auto difference = compare(a, b);
    REQUIRE(difference.calls.size() == 1);
    CHECK(difference.calls[0].person == "lead-01");
    CHECK(diff_text(difference, Zone{}).find("lead-01: called 2 instead of 1 times (+1)") != std::string::npos);
}

TEST_CASE("explain text: a rule that is not bound says so and still shows its limits", "[unit]") {
    const auto json = parse_json(R"({"now":0,"rule":"wait","centre":"jinan","queue":"q","channel":"voice","bound":false,
        "health":{"healthy":false,"problem":"nothing was ever heard of this queue"},
        "levels":[{"level":"yellow","raise":"> 40","clear":"< 30","raise_after_ms":10000,"clear_after_ms":60000,"latch":"off"}],
        "paging":{"why":"the alert does not fire","tiers":[]}})");
    REQUIRE(json);
    const auto text = explain_text(*json, Zone{});
    CHECK(text.find("CANNOT FIRE HERE: nothing was ever heard of this queue") != std::string::npos);
    CHECK(text.find("yellow raise > 40 for 10s, clear < 30 for 1m: off") != std::string::npos);
}
