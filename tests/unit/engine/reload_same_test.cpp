// A reload that changes nothing of what detection goes by keeps the detector as it is: of 10,000 queues no window is copied while
// somebody's phone number is edited.
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/engine/engine.hpp"
#include "core/rule/same_detection.hpp"
#include "support/allocations.hpp"
#include "support/catch.hpp"
#include "support/feed_kit.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {

/// Something of everything that detection goes by.
Plan whole_plan() {
    auto rate = rule("rate", "offered", {level(Level::red, above(50, LimitUnit::percent), below(20, LimitUnit::percent))}, RuleKind::rate_of_change);
    Plan plan = plan_of({rule("wait", "oldest_wait_s", {level(Level::yellow, above(40), below(30))}), rate}, {derive("load", "calls_waiting / agents_staffed")});
    plan.derives.front().content = 7;
    ExpectSpec expect;
    expect.centre = "jinan";
    expect.queue = "general";
    plan.expects.push_back(expect);
    CalendarSpec calendar;
    calendar.id = "days";
    calendar.content = 9;
    plan.calendars.push_back(calendar);
    plan.zones["Asia/Shanghai"] = Zone("Asia/Shanghai", 28800, {});
    return plan;
}

std::unique_ptr<Plan> with_people(const std::vector<std::string>& ids) {
    auto plan = std::make_unique<Plan>(whole_plan());
    plan->derives.clear();  // its queues need all inputs
    for (const auto& id : ids) {
        PersonSpec person;
        person.id = person.name = id;
        plan->people.push_back(person);
    }
    return plan;
}

void feed_queues(Engine& engine, Feeder& feeder, double s, int queues) {
    for (int q = 0; q < queues; ++q) {
        engine.ingest(feeder.message(s, "q" + std::to_string(q), {{"oldest_wait_s", q == 3 ? 50.0 : 5.0}, {"offered", s}}), at_s(s));
    }
}

}  // namespace

TEST_CASE("reload: whatever detection goes by, a change of it is seen") {
    using Change = std::function<void(Plan&)>;
    const std::vector<std::pair<const char*, Change>> changes{
        {"limits", [](Plan& p) { p.limits.skew += 1ms; }},
        {"timezone", [](Plan& p) { p.timezone = "Asia/Shanghai"; }},
        {"stale_after", [](Plan& p) { p.stale_after += 1ms; }},
        {"queues", [](Plan& p) { --p.queue_max; }},
        {"a metric's kind", [](Plan& p) { p.metrics.back().kind = p.metrics.back().kind == MetricKind::gauge ? MetricKind::counter : MetricKind::gauge; }},
        {"a metric's label", [](Plan& p) { p.metrics.back().label.en += "x"; }},
        {"a metric more", [](Plan& p) { p.metrics.push_back({"further", MetricKind::gauge}); }},
        {"an expected queue's pace", [](Plan& p) { p.expects.front().every = 5s; }},
        {"an expected queue's group", [](Plan& p) { p.expects.front().group = "vip"; }},
        {"an expected queue less", [](Plan& p) { p.expects.clear(); }},
        {"a derived metric's content", [](Plan& p) { ++p.derives.front().content; }},
        {"a derived metric's unit", [](Plan& p) { p.derives.front().unit = MetricUnit::ratio; }},
        {"a derived metric without a hash", [](Plan& p) { p.derives.front().content = 0; }},
        {"a rule's content", [](Plan& p) { ++p.rules.front().content; }},
        {"a rule's profile", [](Plan& p) { ++p.rules.front().profile; }},
        {"a rule's name", [](Plan& p) { p.rules.front().id = "waits"; }},
        {"the order of rules", [](Plan& p) { std::swap(p.rules[0], p.rules[1]); }},
        {"a rule less", [](Plan& p) { p.rules.pop_back(); }},
        {"a calendar's content", [](Plan& p) { ++p.calendars.front().content; }},
        {"a zone's clock", [](Plan& p) { p.zones["Asia/Shanghai"] = Zone("Asia/Shanghai", 25200, {}); }},
        {"a zone more", [](Plan& p) { p.zones["Asia/Tokyo"] = Zone("Asia/Tokyo", 32400, {}); }},
    };
    CHECK(same_detection(whole_plan(), whole_plan()));
    for (const auto& [name, change] : changes) {
        INFO(name);
        Plan other = whole_plan();
        change(other);
        CHECK_FALSE(same_detection(whole_plan(), other));
        CHECK_FALSE(same_detection(other, whole_plan()));
    }
    Plan people = *with_people({"ann"});
    people.derives = whole_plan().derives;
    people.version = "another";
    CHECK(same_detection(whole_plan(), people));
}

TEST_CASE("reload: with the same detection it takes as long for many queues as for few, and alerts and windows stay") {
    const auto cost = [](int queues, bool edited) {
        Engine engine(with_people({"ann"}));
        Feeder feeder;
        for (int round = 0; round < 40; ++round) {
            feed_queues(engine, feeder, round * 5.0, queues);
        }
        const auto windows = engine.series_snapshot();
        auto plan = with_people({"ann", "bob"});
        plan->rules.front().content += edited ? 1U : 0U;
        const auto before = allocations();
        const auto report = engine.reload(std::move(plan), at_s(200));
        const auto made = allocations() - before;
        CHECK((report.remains == nullptr) == !edited);
        CHECK(report.kept == (edited ? 1U : 2U) * static_cast<std::uint64_t>(queues));
        CHECK(report.lines == std::vector<std::string>{edited ? "wait: changed, re-evaluated" : "wait: kept", "rate: kept"});
        CHECK(engine.plan().people.size() == 2);
        if (!edited) {
            CHECK(engine.series_snapshot() == windows);
            CHECK(engine.alerts(false).size() == 1);
        }
        feed_queues(engine, feeder, 205, queues);  // it goes on
        CHECK(engine.alerts(false).size() == 1);
        return made;
    };
    CHECK(cost(800, false) < cost(100, false) + 100);
    CHECK(cost(800, true) > cost(100, true) + 700);
}
