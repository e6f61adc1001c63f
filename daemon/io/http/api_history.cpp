#include "io/http/api_history.hpp"

#include <algorithm>

#include "core/base/text.hpp"
#include "io/http/api_commands.hpp"
#include "io/http/query.hpp"

namespace surged {
namespace {

using namespace std::chrono_literals;

constexpr Span history_shown{3h};
constexpr std::size_t metrics_asked_max = 64;
constexpr std::size_t seconds_digits_max = 11;

tl::unexpected<ApiError> bad_history(std::string message) {
    return tl::unexpected<ApiError>(ApiError{"bad_request", std::move(message)});
}

constexpr const char* past_forms = " must be 2026-01-31T10:00:00+08:00, seconds since 1970, or a time ago as in -3h";

/// nullopt = not a time; what is not named is `otherwise`.
std::optional<WallTime> past_time_of(std::string_view query, std::string_view name, WallTime otherwise, WallTime now) {
    const auto text = query_value(query, name);
    return text ? parse_past_time(*text, now) : otherwise;
}

}  // namespace

std::optional<WallTime> parse_past_time(std::string_view text, WallTime now) {
    if (text == "now") {
        return now;
    }
    if (text.starts_with('-')) {
        const auto ago = parse_span(text.substr(1));
        return ago && *ago <= now.time_since_epoch() ? std::optional(now - *ago) : std::nullopt;
    }
    if (!text.empty() && text.size() <= seconds_digits_max && text.find_first_not_of("0123456789") == std::string_view::npos) {
        return parse_api_time(std::string(text) + "000");
    }
    return parse_api_time(text);
}

ApiResult<HistoryQuery> read_history_query(std::string_view query, WallTime now) {
    HistoryQuery out;
    out.queue.centre = query_value(query, "centre").value_or("");
    out.queue.queue = query_value(query, "queue").value_or("");
    out.queue.channel = query_value(query, "channel").value_or(std::string(voice_channel));
    if (out.queue.centre.empty() || out.queue.queue.empty()) {
        return bad_history("history needs centre and queue; channel defaults to voice");
    }
    const std::string metrics = query_value(query, "metric").value_or("");
    for (std::size_t at = 0; at < metrics.size();) {
        const std::size_t end = std::min(metrics.find(',', at), metrics.size());
        const std::string name = metrics.substr(at, end - at);
        if (!name.empty() && std::find(out.metrics.begin(), out.metrics.end(), name) == out.metrics.end()) {
            out.metrics.push_back(name);
        }
        at = end + 1;
    }
    if (out.metrics.size() > metrics_asked_max) {
        return bad_history("metric names more than " + std::to_string(metrics_asked_max) + " metrics");
    }
    const auto from = past_time_of(query, "from", now - history_shown, now);
    const auto to = past_time_of(query, "to", now, now);
    if (!from || !to) {
        return bad_history(std::string(from ? "to" : "from") + past_forms);
    }
    if (*from >= *to) {
        return bad_history("from must be before to");
    }
    out.from = *from;
    out.to = *to;
    if (const auto text = query_value(query, "step")) {
        const auto step = parse_span(*text);
        if (!step || *step < 1min || *step > 24h * 400 || *step % 1min != Span{0}) {
            return bad_history("step must be whole minutes from 1m to 400d, as in 5m or 1h");
        }
        out.step = *step;
    }
    return out;
}

}  // namespace surged
