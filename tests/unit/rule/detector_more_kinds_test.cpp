// Shortfall, volatility, prediction and flapping on the virtual clock.
#include <algorithm>
#include <cmath>

#include "core/rule/detector.hpp"
#include "core/rule/explain.hpp"
#include "support/baseline_kit.hpp"
#include "support/catch.hpp"
#include "support/feed_kit.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {
struct Rig {
    explicit Rig(Plan p) : plan(std::move(p)), detector(plan) {}
    void send(double s, Feeder::Values values, const std::string& centre = "jinan") {
        detector.advance(at_s(s));
        detector.ingest(feeder.message(s, "general", std::move(values), centre), at_s(s));
        collect();
    }
    void wait(double s) {
        detector.advance(at_s(s));
        collect();
    }
    void collect() {
        edges.insert(edges.end(), detector.edges().begin(), detector.edges().end());
        detector.clear_edges();
    }
    Plan plan;
    Detector detector;
    Feeder feeder;
    std::vector<AlertEdge> edges;
};

/// A queue with a steady flow, sent every 5 s. 10 erlang at first: 80/20 takes 14 agents (published).
struct Centre {
    double calls_per_s = 100.0 / 1800;
    double aht_s = 180;
    double on_call = 10;
    double available = 4;
    double waiting = 0;
    double give_up_share = 0;
    double offered = 0, handled = 0, talk = 0, abandoned = 0, waited = 0;
    bool agents = true;
    std::string name = "jinan";

    void run(Rig& rig, double from, double to) {
        for (double s = from; s < to; s += 5) {
            const double calls = calls_per_s * 5;
            offered += calls;
            handled += calls;
            talk += calls * aht_s;
            abandoned += calls * give_up_share;
            waited += calls * 20;
            Feeder::Values values{{"offered", offered},       {"handled", handled},     {"talk_s_sum", talk},
                                  {"calls_waiting", waiting}, {"abandoned", abandoned}, {"wait_answered_s_sum", waited},
                                  {"wait_abandoned_s_sum", 0}};
            if (agents) {
                values.emplace_back("agents_on_call", on_call);
                values.emplace_back("agents_available", available);
            }
            rig.send(s, values, name);
        }
    }
};

RuleSpec short_rule(double yellow = 0, double red = 4) {
    auto spec =
        rule("short", "offered", {level(Level::yellow, above(yellow), below(1)), level(Level::red, above(red), below(red))},
             RuleKind::shortfall);
    spec.window = 300s;
    spec.staffing.target = {0.8, 20};
    spec.staffing.lead = 0s;
    spec.flap.edges = 0;
    return spec;
}
const QueueStaffing& seen(const Rig& rig) {
    REQUIRE_FALSE(rig.detector.board().entries().empty());
    return rig.detector.board().entries().front();
}
}  // namespace

TEST_CASE("shortfall: nobody is missing with the agents that Erlang asks for, one is with one fewer", "[unit]") {
    Rig rig(plan_of({short_rule()}));
    Centre centre;
    centre.run(rig, 0, 1800);
    CHECK(seen(rig).known);
    CHECK(seen(rig).required == 14);
    CHECK(seen(rig).missing == 0);
    CHECK(seen(rig).aht_s == Approx(180));
    CHECK(rig.edges.empty());

    centre.available = 3;
    centre.run(rig, 1800, 1810);
    CHECK(seen(rig).missing == 1);
    REQUIRE(rig.edges.size() == 1);
    CHECK(rig.edges.back().level == Level::yellow);
    CHECK(rig.edges.back().value == 1);
    CHECK(rig.edges.back().limit == "> 0");
    CHECK(rig.edges.back().evidence == "needs 14 agents, has 13; 3.3 calls a minute of 180 s, 0 waiting, cause staff");
}

