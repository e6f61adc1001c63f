// A stand-by: an engine that follows the owner. It sees the same samples a moment earlier or later, gets the owner's records some time
// after they were decided, and takes over at any of them.
#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <random>
#include <set>

#include "core/engine/engine.hpp"
#include "core/rule/detector.hpp"
#include "support/catch.hpp"
#include "support/feed_kit.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {

/// Two queues of one centre, thresholds and a rate of change, two tiers of two.
std::unique_ptr<Plan> pair_plan() {
    auto plan = std::make_unique<Plan>(plan_of(
        {rule("oldest-wait", "oldest_wait_s",
              {level(Level::yellow, above(40), below(30), 12s, 22s), level(Level::red, above(100), below(80), 0s, 22s)}),
         rule("waiting", "calls_waiting", {level(Level::orange, above(20), below(10), 17s, 17s)})}));
    ChannelSpec channel;
    channel.id = "hook";
    channel.type = "webhook";
    plan->channels.push_back(channel);
    RosterSpec roster;
    roster.zone = "UTC";
    PolicySpec policy;
    policy.id = "surge";
    policy.scope = {"centre"};
    policy.need.fixed = 2;
    policy.fallback = {"boss"};
    policy.resolve_hold = 30s;
    for (const auto* id : {"lead-1", "lead-2", "sup-1", "sup-2", "boss"}) {
        PersonSpec person;
        person.id = id;
        person.name = id;
        person.normal.push_back({"hook", Span{0}, Span{0}});
        plan->people.push_back(person);
    }
    for (const auto* id : {"lead", "sup"}) {
        roster.id = std::string(id) + "s";
        roster.shifts = {{0x7F, 0, 1440, {std::string(id) + "-1", std::string(id) + "-2"}}};
        plan->rosters.push_back(roster);
        TierSpec tier;
        tier.id = roster.id;
        tier.rosters = {roster.id};
        tier.wait = 40s;
        policy.tiers.push_back(tier);
    }
    plan->policies.push_back(policy);
    return plan;
}

Stamp later(Stamp now, int ms) {
    return {now.at + Span{ms}, now.wall + Span{ms}};
}

/// An owner and a stand-by. The owner's records are durable at once and reach the stand-by some steps later.
class Shard {
public:
    explicit Shard(unsigned seed) : random_(seed), owner_(std::make_unique<Engine>(pair_plan())), standby_(std::make_unique<Engine>(pair_plan())) {}

    void step(int s) {
        const auto now = at_s(s);
        const bool surge = (s >= 60 && s < 260) || (s >= 420 && s < 520);
        const double wait = surge ? 30.0 + static_cast<double>(random_() % 100) : 5;
        const auto there = later(now, static_cast<int>(random_() % 9));
        for (const char* queue : {"general", "vip"}) {
            const auto values = Feeder::Values{{"oldest_wait_s", wait}, {"calls_waiting", surge && s > 100 ? 25.0 : 3.0}};
            const auto& message = feeder_.message(s, queue, values);
            owner_->advance(now);
            owner_->ingest(message, now);
            standby_->follow(message, there);
        }
        answer(s, now);
        drain(now);
        hand_on(random_() % 3 == 0 ? way_.size() : std::min<std::size_t>(way_.size(), random_() % 4));
    }

    /// What the owner has confirmed and the stand-by has not seen yet.
    void hand_on(std::size_t count) {
        for (; count > 0; --count) {
            standby_->apply(way_.front());
            way_.pop_front();
        }
    }
    void hand_on_all() { hand_on(way_.size()); }

    /// The owner is gone; its last sign of life was `silent` before now.
    void take_over(int s, Span silent) {
        hand_on_all();
        CHECK(standby_->desk().snapshot() == owner_->desk().snapshot());
        CHECK(standby_->sequence() == owner_->sequence());
        owner_ = std::move(standby_);
        standby_ = std::make_unique<Engine>(pair_plan());
        REQUIRE(standby_->restore(owner_->snapshot()));
        REQUIRE(standby_->restore_series(owner_->series_snapshot()));
        const auto now = at_s(s);
        owner_->recovered(now.at - silent, now);
        drain(now);
    }

    /// Orders that left without an answer: their outcome is lost with the owner.
    void lose_outcomes(bool lose) { lose_ = lose; }

    const Engine& owner() const { return *owner_; }
    const Engine& standby() const { return *standby_; }
    std::vector<Record> log;
    std::vector<SendOrder> orders;

private:
    void answer(int s, Stamp now) {
        const bool asks = s % 50 == 45 && !owner_->desk().incidents().empty();
        if (!asks) {
            return;
        }
        Command join;
        join.answer = s % 100 == 45 ? AnswerKind::join : AnswerKind::decline;
        join.incident = owner_->desk().incidents().front().incident;
        join.person = s % 150 == 45 ? "lead-1" : "lead-2";
        join.way = "test";
        join.by = join.person;
        owner_->command(join, now);
    }
    void drain(Stamp now) {
        Decisions out;
        while (owner_->decided()) {
            owner_->take(out);
            log.insert(log.end(), out.records.begin(), out.records.end());
            way_.insert(way_.end(), out.records.begin(), out.records.end());
            for (const auto& order : out.orders) {
                orders.push_back(order);
                if (!lose_) {
                    owner_->outcome({order.page, order.attempt, OutcomeClass::ok, Span{0}, ""}, now);
                }
            }
        }
    }

