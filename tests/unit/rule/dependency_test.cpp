#include <algorithm>

#include "core/rule/detector.hpp"
#include "support/catch.hpp"
#include "support/feed_kit.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {

RuleSpec under(RuleSpec spec, std::vector<std::string> above) {
    spec.depends_on = std::move(above);
    return spec;
}
RuleSpec waiting(const std::string& id, const std::string& metric, double limit) {
    return rule(id, metric,
                {level(Level::yellow, above(limit), below(limit - 5)), level(Level::red, above(limit * 3), below(limit))});
}

/// queue -> group -> centre, by the number of people who wait.
Plan chain() {
    auto plan = plan_of({under(waiting("queue", "calls_waiting", 10), {"group"}),
                         under(waiting("group", "group_waiting", 30), {"centre"}), waiting("centre", "centre_waiting", 60)},
                        {derive("group_waiting", "sum(calls_waiting)", "", GroupBy::group),
                         derive("centre_waiting", "sum(calls_waiting)", "", GroupBy::centre)});
    for (const auto* name : {"q1", "q2"}) {
        plan.expects.push_back({"jinan", name, "voice", Span{5000}, "general"});
    }
    plan.expects.push_back({"jinan", "q3", "voice", Span{5000}, "special"});
    return plan;
}

struct Line {
    explicit Line(Plan p) : plan(std::move(p)), detector(plan) {}

    /// Sends calls_waiting of one queue; returns the edges of the step.
    std::vector<AlertEdge> send(double s, const std::string& queue, double value, const std::string& centre = "jinan") {
        detector.clear_edges();
        detector.ingest(feeder.message(s, queue, {{"calls_waiting", value}}, centre), at_s(s));
        return detector.edges();
    }
    static const AlertEdge* last(const std::vector<AlertEdge>& edges, const std::string& rule, const std::string& queue) {
        const auto found = std::find_if(edges.rbegin(), edges.rend(),
                                        [&](const AlertEdge& e) { return e.rule == rule && e.queue.queue == queue; });
        return found == edges.rend() ? nullptr : &*found;
    }
    Plan plan;
    Detector detector;
    Feeder feeder;
};

}  // namespace

TEST_CASE("dependency: an alert stands for its own queue, its group, its centre or all, of its own channel", "[unit]") {
    const QueueKey q{"jinan", "q1", "voice"};
    CHECK(stands_for({"jinan", "q1", "voice"}, q, "g"));
    CHECK_FALSE(stands_for({"jinan", "q2", "voice"}, q, "g"));
    CHECK(stands_for({"jinan", "*g", "voice"}, q, "g"));
    CHECK_FALSE(stands_for({"jinan", "*h", "voice"}, q, "g"));
    CHECK_FALSE(stands_for({"jinan", "*g", "voice"}, q, ""));
    CHECK(stands_for({"jinan", "*", "voice"}, q, "g"));
    CHECK_FALSE(stands_for({"qingdao", "*", "voice"}, q, "g"));
    CHECK(stands_for({"*", "*", "voice"}, q, "g"));
    CHECK_FALSE(stands_for({"*", "*", "chat"}, q, "g"));
}

TEST_CASE("dependency: of a chain the widest alert that fires speaks, and each change is told by an edge", "[unit]") {
    Line line(chain());
    line.send(0, "q2", 0);
    line.send(0, "q3", 0);
    auto edges = line.send(1, "q1", 20);
    REQUIRE(edges.size() == 1);
    CHECK(edges[0].folded.rule.empty());  // nobody above fires: it speaks for itself

    edges = line.send(2, "q1", 31);  // red; its group fires with it
    const auto* child = Line::last(edges, "queue", "q1");
    REQUIRE(child != nullptr);
    CHECK(child->folded == AlertKey{"group", {"jinan", "*general", "voice"}});
    CHECK(child->to == AlertState::firing);
    CHECK(child->level == Level::red);

    edges = line.send(3, "q3", 35);  // the centre fires: the group is folded, and q1 with it, and q3 from the start
    CHECK(Line::last(edges, "queue", "q1")->folded.rule == "centre");
    CHECK(Line::last(edges, "queue", "q3")->folded.rule == "centre");
    CHECK(Line::last(edges, "group", "*general")->folded == AlertKey{"centre", {"jinan", "*", "voice"}});
    CHECK(Line::last(edges, "centre", "*")->folded.rule.empty());

    edges = line.send(4, "q3", 0);  // the centre and the special group are well: the general group speaks for q1 again
    CHECK(Line::last(edges, "centre", "*")->to == AlertState::ok);
    CHECK(Line::last(edges, "queue", "q1")->folded.rule == "group");
    CHECK(Line::last(edges, "group", "*general")->folded.rule.empty());
}

TEST_CASE("dependency: when the alert above ends, a queue that still fires says so and speaks for itself again", "[unit]") {
    auto plan = chain();
    plan.rules[2].levels[0].clear_after = 10s;
    Line line(std::move(plan));
    line.send(0, "q3", 50);
    line.send(1, "q1", 20);
    CHECK(Line::last(line.send(2, "q3", 0), "queue", "q1") == nullptr);  // clearing still speaks
    line.detector.clear_edges();
    line.detector.advance(at_s(12));
    const auto edges = line.detector.edges();
    const auto* told = Line::last(edges, "queue", "q1");
    REQUIRE(told != nullptr);
    CHECK(told->folded.rule.empty());
    CHECK(told->to == AlertState::firing);
    CHECK(told->evidence == "centre is over, this still fires");
}

TEST_CASE("dependency: another centre's alert and a rule without a policy speak for nobody", "[unit]") {
    Line line(chain());
    line.send(0, "x", 100, "qingdao");
    CHECK(line.send(1, "q1", 20)[0].folded.rule.empty());

    auto plan = chain();
    plan.rules[1].policy.clear();
    plan.rules[2].policy.clear();
    Line silent(std::move(plan));
    const auto edges = silent.send(1, "q1", 100);
    CHECK(Line::last(edges, "queue", "q1")->folded.rule.empty());
}

TEST_CASE("dependency: who speaks survives a snapshot, and nothing is told twice", "[unit]") {
    Line line(chain());
    line.send(0, "q3", 100);
    line.send(1, "q1", 20);
    Detector again(line.plan);
    REQUIRE(again.restore(line.detector.snapshot()));
    again.advance(at_s(2));
    CHECK(again.edges().empty());
    const auto found = std::find_if(again.active().begin(), again.active().end(),
                                    [](const ActiveAlert& a) { return a.queue != no_id && a.folded != nullptr; });
    REQUIRE(found != again.active().end());
    CHECK(found->folded->rule == "centre");
}
