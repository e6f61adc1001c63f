// GET /api/v1/history: what its query says.
#pragma once

#include <string_view>

#include "io/http/api.hpp"

namespace surged {

/// Times of the past: RFC 3339 with an offset, seconds or milliseconds since 1970 (more than 11 digits), "now", or "-3h" before `now`.
std::optional<WallTime> parse_past_time(std::string_view text, WallTime now);

/// centre, queue; channel (voice), metric (m1,m2; all), from (-3h), to (now), step ("5m"; the finest that fits). The error is bad_request.
ApiResult<HistoryQuery> read_history_query(std::string_view query, WallTime now);

}  // namespace surged
