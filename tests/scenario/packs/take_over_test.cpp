// A detector takes another's place in pieces, with samples, silences and new queues in between: it is what it would be had the world
// stood still, and what a detector is that reads the old one's bytes. For every pair of packs.
#include <bit>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "core/engine/engine.hpp"
#include "core/engine/next_plan.hpp"
#include "core/rule/take_over.hpp"
#include "scenario/packs/packs.hpp"
#include "support/catch.hpp"
#include "support/feed_kit.hpp"

using namespace surged;
using namespace surged::test;

namespace {

/// Traffic that depends on the seed and the time alone, so that two detectors hear the same.
class Traffic {
public:
    explicit Traffic(std::uint64_t seed) : random_(seed) {}

    /// One message: now and then a queue is silent, a counter begins anew, a metric is missing or not known, a queue is new.
    const Message& next(double s) {
        const auto q = random_() % (s > 1500 ? 14 : 10);
        const bool surge = q % 3 == 0 && s > 900;
        auto& counts = counts_[q];
        const double offered = static_cast<double>(1 + random_() % 3) + (surge ? 6 : 0);
        counts.offered += offered;
        counts.answered += surge ? 1 : offered;
        counts.abandoned += surge ? offered / 2 : random_() % 30 == 0;
        if (random_() % 400 == 0) {
            counts = {};
        }
        Feeder::Values values{{"offered", counts.offered},
                              {"answered", counts.answered},
                              {"answered_in_20", counts.answered * 0.7},
                              {"abandoned", counts.abandoned},
                              {"handled", counts.answered},
                              {"talk_s_sum", counts.answered * 180},
                              {"calls_waiting", surge ? 30.0 : static_cast<double>(random_() % 4)},
                              {"oldest_wait_s", surge ? 300.0 : static_cast<double>(random_() % 40)},
                              {"agents_staffed", 8},
                              {"agents_available", surge ? 0.0 : 3.0},
                              {"agents_on_call", surge ? 8.0 : 5.0},
                              {"chats_waiting", surge ? 25.0 : 1.0},
                              {"callbacks_waiting", surge ? 25.0 : 1.0}};
        if (q == 2 && s > 1000) {
            values.resize(7);  // from now on it sends less
        }
        if (random_() % 50 == 0) {
            values[6].second = -1;  // not known
        }
        return feeder_.message(s, "q" + std::to_string(q), std::move(values), q % 2 == 0 ? "jinan" : "qingdao");
    }
    /// Of queues 4 and 5 nothing is heard for a while.
    bool speaks(double s) { return !(s > 1100 && s < 1300) || random_() % 2 == 0; }

private:
    struct Counts {
        double offered = 0, answered = 0, abandoned = 0;
    };
    std::mt19937 random_;
    Counts counts_[16];
    Feeder feeder_;
};

void play(Detector& detector, Traffic& traffic, double from, double to, double step = 0.5) {
    for (double s = from; s < to; s += step) {
        detector.advance(at_s(s));
        if (traffic.speaks(s)) {
            detector.ingest(traffic.next(s), at_s(s));
        }
    }
}

using Said = std::vector<std::tuple<std::string, QueueKey, AlertState, Level, std::int64_t, std::uint64_t, std::string>>;

/// Without the ends of flapping: what flaps stands in the log, not in the bytes, and a restart is told it from there.
Said said(const Detector& detector) {
    Said out;
    for (const auto& edge : detector.edges()) {
        if (edge.evidence == "settled after flapping") {
            continue;
        }
        out.emplace_back(edge.rule, edge.queue, edge.to, edge.level, to_ms(edge.at), std::bit_cast<std::uint64_t>(edge.value), edge.evidence);
    }
    return out;
}

/// What a detector of the other plan is that reads the bytes of this one, as after a restart.
std::unique_ptr<Detector> by_bytes(const Detector& old, const DetectionPlan& plan, Stamp now) {
    auto out = std::make_unique<Detector>(plan);
    out->advance(now);
    REQUIRE(out->restore(old.snapshot()));
    out->recovered(now);
    return out;
}

/// Alerts that nobody judges any more.
std::set<std::pair<std::string, QueueKey>> orphans(const Detector& old, const DetectionPlan& plan) {
    std::set<std::uint64_t> contents;
    for (const auto& rule : plan.rules) {
        contents.insert(rule.content);
    }
    std::set<std::pair<std::string, QueueKey>> out;
    for (const auto& alert : old.active()) {
        if (alert.queue != no_id && alert.state != AlertState::ok && !contents.contains(old.plan().rules[alert.rule].content)) {
            out.emplace(old.plan().rules[alert.rule].id, old.queues().key(alert.queue));
        }
    }
    return out;
}

void check_same(const Detector& a, const Detector& b) {
    const bool equal = a.snapshot() == b.snapshot();
    CHECK(equal);
    CHECK(said(a) == said(b));
    CHECK(a.known_bounds() == b.known_bounds());
    CHECK(a.stale_queues() == b.stale_queues());
    CHECK(a.next_deadline() == b.next_deadline());
}

/// One of its levels is raised from a little more on.
Plan limits_edited(Plan plan) {
    for (auto& rule : plan.rules) {
        if (rule.id.find("wait") != std::string::npos || rule.kind == RuleKind::baseline) {
            rule.levels.front().raise.value *= 1.01;
            rule.content += 1;
        }
    }
    return plan;
}

}  // namespace

