#include "feed/queue_log_feed.hpp"

#include <map>
#include <sstream>

#include "queue_log_kit.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace surged::test;

namespace {
struct Seen {
    std::int64_t at_s;  ///< after the kit's epoch
    std::uint64_t seq;
    std::uint64_t epoch;
    std::map<std::string, std::map<std::string, double>> queues;
};
Seen copy(const Message& m) {
    Seen out{to_ms(m.ts) / 1000 - log_epoch_s, m.seq, m.epoch, {}};
    for (const auto& part : m.parts) {
        auto& values = out.queues[std::string(part.queue)];
        for (std::uint32_t i = part.first; i < part.first + part.count; ++i) {
            values[std::string(m.values[i].name)] = m.values[i].value;
        }
    }
    return out;
}
std::vector<Seen> run(const std::string& text, QueueLogFeedOptions options = {}) {
    std::istringstream in(text);
    std::vector<Seen> out;
    queue_log_messages(in, options, [&](const Message& m) {
        out.push_back(copy(m));
        return true;
    });
    return out;
}
}  // namespace

TEST_CASE("feed: one message every period, also when nothing happens", "[unit]") {
    const auto seen = run(log_text({"1 a q - ENTERQUEUE ||1", "22 a q - ABANDON 1|1|21"}));

    REQUIRE(seen.size() == 5);
    for (std::size_t i = 0; i < seen.size(); ++i) {
        CHECK(seen[i].at_s == 5 * static_cast<std::int64_t>(i + 1));
        CHECK(seen[i].seq == i + 1);
    }
    CHECK(seen[0].queues.at("q").at("calls_waiting") == 1);
    CHECK(seen[0].queues.at("q").at("oldest_wait_s") == 4);
    CHECK(seen[3].queues.at("q").at("oldest_wait_s") == 19);
    CHECK(seen[4].queues.at("q").at("calls_waiting") == 0);
    CHECK(seen[4].queues.at("q").at("abandoned") == 1);
    CHECK(seen[4].queues.at("q").at("wait_abandoned_s_sum") == 21);
}

TEST_CASE("feed: a message holds the lines before its time and none of its own second", "[unit]") {
    const auto seen = run(log_text({"4 a q - ENTERQUEUE ||1", "5 b q - ENTERQUEUE ||1", "6 c q - ENTERQUEUE ||1"}));

    CHECK(seen.at(0).at_s == 5);
    CHECK(seen.at(0).queues.at("q").at("offered") == 1);
    CHECK(seen.at(1).queues.at("q").at("offered") == 3);
}

TEST_CASE("feed: oldest_wait_s is 0 exactly when nobody waits, and grows no faster than time", "[unit]") {
    const auto seen = run(log_text({"1 a q - ENTERQUEUE ||1", "4 b q - ENTERQUEUE ||1", "12 a q A CONNECT 11|x|0",
                                    "30 b q A CONNECT 26|x|0", "31 NONE NONE - CONFIGRELOAD", "44 NONE NONE - CONFIGRELOAD"}));
    double before = 0;
    for (const auto& m : seen) {
        const auto& q = m.queues.at("q");
        CHECK((q.at("oldest_wait_s") == 0) == (q.at("calls_waiting") == 0));
        CHECK(q.at("oldest_wait_s") <= before + 5);
        CHECK(q.at("offered") ==
              q.at("answered") + q.at("abandoned") + q.at("timeouts") + q.at("overflow_out") + q.at("calls_waiting"));
        before = q.at("oldest_wait_s");
    }
}

TEST_CASE("feed: QUEUESTART closes the old epoch with its last counts and opens a new one", "[unit]") {
    const auto seen =
        run(log_text({"0 a q - ENTERQUEUE ||1", "6 b q - ENTERQUEUE ||1", "7 NONE NONE - QUEUESTART", "8 c q - ENTERQUEUE ||1"}));

    REQUIRE(seen.size() == 3);
    CHECK(seen[0].at_s == 5);
    CHECK(seen[1].at_s == 7);
    CHECK(seen[1].epoch == seen[0].epoch);
    CHECK(seen[1].queues.at("q").at("offered") == 2);
    CHECK(seen[2].at_s == 10);
    CHECK(seen[2].epoch == seen[0].epoch + 1);
    CHECK(seen[2].queues.at("q").at("offered") == 1);
    CHECK(seen[2].queues.at("q").at("calls_waiting") == 1);
}