TEST_CASE("shortfall: the learned profile is ahead of the morning's rise, the window is ahead of the profile in a surge", "[unit]") {
    auto plan = plan_of({short_rule(), baseline_rule()});
    plan.rules[0].window = 30min;
    plan.limits.skew = std::chrono::hours{24};
    Rig rig(std::move(plan));
    Centre centre;
    const double low = 20.0 / 1800;
    const double high = 100.0 / 1800;
    const double nine = 9 * 3600;
    for (int day = 0; day < 12; ++day) {  // quiet nights, a step at nine
        centre.calls_per_s = low;
        centre.run(rig, day * day_s, day * day_s + nine);
        centre.calls_per_s = high;
        centre.run(rig, day * day_s + nine, (day + 1) * day_s);
    }
    centre.calls_per_s = low;
    centre.run(rig, 12 * day_s, 12 * day_s + nine - 1800);
    CHECK(seen(rig).calls_per_s == Approx(low).epsilon(0.15));
    centre.run(rig, 12 * day_s + nine - 1800, 12 * day_s + nine);
    centre.calls_per_s = high;
    centre.run(rig, 12 * day_s + nine, 12 * day_s + nine + 600);
    // Half an hour of window holds ten minutes of the rise (0.026 a second); the profile knows all of it.
    CHECK(seen(rig).calls_per_s == Approx(high).epsilon(0.15));
    centre.calls_per_s = 4 * high;
    centre.run(rig, 12 * day_s + nine + 600, 12 * day_s + nine + 3900);
    CHECK(seen(rig).calls_per_s == Approx(4 * high).epsilon(0.15));

    const auto x = rig.detector.explain("short", {"jinan", "general", "voice"}, at_s(12 * day_s + nine + 3900));
    REQUIRE(x);
    CHECK(std::any_of(x->inputs.begin(), x->inputs.end(), [](const auto& i) { return i.name == "agents missing" && i.value > 0; }));
    const auto y = rig.detector.explain("offered-baseline", {"jinan", "general", "voice"}, at_s(12 * day_s + nine + 3900));
    REQUIRE(y);
    CHECK(std::any_of(y->inputs.begin(), y->inputs.end(), [](const auto& i) { return i.name == "expected now" && i.value > 0; }));
    CHECK(std::any_of(y->notes.begin(), y->notes.end(), [](const auto& n) { return n.find("learned from ") == 0; }));
}

TEST_CASE("shortfall: until half of its window is filled, and without agents, nothing is known", "[unit]") {
    auto spec = short_rule();
    spec.staffing.aht_s = 180;
    Rig rig(plan_of({spec}));
    Centre centre;
    centre.available = 0;
    centre.run(rig, 0, 145);
    CHECK_FALSE(seen(rig).known);
    CHECK(rig.edges.empty());
    centre.run(rig, 145, 300);
    CHECK(seen(rig).known);
    CHECK(seen(rig).missing == 4);

    Rig blind(plan_of({short_rule()}));
    Centre unseen;
    unseen.agents = false;
    unseen.run(blind, 0, 600);
    CHECK_FALSE(seen(blind).known);
    CHECK(blind.edges.empty());
}

TEST_CASE("shortfall: an unknown input resolves nothing (D1)", "[unit]") {
    Rig rig(plan_of({short_rule()}));
    Centre centre;
    centre.available = 0;
    centre.run(rig, 0, 600);
    REQUIRE(rig.edges.back().to == AlertState::firing);
    centre.agents = false;  // the feeder no longer tells of agents
    centre.run(rig, 600, 900);
    CHECK_FALSE(seen(rig).known);
    CHECK(rig.edges.back().to == AlertState::firing);
}

TEST_CASE("shortfall: handling time is the configured one until 20 calls were handled, then the measured one", "[unit]") {
    auto spec = short_rule();
    spec.staffing.aht_s = 90;
    Rig rig(plan_of({spec}));
    Centre centre;  // 3.33 calls a minute: the first message is the baseline, 20 rises after it come after 6 min
    centre.run(rig, 0, 355);
    CHECK(seen(rig).aht_s == 90);
    centre.run(rig, 355, 400);
    CHECK(seen(rig).aht_s == Approx(180));

    Rig none(plan_of({short_rule()}));
    Centre same;
    same.run(none, 0, 355);
    CHECK_FALSE(seen(none).known);
}