    std::mt19937 random_;
    std::unique_ptr<Engine> owner_;
    std::unique_ptr<Engine> standby_;
    Feeder feeder_;
    std::deque<Record> way_;
    bool lose_ = false;
};

/// What happened, in order: the edges of alerts, or the steps of incidents. When: seconds.
struct Story {
    std::vector<std::string> what;
    std::vector<double> at;
};
Story story(const std::vector<Record>& log, const std::string& of) {
    static const std::set<std::string> moments{"incident.load", "incident.level"};  // values of the moment, not steps
    Story out;
    for (const auto& record : log) {
        const auto type = record_type(record);
        if (type.rfind(of, 0) == 0 && moments.count(type) == 0) {
            out.what.push_back(type);
            out.at.push_back(static_cast<double>(to_ms(record.at) - epoch_ms) / 1000);
        }
    }
    return out;
}
void check_same(const Story& found, const Story& wanted, double late) {
    REQUIRE(found.what == wanted.what);
    for (std::size_t i = 0; i < found.at.size(); ++i) {
        INFO(found.what[i] << " at " << found.at[i] << ", unbroken at " << wanted.at[i]);
        CHECK(found.at[i] >= wanted.at[i] - 0.1);
        CHECK(found.at[i] <= wanted.at[i] + late);
    }
}

constexpr int last = 640;

}  // namespace

TEST_CASE("follow: after every step the stand-by's desk is the owner's, byte for byte") {
    for (const unsigned seed : {1U, 2U, 3U}) {
        INFO("seed " << seed);
        Shard shard(seed);
        for (int s = 0; s <= last; s += 5) {
            shard.step(s);
            shard.hand_on_all();
            REQUIRE(shard.standby().desk().snapshot() == shard.owner().desk().snapshot());
            REQUIRE(shard.standby().sequence() == shard.owner().sequence());
        }
        CHECK(shard.log.size() > 60);
    }
}

TEST_CASE("follow: it decides nothing, whatever it sees") {
    Shard shard(1);
    for (int s = 0; s <= last; s += 5) {
        shard.step(s);
        CHECK_FALSE(shard.standby().decided());
    }
    Engine alone(pair_plan());
    Feeder feeder;
    for (int s = 0; s <= 300; s += 5) {
        alone.follow(feeder.message(s, "general", {{"oldest_wait_s", 200.0}}), at_s(s));
    }
    alone.follow(at_s(5000));
    CHECK_FALSE(alone.decided());
    CHECK(alone.desk().incidents().empty());
    CHECK(alone.sequence() == 0);
}

TEST_CASE("follow: a take-over at any moment goes on as the owner would have, and repeats no page whose outcome is known") {
    Shard unbroken(1);
    for (int s = 0; s <= last; s += 5) {
        unbroken.step(s);
    }
    for (int moment = 5; moment <= last; moment += 5) {
        INFO("take-over before second " << moment);
        Shard shard(1);
        for (int s = 0; s <= last; s += 5) {
            if (s == moment) {
                shard.take_over(s, 0s);
            }
            shard.step(s);
        }
        // What fell due while nobody was the owner happens at the take-over, 5 s late at most; nobody is called for ten seconds more.
        check_same(story(shard.log, "alert."), story(unbroken.log, "alert."), 5);
        check_same(story(shard.log, "incident."), story(unbroken.log, "incident."), 15);
        CHECK(shard.orders.size() == unbroken.orders.size());
        CHECK(std::none_of(shard.orders.begin(), shard.orders.end(), [](const SendOrder& order) { return order.repeat; }));
    }
}

TEST_CASE("follow: a page whose outcome was lost with the owner is sent once more, and labelled") {
    int repeated = 0;
    for (int moment = 60; moment <= 300; moment += 5) {
        INFO("take-over before second " << moment);
        Shard shard(1);
        for (int s = 0; s < moment; s += 5) {
            shard.lose_outcomes(s >= moment - 10);
            shard.step(s);
        }
        const auto before = shard.orders.size();
        std::set<std::string> unknown;
        for (const auto& incident : shard.owner().desk().incidents()) {
            for (const auto& page : incident.pages) {
                if (page.state == PageState::sending) {
                    unknown.insert(page.page);
                }
            }
        }
        shard.lose_outcomes(false);
        shard.take_over(moment, 2s);
        for (int s = moment; s <= last; s += 5) {
            shard.step(s);
        }
        std::map<std::string, int> labelled;
        for (std::size_t i = before; i < shard.orders.size(); ++i) {
            const auto& order = shard.orders[i];
            CHECK(order.repeat == (unknown.count(order.page) > 0));
            labelled[order.page] += order.repeat ? 1 : 0;
        }
        for (const auto& [page, count] : labelled) {
            CHECK(count <= 1);
            repeated += count;
        }
    }
    CHECK(repeated >= 10);
}

TEST_CASE("follow: a stand-by that begins in the middle, with the owner's state and its own empty windows, has the same desk") {
    Shard shard(2);
    for (int s = 0; s <= 100; s += 5) {
        shard.step(s);
    }
    shard.hand_on_all();
    Engine late(pair_plan());
    REQUIRE(late.restore(shard.owner().snapshot()));
    const auto known = shard.log.size();
    for (int s = 105; s <= last; s += 5) {
        shard.step(s);
    }
    for (auto i = known; i < shard.log.size(); ++i) {
        late.apply(shard.log[i]);
    }
    CHECK(late.desk().snapshot() == shard.owner().desk().snapshot());
}