TEST_CASE("feed: agents are told only when the log knows them", "[unit]") {
    const auto without = run(log_text({"0 a q - ENTERQUEUE ||1", "1 a q A CONNECT 1|x|0"})).at(0).queues.at("q");
    CHECK(without.count("agents_staffed") == 0);
    CHECK(without.at("agents_on_call") == 1);

    const auto with =
        run(log_text({"0 CLI q A ADDMEMBER", "0 CLI q B ADDMEMBER PAUSED", "1 a q A CONNECT 1|x|0"})).at(0).queues.at("q");
    CHECK(with.at("agents_staffed") == 2);
    CHECK(with.at("agents_on_call") == 1);
    CHECK(with.at("agents_available") == 0);
    CHECK(with.at("agents_aux") == 1);
}

TEST_CASE("feed: a night is filled with messages, a hole past the bound is jumped over", "[unit]") {
    QueueLogFeedOptions options;
    options.gap_max = std::chrono::hours{12};
    const auto night = run(log_text({"0 a q - ENTERQUEUE ||1", "43200 b q - ENTERQUEUE ||1"}), options);
    CHECK(night.size() == 43200 / 5 + 1);

    const auto hole = run(log_text({"0 a q - ENTERQUEUE ||1", "90000 b q - ENTERQUEUE ||1"}), options);
    REQUIRE(hole.size() == 3);
    CHECK(hole[0].at_s == 5);
    CHECK(hole[1].at_s == 90000);
    CHECK(hole[2].at_s == 90005);
    CHECK(hole[2].queues.at("q").at("calls_waiting") == 1);
}

TEST_CASE("feed: one line from a far future does not stop the clock of all others", "[unit]") {
    const auto seen = run(log_text(
        {"0 a q - ENTERQUEUE ||1", "1000000000 b q - ENTERQUEUE ||1", "10 c q - ENTERQUEUE ||1", "16 d q - ENTERQUEUE ||1"}));
    CHECK(seen.size() < 10);
    CHECK(seen.back().at_s == 20);
}

TEST_CASE("feed: many queues are told in several messages of one time", "[unit]") {
    QueueLogFeedOptions options;
    options.parts_max = 2;
    const auto seen = run(log_text({"0 a q1 - ENTERQUEUE ||1", "0 b q2 - ENTERQUEUE ||1", "0 c q3 - ENTERQUEUE ||1"}), options);

    REQUIRE(seen.size() == 2);
    CHECK(seen[0].queues.size() == 2);
    CHECK(seen[1].queues.size() == 1);
    CHECK(seen[1].seq == seen[0].seq + 1);
    CHECK(seen[1].at_s == seen[0].at_s);
}

TEST_CASE("feed: names and times of the options are on every message", "[unit]") {
    QueueLogFeedOptions options;
    options.centre = "jinan";
    options.source = "pbx-1";
    options.epoch = 7;
    options.period = std::chrono::seconds{60};
    std::istringstream in(log_text({"0 a q - ENTERQUEUE ||1"}));
    const auto done = queue_log_messages(in, options, [&](const Message& m) {
        CHECK(m.source == "pbx-1");
        CHECK(m.epoch == 7);
        CHECK(to_ms(m.ts) % 60000 == 0);
        CHECK(m.parts.at(0).centre == "jinan");
        CHECK(m.parts.at(0).channel == "voice");
        return true;
    });
    CHECK(done.messages == 1);
    CHECK(done.read.lines == 1);
}

