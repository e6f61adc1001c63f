// The walk over a long log: which records are of the period, in how many pieces, and how it stops.
#include "app/period_work.hpp"

#include <future>
#include <thread>

#include "app/period_reports.hpp"
#include "support/catch.hpp"
#include "wire/record_json.hpp"

using namespace surged;

namespace {

constexpr std::int64_t day_ms = 24 * 3600 * 1000;
constexpr std::int64_t first_ms = 1791158400000;  // 2026-10-05 00:00 UTC

/// A log of `days` days with `a_day` records each, of which the first of a day opens an incident and the second is an alert without one.
struct LongLog {
    LongLog(int days, int a_day) {
        for (int d = 0; d < days; ++d) {
            for (int i = 0; i < a_day; ++i) {
                const auto wall = first_ms + d * day_ms + i * (day_ms / a_day);
                const auto incident = "0-" + std::to_string(d + 1);
                Record record{stored.size() + 1, engine_time(wall - first_ms), wall_time(wall), SystemNote{"config", ""}};
                if (i == 0) {
                    IncidentChange change;
                    change.incident = incident;
                    change.level = Level::red;
                    change.need = 1;
                    record.body = change;
                } else if (i == 1) {
                    AlertEdge edge;
                    edge.rule = "wait";
                    edge.from = AlertState::ok;
                    edge.to = AlertState::firing;
                    record.body = edge;
                }
                stored.push_back({record.seq, wall, record_type(record), i == 0 ? incident : std::string(), encode(record)});
            }
        }
    }
    PeriodSources sources() {
        PeriodSources out;
        out.head = [this]() -> ApiResult<std::uint64_t> { return stored.size(); };
        out.log = [this](std::uint64_t after, std::size_t limit, bool first_only) -> ApiResult<PeriodSources::Piece> {
            ++pieces;
            most = std::max(most, limit);
            PeriodSources::Piece piece;
            for (std::size_t i = after; i < std::min(stored.size(), after + limit); ++i) {
                piece.last = stored[i].seq;
                piece.last_wall_ms = stored[i].wall_ms;
                if (!first_only && stored[i].type != "system") {
                    piece.records.push_back(stored[i]);
                }
            }
            return piece;
        };
        out.records = [this](const std::string& incident) -> ApiResult<std::vector<std::string>> {
            for (const auto& record : stored) {
                if (record.incident == incident) {
                    return std::vector<std::string>{record.bytes};
                }
            }
            return std::vector<std::string>{};
        };
        out.queues = []() -> ApiResult<std::vector<QueueKey>> { return std::vector<QueueKey>{}; };
        out.history = &history;
        return out;
    }
    std::vector<StoredRecord> stored;
    History history{HistoryOptions{}};
    int pieces = 0;
    std::size_t most = 0;
};

}  // namespace

TEST_CASE("period: of a log of a year a week is read, whole, in pieces", "[unit]") {
    LongLog log(365, 200);
    PeriodProgress progress;
    const auto week = period_work(wall_time(first_ms + 100 * day_ms), wall_time(first_ms + 107 * day_ms), Zone{}, log.sources(), progress);
    REQUIRE(week);
    CHECK(week->incidents == 7);
    CHECK(week->levels.at("red") == 7);
    REQUIRE(week->rules.size() == 1);
    CHECK(week->rules[0].fired == 7);
    CHECK(week->rules[0].without_incident == 7);
    CHECK_FALSE(week->log_from);
    CHECK(log.pieces < 25);  // a bisection of 73,000 records, and about two pieces
    CHECK(log.most == PeriodSources::piece);
    CHECK_FALSE(week->history_kept);
}

TEST_CASE("period: what the log has forgotten is told, an empty log has nothing, and a walk stops when it is told to", "[unit]") {
    LongLog log(3, 10);
    PeriodProgress progress;
    const auto before = period_work(wall_time(first_ms - day_ms), wall_time(first_ms + day_ms), Zone{}, log.sources(), progress);
    REQUIRE(before);
    CHECK(before->incidents == 1);
    CHECK(before->log_from == wall_time(first_ms));
    LongLog empty(0, 0);
    const auto nothing = period_work(wall_time(first_ms), wall_time(first_ms + day_ms), Zone{}, empty.sources(), progress);
    REQUIRE(nothing);
    CHECK(nothing->incidents == 0);
    progress.stop = true;
    const auto stopped = period_work(wall_time(first_ms), wall_time(first_ms + day_ms), Zone{}, log.sources(), progress);
    REQUIRE_FALSE(stopped);
    CHECK(stopped.error().code == "unavailable");
}

TEST_CASE("period: one summary is made at a time, told while it is made, kept, and an error is told once", "[unit]") {
    PeriodReports reports;
    std::promise<void> go;
    auto gone = go.get_future().share();
    int made = 0;
    const auto work = [&]() -> ApiResult<PeriodReports::Work> {
        ++made;
        return PeriodReports::Work([gone](PeriodProgress& progress) -> ApiResult<PeriodReport> {
            progress.percent = 50;
            gone.wait();
            PeriodReport report;
            report.incidents = 3;
            return report;
        });
    };
    const PeriodReports::Asked october{wall_time(first_ms), wall_time(first_ms + day_ms), "UTC"};
    const PeriodReports::Asked other{wall_time(first_ms), wall_time(first_ms + 2 * day_ms), "UTC"};
    CHECK(reports.ask(october, true, work)->report == nullptr);
    CHECK(reports.ask(october, true, work)->report == nullptr);
    CHECK(reports.ask(other, true, work).error().code == "unavailable");
    CHECK(made == 1);
    go.set_value();
    std::shared_ptr<const PeriodReport> report;
    while (report == nullptr) {
        report = reports.ask(october, true, work)->report;
        std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
    CHECK(report->incidents == 3);
    CHECK(made == 1);
    const auto fails = []() -> ApiResult<PeriodReports::Work> {
        return PeriodReports::Work([](PeriodProgress&) -> ApiResult<PeriodReport> { return tl::unexpected<ApiError>(ApiError{"internal", "no disk"}); });
    };
    ApiResult<PeriodReports::Answer> answer = reports.ask(other, true, fails);
    for (; answer; answer = reports.ask(other, true, fails)) {
        std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
    CHECK(answer.error().message == "no disk");
}
