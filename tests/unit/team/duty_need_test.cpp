// Fewer on duty than a policy needs, or than it requires of a skill, over all its tiers.
#include "core/team/duty.hpp"
#include "support/catch.hpp"

using namespace surged;

TEST_CASE("duty: fewer than the need or than a required skill is a gap with its numbers; nobody at all is the tiers' own",
          "[unit]") {
    Plan plan;
    plan.zones.emplace("UTC", Zone{});
    for (const char* id : {"a", "b", "c"}) {
        PersonSpec person;
        person.id = id;
        plan.people.push_back(person);
    }
    plan.people[0].skills = {"english"};
    RosterSpec day;
    day.id = "day";
    day.zone = "UTC";
    day.shifts = {{0x7F, 480, 1200, {"a", "b"}}, {0x7F, 600, 720, {"c"}}};
    plan.rosters = {day};
    PolicySpec policy;
    policy.id = "jinan";
    policy.need.fixed = 3;
    TierSpec tier;
    tier.id = "leads";
    tier.rosters = {"day"};
    TierRequire require;
    require.skill = "english";
    require.min = 1;
    tier.require = {require};
    policy.tiers = {tier};
    const auto from = wall_time(0);
    const auto until = wall_time(86400000);
    auto gaps = need_gaps(plan, {}, policy, from, until);
    REQUIRE(gaps.size() == 2);  // 08-10 and 12-20; nobody before and after is no gap of the need
    CHECK(gaps[0].on_duty == 2);
    CHECK(gaps[0].need == 3);
    CHECK(to_ms(gaps[0].from) == 8 * 3600000);
    CHECK(to_ms(gaps[0].until) == 10 * 3600000);
    CHECK(to_ms(gaps[1].until) == 20 * 3600000);
    policy.need.fixed = 2;
    CHECK(need_gaps(plan, {}, policy, from, until).empty());
    plan.people[0].skills.clear();
    gaps = need_gaps(plan, {}, policy, from, until);
    REQUIRE(gaps.size() == 1);
    CHECK(gaps[0].what == "skill english");
    CHECK(gaps[0].on_duty == 0);
    CHECK(to_ms(gaps[0].until) == 20 * 3600000);
}
