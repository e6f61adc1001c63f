// Turns and gaps agree with the function that pages, at every minute.
#include "core/team/duty.hpp"
#include "support/catch.hpp"

using namespace surged;

namespace {

constexpr std::int64_t monday = 20514;  // 2026-03-02

WallTime at(std::int64_t day, int minute) {
    return wall_time((day * 1440 + minute) * 60000);
}

Plan plan_of_two() {
    Plan plan;
    RosterSpec leads;
    leads.id = "leads";
    leads.shifts = {{0x1F, 480, 1200, {"ann", "bob"}}, {0x1F, 1200, 480, {"cy"}}};
    leads.dates = {{monday + 2, 0, 1440, {}}};
    plan.rosters = {leads};
    PolicySpec policy;
    policy.id = "surge";
    TierSpec tier;
    tier.id = "first";
    tier.rosters = {"leads"};
    policy.tiers = {tier};
    plan.policies = {policy};
    return plan;
}

OverrideChange change(const std::string& out, const std::string& in, WallTime from, WallTime until) {
    OverrideChange c;
    c.id = "o-1";
    c.roster = "leads";
    c.out = out;
    c.in = in;
    c.from = from;
    c.until = until;
    return c;
}

}  // namespace

TEST_CASE("duty: between two turns nothing changes, at any minute of ten days", "[unit]") {
    const Plan plan = plan_of_two();
    const std::vector<OverrideChange> set{change("ann", "dan", at(monday, 540), at(monday + 1, 600))};
    const auto turns = duty_turns(plan, set, "leads", at(monday, 100), at(monday + 10, 0));
    std::size_t turn = 0;
    for (int minute = 100; minute < 14400; ++minute) {
        const auto t = at(monday, minute);
        while (turn + 1 < turns.size() && turns[turn + 1].at <= t) {
            ++turn;
        }
        REQUIRE(turns[turn].people == on_duty(plan, set, "leads", t));
    }
    CHECK(turn + 1 == turns.size());
    for (std::size_t i = 1; i < turns.size(); ++i) {
        CHECK(turns[i].people != turns[i - 1].people);
    }
}

TEST_CASE("duty: a gap is the time in which a tier has nobody, and an override closes it", "[unit]") {
    const Plan plan = plan_of_two();
    // Wednesday has a date with nobody; Tuesday's night shift still goes on until 08:00. Saturday 08:00 to Monday 08:00 is
    // nobody's.
    const auto gaps = all_gaps(duty_facts(plan, {}), at(monday, 600), at(monday + 7, 600));
    REQUIRE(gaps.size() == 2);
    CHECK(gaps[0].from == at(monday + 2, 480));
    CHECK(gaps[0].until == at(monday + 3, 480));
    CHECK(gaps[1].from == at(monday + 5, 480));
    CHECK(gaps[1].until == at(monday + 7, 480));
    CHECK(gaps[0].policy == "surge");
    CHECK(gaps[0].tier == "first");
    const auto closed = all_gaps(duty_facts(plan, {change("", "dan", at(monday + 2, 480), at(monday + 3, 480))}), at(monday, 600),
                                 at(monday + 5, 480));
    CHECK(closed.empty());
}

TEST_CASE("duty: an unknown roster has nobody, and people who are only informed close no gap", "[unit]") {
    Plan plan = plan_of_two();
    const auto turns = duty_turns(plan, {}, "nobody", at(monday, 0), at(monday + 1, 0));
    REQUIRE(turns.size() == 1);
    CHECK(turns[0].people.empty());
    RosterSpec always;
    always.id = "desk";
    always.shifts = {{0x7F, 0, 1440, {"eve"}}};
    plan.rosters.push_back(always);
    plan.policies[0].tiers[0].rosters = {"leads", "desk"};
    CHECK(all_gaps(duty_facts(plan, {}), at(monday, 600), at(monday + 7, 600)).empty());
    plan.policies[0].tiers[0].inform_only = {"desk"};
    CHECK(all_gaps(duty_facts(plan, {}), at(monday, 600), at(monday + 7, 600)).size() == 2);
}
