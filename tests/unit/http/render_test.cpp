#include <cmath>
#include <limits>

#include "io/http/render.hpp"
#include "support/catch.hpp"
#include "wire/json_text.hpp"

using namespace surged;

namespace {
const Stamp now{engine_time(10'000), wall_time(1'800'000'000'000)};

JsonValue parsed(const std::string& text) {
    JsonLimits limits;
    limits.bytes = text.size();
    const auto value = parse_json(text, limits);
    REQUIRE(value.has_value());
    return *value;
}
const JsonValue& at(const JsonValue& value, const std::string& name) {
    REQUIRE(value.find(name) != nullptr);
    return *value.find(name);
}

IncidentView incident() {
    IncidentView view;
    view.incident = "0-17";
    view.policy = "surge";
    view.scope = {{"centre", "jinan"}, {"group", "普席"}};
    view.state = "paging";
    view.level = Level::orange;
    view.tier = 2;
    view.need = 6;
    view.joined = 2;
    view.opened = engine_time(4'000);
    view.opened_wall = wall_time(1'799'999'994'000);
    view.next_at = engine_time(12'500);
    AlertEdge edge;
    edge.rule = "oldest-wait";
    edge.queue = {"jinan", "general", "voice"};
    edge.to = AlertState::firing;
    edge.level = Level::orange;
    edge.value = 71.5;
    edge.limit = "> 60";
    edge.since = engine_time(3'000);
    view.alerts = {edge};
    view.seats = {SeatView{"zhang", "张三", 1, SeatState::joined, engine_time(9'000), "seat \"free\"", {}}};
    PageView page;
    page.page = "0-17/1/zhang/log/first/1";
    page.people = {"zhang"};
    page.channel = "log";
    page.state = PageState::accepted;
    view.pages = {page};
    return view;
}
}  // namespace

TEST_CASE("render: engine times become ms UTC by the distance from now; never becomes null", "[unit]") {
    IncidentView view = incident();
    JsonValue json = parsed(render_incident(view, {}, now));
    CHECK(at(json, "next_at").integer() == 1'800'000'002'500);
    CHECK(at(json, "opened").integer() == 1'799'999'994'000);
    CHECK(at((*at(json, "seats").array())[0], "at").integer() == 1'799'999'999'000);
    view.next_at = engine_never;
    CHECK(at(parsed(render_incident(view, {}, now)), "next_at").is_null());
}

TEST_CASE("render: staffing is null while nothing is known, else numbers, cause and who could help", "[unit]") {
    IncidentView view = incident();
    CHECK(at(parsed(render_incident(view, {}, now)), "staffing").is_null());
    view.staffing.known = true;
    view.staffing.missing = 8;
    view.staffing.required = 34;
    view.staffing.productive = 26;
    view.staffing.expected_wait_s = std::numeric_limits<double>::infinity();
    view.staffing.cause = staffing::Cause::handling_time;
    view.staffing.slack = {{"qingdao", "general", 5}};
    const JsonValue json = parsed(render_incident(view, {}, now));
    const JsonValue& staffing = at(json, "staffing");
    CHECK(at(staffing, "missing").number() == 8);
    CHECK(at(staffing, "required").number() == 34);
    CHECK(at(staffing, "productive").number() == 26);
    CHECK(at(staffing, "expected_wait_s").is_null());
    CHECK(*at(staffing, "cause").text() == "handling_time");
    const JsonValue& slack = (*at(staffing, "slack").array())[0];
    CHECK(*at(slack, "centre").text() == "qingdao");
    CHECK(at(slack, "agents").integer() == 5);
}

TEST_CASE("render: an incident shows scope, level, seats, alerts and pages by the house's words", "[unit]") {
    const JsonValue json = parsed(render_incident(incident(), {R"({"seq":1,"type":"incident.opened"})", R"({"seq":2})"}, now));
    CHECK(at(at(json, "scope"), "group").text_or("", "") == "");
    CHECK(*at(at(json, "scope"), "group").text() == "普席");
    CHECK(*at(json, "level").text() == "orange");
    CHECK(at(json, "need").integer() == 6);
    const JsonValue& seat = (*at(json, "seats").array())[0];
    CHECK(*at(seat, "state").text() == "joined");
    CHECK(*at(seat, "name").text() == "张三");
    CHECK(*at(seat, "reason").text() == "seat \"free\"");
    const JsonValue& alert = (*at(json, "alerts").array())[0];
    CHECK(*at(alert, "state").text() == "firing");
    CHECK(at(alert, "value").number() == 71.5);
    CHECK(*at((*at(json, "pages").array())[0], "state").text() == "accepted");
    REQUIRE(at(json, "timeline").array()->size() == 2);
    CHECK(at((*at(json, "timeline").array())[1], "seq").integer() == 2);
    ListText text("incidents", now);
    text.add(incident());
    const JsonValue list = parsed(text.take());
    CHECK((*at(list, "incidents").array())[0].find("timeline") == nullptr);
}

TEST_CASE("render: an unknown value of a queue is null, hostile names stay inside their quotes", "[unit]") {
    SeriesView series;
    series.metrics = {"calls_waiting", "oldest_wait_s"};
    series.counter = {false, false};
    QueueView queue;
    queue.key = {"ji\"nan\n", "gen\\eral", "voice"};
    queue.first = 0;
    queue.count = 2;
    queue.last = engine_time(9'000);
    series.queues = {queue};
    series.metric_of = {0, 1};
    series.values = {42, std::nan("")};

    ListText text("queues", now);
    text.add(series, series.queues.front());
    const JsonValue json = parsed(text.take());
    const JsonValue& shown = (*at(json, "queues").array())[0];
    CHECK(*at(shown, "centre").text() == "ji\"nan\n");
    CHECK(at(at(shown, "m"), "calls_waiting").number() == 42);
    CHECK(at(at(shown, "m"), "oldest_wait_s").is_null());
    CHECK(at(shown, "last").integer() == 1'799'999'999'000);
}

TEST_CASE("render: a status names rejections, sources, rules and channels", "[unit]") {
    EngineStats stats;
    stats.samples = 100;
    stats.rejected[static_cast<std::size_t>(Refusal::malformed)] = 3;
    stats.alerts_by_state = {{"firing", 2}};
    SourceView source;
    source.source = "acd-1";
    source.gaps = 4;
    StatusFacts facts;
    facts.version = "0.1.0";
    facts.now = now;
    facts.ready = true;
    facts.listeners = {{"http", 9847}};
    const JsonValue json = parsed(render_status(facts, stats, {source}, {RuleHealth{"r", 0, "no such metric"}},
                                                {ChannelView{"sms", 1, true, {{"accepted", 5}}},
                                                 ChannelView{"ding", 0, false, {}, now.at + Span{60000}},
                                                 ChannelView{"wecom", 0, false, {}, now.at}}));

    CHECK(at(at(at(json, "ingest"), "rejected"), "malformed").integer() == 3);
    CHECK(at(at(json, "ingest"), "rejected").find("late") == nullptr);
    CHECK(at((*at(at(json, "ingest"), "sources").array())[0], "gaps").integer() == 4);
    CHECK(at(at(json, "alerts"), "firing").integer() == 2);
    CHECK(*at((*at(json, "rules").array())[0], "healthy").boolean() == false);
    CHECK(at(at((*at(json, "channels").array())[0], "outcomes"), "accepted").integer() == 5);
    CHECK(at((*at(json, "channels").array())[0], "paused_until").is_null());
    CHECK(at((*at(json, "channels").array())[1], "paused_until").integer() == to_ms(now.wall) + 60000);
    CHECK(at((*at(json, "channels").array())[2], "paused_until").is_null());  // over
    CHECK(at(at(json, "listeners"), "http").integer() == 9847);
}

TEST_CASE("render: alerts, rosters and silences are whole documents, also when empty", "[unit]") {
    AlertView alert;
    alert.rule = "r";
    alert.queue = {"jinan", "general", "chat"};
    alert.state = AlertState::clearing;
    alert.level = Level::yellow;
    ListText text("alerts", now);
    text.add(alert);
    CHECK(text.entries() == 1);
    const JsonValue alerts = parsed(text.take("7-1"));
    CHECK(*at(alerts, "next").text() == "7-1");
    CHECK(*at((*at(alerts, "alerts").array())[0], "channel").text() == "chat");
    const JsonValue none = parsed(ListText("alerts", now).take());
    CHECK(at(none, "alerts").array()->empty());
    CHECK(none.find("next") == nullptr);

    const JsonValue rosters = parsed(render_rosters({RosterView{"leads", {"zhang", "li"}}}, now.wall));
    CHECK(at((*at(rosters, "rosters").array())[0], "on_duty").array()->size() == 2);

    SilenceView silence;
    silence.silence.silence = "s-1";
    silence.silence.until = engine_time(70'000);
    const JsonValue silences = parsed(render_silences({silence}, now));
    CHECK(at((*at(silences, "silences").array())[0], "until").integer() == 1'800'000'060'000);
    CHECK(at(parsed(render_silences({}, now)), "silences").array()->empty());
}
