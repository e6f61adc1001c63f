// A look back into the log of an incident: what is said of a time that is over.
#include "ctl/past.hpp"
#include "ctl/read_after_action.hpp"

#include "support/catch.hpp"

using namespace surged;

namespace {

constexpr std::int64_t begin_ms = 1772413200000;  // 2026-03-02 01:00 UTC

WallTime at(std::int64_t second) {
    return wall_time(begin_ms + second * 1000);
}

/// Fires red at 10 s and calls tier 1; lead-01 joins at 40 s, lead-02 never; tier 2 is called at 130 s; over at 300 s.
AfterAction incident() {
    AfterAction out;
    out.incident = "0-7";
    out.policy = "surge";
    out.scope = {{"centre", "jinan"}};
    out.opened = at(10);
    const auto add = [&out](std::int64_t second, RecordBody body) {
        out.timeline.push_back({out.timeline.size() + 1, engine_time(second * 1000), at(second), std::move(body)});
    };
    const auto alert = [&](std::int64_t second, AlertState to, Level level, double value, const std::string& limit) {
        AlertEdge edge;
        edge.rule = "wait";
        edge.queue = {"jinan", "general", "voice"};
        edge.to = to;
        edge.level = level;
        edge.value = value;
        edge.limit = limit;
        add(second, edge);
    };
    const auto step = [&](std::int64_t second, IncidentStep what, int tier, int joined, const std::string& reason) {
        IncidentChange change;
        change.incident = "0-7";
        change.policy = "surge";
        change.scope = out.scope;
        change.step = what;
        change.level = Level::red;
        change.tier = tier;
        change.need = 2;
        change.joined = joined;
        change.reason = reason;
        add(second, change);
    };
    alert(10, AlertState::firing, Level::red, 110, "> 100");
    step(10, IncidentStep::opened, 0, 0, "wait fires");
    step(10, IncidentStep::tier, 1, 0, "2 wanted");
    add(10, SeatChange{"0-7", "lead-01", 1, SeatState::asked, "", {}});
    add(10, SeatChange{"0-7", "lead-02", 1, SeatState::asked, "", {}});
    add(40, SeatChange{"0-7", "lead-01", 1, SeatState::joined, "", {}});
    step(130, IncidentStep::tier, 2, 1, "1 still wanted");
    add(130, SeatChange{"0-7", "boss-01", 2, SeatState::asked, "", {}});
    alert(300, AlertState::ok, Level::none, 60, "< 80");
    return out;
}

PastQuestion ask(std::int64_t second, const std::string& rule = "wait") {
    return {rule, {"jinan", "general", "voice"}, at(second)};
}

std::string told(const AfterAction& of, const PastQuestion& question) {
    const auto past = look_back(of, question);
    REQUIRE(past);
    return past_text(of, question, *past, Zone{});
}

}  // namespace

TEST_CASE("past: the alert is as its last edge left it, and the next one is told", "[unit]") {
    const auto of = incident();
    const auto past = look_back(of, ask(60));
    REQUIRE(past);
    CHECK(std::get<AlertEdge>(past->alert->body).to == AlertState::firing);
    REQUIRE(past->next != nullptr);
    CHECK(past->next->wall == at(300));

    const auto later = look_back(of, ask(300));  // the very moment of an edge is after it
    REQUIRE(later);
    CHECK(std::get<AlertEdge>(later->alert->body).to == AlertState::ok);
    CHECK(later->next == nullptr);
}

TEST_CASE("past: a tier that was called later had not been called, and people are as they were then", "[unit]") {
    const auto of = incident();
    const std::string early = told(of, ask(60));
    CAPTURE(early);
    CHECK(early.find("wait on jinan/general at 2026-03-02 01:01:00, by the log of incident 0-7") == 0);
    CHECK(early.find("tier 1   called at 2026-03-02 01:00:10: lead-01 joined, lead-02 asked") != std::string::npos);
    CHECK(early.find("tier 2   not called yet; it was at 2026-03-02 01:02:10") != std::string::npos);
    CHECK(early.find("0 of 2 joined (2 wanted)") != std::string::npos);
    CHECK(early.find("boss-01") == std::string::npos);

    const std::string first = told(of, ask(10));
    CHECK(first.find("lead-01 asked, lead-02 asked") != std::string::npos);
    const std::string late = told(of, ask(130));
    CHECK(late.find("tier 2   called at 2026-03-02 01:02:10: boss-01 asked") != std::string::npos);
}

TEST_CASE("past: nothing is said of a time before the first edge, nor of an alert the incident does not know", "[unit]") {
    const auto of = incident();
    CHECK_FALSE(look_back(of, ask(9)));
    CHECK(look_back(of, ask(10)));
    CHECK_FALSE(look_back(of, ask(60, "other")));
    auto elsewhere = ask(60);
    elsewhere.queue.queue = "complaint";
    CHECK_FALSE(look_back(of, elsewhere));
}

TEST_CASE("past: a log that the daemon shows in part only says so, and the machine's form has the records", "[unit]") {
    auto of = incident();
    CHECK(told(of, ask(60)).find("its end is missing here") == std::string::npos);
    of.cut = true;
    CHECK(told(of, ask(60)).find("its end is missing here") != std::string::npos);

    const auto past = look_back(of, ask(60));
    REQUIRE(past);
    const auto json = parse_json(past_json(of, ask(60), *past), {std::size_t{1} << 20U, 32, 100000});
    REQUIRE(json);
    CHECK(json->find("alert")->text_or("type", "") == "alert.firing");
    CHECK(json->find("next")->text_or("type", "") == "alert.ok");
    REQUIRE(json->find("tiers")->array()->size() == 2);
    CHECK(*json->find("tiers")->array()->at(0).find("by_then")->boolean());
    CHECK_FALSE(*json->find("tiers")->array()->at(1).find("by_then")->boolean());
}
