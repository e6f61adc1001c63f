#include "core/team/roster.hpp"
#include "support/catch.hpp"

using namespace surged;
using People = std::vector<std::string>;

namespace {

/// Berlin 2026: +1 h, from 29 March 01:00 UTC +2 h, from 25 October 01:00 UTC +1 h.
Zone berlin() {
    const auto utc = [](int m, int d) { return days_from_civil(2026, m, d) * 86400 + 3600; };
    return Zone("Europe/Berlin", 3600, {{utc(3, 29), 7200}, {utc(10, 25), 3600}});
}

struct Fixture {
    Plan plan;
    std::vector<OverrideChange> overrides;
    Fixture() {
        plan.timezone = "Europe/Berlin";
        plan.zones.emplace("Europe/Berlin", berlin());
        plan.rosters.push_back({"r", "Europe/Berlin", {}, {}});
    }
    RosterSpec& roster() { return plan.rosters[0]; }
    People who(const std::string& utc) const {
        const auto civil = parse_civil(utc).value();
        return on_duty(plan, overrides, "r", Zone{}.first_instant(civil));
    }
};
constexpr std::uint8_t monday = 1;
constexpr std::uint8_t every_day = 0x7F;

}  // namespace

TEST_CASE("roster: a shift begins with its first minute and is over at its last", "[roster]") {
    Fixture f;
    f.roster().shifts = {{every_day, 8 * 60, 20 * 60, {"a"}}};
    CHECK(f.who("2026-01-07T06:59:59").empty());
    CHECK(f.who("2026-01-07T07:00:00") == People{"a"});
    CHECK(f.who("2026-01-07T18:59:59") == People{"a"});
    CHECK(f.who("2026-01-07T19:00:00").empty());
    CHECK(on_duty(f.plan, {}, "nobody knows it", WallTime{}).empty());
}

TEST_CASE("roster: a shift over midnight belongs to the day it starts", "[roster]") {
    Fixture f;
    f.roster().shifts = {{monday, 20 * 60, 8 * 60, {"night"}}};
    CHECK(f.who("2026-01-05T18:59:59").empty());  // Monday 19:59:59 in Berlin
    CHECK(f.who("2026-01-05T19:00:00") == People{"night"});
    CHECK(f.who("2026-01-06T06:59:59") == People{"night"});  // Tuesday 07:59:59
    CHECK(f.who("2026-01-06T07:00:00").empty());
    CHECK(f.who("2026-01-06T20:00:00").empty());  // Tuesday night has none
    CHECK(f.who("2026-01-05T03:00:00").empty());  // Sunday to Monday neither
}

TEST_CASE("roster: from equal to to is a whole day, and 24:00 is midnight", "[roster]") {
    Fixture f;
    f.roster().shifts = {{monday, 480, 480, {"whole"}}, {monday, 0, 1440, {"civil"}}};
    CHECK(f.who("2026-01-05T06:59:59") == People{"civil"});
    CHECK(f.who("2026-01-05T07:00:00") == People{"whole", "civil"});
    CHECK(f.who("2026-01-05T23:00:00") == People{"whole"});
    CHECK(f.who("2026-01-06T07:00:00").empty());
}

TEST_CASE("roster: people keep the roster's order and stand once", "[roster]") {
    Fixture f;
    f.roster().shifts = {{every_day, 0, 1440, {"b", "a"}}, {every_day, 0, 1440, {"a", "c"}}};
    CHECK(f.who("2026-01-05T12:00:00") == People{"b", "a", "c"});
}

TEST_CASE("roster: a date replaces the weekly shifts that start that day, also with nobody", "[roster]") {
    Fixture f;
    f.roster().shifts = {{every_day, 20 * 60, 8 * 60, {"night"}}};
    f.roster().dates = {{days_from_civil(2026, 1, 6), 9 * 60, 10 * 60, {"holiday"}}, {days_from_civil(2026, 1, 8), 0, 1440, {}}};
    CHECK(f.who("2026-01-06T05:00:00") == People{"night"});  // began on the 5th
    CHECK(f.who("2026-01-06T08:30:00") == People{"holiday"});
    CHECK(f.who("2026-01-06T20:00:00").empty());  // the 6th has no night
    CHECK(f.who("2026-01-07T20:00:00") == People{"night"});
    CHECK(f.who("2026-01-08T20:00:00").empty());
}