TEST_CASE("shortfall: handling time follows drift", "[unit]") {
    Rig rig(plan_of({short_rule()}));
    Centre centre;
    centre.run(rig, 0, 3600);
    centre.aht_s = 270;
    centre.run(rig, 3600, 4500);
    CHECK(seen(rig).aht_s == Approx(225).epsilon(0.01));  // half of its half hour
    centre.run(rig, 4500, 5500);
    CHECK(seen(rig).aht_s == Approx(270).epsilon(0.01));
    CHECK(seen(rig).required == 19);  // 15 erlang
    CHECK(seen(rig).cause == staffing::Cause::handling_time);
}

TEST_CASE("shortfall: demand is named as the cause, and a backlog that will be there when help comes counts", "[unit]") {
    auto spec = short_rule();
    Rig rig(plan_of({spec}));
    Centre centre;
    centre.run(rig, 0, 1800);
    centre.calls_per_s *= 2;
    centre.available = 0;
    centre.on_call = 14;
    centre.waiting = 39.5;
    centre.run(rig, 1800, 2400);
    CHECK(seen(rig).cause == staffing::Cause::demand);
    // 20 erlang: 25 agents for 80/20; 39.5 waiting calls in 10 min take 11.85 more than the 20 that keep up.
    CHECK(seen(rig).required == 32);
    CHECK(seen(rig).missing == 18);
    CHECK(seen(rig).expected_wait_s == Approx(40.0 / 14 * 180));
    CHECK(rig.edges.back().level == Level::red);

    auto late = spec;
    late.staffing.lead = 300s;
    Rig slow(plan_of({late}));
    Centre again;
    again.calls_per_s *= 2;
    again.available = 0;
    again.on_call = 14;
    again.waiting = 39.5;
    again.run(slow, 0, 1200);
    CHECK(seen(slow).required == 35);  // 10 more have come by then
}

TEST_CASE("shortfall: who gives up is learned from at least ten", "[unit]") {
    Rig rig(plan_of({short_rule()}));
    Centre centre;
    centre.give_up_share = 0.1;
    centre.run(rig, 0, 1795);  // 9.97
    CHECK(seen(rig).patience_s == 0);
    centre.run(rig, 1795, 1900);
    CHECK(seen(rig).patience_s == Approx(200));  // 20 s waited by each, a tenth gave up
    CHECK(seen(rig).required < 14);
}

TEST_CASE("shortfall: is looked at every five seconds, not at every message", "[unit]") {
    Rig rig(plan_of({short_rule()}));
    Centre centre;
    centre.run(rig, 0, 900);
    const auto until = seen(rig).until;
    rig.send(899, {{"agents_available", 0}});
    CHECK(seen(rig).until == until);
    rig.send(900, {{"agents_available", 0}});
    CHECK(seen(rig).until > until);
    CHECK(seen(rig).missing > 0);
}

TEST_CASE("shortfall: what it learned comes back from a snapshot", "[unit]") {
    Rig rig(plan_of({short_rule()}));
    Centre centre;
    centre.run(rig, 0, 1800);
    Rig next(plan_of({short_rule()}));
    next.feeder = rig.feeder;
    REQUIRE(next.detector.restore(rig.detector.snapshot()));
    centre.calls_per_s *= 2;
    centre.run(next, 1800, 2100);
    CHECK(seen(next).known);
    CHECK(seen(next).cause == staffing::Cause::demand);
}

// ---- volatility
// -----------------------------------------------------------------------------------------------------------------

namespace {
RuleSpec coaster(double band = 0.1) {
    auto spec = rule("coaster", "connection_rate", {level(Level::yellow, above(2), below(2))}, RuleKind::volatility);
    spec.window = 1800s;
    spec.band = band;
    spec.flap.edges = 0;
    return spec;
}
}  // namespace

