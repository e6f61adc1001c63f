// Counts of one queue out of a queue_log, in rows, as backtest reads them.
#include <sstream>

#include "config/zones.hpp"
#include "ctl/count_queue_log.hpp"
#include "support/catch.hpp"

using namespace surged;

namespace {
constexpr std::int64_t start_s = 1'795'341'600;  // a row's beginning: 2026-11-22T10:00:00Z

/// A log of two hours: in `sales` a call comes every minute, and every sixth caller gives up after 20 s; in `help` one call.
std::string two_hours() {
    std::string out = std::to_string(start_s - 100) + "|NONE|NONE|NONE|QUEUESTART|\n";
    const auto line = [&](std::int64_t s, const std::string& call, const std::string& queue, const std::string& rest) {
        out += std::to_string(s) + "|" + call + "|" + queue + "|" + rest + "\n";
    };
    for (int minute = 0; minute < 120; ++minute) {
        const auto s = start_s + minute * 60 + 10;
        const auto call = "c" + std::to_string(minute);
        line(s, call, "sales", "NONE|ENTERQUEUE|||1");
        if (minute == 31) {
            line(s + 5, "h1", "help", "NONE|ENTERQUEUE|||1");
        }
        line(s + 20, call, "sales", minute % 6 == 0 ? "NONE|ABANDON|1|1|20" : "Agent/A|CONNECT|20|x|0");
        if (minute == 60) {
            out += std::to_string(s + 30) + "|NONE|NONE|NONE|QUEUESTART|\n";  // counters begin anew
        }
    }
    return out;
}

Result<CountFile> counts(const std::string& log, const std::string& metric, const std::string& queue, const Zone* zone = nullptr,
                         Span interval = Span{300000}) {
    std::istringstream in(log);
    QueueLogReplay read;
    QueueLogCounts options;
    options.metric = metric;
    options.queue = queue;
    options.zone = zone;
    options.interval = interval;
    return queue_log_counts(in, "log", options, read);
}
}  // namespace

TEST_CASE("queue_log counts: calls and callers who gave up, in rows of five minutes, over a restart of the counters") {
    for (const auto& [metric, in_an_hour] : {std::pair("offered", 60.0), std::pair("abandoned", 10.0)}) {
        const auto file = counts(two_hours(), metric, "sales");
        REQUIRE(file);
        INFO(metric);
        CHECK(file->queue == "sales");
        CHECK(file->interval_minutes() == 5.0);
        REQUIRE(file->rows.size() >= 23);
        CHECK(file->rows.front().second() == start_s);
        CHECK(file->rows.front().stamp.substr(0, 16) == "2026-11-22 10:00");
        double first_hour = 0;
        double second_hour = 0;
        for (std::size_t row = 0; row < 23; ++row) {
            (row < 12 ? first_hour : second_hour) += file->rows[row].count;
        }
        CHECK(first_hour == in_an_hour);
        CHECK(second_hour == in_an_hour * 11 / 12 + (std::string(metric) == "abandoned" ? 10 - 110.0 / 12 : 0.0));
    }
}

TEST_CASE("queue_log counts: rows lie in the centre's zone and are as long as was said") {
    const auto shanghai = load_zone("Asia/Shanghai");
    REQUIRE(shanghai);
    const auto file = counts(two_hours(), "offered", "sales", &*shanghai, Span{900000});
    REQUIRE(file);
    CHECK(file->interval_minutes() == 15.0);
    CHECK(file->rows.front().second_of_day == 18 * 3600);
    CHECK(file->rows.front().count == 15.0);
}

TEST_CASE("queue_log counts: a quiet queue has rows of zero, and only where the log was") {
    const auto file = counts(two_hours(), "offered", "help");
    REQUIRE(file);
    CHECK(file->rows.front().second() == start_s);
    double sum = 0;
    for (const auto& row : file->rows) {
        sum += row.count;
        CHECK(row.second() + 300 <= start_s + 7200);
    }
    CHECK(sum == 1.0);
}

TEST_CASE("queue_log counts: a queue that is not named, a metric that is none or a level, and an empty log are told") {
    CHECK(counts(two_hours(), "offered", "").error().message.find("name one with --queue, of help, sales") != std::string::npos);
    CHECK(counts(two_hours(), "offered", "sale").error().message.find("none of them sale") != std::string::npos);
    CHECK(counts(two_hours(), "wishes", "sales").error().message.find("--metric is one of ") != std::string::npos);
    CHECK(counts(two_hours(), "calls_waiting", "sales").error().message.find("is a level") != std::string::npos);
    CHECK(counts("", "offered", "").error().message.find("no queue in it") != std::string::npos);
}