TEST_CASE("roster: overrides substitute only who stands, add, take out, and later ones win", "[roster]") {
    Fixture f;
    f.roster().shifts = {{every_day, 8 * 60, 20 * 60, {"a", "b"}}};
    f.plan.overrides = {{"r", *parse_civil("2026-01-05T12:00"), *parse_civil("2026-01-06T12:00"), "a", "x", "leave", "chief"},
                        {"other", *parse_civil("2026-01-05T12:00"), *parse_civil("2026-01-06T12:00"), "b", "", "", ""}};
    CHECK(f.who("2026-01-05T10:59:59") == People{"a", "b"});
    CHECK(f.who("2026-01-05T11:00:00") == People{"b", "x"});
    CHECK(f.who("2026-01-05T20:00:00").empty());  // a does not stand, so x does not
    CHECK(f.who("2026-01-06T11:00:00") == People{"a", "b"});

    const auto from = Zone{}.first_instant(*parse_civil("2026-01-05T12:00"));
    OverrideChange add;
    add.id = "o-1";
    add.roster = "r";
    add.from = from;
    add.until = from + std::chrono::hours{1};
    add.in = "y";
    auto remove = add;
    remove.id = "o-2";
    remove.in.clear();
    remove.out = "x";
    f.overrides = {add, remove};
    CHECK(f.who("2026-01-05T12:30:00") == People{"b", "y"});
    CHECK(f.who("2026-01-05T13:00:00") == People{"b", "x"});
}

TEST_CASE("roster: at the end of summer time two shifts meeting in the doubled hour overlap, never leave a gap", "[roster]") {
    Fixture f;
    f.roster().shifts = {{every_day, 20 * 60, 2 * 60 + 30, {"late"}}, {every_day, 2 * 60 + 30, 8 * 60, {"early"}}};
    // 25 October 2026: 02:30 shows at 00:30 and at 01:30 UTC.
    CHECK(f.who("2026-10-25T00:29:59") == People{"late"});
    CHECK(f.who("2026-10-25T00:30:00") == People{"late", "early"});
    CHECK(f.who("2026-10-25T01:29:59") == People{"late", "early"});
    CHECK(f.who("2026-10-25T01:30:00") == People{"early"});
}

TEST_CASE("roster: a time skipped at the start of summer time is the first instant after it", "[roster]") {
    Fixture f;
    f.roster().shifts = {{every_day, 20 * 60, 2 * 60 + 30, {"late"}}, {every_day, 2 * 60 + 30, 8 * 60, {"early"}}};
    // 29 March 2026: 02:00 -> 03:00 at 01:00 UTC.
    CHECK(f.who("2026-03-29T00:59:59") == People{"late"});
    CHECK(f.who("2026-03-29T01:00:00") == People{"early"});
}

TEST_CASE("roster: a centre's zone is what its queues were declared with, else that of the defaults", "[roster]") {
    Plan plan;
    plan.timezone = "UTC";
    plan.zones.emplace("UTC", Zone{});
    plan.zones.emplace("Asia/Urumqi", Zone("Asia/Urumqi", 21600, {}));
    ExpectSpec jinan;
    jinan.centre = "jinan";
    ExpectSpec urumqi;
    urumqi.centre = "urumqi";
    plan.expects = {jinan, urumqi};
    urumqi.zone = "Asia/Urumqi";
    plan.expects.push_back(urumqi);
    CHECK(zone_of_centre(plan, "jinan").name() == "UTC");
    CHECK(zone_of_centre(plan, "urumqi").name() == "Asia/Urumqi");
    CHECK(zone_of_centre(plan, "").name() == "UTC");
}
