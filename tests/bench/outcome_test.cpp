// The world of `surged_bench outcome` against queueing theory and against sums made here: Erlang A in steady state, the forward equations of
// M(t)/M/n(t)+M through a surge, and the laws that comparisons of policies rest on.
#include <cmath>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "bench/outcome_floor.hpp"
#include "bench/outcome_oncall.hpp"
#include "bench/outcome_policies.hpp"
#include "bench/outcome_world.hpp"
#include "core/staffing/erlang.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace surged::bench;

namespace {

WorldScenario surge_of(double factor, std::uint64_t seed, double again) {
    auto scenario = *world_scenario(factor == 2 ? "x2" : "x1.5", centre_size(400, false), seed);
    scenario.calls_again = again;
    return scenario;
}

Outcome outcome_of(OutcomePolicy&& policy, const WorldScenario& scenario, const CentreSize& size, std::uint64_t seed) {
    World world(scenario, size, seed);
    return world.run(policy);
}

/// Callers who give up from `from_s` on, by the forward equations: p(k) = probability of k calls in the queue and on the phones. Agents
/// and arrivals by time. Independent of the simulator and of core/staffing.
template <typename Rate, typename Agents>
double lost_by_equations(Rate&& per_s, Agents&& agents, double from_s, double end_s) {
    constexpr int most = 700;
    constexpr double dt = 0.1;
    std::vector<double> p(most + 1, 0.0);
    std::vector<double> next(p);
    p[static_cast<std::size_t>(agents(0.0) * 0.8)] = 1;
    double lost = 0;
    for (double t = 0; t < end_s; t += dt) {
        const double in = per_s(t);
        const double n = agents(t);
        double giving_up = 0;
        for (int k = 0; k <= most; ++k) {
            const auto i = static_cast<std::size_t>(k);
            const auto out = [&](double x) { return std::min(x, n) / aht_s + std::max(0.0, x - n) / patience_s; };
            double flow = -p[i] * ((k < most ? in : 0) + out(k));
            flow += k > 0 ? p[i - 1] * in : 0;
            flow += k < most ? p[i + 1] * out(k + 1) : 0;
            next[i] = p[i] + dt * flow;
            giving_up += p[i] * std::max(0.0, k - n) / patience_s;
        }
        p.swap(next);
        lost += t >= from_s ? giving_up * dt : 0;
    }
    return lost;
}

/// Twenty helpers at 600 s after the beginning of a surge, without being called.
class TwentyAtTen : public OutcomePolicy {
public:
    void start(World&) override {}
    void message(World&, const Message&) override {}
    void tick(World& world) override {
        if (!done_ && world.now_s() >= world.scenario().from_s + 600 - travel_s) {
            done_ = true;
            for (int i = 0; i < 20; ++i) {
                world.join("*", i);
            }
        }
    }
    void answers(World&, int, const std::string&) override {}

private:
    bool done_ = false;
};

}  // namespace

TEST_CASE("outcome: a centre at rest is Erlang A", "[unit]") {
    for (const int calls : {60, 400}) {
        const auto size = centre_size(calls, false);
        auto scenario = *world_scenario("quiet", size, 1);
        scenario.calls_again = 0;
        const auto seen = outcome_of(Nobody(), scenario, size, 3);
        const auto theory = staffing::outlook({calls / 3600.0, aht_s, patience_s}, size.agents, 20);
        REQUIRE(theory);
        CAPTURE(calls, size.agents, seen.offered, seen.lost);
        CHECK(seen.offered == Approx(calls * 24.0 * 30).epsilon(0.02));
        CHECK(seen.lost / seen.offered == Approx(theory->abandon_probability).epsilon(0.06));
        CHECK(seen.in_20 / seen.offered == Approx(theory->service_level).margin(0.012));
        CHECK(theory->service_level >= 0.8);
    }
}

TEST_CASE("outcome: calls lost in a surge are those of the forward equations, with helpers and without", "[unit]") {
    const auto size = centre_size(400, false);
    constexpr int seeds = 40;
    double nobody = 0;
    double helped = 0;
    double nobody_theory = 0;
    double helped_theory = 0;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        const auto scenario = surge_of(2, seed, 0);
        nobody += outcome_of(Nobody(), scenario, size, seed).lost / seeds;
        helped += outcome_of(TwentyAtTen(), scenario, size, seed).lost / seeds;
        if (seed == 1) {  // where in a slot it begins changes nothing
            const auto rate = [&](double t) { return 400 / 3600.0 * (t >= scenario.from_s && t < scenario.until_s ? 2 : 1); };
            const auto alone = [&](double) { return static_cast<double>(size.agents); };
            const auto more = [&](double t) { return size.agents + (t >= scenario.from_s + 600 ? 20.0 : 0.0); };
            nobody_theory = lost_by_equations(rate, alone, scenario.from_s, scenario.end_s);
            helped_theory = lost_by_equations(rate, more, scenario.from_s, scenario.end_s);
        }
    }
    CAPTURE(nobody, nobody_theory, helped, helped_theory);
    CHECK(nobody == Approx(nobody_theory).epsilon(0.03));
    CHECK(helped == Approx(helped_theory).epsilon(0.06));
    CHECK(helped < 0.5 * nobody);
}

