// Every view, order and explanation as JSON, byte for byte: names, their order and the forms of numbers are what callers of the
// API and receivers of webhooks rely on. The texts were written down from the writers that stood here before the lists of fields.
#include <cmath>
#include <limits>
#include <map>
#include <string>

#include "io/http/render.hpp"
#include "io/http/render_duty.hpp"
#include "support/catch.hpp"
#include "wire/explain_json.hpp"
#include "wire/order_json.hpp"

using namespace surged;

namespace {
const std::map<std::string, std::string> golden{
#include "views_golden.inc"
};
void same(const std::string& name, const std::string& text) {
    INFO(name);
    REQUIRE(golden.contains(name));
    CHECK(text == golden.at(name));
}

const Stamp moment{engine_time(100'000), wall_time(1'800'000'000'000)};
constexpr double nan_value = std::numeric_limits<double>::quiet_NaN();

AlertEdge edge_of(bool full) {
    AlertEdge edge;
    edge.rule = "oldest-wait", edge.policy = "surge", edge.queue = {"jinan", "general", "chat"}, edge.group = "普席";
    edge.metric = "oldest_wait_s", edge.from = AlertState::pending, edge.to = AlertState::firing;
    edge.value = 71.5, edge.limit = "> 60", edge.evidence = "71.5 \"s\"", edge.ts = SourceTime{Span{1'799'999'990'000}};
    edge.at = engine_time(90'000), edge.since = engine_time(80'000);
    if (full) {
        edge.level = Level::orange, edge.pending = Level::red, edge.stale = true, edge.stale_changed = true, edge.muted = true;
        edge.flapping = true, edge.folded = {"above", {"jinan", "*", "voice"}}, edge.incident = "0-17";
        edge.reading = {true, 93.25, engine_time(95'000), true, 120, engine_time(91'000)};
    } else {
        edge.value = nan_value, edge.since = EngineTime{};
    }
    return edge;
}

IncidentView incident_of(bool full) {
    IncidentView view;
    view.incident = "0-17", view.policy = "surge", view.scope = {{"centre", "jinan"}, {"group", "普席"}}, view.state = "paging";
    view.opened_wall = wall_time(1'799'999'994'000), view.next_at = engine_never;
    if (!full) {
        return view;
    }
    view.level = Level::orange, view.worst = Level::red, view.tier = 2, view.need = 6, view.joined = 2, view.arrived = 1;
    view.noshow = 3, view.came = 4, view.came_arrived = 5, view.owner = "wang", view.next_at = engine_time(112'500);
    view.staffing.known = true, view.staffing.required = 34, view.staffing.productive = 26.5, view.staffing.missing = 7.5;
    view.staffing.expected_wait_s = std::numeric_limits<double>::infinity();
    view.staffing.cause = staffing::Cause::handling_time;
    view.staffing.slack = {{"qingdao", "general", 5}, {"weifang", "gold", 1}};
    view.alerts = {edge_of(true), edge_of(false)};
    view.seats = {SeatView{"zhang", "张三", 1, SeatState::joined, engine_time(99'000), "seat \"free\"", "li", true},
                  SeatView{"li", "李四", 2, SeatState::asked, EngineTime{}, "", "", false}};
    PageView page;
    page.page = "0-17/1/zhang/log/first/1", page.incident = "0-17", page.people = {"zhang", "li"}, page.channel = "log";
    page.purpose = PagePurpose::remind, page.state = PageState::accepted, page.attempt = 2, page.due = engine_time(101'000);
    page.reason = "HTTP 503";
    view.pages = {page, PageView{}};
    view.actions = {ActionView{"announce", "publish", true, "do", "done", true, 3, engine_time(102'000), "said"}, ActionView{}};
    view.into = "0-99", view.scopes = 4;
    return view;
}

AlertView alert_of(bool full) {
    AlertView alert;
    alert.rule = "oldest-wait", alert.queue = {"jinan", "general", "voice"}, alert.metric = "oldest_wait_s", alert.value = nan_value;
    if (full) {
        alert.state = AlertState::clearing, alert.level = Level::yellow, alert.stale = true, alert.muted = true;
        alert.folded = {"above", {"jinan", "*", "voice"}}, alert.flapping = true, alert.value = 0.1;
        alert.since = engine_time(50'000), alert.raise = "> 40", alert.reason = "learning: 3 of 10 days";
        alert.reading = {true, nan_value, engine_never, false, 7, engine_time(60'000)};
    } else {
        alert.raise = "> 40";  // without a reading it is not shown
    }
    return alert;
}

StatusFacts facts_of(bool full) {
    StatusFacts facts;
    facts.now = moment;
    if (!full) {
        return facts;
    }
    facts.version = "0.1.0", facts.config_version = "abc", facts.started = wall_time(1'799'999'000'000), facts.ready = true;
    facts.store_degraded = true, facts.reload_ok = false, facts.reload_message = "a.toml:1:2: no", facts.incidents_open = 3;
    facts.refusals = {{"acd", {Refusal::malformed, "ts", "x", "milliseconds"}, 5, engine_time(1'000), engine_time(2'000)}};
    facts.listeners = {{"http", 9847}, {"metrics", 9848}}, facts.connections = {{"feeders", 2}};
    facts.published = 9, facts.not_published = 1, facts.publish_refused = {{"full", 2}}, facts.timezone = "Asia/Shanghai";
    return facts;
}

EngineStats stats_of() {
    EngineStats stats;
    stats.messages = 1, stats.samples = 2, stats.series = 3, stats.queues = 4, stats.bound = 5, stats.counter_resets = 6;
    stats.late_samples = 7, stats.clock_jumps = 8, stats.forgotten_sources = 9, stats.alerts_by_state = {{"firing", 2}, {"ok", 1}};
    stats.stale_queues = 10, stats.records = 18'446'744'073'709'551'615U;
    stats.rejected[static_cast<std::size_t>(Refusal::malformed)] = 3;
    stats.rejected[refusal_count - 1] = 4;
    return stats;
}

SendOrder order_of(bool full) {
    SendOrder order;
    order.page = "0-17/1/li/sms/first/1", order.channel = "sms", order.incident = "0-17", order.policy = "surge";
    order.need = 2, order.joined = 3, order.wall = wall_time(1795330800123), order.alerts = {edge_of(full)};
    if (!full) {
        return order;
    }
    order.attempt = 2, order.purpose = PagePurpose::stand_down, order.repeat = true, order.scope = {{"centre", "jinan"}};
    order.people = {{"li", "李", "138", "li@x", "@li"}, {}}, order.title = "话务突增", order.text = "line 1\nline 2";
    order.language = Language::en, order.scopes = 3, order.level = Level::red, order.tier = 1, order.need = 6, order.joined = 2;
    order.seats_arrived = 1, order.staffing = incident_of(true).staffing, order.when = "2026-11-29 05:14:35 Asia/Shanghai";
    AlsoCalled other;
    other.page = "0-18/1/li/sms/first/1", other.incident = "0-18", other.policy = "surge", other.scope = {{"centre", "qingdao"}};
    other.level = Level::orange, other.need = 3, other.joined = 1;
    order.also = {other, {}};
    order.sequence = 3, order.link = "https://s/a/x", order.params = {{"announcement", "A17"}, {"centre", "qingdao"}};
    order.alerts.push_back(edge_of(false));
    return order;
}

Explanation explanation_of(bool full) {
    Explanation x;
    x.now = moment, x.rule.rule = "oldest-wait", x.rule.queue = {"jinan", "general", "voice"}, x.rule.value = nan_value;
    if (!full) {
        return x;
    }
    auto& r = x.rule;
    r.kind = RuleKind::volatility, r.metric = "oldest_wait_s", r.policy = "surge", r.group = "普席", r.problem = "no such metric";
    r.bound_queues = 7, r.bound = true, r.state = AlertState::clearing, r.level = Level::orange, r.pending = Level::red;
    r.since = engine_time(90'000), r.stale = true, r.never_seen = true, r.muted = true;
    r.folded = {"above", {"jinan", "*", "voice"}}, r.last_data = engine_time(95'000), r.stale_after = Span{30'000};
    r.value = 12.5, r.unit = "%";
    r.inputs = {{"oldest_wait_s", 71, "as last seen"}, {"increase(answered, 10m)", nan_value, ""}};
    r.notes = {"guarded", "frozen"};
    ExplainLevel level;
    level.limits.level = Level::orange, level.limits.raise = {Comparison::above, 60}, level.limits.clear = {Comparison::at_most, 40};
    level.limits.raise_after = Span{5'000}, level.limits.clear_after = Span{9'000};
    r.levels = {level};
    level.phase = LatchPhase::raising, level.since = engine_time(99'000), level.due = engine_time(104'000);
    level.raise_holds = true, level.clear_holds = false;
    r.levels.push_back(level);
    level.phase = LatchPhase::clearing, level.due = engine_time(99'500), r.levels.push_back(level);
    level.phase = LatchPhase::on, level.due = engine_never, r.levels.push_back(level);
    r.mutes = {{{0x03, 1320, 360, "Asia/Shanghai"}, true}, {{0x7F, 0, 1440, "UTC"}, false}};
    r.above = {{"above", true}, {"other", false}};
    auto& p = x.paging;
    p.policy = "surge", p.incident = "0-17", p.state = "paging", p.level = Level::red, p.tier = 2, p.need = 6, p.joined = 1;
    p.opened = engine_time(91'000), p.next_at = engine_time(120'000), p.fires = true, p.counts = true, p.why = "it fires";
    SilenceChange silence;
    silence.silence = "s-1", silence.until = engine_time(170'000), silence.by = "ops", silence.reason = "known";
    p.silences = {silence};
    PageView page = incident_of(true).pages.front();
    p.tiers = {{1, "agents", true, "first", {{"zhang", "张三", "joined", "on duty", {page, PageView{}}}, {}}}, {}};
    return x;
}
}  // namespace

TEST_CASE("views: one incident and the lists are the same bytes as ever", "[unit]") {
    same("incident", render_incident(incident_of(true), {R"({"seq":1})", R"({"seq":2})"}, moment));
    same("incident, empty", render_incident(incident_of(false), {}, moment));
    IncidentView slack_only = incident_of(false);
    slack_only.staffing.slack = {{"qingdao", "general", 5}};
    same("incident, slack only", render_incident(slack_only, {}, moment));
    ListText incidents("incidents", moment);
    incidents.add(incident_of(true)), incidents.add(incident_of(false));
    same("incidents", incidents.take("7-1"));
    ListText alerts("alerts", moment);
    alerts.add(alert_of(true)), alerts.add(alert_of(false));
    same("alerts", alerts.take());
    SeriesView series;
    series.metrics = {"calls_waiting", "oldest \"wait\""}, series.metric_of = {0, 1, 1}, series.values = {42, nan_value, 0.25};
    QueueView queue;
    queue.key = {"ji\"nan\n", "gen\\eral", "chat"}, queue.count = 2, queue.last = engine_time(99'000), queue.group = "普席";
    QueueView other;
    other.key = {"a", "b", "voice"}, other.first = 2, other.count = 4, other.stale = true, other.never_seen = true;
    ListText queues("queues", moment);
    queues.add(series, queue), queues.add(series, other);
    same("queues", queues.take());
}

TEST_CASE("views: status, rosters and silences are the same bytes as ever", "[unit]") {
    SourceView source;
    source.source = "acd-1", source.samples = 1, source.messages = 2, source.gaps = 3, source.repeats = 4, source.restarts = 5;
    source.last = engine_time(98'000), source.skew_s = -0.125, source.problem = "two senders";
    ChannelView sms{"sms", 1, true, {{"accepted", 5}}, moment.at + Span{60'000}, {{"delivered", 2}}, true, true};
    ChannelView ding{"ding", 0, false, {}, moment.at, {{"delivered", 2}}, false, true};
    same("status", render_status(facts_of(true), stats_of(), {source, {}}, {RuleHealth{"r", 0, "no such metric"}, RuleHealth{"s", 2, ""}},
                                 {sms, ding}));
    same("status, empty", render_status(facts_of(false), {}, {}, {}, {}));
    same("rosters", render_rosters({RosterView{"leads", {"zhang", "li"}}, RosterView{"none", {}}}, moment.wall));
    SilenceView silence;
    silence.silence.silence = "s-1", silence.silence.rule = "r*", silence.silence.until = engine_time(170'000);
    silence.silence.by = "ops", silence.silence.reason = "known", silence.silence.removed = true;
    same("silences", render_silences({silence, {}}, moment));
}

TEST_CASE("views: duty and overrides are the same bytes as ever", "[unit]") {
    DutyFacts facts;
    facts.plan.zones["UTC"] = Zone{};
    RosterSpec roster;
    roster.id = "agents", roster.zone = "UTC";
    facts.plan.rosters = {roster};
    PolicySpec policy;
    policy.id = "surge";
    TierSpec tier;
    tier.id = "first", tier.rosters = {"agents"};
    policy.tiers = {tier};
    policy.need.fixed = 2;
    facts.plan.policies.push_back(policy);
    OverrideChange change;
    change.id = "o-1", change.roster = "agents", change.from = moment.wall, change.until = moment.wall + Span{60'000};
    change.out = "li", change.in = "wang", change.by = "ops", change.reason = "swap";
    OverrideChange later = change;
    later.id = "", later.from = moment.wall + Span{1};
    OverrideChange over = change;
    over.until = moment.wall;
    facts.set_at_run_time = {change, later, over};
    same("duty", render_duty(facts, moment.wall, moment.wall + Span{3'600'000}));
    same("overrides", render_overrides(facts, moment.wall));
}

TEST_CASE("orders: a page and a step of the playbook are the same bytes as ever", "[unit]") {
    same("order", encode(order_of(true)));
    same("order, empty", encode(order_of(false)));
    SendOrder action = order_of(true);
    action.purpose = PagePurpose::undo, action.action = "announce";
    same("action", encode(action));
    SendOrder slack_only = order_of(false);
    slack_only.staffing.slack = {{"qingdao", "general", 5}};
    same("order, slack only", encode(slack_only));
}

TEST_CASE("explanations: bound and unbound ones are the same bytes as ever", "[unit]") {
    same("explanation", encode(explanation_of(true)));
    same("explanation, empty", encode(explanation_of(false)));
}