TEST_CASE("volatility: swings of the band count, smaller ones do not", "[unit]") {
    for (const double low : {0.80, 0.801}) {
        Rig rig(plan_of({coaster()}));
        double s = 0;
        for (int i = 0; i < 8; ++i, s += 60) {
            rig.send(s, {{"connection_rate", i % 2 == 0 ? 0.90 : low}});
        }
        CHECK(rig.edges.empty() == (low > 0.8));
    }
}

TEST_CASE("volatility: the third turn raises, and it is over when the turns have left the window", "[unit]") {
    Rig rig(plan_of({coaster()}));
    for (const auto& [s, v] : std::vector<std::pair<double, double>>{{0, 0.9}, {60, 0.7}, {120, 0.9}, {180, 0.7}}) {
        rig.send(s, {{"connection_rate", v}});
    }
    CHECK(rig.edges.empty());  // two turns
    rig.send(240, {{"connection_rate", 0.9}});
    REQUIRE(rig.edges.size() == 1);
    CHECK(rig.edges.back().value == 3);
    CHECK(rig.edges.back().evidence == "3 swings of 0.1 or more in the last 30m, now 0.9");
    for (double s = 245; s < 1920; s += 5) {
        rig.send(s, {{"connection_rate", 0.9}});
    }
    CHECK(rig.edges.size() == 1);
    for (double s = 1920; s < 2100; s += 5) {
        rig.send(s, {{"connection_rate", 0.9}});
    }
    REQUIRE(rig.edges.size() == 2);
    CHECK(rig.edges.back().to == AlertState::ok);
}

TEST_CASE("volatility: a climb or a staircase in one direction is no roller-coaster", "[unit]") {
    Rig rig(plan_of({coaster()}));
    for (int i = 0; i < 40; ++i) {
        rig.send(i * 30, {{"connection_rate", 0.5 + 0.01 * i - (i % 2 == 0 ? 0 : 0.05)}});
    }
    CHECK(rig.edges.empty());
}

TEST_CASE("volatility: what it counted comes back from a snapshot", "[unit]") {
    Rig rig(plan_of({coaster()}));
    for (const auto& [s, v] : std::vector<std::pair<double, double>>{{0, 0.9}, {60, 0.7}, {120, 0.9}, {180, 0.7}}) {
        rig.send(s, {{"connection_rate", v}});
    }
    Rig next(plan_of({coaster()}));
    next.feeder = rig.feeder;
    REQUIRE(next.detector.restore(rig.detector.snapshot()));
    next.send(240, {{"connection_rate", 0.9}});
    REQUIRE(next.edges.size() == 1);
    CHECK(next.edges.back().value == 3);

    auto other = coaster();
    other.content = 4711;  // the rule was changed: counted anew
    Rig fresh(plan_of({other}));
    fresh.feeder = rig.feeder;
    REQUIRE(fresh.detector.restore(rig.detector.snapshot()));
    fresh.send(240, {{"connection_rate", 0.9}});
    CHECK(fresh.edges.empty());
}

// ---- prediction
// -----------------------------------------------------------------------------------------------------------------

namespace {
RuleSpec soon(const std::string& metric = "calls_waiting") {
    auto spec = rule("soon", metric, {level(Level::yellow, above(100), below(80))});
    spec.ahead = 300s;
    spec.slope_window = 600s;
    spec.flap.edges = 0;
    return spec;
}
}  // namespace

TEST_CASE("ahead: a steady rise is seen before it arrives, and the evidence says when", "[unit]") {
    Rig rig(plan_of({soon()}));
    double s = 0;
    for (; s < 600; s += 5) {
        rig.send(s, {{"calls_waiting", 10}});
    }
    for (; rig.edges.empty() && s < 1800; s += 5) {
        rig.send(s, {{"calls_waiting", 10 + (s - 600) / 5}});  // 12 a minute: 100 at 1050 s
    }
    REQUIRE(rig.edges.size() == 1);
    CHECK(s > 800);
    CHECK(s < 1000);
    CHECK(rig.edges.back().value > 100);
    CHECK(rig.edges.back().evidence.find("rising ") != std::string::npos);
    CHECK(rig.edges.back().evidence.find(": passes 100 in ") != std::string::npos);
}