TEST_CASE("feed: the callback can stop it", "[unit]") {
    std::istringstream in(log_text({"0 a q - ENTERQUEUE ||1", "1000 b q - ENTERQUEUE ||1"}));
    int count = 0;
    queue_log_messages(in, {}, [&](const Message&) { return ++count < 3; });
    CHECK(count == 3);
}

TEST_CASE("feed: a queue told as it was dialled goes on under both names, and nobody waits under the first", "[unit]") {
    const auto seen = run(log_text({"1 a CARE - ENTERQUEUE ||1", "6 a care A CONNECT 5|x|1", "12 b Care - ENTERQUEUE ||1",
                                    "17 b Care - ABANDON 1|1|5", "22 NONE NONE - QUEUESTART", "26 c CARE - ENTERQUEUE ||1"}));
    REQUIRE(seen.size() == 6);
    CHECK(seen[0].queues.size() == 1);
    CHECK(seen[0].queues.at("CARE").at("calls_waiting") == 1);
    for (std::size_t i = 1; i < seen.size(); ++i) {
        CAPTURE(i);
        REQUIRE(seen[i].queues.size() == 2);
        CHECK(seen[i].queues.at("CARE").at("calls_waiting") == 0);
        CHECK(seen[i].queues.at("CARE").at("oldest_wait_s") == 0);
        CHECK(seen[i].queues.at("CARE").at("offered") == (i < 4 ? 1 : 0));
    }
    CHECK(seen[2].queues.at("care").at("calls_waiting") == 1);
    CHECK(seen[3].queues.at("care").at("offered") == 2);
    CHECK(seen[3].queues.at("care").at("answered") == 1);
    CHECK(seen[5].queues.at("care").at("calls_waiting") == 1);
}

TEST_CASE("feed: `blocked` is told only of a log that has such lines", "[unit]") {
    CHECK(run(log_text({"0 a q - ENTERQUEUE ||1"})).at(0).queues.at("q").count("blocked") == 0);
    const auto seen = run(log_text({"0 a q - ENTERQUEUE ||1", "1 b q - FULL", "2 c p - ENTERQUEUE ||1"})).at(0);
    CHECK(seen.queues.at("q").at("blocked") == 1);
    CHECK(seen.queues.at("p").at("blocked") == 0);
}

// A script that appends callbacks with the time of the request.
TEST_CASE("feed: a backdated line comes in its turn: no time goes back and nobody waits since then", "[unit]") {
    for (const int back : {2400, 7200, 100000}) {
        CAPTURE(back);
        const auto old = std::to_string(100000 - back);
        const auto seen = run(log_text({"100000 a q - ENTERQUEUE ||1", "100005 a q A CONNECT 5|x|1",
                                        (old + " cb q - ENTERQUEUE ||1").c_str(), (old + " cb2 q - ENTERQUEUE ||1").c_str(),
                                        "100012 cb q A CONNECT 2412|x|1", "100020 d q - ENTERQUEUE ||1"}));
        REQUIRE(seen.size() == 5);
        std::int64_t before = 0;
        for (const auto& m : seen) {
            CHECK(m.at_s > before);
            CHECK(m.queues.at("q").at("oldest_wait_s") <= 5);
            before = m.at_s;
        }
        CHECK(seen.back().queues.at("q").at("offered") == 4);
        CHECK(seen.back().queues.at("q").at("answered") == 2);
        CHECK(seen.back().queues.at("q").at("calls_waiting") == 1);
    }
}

TEST_CASE("feed: a clock that was set back is followed after eight lines", "[unit]") {
    std::string text = log_text({"10000 a q - ENTERQUEUE ||1", "10001 a q - ABANDON 1|1|1"});
    for (int i = 0; i < 8; ++i) {
        text += log_line(std::to_string(4000 + i) + " c" + std::to_string(i) + " q - ENTERQUEUE ||1") + "\n";
    }
    const auto seen = run(text);
    CHECK(seen.back().at_s == 4010);
    CHECK(seen.back().queues.at("q").at("offered") == 9);
    CHECK(seen.back().queues.at("q").at("calls_waiting") == 1);
}
