// Limits from a centre's own history: which rung of a ladder is taken, and the pack's text with it.
#include "ctl/tune.hpp"

#include <algorithm>

#include "config/settings.hpp"
#include "support/catch.hpp"

using namespace surged;

namespace {
const char* pack = R"pack(# a pack
[ingest]
bind = ["tcp://127.0.0.1:5556"]

# people wait
[[rule]]
id = "wait"
kind = "threshold"
metric = "oldest_wait_s"
policy = "surge"
# twice what was promised
yellow = { raise = "> 40", clear = "< 30", raise_after = "10s" }
red = { raise = "> 100", clear = "< 80" }

[[derive]]
metric = "answer_rate"
formula = "increase(answered, 10m) / increase(offered, 10m)"
when = "increase(offered, 10m) >= 20"

[[rule]]
id = "rate"
kind = "threshold"
metric = "answer_rate"
policy = "surge"
yellow = { raise = "< 0.8", clear = "> 0.9" }

[[rule]]
id = "surge"
kind = "rate_of_change"
metric = "offered"
policy = "surge"
yellow = { raise = "> +30%", clear = "< +15%" }

[[rule]]
id = "silent"
kind = "absence"
metric = "offered"
yellow = { raise = "> 3m" }

[[channel]]
id = "print"
type = "log"
[[person]]
id = "desk"
reach = { normal = [{ via = "print" }] }
[[roster]]
id = "leads"
shift = [{ people = ["desk"] }]
[[policy]]
id = "surge"
need = 2
fallback = ["desk"]
[[policy.tier]]
id = "leads"
rosters = ["leads"]
)pack";

struct Tuned {
    LoadedConfig config = parse_config("t", pack);
    std::vector<TuneChoice> choices = tune_ladders(*config.plan);

    const TuneChoice& of(const std::string& rule) const {
        return *std::find_if(choices.begin(), choices.end(), [&](const TuneChoice& c) { return c.rule == rule; });
    }
    /// `raised` of each rung of a rule, from the most sensitive on.
    void choose(const std::string& rule, const std::vector<std::uint64_t>& raised, double days = 30, double per_day = 0.1) {
        TuneCount count;
        for (std::size_t r = 0; r < raised.size(); ++r) {
            count.raised[rule + "~" + std::to_string(r)][Level::yellow] = raised[r];
        }
        tune_choose(choices, count, days, per_day);
    }
};
}  // namespace

TEST_CASE("tune: limits grow by factors, a share away from one, a change in percent by its surprise; silence is left") {
    const Tuned tuned;
    const auto& wait = tuned.of("wait");
    REQUIRE(wait.rungs.size() == 10);
    CHECK(wait.rungs[wait.as_is].factor == 1);
    CHECK(wait.rungs.back().rule.levels[0].raise.text() == "> 200");
    CHECK(wait.rungs.back().rule.levels[1].clear.text() == "< 400");
    CHECK(wait.rungs.front().rule.levels[0].raise.text() == "> 24");

    const auto& rate = tuned.of("rate");
    CHECK(rate.rungs.front().rule.levels[0].raise.text() == "< 0.88");
    CHECK(rate.rungs.back().rule.levels[0].raise.value == Approx(0.2));  // four times what is missing; five would leave nothing
    CHECK(rate.rungs.back().rule.levels[0].clear.value == Approx(0.6));

    const auto& surge = tuned.of("surge");
    CHECK(surge.rungs[surge.as_is].rule.surprise == 4);
    CHECK(surge.rungs.back().rule.surprise == 8);
    CHECK(surge.rungs.back().rule.levels[0].raise.text() == "> +30%");

    CHECK(tuned.of("silent").rungs.empty());
    CHECK(tuned.of("silent").why == "it calls nobody");
}

TEST_CASE("tune: every rung is replayed as a rule that calls nobody") {
    const Tuned tuned;
    const auto plan = tune_plan(*tuned.config.plan, tuned.choices);
    CHECK(plan->rules.size() == 10 + tuned.of("rate").rungs.size() + 8 + 1);
    for (const auto& rule : plan->rules) {
        CHECK(rule.policy.empty());
    }
}

TEST_CASE("tune: taken is the most sensitive limit that is about as quiet as the quietest") {
    Tuned tuned;
    // Three surges pass every limit; three more alarms in thirty days are allowed.
    tuned.choose("wait", {900, 400, 90, 30, 7, 6, 5, 4, 3, 3});
    CHECK(tuned.of("wait").taken == 5);
    CHECK(tuned.of("wait").lasting == 3);
    CHECK(tuned.of("wait").quiet);
    CHECK(tune_reason(tuned.of("wait")) == "raised 0.2 a day; at > 40 it was 3; at > 64 it would be 0.23; 3 times at any limit tried");

    // Quiet at all of them: as sensitive as the ladder goes.
    tuned.choose("wait", {2, 1, 1, 0, 0, 0, 0, 0, 0, 0});
    CHECK(tuned.of("wait").taken == 0);
    // A louder rung above it ends the way down.
    tuned.choose("wait", {1, 1, 9, 1, 0, 0, 0, 0, 0, 0});
    CHECK(tuned.of("wait").taken == 3);

    tuned.choose("wait", std::vector<std::uint64_t>(10, 300));
    CHECK_FALSE(tuned.of("wait").quiet);
    CHECK(tune_reason(tuned.of("wait")).find("LOUD AT EVERY LIMIT") != std::string::npos);

    // Never near it, or a week not full: no reason to change it.
    tuned.choose("wait", std::vector<std::uint64_t>(10, 0));
    CHECK(tuned.of("wait").taken == tuned.of("wait").as_is);
    CHECK(tune_reason(tuned.of("wait")) == "left as it is: never raised, nor at > 24");
    tuned.choose("wait", {900, 400, 90, 30, 7, 6, 5, 4, 3, 3}, 6.9);
    CHECK(tuned.of("wait").taken == tuned.of("wait").as_is);
}

