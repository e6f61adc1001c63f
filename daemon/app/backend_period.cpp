// The summary of a period, as the backend's part: where its records, queues and rosters come from.
#include <set>

#include "app/backend.hpp"
#include "config/zones.hpp"
#include "core/base/clock_text.hpp"
#include "report/period_days.hpp"
#include "wire/json_text.hpp"

namespace surged {
namespace {

tl::unexpected<ApiError> not_now(const char* message) {
    return tl::unexpected<ApiError>(ApiError{"unavailable", message});
}

struct Defaults {
    std::string timezone;
    Language language = Language::zh;
};

}  // namespace

/// Read between two commits; of alerts' edges and openings the whole record, of others their number and time.
ApiResult<PeriodSources::Piece> Backend::log_piece(std::uint64_t after, std::size_t limit, bool first_only) {
    auto promise = std::make_shared<std::promise<ApiResult<PeriodSources::Piece>>>();
    auto future = promise->get_future();
    const bool taken = store_.run([promise, after, limit, first_only](RecordLog& log) {
        PeriodSources::Piece out;
        std::size_t seen = 0;
        const auto read = log.read(after, [&](const StoredRecord& record) {
            out.last = record.seq;
            out.last_wall_ms = record.wall_ms;
            if (!first_only && (record.type == "incident.opened" || record.type == "alert.firing")) {
                out.records.push_back(record);
            }
            return ++seen < limit;
        });
        promise->set_value(read ? ApiResult<PeriodSources::Piece>(std::move(out))
                                : tl::unexpected<ApiError>(ApiError{"internal", "the store cannot be read: " + read.error().message}));
    });
    promise.reset();
    if (!taken) {
        return not_now("the store is busy; try again");
    }
    auto piece = wait_for(future, read_max);
    return piece ? *std::move(piece) : ApiResult<PeriodSources::Piece>(not_now("the store did not answer in time; try again"));
}

/// Those that the engine knows now, page by page.
ApiResult<std::vector<QueueKey>> Backend::queue_names() {
    std::vector<QueueKey> out;
    constexpr std::size_t page = 1000;
    ListQuery query{false, page, {}};
    do {
        const auto text = lists_.queues(query);
        if (!text) {
            return tl::unexpected(text.error());
        }
        const auto json = parse_json(**text, {std::size_t{16} << 20U, 16, 2000000});
        const auto* rows = json ? json->find("queues") : nullptr;
        if (rows == nullptr || rows->array() == nullptr) {
            return tl::unexpected<ApiError>(ApiError{"internal", "the list of queues cannot be read"});
        }
        for (const JsonValue& row : *rows->array()) {
            out.push_back({row.text_or("centre", ""), row.text_or("queue", ""), row.text_or("channel", voice_channel)});
        }
        query.next = json->text_or("next", "");
    } while (!query.next.empty());
    std::erase_if(out, [](const QueueKey& queue) { return queue.queue.starts_with('*'); });
    return out;
}

ApiResult<PeriodReports::Work> Backend::period_job(WallTime from, WallTime to, const Zone& zone) {
    auto duty = inbox_.ask([](Loop& loop) { return duty_facts(loop.engine().plan(), loop.engine().desk().overrides()); }, read_max);
    if (!duty) {
        return not_now("the engine did not answer in time; try again");
    }
    auto sources = std::make_shared<PeriodSources>();
    sources->log = [this](std::uint64_t after, std::size_t limit, bool first_only) { return log_piece(after, limit, first_only); };
    sources->head = [this]() -> ApiResult<std::uint64_t> {
        auto promise = std::make_shared<std::promise<std::uint64_t>>();
        auto future = promise->get_future();
        const bool taken = store_.run([promise](RecordLog& log) { promise->set_value(log.head().value_or(0)); });
        promise.reset();
        const auto head = taken ? wait_for(future, read_max) : std::nullopt;
        return head ? *head : ApiResult<std::uint64_t>(not_now("the store did not answer in time; try again"));
    };
    sources->records = [this](const std::string& incident) { return timeline(incident); };
    sources->queues = [this] { return queue_names(); };
    sources->duty = *std::move(duty);
    sources->history = &history_;
    return PeriodReports::Work([from, to, zone, sources](PeriodProgress& progress) { return period_work(from, to, zone, *sources, progress); });
}

ApiResult<PeriodText> Backend::period(const PeriodQuery& query) {
    const auto defaults = inbox_.ask([](Loop& loop) { return Defaults{loop.engine().plan().timezone, loop.engine().plan().language}; }, read_max);
    if (!defaults) {
        return not_now("the engine did not answer in time; try again");
    }
    const auto zone = load_zone(query.report.zone.empty() ? defaults->timezone : query.report.zone);
    if (!zone) {
        return tl::unexpected<ApiError>(ApiError{"bad_request", "no time zone " + query.report.zone});
    }
    const auto period = period_of({query.from, query.to, query.month, query.week}, *zone, now().wall);
    if (!period) {
        return tl::unexpected<ApiError>(ApiError{"bad_request", period.error().message});
    }
    const auto [from, to] = *period;
    const auto answer = periods_.ask({from, to, zone->name()}, to <= now().wall, [&, begin = from, end = to] { return period_job(begin, end, *zone); });
    if (!answer) {
        return tl::unexpected(answer.error());
    }
    PeriodText out;
    out.made = answer->report != nullptr;
    out.percent = answer->percent;
    out.stage = answer->stage;
    if (out.made) {
        const Language language = query.report.language.value_or(defaults->language);
        const PeriodReport& report = *answer->report;
        out.name = date_text(zone->to_civil(from)) + "-" + date_text(zone->to_civil(to - Span{1}));
        out.text = query.report.form == ReportForm::html   ? period_html(report, language, *zone)
                   : query.report.form == ReportForm::text ? period_markdown(report, language, *zone)
                                                           : period_json(report);
    }
    return out;
}

}  // namespace surged
