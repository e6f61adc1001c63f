#include "io/http/api_reads.hpp"

#include <array>
#include <charconv>
#include <ctime>

#include "core/base/text.hpp"
#include "io/http/api_commands.hpp"
#include "io/http/api_history.hpp"
#include "io/http/api_report.hpp"
#include "io/http/query.hpp"
#include "wire/json_text.hpp"

namespace surged {

namespace {

/// "Sun, 29 Nov 2026 21:39:44 GMT"
std::string http_date(WallTime at) {
    const std::time_t time = to_ms(at) / 1000;
    std::tm civil{};
    ::gmtime_r(&time, &civil);
    constexpr std::array<const char*, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array<const char*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    std::array<char, 24> rest{};
    const auto length = std::strftime(rest.data(), rest.size(), "%Y %H:%M:%S GMT", &civil);
    const std::string day = (civil.tm_mday < 10 ? "0" : "") + std::to_string(civil.tm_mday);
    return std::string(days[static_cast<std::size_t>(civil.tm_wday)]) + ", " + day + " " + months[static_cast<std::size_t>(civil.tm_mon)] + " " +
           std::string(rest.data(), length);
}

/// `owner`: in a cluster it is told who works under which term: a host that lost etcd asks, and learns that it was overtaken.
HttpResponse probe(bool good, std::string_view word, const std::optional<OwnerFacts>& owner = std::nullopt) {
    HttpResponse response;
    response.status = good ? 200 : 503;
    JsonWriter json(response.body);
    json.begin_object().field("status", good ? word : std::string_view("unavailable"));
    if (owner) {
        json.field("owner", owner->host).field("term", owner->term);
    }
    json.end_object();
    return response;
}

HttpResponse list(ApiBackend& backend, Endpoint which, std::string_view query) {
    ListQuery wanted;
    if (which == Endpoint::alerts) {
        const std::string all = query_value(query, "all").value_or("0");
        if (all != "0" && all != "1" && all != "true" && all != "false") {
            return error_response("bad_request", "all must be 0 or 1");
        }
        wanted.all = all == "1" || all == "true";
    }
    if (const auto text = query_value(query, "limit")) {
        const auto read = std::from_chars(text->data(), text->data() + text->size(), wanted.limit);
        if (read.ec != std::errc{} || read.ptr != text->data() + text->size() || wanted.limit == 0 || wanted.limit > list_limit_max) {
            return error_response("bad_request", "limit must be a whole number from 1 to " + std::to_string(list_limit_max));
        }
    }
    wanted.next = query_value(query, "next").value_or("");
    if (!wanted.next.empty() && wanted.limit == 0) {
        return error_response("bad_request", "next goes with limit");
    }
    ApiResult<SharedText> text = which == Endpoint::queues    ? backend.queues(wanted)
                                 : which == Endpoint::alerts ? backend.alerts(wanted)
                                                             : backend.incidents(wanted);
    if (!text) {
        return error_response(text.error().code, text.error().message);
    }
    HttpResponse response;
    response.shared = *std::move(text);
    return response;
}

HttpResponse past_incidents(ApiBackend& backend, std::string_view query) {
    PastQuery wanted;
    for (const auto& [name, time] : {std::pair("from", &wanted.from), std::pair("to", &wanted.to)}) {
        if (const auto text = query_value(query, name)) {
            *time = parse_api_time(*text);
            if (!*time) {
                return error_response("bad_request", std::string(name) + " must be ms UTC or 2026-01-31T10:00:00+08:00");
            }
        }
    }
    if (const auto text = query_value(query, "limit")) {
        const auto number = parse_number(*text);
        if (!number || *number < 1 || *number > static_cast<double>(past_limit_max) || *number != static_cast<double>(static_cast<std::size_t>(*number))) {
            return error_response("bad_request", "limit must be a whole number from 1 to " + std::to_string(past_limit_max));
        }
        wanted.limit = static_cast<std::size_t>(*number);
    }
    const auto people = query_value(query, "people").value_or("0");
    if (people != "0" && people != "1") {
        return error_response("bad_request", "people must be 0 or 1");
    }
    wanted.people = people == "1";
    wanted.next = query_value(query, "next").value_or("");
    return from_result(backend.past_incidents(wanted));
}

HttpResponse report(ApiBackend& backend, const std::string& incident, std::string_view query) {
    const auto wanted = read_report_query(query);
    if (!wanted) {
        return error_response(wanted.error().code, wanted.error().message);
    }
    auto text = backend.report(incident, *wanted);
    return text ? report_response(wanted->form, "surged-report-" + incident, *std::move(text)) : error_response(text.error().code, text.error().message);
}

HttpResponse period(ApiBackend& backend, std::string_view query) {
    const auto wanted = read_period_query(query);
    if (!wanted) {
        return error_response(wanted.error().code, wanted.error().message);
    }
    auto made = backend.period(*wanted);
    return made ? period_response(*wanted, *std::move(made)) : error_response(made.error().code, made.error().message);
}

/// Two weeks where only one end is given; from now on without `from`.
HttpResponse rosters_between(ApiBackend& backend, std::string_view query) {
    constexpr Span usual = std::chrono::hours{24 * 14};
    std::optional<WallTime> from;
    std::optional<WallTime> to;
    for (const auto& [name, time] : {std::pair("from", &from), std::pair("to", &to)}) {
        if (const auto text = query_value(query, name)) {
            *time = parse_api_time(*text);
            if (!*time) {
                return error_response("bad_request", std::string(name) + " must be ms UTC or 2026-01-31T10:00:00+08:00");
            }
        }
    }
    const WallTime begin = from.value_or(backend.now().wall);
    const Span length = to ? *to - begin : usual;
    if (length <= Span{0} || length > std::chrono::hours{24 * duty_days_max}) {
        return error_response("bad_request", "to must be after from, by at most " + std::to_string(duty_days_max) + " days");
    }
    return from_result(backend.duty(begin, length));
}

HttpResponse rosters(ApiBackend& backend, std::string_view query) {
    if (query_value(query, "from") || query_value(query, "to")) {
        return rosters_between(backend, query);
    }
    std::optional<WallTime> at;
    if (const auto text = query_value(query, "at")) {
        at = parse_api_time(*text);
        if (!at) {
            return error_response("bad_request", "at must be ms UTC or 2026-01-31T10:00:00+08:00");
        }
    }
    const auto days = query_value(query, "days");
    if (!days) {
        return from_result(backend.rosters(at));
    }
    const auto number = parse_number(*days);
    if (!number || *number < 1 || *number > duty_days_max || *number != static_cast<int>(*number)) {
        return error_response("bad_request", "days must be a whole number from 1 to " + std::to_string(duty_days_max));
    }
    return from_result(backend.duty(at, std::chrono::hours{24 * static_cast<int>(*number)}));
}

HttpResponse explain(ApiBackend& backend, std::string_view query) {
    const auto rule = query_value(query, "rule");
    const auto centre = query_value(query, "centre");
    const auto queue = query_value(query, "queue");
    if (!rule || !centre || !queue || rule->empty() || centre->empty() || queue->empty()) {
        return error_response("bad_request", "explain needs rule, centre and queue; channel defaults to voice");
    }
    return from_result(backend.explain(*rule, {*centre, *queue, query_value(query, "channel").value_or(std::string(voice_channel))}));
}

HttpResponse history(ApiBackend& backend, std::string_view query) {
    const auto wanted = read_history_query(query, backend.now().wall);
    return wanted ? from_result(backend.history(*wanted)) : error_response(wanted.error().code, wanted.error().message);
}

HttpResponse windows(ApiBackend& backend) {
    auto file = backend.windows();
    if (!file) {
        return error_response(file.error().code, file.error().message);
    }
    HttpResponse response;
    response.content_type = "application/octet-stream";
    response.shared = std::move(file->bytes);
    response.headers.emplace_back("Last-Modified", http_date(file->written));
    response.headers.emplace_back("Content-Disposition", "attachment; filename=\"surged.db.series\"");
    return response;
}

}  // namespace

HttpResponse read_answer(ApiBackend& backend, const Admitted& admitted, std::string_view query) {
    switch (admitted.endpoint) {
        case Endpoint::healthz: return probe(backend.healthy(), "ok");
        case Endpoint::readyz: return probe(backend.ready(), "ready", backend.owner());
        case Endpoint::status: return from_result(backend.status());
        case Endpoint::queues:
        case Endpoint::alerts:
        case Endpoint::incidents:
            return admitted.endpoint == Endpoint::incidents && (query_value(query, "from") || query_value(query, "to"))
                       ? past_incidents(backend, query)
                       : list(backend, admitted.endpoint, query);
        case Endpoint::incident: return from_result(backend.incident(admitted.id));
        case Endpoint::report: return report(backend, admitted.id, query);
        case Endpoint::period: return period(backend, query);
        case Endpoint::rosters: return rosters(backend, query);
        case Endpoint::overrides: return from_result(backend.overrides());
        case Endpoint::silences: return from_result(backend.silences());
        case Endpoint::explain: return explain(backend, query);
        case Endpoint::history: return history(backend, query);
        case Endpoint::windows: return windows(backend);
        default: return error_response("internal", "no such reading endpoint");
    }
}

}  // namespace surged
