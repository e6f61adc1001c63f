// Files of counts: what is learned from them, and the messages they become.
#include <fstream>

#include "config/test_file.hpp"
#include "ctl/count_messages.hpp"
#include "ctl/learner.hpp"
#include "ctl/lessons.hpp"
#include "support/baseline_kit.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace surged;
using namespace surged::test;

namespace {
constexpr std::int64_t day0 = 20514;  // 2026-03-02

std::string stamp(std::int64_t day, int minute, const char* tail = "") {
    const auto civil = civil_from_days(day);
    char out[32];
    std::snprintf(out, sizeof out, "%04d-%02d-%02d %02d:%02d%s", civil.year, civil.month, civil.day, minute / 60, minute % 60,
                  tail);
    return out;
}

Plan learn_plan(Span slot = Span{300000}) {
    auto rule = baseline_rule();
    rule.slot = slot;
    auto plan = plan_of({rule});
    plan.zones["X"] = Zone("X", 3600, {});
    return plan;
}

struct Learned {
    ProfileShelf shelf;
    LearnSummary summary;
    std::string problem;

    /// Calls that the profile of this queue expects in the slot at this minute of a day after the file.
    double expected(const Plan& plan, const QueueKey& queue, int minute) const {
        const auto found = shelf.find({queue, 99});
        REQUIRE(found != shelf.end());
        SurgeDetector detector(surge_settings(plan.rules[0]));
        ByteReader in(found->second.bytes);
        REQUIRE(detector.load(in));
        detector.begin_day(day0 + 12, plain_day_kind(day0 + 12));
        return detector.expected(minute * 60);
    }
};

Learned learn(const std::string& text, const Plan& plan, LearnOptions options = {}, std::size_t threads = 1) {
    TempDir dir;
    const auto path = dir.file("counts.csv");
    std::ofstream(path) << text;
    CountLearner learner(plan, std::move(options), threads);
    Learned out;
    if (auto read = learner.read(path, {}); !read) {
        out.problem = read.error().message;
    }
    out.shelf = learner.finish();
    out.summary = learner.summary();
    return out;
}

/// Twelve days of `queues` queues, queue q has 10 (q + 1) calls a row.
std::string many(int queues, int step = 5, const char* tail = "") {
    std::string out = "timestamp,centre,queue,count\n";
    for (int day = 0; day < 12; ++day) {
        for (int minute = 0; minute < 1440; minute += step) {
            for (int q = 0; q < queues; ++q) {
                out +=
                    stamp(day0 + day, minute, tail) + ",jinan,q" + std::to_string(q) + "," + std::to_string(10 * (q + 1)) + "\n";
            }
        }
    }
    return out;
}
}  // namespace

TEST_CASE("learn: a file of many queues teaches each its own, with one thread or three") {
    const auto plan = learn_plan();
    const auto text = many(7);
    const auto one = learn(text, plan);
    const auto three = learn(text, plan, {}, 3);
    CHECK(one.problem.empty());
    CHECK(one.summary.rows == 12 * 288 * 7);
    CHECK(one.summary.bad_lines == 0);
    REQUIRE(one.shelf.size() == 7);
    for (int q = 0; q < 7; ++q) {
        const QueueKey queue{"jinan", "q" + std::to_string(q), "voice"};
        CHECK(one.expected(plan, queue, 600) == Approx(10 * (q + 1)).epsilon(0.02));
        CHECK(one.shelf.at({queue, 99}).days == 11);  // the last is not finished
        CHECK(one.shelf.at({queue, 99}).bytes == three.shelf.at({queue, 99}).bytes);
    }
}

TEST_CASE("learn: one queue by name; shorter rows are added up, longer ones can not be split") {
    std::string text = "DateTime,Calls\n";
    for (int day = 0; day < 12; ++day) {
        for (int minute = 0; minute < 1440; minute += 5) {
            text += stamp(day0 + day, minute) + ",25\n";
        }
    }
    LearnOptions options;
    options.queue = {"jinan", "general", "voice"};
    const auto plan15 = learn_plan(Span{900000});
    CHECK(learn(text, plan15, options).expected(plan15, options.queue, 600) == Approx(75).epsilon(0.02));
    const auto plan1 = learn_plan(Span{60000});
    const auto split = learn(text, plan1, options);
    CHECK(split.shelf.empty());
    REQUIRE(split.summary.not_learned.size() == 1);
    CHECK(split.summary.not_learned[0] == "jinan/general: rows of 5m cannot teach slots of 1m (rule offered-baseline)");
    CHECK(learn(text, plan15).problem.find("name it with --queue") != std::string::npos);
}

