// What went through the queues of an incident, and what the people it called were worth.
#include "report/load_story.hpp"

#include <algorithm>
#include <cmath>
#include <queue>
#include <random>


#include "support/catch.hpp"

using namespace surged;

namespace {
using Load = std::map<std::string, double>;

WallTime minute(int m) {
    return wall_time(1772413200000 + m * 60000);
}

class Told {
public:
    Told& at(int m, Load load, int joined = 0, int arrived = 0) {
        IncidentChange change;
        change.step = IncidentStep::load;
        change.load = std::move(load);
        story.add(change, minute(m), joined, arrived);
        return *this;
    }
    LoadStory story;
};

Load busy(int offered, int agents) {
    return {{"offered", offered}, {"productive", agents}, {"aht_s", 60},
            {"patience_s", 120},                {"calls_waiting", 0},                 {"capacity_per_min", agents}};
}
}  // namespace

TEST_CASE("load story: counters become what came in between; a counter that fell, or is not there, is unknown", "[unit]") {
    Told told;
    told.at(0, {{"offered", 1000}, {"abandoned", 7}}).at(1, {{"offered", 1030}, {"abandoned", 7}});
    told.at(3, {{"offered", 1070.5}}).at(4, {{"offered", 5}, {"abandoned", 9}}).at(5, {{"offered", 25}});
    const auto& points = told.story.points();
    REQUIRE(points.size() == 5);
    CHECK_FALSE(points[0].offered);
    CHECK(points[1].offered == 30.0);
    CHECK(points[1].load_per_min == 30.0);
    CHECK(points[2].load_per_min == 20.25);  // two minutes
    CHECK_FALSE(points[3].offered);
    CHECK(points[3].abandoned == 2.0);  // since it was last told
    CHECK(points[4].offered == 20.0);
    CHECK(told.story.offered() == 90.5);
    CHECK(told.story.abandoned() == 2.0);
    CHECK_FALSE(Told().at(0, {{"calls_waiting", 3}}).story.offered());
    CHECK_FALSE(Told().at(0, {{"offered", std::nan("")}}).at(1, {{"offered", HUGE_VAL}}).story.offered());
}

TEST_CASE("load story: long enough, the model loses what the queue's own steady state does, with the helpers and without", "[unit]") {
    // 20 calls a minute of a minute each: 20 agents are just enough, and five of them are helpers. Of M/M/20+M and M/M/15+M with a
    // patience of 120 s, worked out elsewhere (the birth and death chain in closed form): in the mean 2.95 and 10.18 wait.
    Told told;
    for (int m = 0; m <= 60; ++m) {
        told.at(m, busy(20 * m, 20), 5, 5);
    }
    const auto worth = told.story.worth();
    REQUIRE(worth);
    CHECK(worth->modelled == Span{3600000});
    CHECK(worth->lost_with == Approx(60 * 2.95 / 2).epsilon(0.1));
    CHECK(worth->lost_without == Approx(60 * 10.18 / 2).epsilon(0.1));
    CHECK_FALSE(worth->counted);
    CHECK_FALSE(worth->explains());
}

TEST_CASE("load story: helpers are those who arrived; when nobody ever said so, those who joined; nobody: no model", "[unit]") {
    const auto lost = [](int joined, int arrived) {
        Told told;
        for (int m = 0; m <= 30; ++m) {
            told.at(m, busy(20 * m, 20), joined, arrived);
        }
        const auto worth = told.story.worth();
        return worth ? worth->lost_without : -1;
    };
    CHECK(lost(0, 0) == -1);
    CHECK(lost(5, 0) == lost(5, 5));
    CHECK(lost(5, 2) == lost(2, 2));
    CHECK(lost(50, 0) == lost(20, 0));  // no more than were at work
}

TEST_CASE("load story: minutes of which too little is known are left out of the model", "[unit]") {
    Told told;
    told.at(0, busy(0, 20), 5).at(1, {{"offered", 20}}, 5).at(2, {{"offered", 40}, {"aht_s", 60}}, 5).at(3, busy(60, 20), 5);
    const auto worth = told.story.worth();
    REQUIRE(worth);
    CHECK(worth->modelled == Span{60000});  // the first: agents known at its start, handling time then
    CHECK_FALSE(Told().at(0, busy(0, 20), 5).story.worth());
}

