#include "replay/timeline.hpp"

#include "support/catch.hpp"

using namespace surged;

namespace {

Record at_nine(RecordBody body) {
    return {7, engine_time(1772442000000), wall_time(1772442000000), std::move(body)};
}  // 2026-03-02 09:00 UTC

}  // namespace

TEST_CASE("timeline: an alert's line has rule, queue, level, value, limit and evidence", "[unit]") {
    AlertEdge edge;
    edge.rule = "oldest-wait";
    edge.queue = {"jinan", "general", "voice"};
    edge.to = AlertState::firing;
    edge.level = Level::red;
    edge.value = 110.504;
    edge.limit = "> 100";
    edge.evidence = "112 s in line";
    CHECK(line_of(narrate(at_nine(edge), Zone{}), false) ==
          "09:00:00  alert.firing       oldest-wait jinan/general red: 110.5, limit > 100 (112 s in line)");
    edge.stale_changed = edge.stale = true;
    CHECK(line_of(narrate(at_nine(edge), Zone{}), false).find("no data") != std::string::npos);
}

TEST_CASE("timeline: dates and zones are the reader's", "[unit]") {
    const Zone shanghai("Asia/Shanghai", 8 * 3600, {});
    CHECK(line_of(narrate(at_nine(SystemNote{"started", "x"}), shanghai), true).rfind("2026-03-02 17:00:00  system", 0) == 0);
}

TEST_CASE("timeline: every kind of record has a line", "[unit]") {
    IncidentChange incident;
    incident.incident = "0-1";
    incident.policy = "surge";
    incident.scope = {{"centre", "jinan"}};
    incident.need = 6;
    incident.people = {"lead-01", "lead-02"};
    CHECK(line_of(narrate(at_nine(incident), Zone{}), false)
              .find("0-1 surge centre=jinan none tier 0 seats 0/6: lead-01, lead-02") != std::string::npos);
    CHECK(line_of(narrate(at_nine(SeatChange{"0-1", "lead-01", 1, SeatState::joined, "here", {}}), Zone{}), false)
              .find("lead-01 of tier 1 (here)") != std::string::npos);
    PageChange page;
    page.incident = "0-1";
    page.people = {"lead-01"};
    page.channel = "sms";
    page.attempt = 2;
    CHECK(line_of(narrate(at_nine(page), Zone{}), false).find("first to lead-01 by sms, attempt 2") != std::string::npos);
    PageChange step;
    step.incident = "0-1";
    step.purpose = PagePurpose::undo;
    step.action = "announce";
    step.channel = "publish";
    step.state = PageState::accepted;
    CHECK(line_of(narrate(at_nine(step), Zone{}), false) == "09:00:00  action.done        0-1 undo announce by publish");
    AnswerGiven answer;
    answer.person = "lead-01";
    answer.way = "cli";
    CHECK(line_of(narrate(at_nine(answer), Zone{}), false).find("lead-01 says join: noted (by cli)") != std::string::npos);
    CHECK(line_of(narrate(at_nine(SilenceChange{"s-1", "*", "jinan", "*", {}, "lead-01", "works", false}), Zone{}), false)
              .find("s-1 rule * on jinan/*") != std::string::npos);
    CHECK_FALSE(line_of(narrate(at_nine(OverrideChange{}), Zone{}), false).empty());
}

TEST_CASE("timeline: other channels than voice are named", "[unit]") {
    CHECK(queue_text({"a", "b", "voice"}) == "a/b");
    CHECK(queue_text({"a", "b", "chat"}) == "a/b/chat");
}

TEST_CASE("timeline: time, type and text are told apart, and a line is made of them", "[unit]") {
    const Told told = narrate(at_nine(SystemNote{"started", "x"}), Zone{});

    CHECK(told.time == "2026-03-02 09:00:00");
    CHECK(told.type == "system");
    CHECK(told.text == "started: x");
    CHECK(line_of(told, false) == "09:00:00  system             started: x");
    CHECK(line_of({"2026-03-02 09:00:00", "a.type.longer.than.18", "text"}, true) ==
          "2026-03-02 09:00:00  a.type.longer.than.18 text");
}