TEST_CASE("learn: bad lines cost themselves, are counted and told; queues without a rule are told") {
    const auto plan = learn_plan();
    const auto spoiled = learn(many(1) + "2026-03-15 00:00,jinan,q0,many\nrubbish\n2026-03-15 00:05,jinan,,4\n\n", plan);
    CHECK(spoiled.summary.bad_lines == 3);
    CHECK(spoiled.summary.told.size() == 3);
    CHECK(spoiled.shelf.size() == 1);
    LearnOptions other;
    other.metric = "answered";
    const auto none = learn(many(1), plan, other);
    CHECK(none.shelf.empty());
    CHECK(none.summary.not_learned[0].find("no rule of kind baseline on answered") != std::string::npos);
    CHECK(learn("time,queue\n", plan).problem.find("no row with a time") != std::string::npos);
    CHECK(learn("", plan).problem.find("empty") != std::string::npos);
}

TEST_CASE("learn: times of another zone, and of UTC, become the queue's own") {
    auto plan = learn_plan();
    plan.timezone = "X";
    std::string morning = "timestamp,centre,queue,count\n";
    for (int day = 0; day < 12; ++day) {
        for (int minute = 0; minute < 1440; minute += 5) {
            morning += stamp(day0 + day, minute) + ",jinan,general," + (minute < 600 ? "50" : "10") + "\n";
        }
    }
    const QueueKey queue{"jinan", "general", "voice"};
    CHECK(learn(morning, plan).expected(plan, queue, 630) == Approx(10).epsilon(0.05));
    const Zone utc;
    LearnOptions from_utc;
    from_utc.zone = &utc;
    CHECK(learn(morning, plan, from_utc).expected(plan, queue, 630) == Approx(50).epsilon(0.05));  // 10:30 there is 09:30 UTC
    std::string offsets = morning;  // the same hours, said with X's own offset: --zone is for times that name none
    for (auto at = offsets.find(",jinan"); at != std::string::npos; at = offsets.find(",jinan", at + 13)) {
        offsets.insert(at, "+01:00");
    }
    CHECK(learn(offsets, plan, from_utc).shelf.at({queue, 99}).bytes == learn(morning, plan).shelf.at({queue, 99}).bytes);
    CHECK(learn(offsets, plan).shelf.at({queue, 99}).bytes == learn(morning, plan).shelf.at({queue, 99}).bytes);
    CHECK(learn(many(1, 5, "Z"), plan).expected(plan, {"jinan", "q0", "voice"}, 600) == Approx(10).epsilon(0.05));
}

TEST_CASE("counts as messages: a reading at the end of every row; a hole begins a new life and is never zero") {
    CountFile file;
    for (const int row : {0, 1, 2, 5, 6}) {
        CountRow one;
        one.stamp = stamp(day0, row * 5);
        one.day = day0;
        one.second_of_day = row * 300;
        one.count = 10 + row;
        file.rows.push_back(one);
    }
    file.rows.push_back(file.rows[0]);  // back in time
    const Zone utc;
    CountMessageOptions options;
    options.queue = {"jinan", "general", "voice"};
    options.zone = &utc;
    std::vector<std::string> said;
    const auto back = count_messages(file, options, [&](const Message& message) {
        const auto minute = (to_ms(message.ts) - day0 * 86'400'000) / 60000;
        said.push_back(std::to_string(message.epoch) + " " + std::to_string(minute) + " " +
                       std::to_string(static_cast<int>(message.values[0].value)));
        return true;
    });
    CHECK(back == 1);
    CHECK(said == std::vector<std::string>{"1 0 0", "1 5 10", "1 10 21", "1 15 33", "2 25 0", "2 30 15", "2 35 31"});
}

TEST_CASE("test files: [[test.history]] is read, and what is wrong with it is said") {
    const auto parse = [](const std::string& history) {
        return parse_test_file(
            "t",
            "extra = \"\"\n[[test]]\nname = \"n\"\nstart = \"2026-03-02T10:00:00\"\n[[test.history]]\ncentre = \"a\"\n"
            "queue = \"b\"\n" +
                history +
                "[[test.expect]]\nat = \"1s\"\nrule = \"r\"\ncentre = \"a\"\n"
                "queue = \"b\"\nstate = \"ok\"\n");
    };
    const auto good = parse("count = 120\nhours = \"08:00-20:30\"\ndays = 20\nevery = \"15m\"\n");
    REQUIRE(good.ok());
    const auto& history = good.tests[0].histories[0];
    CHECK(history.queue.queue == "b");
    CHECK(history.count == 120);
    CHECK(history.to_min == 20 * 60 + 30);
    CHECK(history.days == 20);
    CHECK(history.every == Span{900000});
    CHECK_FALSE(parse("").ok());
    CHECK_FALSE(parse("count = 1\nhours = \"20:00-08:00\"\n").ok());
    CHECK_FALSE(parse("count = 1\nevery = \"7m\"\n").ok());
    CHECK_FALSE(parse("count = 1\nunknown = 1\n").ok());
}