TEST_CASE("tune: the text keeps the rules and what they need, with the limits taken and why above them, and loads again") {
    Tuned tuned;
    tuned.choose("wait", {900, 400, 90, 30, 7, 6, 5, 4, 3, 3});
    TuneCount count;
    for (std::size_t r = 0; r < 8; ++r) {
        count.raised["surge~" + std::to_string(r)][Level::yellow] = r < 4 ? 100 : 0;
    }
    for (std::size_t r = 0; r < 10; ++r) {
        count.raised["wait~" + std::to_string(r)][Level::yellow] = r < 5 ? 100 : 0;
    }
    tune_choose(tuned.choices, count, 30, 0.1);
    std::vector<std::string> missed;
    const auto text = tune_text(pack, tuned.choices, "2026-03-01 to 2026-03-30, 2 queues", missed);
    INFO(text);
    CHECK(missed.empty());
    CHECK(text.find("[ingest]") == std::string::npos);
    CHECK(text.find("[[policy]]") == std::string::npos);
    CHECK(text.find("formula = ") != std::string::npos);
    CHECK(text.find("# people wait") != std::string::npos);
    CHECK(text.find("# tune, 2026-03-01 to 2026-03-30, 2 queues: raised 0 a day; at > 40 it was 3.33; at > 64 it would be 3.33\n"
                    "yellow = { raise = \"> 80\", clear = \"< 60\", raise_after = \"10s\", clear_after = \"1m\" }\n"
                    "red = { raise = \"> 200\", clear = \"< 160\", clear_after = \"1m\" }\n") != std::string::npos);
    CHECK(text.find("surprise = 5\nyellow = { raise = \"> +30%\"") != std::string::npos);
    CHECK(text.find("left as it is: it calls nobody\nyellow = { raise = \"> 3m\"") != std::string::npos);

    const std::string team = std::string(pack).substr(std::string(pack).find("[[channel]]"));
    const auto again = parse_config("t", text + team);
    REQUIRE(again.ok());
    REQUIRE(again.plan->rules.size() == 4);
    const auto plan = tuned_plan(*tuned.config.plan, tuned.choices);
    for (std::size_t i = 0; i < 4; ++i) {
        CHECK(again.plan->rules[i].levels[0].raise.text() == plan->rules[i].levels[0].raise.text());
        CHECK(again.plan->rules[i].surprise == plan->rules[i].surprise);
    }
}

TEST_CASE("tune: a queue that makes more than half of what a rule raises is named, where there are others") {
    Tuned tuned;
    TuneCount count;
    for (std::size_t r = 0; r < 10; ++r) {
        count.raised["wait~" + std::to_string(r)][Level::yellow] = 9;
        count.by_queue["wait~" + std::to_string(r)] = {{"bank/PS", 5}, {"bank/NE", 4}};
    }
    tune_choose(tuned.choices, count, 30, 0.1);
    CHECK(tune_reason(tuned.of("wait")).find("; 5 of 9 at > 40 by bank/PS, which may want limits of its own") != std::string::npos);
    for (auto& [rung, queues] : count.by_queue) {
        queues = {{"bank/PS", 4}, {"bank/NE", 3}, {"bank/NW", 2}};
    }
    tune_choose(tuned.choices, count, 30, 0.1);
    CHECK(tune_reason(tuned.of("wait")).find("bank/") == std::string::npos);
}

TEST_CASE("tune: limits that stand in tables of their own are told, not lost") {
    const std::string text = "[[rule]]\nid = \"wait\"\nkind = \"threshold\"\nmetric = \"oldest_wait_s\"\npolicy = \"surge\"\n[rule.yellow]\nraise = \"> 40\"\nclear = \"< 30\"\n";
    Tuned tuned;
    tuned.choose("wait", {900, 400, 90, 30, 7, 6, 5, 4, 3, 3});
    std::vector<std::string> missed;
    const auto out = tune_text(text, tuned.choices, "h", missed);
    CHECK(missed == std::vector<std::string>{"wait"});
    CHECK(out.find("raise = \"> 40\"") != std::string::npos);
}

TEST_CASE("tune: an alert counts once, at its highest level, until it ends") {
    TuneCounter counter;
    const auto edge = [&](AlertState from, AlertState to, Level level) {
        Record record;
        AlertEdge body;
        body.rule = "wait";
        body.queue = {"jinan", "general", "voice"};
        body.from = from;
        body.to = to;
        body.level = level;
        record.body = body;
        counter.record(record);
    };
    edge(AlertState::ok, AlertState::pending, Level::none);
    edge(AlertState::pending, AlertState::firing, Level::yellow);
    edge(AlertState::firing, AlertState::firing, Level::red);
    edge(AlertState::firing, AlertState::clearing, Level::red);
    edge(AlertState::clearing, AlertState::ok, Level::none);
    edge(AlertState::pending, AlertState::firing, Level::yellow);
    const auto count = counter.finish();
    CHECK(count.of("wait") == 2);
    CHECK(count.raised.at("wait").at(Level::red) == 1);
    CHECK(count.raised.at("wait").at(Level::yellow) == 1);
}
