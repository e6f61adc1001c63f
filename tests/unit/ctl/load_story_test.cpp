// What went through the queues of an incident, and what the people it called were worth.
#include "ctl/load_story.hpp"

#include "support/catch.hpp"

using namespace surged;

namespace {
using Load = std::map<std::string, std::string>;

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
    return {{"offered", std::to_string(offered)}, {"productive", std::to_string(agents)}, {"aht_s", "60"},
            {"patience_s", "120"},                {"calls_waiting", "0"},                 {"capacity_per_min", std::to_string(agents)}};
}
}  // namespace

TEST_CASE("load story: counters become what came in between; a counter that fell, or is not there, is unknown", "[unit]") {
    Told told;
    told.at(0, {{"offered", "1000"}, {"abandoned", "7"}}).at(1, {{"offered", "1030"}, {"abandoned", "7"}});
    told.at(3, {{"offered", "1070.5"}}).at(4, {{"offered", "5"}, {"abandoned", "9"}}).at(5, {{"offered", "25"}});
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
    CHECK_FALSE(Told().at(0, {{"calls_waiting", "3"}}).story.offered());
    CHECK_FALSE(Told().at(0, {{"offered", "lots"}}).at(1, {{"offered", "inf"}}).story.offered());
}

TEST_CASE("load story: without the helpers a balanced queue would have lost what the fluid model says", "[unit]") {
    // 20 calls a minute of a minute each: 20 agents are just enough, and five of them are helpers.
    Told told;
    for (int m = 0; m <= 60; ++m) {
        told.at(m, busy(20 * m, 20), 5, 5);
    }
    const auto worth = told.story.worth();
    REQUIRE(worth);
    CHECK(worth->modelled == Span{3600000});
    CHECK(worth->lost_with < 1e-9);
    // dQ/dt = 20/60 - 15/60 - Q/120: it settles at 10 waiting, and then 5 a minute give up: 300 less what it took to settle.
    CHECK(worth->longest_without == Approx(10).epsilon(1e-6));
    CHECK(worth->lost_without == Approx(300 - 10).epsilon(1e-3));
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
    told.at(0, busy(0, 20), 5).at(1, {{"offered", "20"}}, 5).at(2, {{"offered", "40"}, {"aht_s", "60"}}, 5).at(3, busy(60, 20), 5);
    const auto worth = told.story.worth();
    REQUIRE(worth);
    CHECK(worth->modelled == Span{60000});  // the first: agents known at its start, handling time then
    CHECK_FALSE(Told().at(0, busy(0, 20), 5).story.worth());
}