TEST_CASE("ahead: both sides of the limit on an exact line", "[unit]") {
    for (const double top : {100.0, 101.0}) {
        Rig rig(plan_of({soon("foreseen")}));
        for (double s = 0; s <= 600; s += 5) {  // reaches `top` 300 s after the last reading
            rig.send(s, {{"foreseen", top - (900 - s) * 0.1}});
        }
        CHECK(rig.edges.empty() == (top <= 100));
    }
}

TEST_CASE("ahead: half a window and five points are needed; until then nothing is known", "[unit]") {
    Rig rig(plan_of({soon()}));
    for (double s = 0; s < 300; s += 5) {
        rig.send(s, {{"calls_waiting", s}});
    }
    CHECK(rig.edges.empty());
    rig.send(305, {{"calls_waiting", 305}});
    CHECK(rig.edges.size() == 1);

    Rig sparse(plan_of({soon()}));
    for (double s = 0; s < 401; s += 100) {  // five readings
        CHECK(sparse.edges.empty());
        sparse.send(s, {{"calls_waiting", s}});
    }
    CHECK(sparse.edges.size() == 1);
}

TEST_CASE("ahead: wild readings do not bend the line", "[unit]") {
    Rig rig(plan_of({soon()}));
    for (double s = 0; s < 1800; s += 5) {
        const bool wild = static_cast<int>(s / 5) % 5 == 0;
        rig.send(s, {{"calls_waiting", wild ? 400 : 10}});
        rig.send(s + 1, {{"agents_aux", 1}});
    }
    // Cells of 10 s mix two readings: two of five cells are wild.
    CHECK(rig.edges.empty());
}

TEST_CASE("ahead: with staffing known a backlog is foreseen from arrivals and agents", "[unit]") {
    auto queue = soon();
    queue.levels = {level(Level::yellow, above(10), below(8))};
    Rig rig(plan_of({short_rule(1000, 2000), queue}));
    Centre centre;  // 3.33 calls a minute, 14 agents of 3 min: 4.67 a minute are answered
    centre.run(rig, 0, 900);
    CHECK(rig.edges.empty());
    centre.on_call = 4;
    centre.available = 0;  // 1.33 a minute are answered: +2 a minute, 10 in five
    centre.waiting = 0.01;
    centre.run(rig, 900, 920);
    REQUIRE(rig.edges.size() == 1);
    CHECK(rig.edges.back().rule == "soon");
    CHECK(rig.edges.back().evidence == "0 now, rising 2 a minute by arrivals and agents: passes 10 in 5 min");
}

// ---- flapping
// -------------------------------------------------------------------------------------------------------------------

namespace {
RuleSpec nervous() {
    auto spec =
        rule("wait", "oldest_wait_s", {level(Level::yellow, above(40), below(30)), level(Level::red, above(100), below(80))});
    spec.flap = {4, 1200s};  // settled after 300 s
    return spec;
}
Plan nervous_plan(RuleSpec spec = nervous()) {
    auto plan = plan_of({std::move(spec)});
    plan.stale_after = 120s;
    return plan;
}
void flap(Rig& rig, int edges, double& s) {
    for (int i = 0; i < edges; ++i, s += 60) {
        rig.send(s, {{"oldest_wait_s", i % 2 == 0 ? 50 : 10}});
    }
}
/// Keeps the feed alive at one value.
void hold(Rig& rig, double& s, double to, double value) {
    for (; s < to; s += 10) {
        rig.send(s, {{"oldest_wait_s", value}});
    }
}
}  // namespace