TEST_CASE("outcome: two policies meet the same callers", "[unit]") {
    const auto size = centre_size(400, false);
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        const auto scenario = surge_of(2, seed, 0);
        const auto nobody = outcome_of(Nobody(), scenario, size, seed);
        const auto again = outcome_of(Nobody(), scenario, size, seed);
        const auto oracle = outcome_of(Oracle(), scenario, size, seed);
        CHECK(nobody.lost == again.lost);
        CHECK(nobody.offered == oracle.offered);
        CHECK(oracle.lost < nobody.lost);
        CHECK(oracle.called == size.people);
    }
}

TEST_CASE("outcome: who gave up and calls again is lost only when the last try fails", "[unit]") {
    const auto size = centre_size(400, false);
    double offered = 0;
    double offered_again = 0;
    double lost = 0;
    double lost_again = 0;
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        const auto once = outcome_of(Nobody(), surge_of(2, seed, 0), size, seed);
        const auto more = outcome_of(Nobody(), surge_of(2, seed, calls_again), size, seed);
        offered += once.offered;
        offered_again += more.offered;
        lost += once.lost;
        lost_again += more.lost;
    }
    CHECK(offered_again > offered * 1.05);
    CHECK(lost_again < lost);  // by little: in an overload whoever gets through on the second try takes the place of another
    // Everybody who called for the first time is answered, lost, or (a handful) still there at the end.
    CHECK(lost_again > lost * (1 - calls_again) * 0.9);
}

TEST_CASE("outcome: an alert for a minute, a group for half a minute, then one call; a chain brings more than one acknowledgement", "[unit]") {
    const auto size = centre_size(1200, false);
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        auto scenario = *world_scenario("x4", size, seed);
        const auto ack = outcome_of(OnCallPolicy(15, false), scenario, size, seed);
        const auto chain = outcome_of(OnCallPolicy(15, true), scenario, size, seed);
        CHECK(chain.lost < ack.lost);
        if (!ack.open_before) {
            REQUIRE(ack.detected_s);
            CHECK(*ack.detected_s >= 60);
            CHECK(*ack.detected_s < 300);
        }
        CHECK(ack.joined_max <= 2);
    }
}

TEST_CASE("outcome: surged's seats become agents, and it is the engine that calls", "[unit]") {
    const auto size = centre_size(400, false);
    const PackFiles pack{{SURGED_SOURCE_DIR "/rules/voice.toml"}, SURGED_SOURCE_DIR "/systemd/etc/team.toml"};
    const auto scenario = surge_of(2, 1, calls_again);
    World world(scenario, size, 1);
    auto config = outcome_config(pack, 1, world.people());
    REQUIRE(config.ok());
    SurgedPolicy surged(std::move(config.plan), {});
    const auto with = world.run(surged);
    const auto without = outcome_of(Nobody(), scenario, size, 1);
    CHECK(with.lost < without.lost);
    CHECK(with.joined_max >= 1);
    CHECK(with.joined_max <= size.people);
}

TEST_CASE("outcome: seen by surged and called by the oracle: everybody, once, from the first call for help on", "[unit]") {
    const auto size = centre_size(400, false);
    const PackFiles pack{{SURGED_SOURCE_DIR "/rules/voice.toml"}, SURGED_SOURCE_DIR "/systemd/etc/team.toml"};
    const auto scenario = surge_of(2, 1, calls_again);
    const auto run = [&](bool everybody) {
        World world(scenario, size, 1);
        auto config = outcome_config(pack, 1, world.people());
        REQUIRE(config.ok());
        SurgedPolicy surged(std::move(config.plan), {}, {}, everybody);
        const auto outcome = world.run(surged);
        CHECK_FALSE(surged.opened_first().empty());
        return outcome;
    };
    const auto own = run(false);
    const auto all = run(true);
    REQUIRE(own.detected_s);
    CHECK(all.detected_s == own.detected_s);
    CHECK(all.called == size.people);
    CHECK(all.joined_max >= own.joined_max);
}

