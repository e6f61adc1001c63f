// A detector with its plan and feeder, and a centre with a steady flow: what the tests of single rule kinds stand on.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/rule/detector.hpp"
#include "support/feed_kit.hpp"

namespace surged::test {

using namespace std::chrono_literals;

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

inline RuleSpec short_rule(double yellow = 0, double red = 4) {
    auto spec =
        rule("short", "offered", {level(Level::yellow, above(yellow), below(1)), level(Level::red, above(red), below(red))},
             RuleKind::shortfall);
    spec.window = 300s;
    spec.staffing.target = {0.8, 20};
    spec.staffing.lead = 0s;
    spec.flap.edges = 0;
    return spec;
}

}  // namespace surged::test