namespace {
/// A surge on a queue that was just staffed, and helpers who come at some minute. Times in seconds, rates a minute.
struct Scenario {
    const char* name;
    double base_rate;
    double surge_rate;
    int surge_min;
    int total_min;
    int agents;
    int helpers;
    int helpers_at_min;
    double aht_s;
    double patience_s;
};

/// Every call as it went: first come, first served, each with a handling time and a patience of its own, both exponential.
struct Played {
    std::vector<double> came, started, gone;  ///< `gone` of those who gave up; `started` of those who did not
    double lost() const { return static_cast<double>(gone.size()); }
};

Played play(const Scenario& s, bool helped, unsigned seed) {
    std::mt19937 random(seed);
    std::exponential_distribution<double> one(1);
    std::priority_queue<double, std::vector<double>, std::greater<>> free;
    for (int i = 0; i < s.agents; ++i) {
        free.push(0);
    }
    for (int i = 0; i < s.helpers && helped; ++i) {
        free.push(s.helpers_at_min * 60.0);
    }
    Played out;
    for (double at = -600; at < s.total_min * 60;) {
        const bool surge = at >= 0 && at < s.surge_min * 60;
        at += one(random) * 60 / (surge ? s.surge_rate : s.base_rate);
        const double handling = one(random) * s.aht_s;
        const double patience = one(random) * s.patience_s;
        const double start = std::max(at, free.top());
        out.came.push_back(at);
        if (start > at + patience) {
            out.gone.push_back(at + patience);
        } else {
            out.started.push_back(start);
            free.pop();
            free.push(start + handling);
        }
    }
    return out;
}

/// As the daemon notes it each minute; the handling time and the patience it says are wrong, as they are when a queue has just filled.
std::optional<HelpersWorth> told_by(const Scenario& s, const Played& played) {
    Told told;
    const auto until = [](const std::vector<double>& times, double at) {
        return std::count_if(times.begin(), times.end(), [at](double t) { return t <= at; });
    };
    for (int m = 0; m <= s.total_min; ++m) {
        const double at = m * 60.0;
        const auto offered = until(played.came, at);
        const auto answered = until(played.started, at);
        const auto gone = until(played.gone, at);
        const bool here = m >= s.helpers_at_min;
        told.at(m,
                {{"offered", offered}, {"answered", answered}, {"abandoned", gone},
                 {"calls_waiting", offered - answered - gone},
                 {"productive", s.agents + (here ? s.helpers : 0)}, {"aht_s", s.aht_s * 0.6}, {"patience_s", 300}},
                here ? s.helpers : 0, here ? s.helpers : 0);
    }
    return told.story.worth();
}
}  // namespace

TEST_CASE("load story: what the helpers saved is what an event simulation says, and the calls lost are explained", "[unit]") {
    const std::vector<Scenario> scenarios{
        {"short surge, helpers early", 18, 40, 8, 25, 20, 8, 3, 60, 120},  {"short surge, helpers late", 18, 40, 8, 25, 20, 8, 7, 60, 120},
        {"long surge, impatient", 17, 27, 60, 80, 20, 5, 10, 60, 60},      {"long surge, patient", 17, 27, 60, 80, 20, 5, 10, 60, 240},
        {"long surge, helpers late", 17, 27, 60, 80, 20, 5, 40, 60, 120},  {"long calls", 9, 16, 60, 90, 30, 8, 15, 180, 120},
    };
    for (const auto& scenario : scenarios) {
        constexpr int runs = 30;
        double saved = 0, modelled = 0;
        int explained = 0;
        for (unsigned seed = 1; seed <= runs; ++seed) {
            const auto with = play(scenario, true, seed);
            saved += play(scenario, false, seed).lost() - with.lost();
            const auto worth = told_by(scenario, with);
            REQUIRE(worth);
            CHECK(*worth->counted == with.lost() - static_cast<double>(std::count_if(with.gone.begin(), with.gone.end(), [&](double t) {
                                         return t <= 0 || t > scenario.total_min * 60;
                                     })));
            explained += worth->explains() ? 1 : 0;
            modelled += worth->lost_without - worth->lost_with;
        }
        INFO(scenario.name << ": saved by the simulation " << saved / runs << ", by the model " << modelled / runs << ", explained "
                           << explained << " of " << runs);
        CHECK(explained >= runs * 9 / 10);
        CHECK(std::abs(modelled - saved) / runs <= std::max(0.2 * saved / runs, 3.0));
    }
}

TEST_CASE("load story: losses that no handling time explains leave the model without a word", "[unit]") {
    // Half of the agents that are told do not work: people give up by the hundred in a queue that should be calm.
    const auto losing = [](int a_minute) {
        Told told;
        for (int m = 0; m <= 60; ++m) {
            auto load = busy(8 * m, 20);
            load["abandoned"] = a_minute * m;
            told.at(m, load, 5, 5);
        }
        return *told.story.worth();
    };
    CHECK_FALSE(losing(4).explains());
    CHECK(losing(4).counted == 240.0);
    CHECK(losing(0).explains());
    HelpersWorth band;
    band.counted = 100;
    for (const auto& [lost, holds] : std::vector<std::pair<double, bool>>{{80, true}, {79, false}, {120, true}, {121, false}}) {
        band.lost_with = lost;
        CHECK(band.explains() == holds);
    }
    band.counted = 10;
    band.lost_with = 5;
    CHECK(band.explains());
    band.lost_with = 4.9;
    CHECK_FALSE(band.explains());
    band.counted.reset();
    CHECK_FALSE(band.explains());
}