TEST_CASE("take-over: in pieces, with samples in between, it is what it is when the world stands still, and what a restart reads") {
    auto plans = packs();
    for (std::size_t i = 0, known = plans.size(); i < known; i += 2) {
        plans.push_back({plans[i].name + ", limits edited", limits_edited(plans[i].plan)});
        plans.push_back({plans[i].name + ", a queue declared", plans[i].plan});
        plans.back().plan.expects.push_back({"jinan", "q8", "voice", Span{5000}, "g"});
        plans.back().plan.expects.push_back({"jinan", "never", "voice", Span{5000}, "g"});
    }
    std::mt19937 random(7);
    std::size_t ended = 0;
    for (std::size_t from = 0; from < plans.size(); ++from) {
        for (const auto to : {(from + 1) % plans.size(), (from + plans.size() / 2) % plans.size(), random() % plans.size(), from}) {
            const double moment = 700 + static_cast<double>(random() % 1200);
            CAPTURE(plans[from].name, plans[to].name, moment);
            const auto seed = random();
            Traffic traffic(seed);
            Detector old(plans[from].plan);
            play(old, traffic, 0, moment);
            old.clear_edges();
            // In pieces: outline, build and copy while samples come, some of it several times.
            Detector pieces(plans[to].plan);
            TakeOver takes(pieces, old);
            auto during = moment;
            while (!takes.outline(1 + random() % 3)) {
                play(old, traffic, during, during + 1);
                during += 1;
            }
            takes.build();
            for (int i = 0; i < 30; ++i) {
                takes.copy(random() % 5);
                const double more = static_cast<double>(random() % 4);
                play(old, traffic, during, during + more);
                during += more;
            }
            old.advance(at_s(during));
            old.recovered(at_s(during));  // so that silence counts from the same moment as in a restart
            old.clear_edges();
            const auto gone = orphans(old, plans[to].plan);
            const auto reference = by_bytes(old, plans[to].plan, at_s(during));
            reference->clear_edges();
            takes.finish(at_s(during));
            std::set<std::pair<std::string, QueueKey>> told;
            for (const auto& edge : pieces.edges()) {
                CHECK(edge.to == AlertState::unknown);
                told.emplace(edge.rule, edge.queue);
            }
            CHECK(told == gone);
            ended += told.size();
            pieces.clear_edges();
            const bool equal = pieces.snapshot() == reference->snapshot();
            CHECK(equal);
            auto same = traffic;
            play(pieces, traffic, during, during + 240);
            play(*reference, same, during, during + 240);
            check_same(pieces, *reference);
            pieces.advance(at_s(during + 4000));
            reference->advance(at_s(during + 4000));
            check_same(pieces, *reference);
        }
    }
    CHECK(ended > 20);
}