TEST_CASE("outcome: an incident that opens again calls its people again, and they come again", "[unit]") {
    const auto size = centre_size(400, false);
    const PackFiles pack{{SURGED_SOURCE_DIR "/rules/voice.toml"}, SURGED_SOURCE_DIR "/systemd/etc/team.toml"};
    // Twice the calls for 15 min, a quarter of an hour of rest, and again.
    auto scenario = *world_scenario("x4", size, 1);
    auto twice = scenario.steps.front();
    twice.lasts = Span{900'000};
    scenario.steps = {twice, twice};
    scenario.steps.back().at += Span{2'700'000};
    World world(scenario, size, 1);
    auto config = outcome_config(pack, 1, world.people());
    REQUIRE(config.ok());
    int reopened = 0;
    int joined_again = 0;
    SurgedPolicy surged(std::move(config.plan), {}, [&](const Record& record) {
        const auto* change = std::get_if<IncidentChange>(&record.body);
        reopened += change != nullptr && change->step == IncidentStep::reopened ? 1 : 0;
        const auto* seat = std::get_if<SeatChange>(&record.body);
        joined_again += reopened > 0 && seat != nullptr && seat->state == SeatState::joined ? 1 : 0;
    });
    world.run(surged);
    REQUIRE(reopened > 0);
    CHECK(joined_again > 0);
}

TEST_CASE("outcome: who was told off and is asked again answers again, and is one person called", "[unit]") {
    const auto size = centre_size(400, false);
    const PackFiles pack{{SURGED_SOURCE_DIR "/rules/voice.toml", SURGED_SOURCE_DIR "/rules/staffing.toml"}, SURGED_SOURCE_DIR "/systemd/etc/team.toml"};
    // After twenty minutes without a call the first minute of three times as many asks for two people, the next ones for all.
    const auto scenario = *world_scenario("rebound", size, 1);
    World world(scenario, size, 1);
    auto config = outcome_config(pack, 1, world.people());
    REQUIRE(config.ok());
    std::set<std::string> released;
    int joined_after = 0;
    SurgedPolicy surged(std::move(config.plan), {}, [&](const Record& record) {
        if (const auto* seat = std::get_if<SeatChange>(&record.body); seat != nullptr) {
            joined_after += seat->state == SeatState::joined && released.contains(seat->person) ? 1 : 0;
            if (seat->state == SeatState::released) {
                released.insert(seat->person);
            }
        }
    });
    const auto outcome = world.run(surged);
    CHECK(joined_after > 0);
    CHECK(outcome.called <= size.people);
}

TEST_CASE("outcome: the noise floor raises as many false alarms as it is asked for, by chance alone", "[unit]") {
    constexpr int days = 200;
    for (const double ramp_s : {0.0, 1800.0}) {
        const FloorSurge surge{400.0 * report_s / 3600, 1.5, ramp_s};
        const double limit = floor_limit(surge, 0.2);
        CHECK(floor_limit(surge, 1) < limit);
        std::mt19937_64 random(77);
        std::poisson_distribution<int> calls(surge.calls);
        FloorTest test(surge);
        int alarms = 0;
        for (int i = 0; i < days * 86400 / report_s; ++i) {
            if (test.step(calls(random)) > limit) {
                ++alarms;
                test.reset();
            }
        }
        CAPTURE(ramp_s, limit, alarms);
        CHECK(alarms >= days * 0.2 * 0.6);
        CHECK(alarms <= days * 0.2 * 1.5);
    }
}

TEST_CASE("outcome: the noise floor calls everybody when the counts show it, later than the oracle and sooner than a slow rise ends", "[unit]") {
    const auto size = centre_size(400, false);
    for (const char* name : {"x2", "x2-ramp"}) {
        for (std::uint64_t seed = 1; seed <= 3; ++seed) {
            const auto scenario = *world_scenario(name, size, seed);
            const auto floor = outcome_of(FloorPolicy(0.2), scenario, size, seed);
            CAPTURE(name, seed);
            REQUIRE(floor.detected_s);
            CHECK(*floor.detected_s > 0);
            CHECK(*floor.detected_s < (scenario.name == "x2" ? 900 : 1800));
            CHECK(floor.called == size.people);
            CHECK(floor.lost < outcome_of(Nobody(), scenario, size, seed).lost);
        }
    }
    CHECK(FloorPolicy::sees("x1.3-ramp"));
    CHECK_FALSE(FloorPolicy::sees("drain"));  // calls tell nothing of agents
}

TEST_CASE("outcome: scaled limits move away from usual in both directions", "[unit]") {
    const PackFiles pack{{SURGED_SOURCE_DIR "/rules/voice.toml"}, SURGED_SOURCE_DIR "/systemd/etc/team.toml"};
    const auto config = outcome_config(pack, 1, 6);
    REQUIRE(config.ok());
    const auto scaled = scaled_limits(*config.plan, 2);
    for (std::size_t i = 0; i < scaled->rules.size(); ++i) {
        const auto& was = config.plan->rules[i];
        const auto& is = scaled->rules[i];
        CHECK(is.surprise == was.surprise * (was.kind == RuleKind::absence ? 1 : 2));
        for (std::size_t n = 0; n < was.levels.size(); ++n) {
            if (was.kind == RuleKind::absence) {
                CHECK(is.levels[n].raise.value == was.levels[n].raise.value);
            } else if (was.levels[n].raise.upward()) {
                CHECK(is.levels[n].raise.value == 2 * was.levels[n].raise.value);
            } else {
                CHECK(is.levels[n].raise.value < was.levels[n].raise.value);
            }
        }
    }
}