TEST_CASE("flapping: more edges than allowed in the window, not as many", "[unit]") {
    Rig rig(nervous_plan());
    double s = 0;
    flap(rig, 4, s);
    REQUIRE(rig.edges.size() == 4);
    CHECK_FALSE(rig.edges.back().flapping);
    rig.send(s, {{"oldest_wait_s", 50}});
    REQUIRE(rig.edges.size() == 5);
    CHECK(rig.edges.back().flapping);
    CHECK(rig.edges.back().to == AlertState::firing);
}

TEST_CASE("flapping: edges that are spread over more than the window are no flapping", "[unit]") {
    Rig rig(nervous_plan());
    double s = 0;
    for (int i = 0; i < 12; ++i) {
        rig.send(s, {{"oldest_wait_s", i % 2 == 0 ? 50 : 10}});
        hold(rig, s, s + 300, i % 2 == 0 ? 50 : 10);
    }
    for (const auto& edge : rig.edges) {
        CHECK_FALSE(edge.flapping);
    }
}

TEST_CASE("flapping: when it has settled one edge says where, firing or not", "[unit]") {
    for (const double value : {50.0, 10.0}) {
        Rig rig(nervous_plan());
        double s = 0;
        flap(rig, 6, s);  // ends at rest, 60 s ago
        hold(rig, s, s + 20, value);
        const auto before = rig.edges.size();
        const auto last = rig.edges.back().at;
        hold(rig, s, s + 400, value);
        REQUIRE(rig.edges.size() == before + 1);
        CHECK_FALSE(rig.edges.back().flapping);
        CHECK(rig.edges.back().evidence == "settled after flapping");
        CHECK(rig.edges.back().to == (value > 40 ? AlertState::firing : AlertState::ok));
        CHECK(rig.edges.back().at == last + 300s);
    }
}

TEST_CASE("flapping: a silent feed settles nothing (D1)", "[unit]") {
    Rig rig(nervous_plan());
    double s = 0;
    flap(rig, 6, s);
    const auto before = rig.edges.size();
    rig.wait(s + 3600);
    for (std::size_t i = before; i < rig.edges.size(); ++i) {
        CHECK(rig.edges[i].stale_changed);
    }
    hold(rig, s = 4200, 4600, 10);
    CHECK(rig.edges.back().evidence == "settled after flapping");
}

TEST_CASE("flapping: the flag survives a restart through the open alerts, also of an alert at rest", "[unit]") {
    Rig rig(nervous_plan());
    double s = 0;
    flap(rig, 6, s);
    REQUIRE(rig.edges.back().to == AlertState::ok);
    const auto open = rig.detector.open_alerts();
    REQUIRE(open.size() == 1);
    CHECK(open.front().flapping);

    Rig next(nervous_plan());
    next.feeder = rig.feeder;
    REQUIRE(next.detector.restore(rig.detector.snapshot()));
    next.detector.reconcile(open);
    hold(next, s, s + 400, 10);
    REQUIRE(next.edges.size() == 1);
    CHECK(next.edges.back().evidence == "settled after flapping");
    CHECK(next.edges.back().to == AlertState::ok);
}

TEST_CASE("flapping: a reload keeps the flag of kept rules and ends those of changed ones", "[unit]") {
    Rig rig(nervous_plan());
    double s = 0;
    flap(rig, 6, s);
    std::uint64_t kept = 0, anew = 0, closed = 0;
    Rig same(nervous_plan());
    same.detector.take_over(rig.detector, at_s(s), kept, anew, closed);
    CHECK(same.detector.open_alerts().size() == 1);
    CHECK(same.detector.edges().empty());

    auto changed = nervous();
    changed.content = 4711;
    Rig other(nervous_plan(changed));
    other.detector.take_over(rig.detector, at_s(s), kept, anew, closed);
    CHECK(other.detector.open_alerts().empty());
    REQUIRE(other.detector.edges().size() == 1);
    CHECK(other.detector.edges().front().to == AlertState::unknown);
}
