// From the JSON body of a POST to a Command of the engine. Every key is checked: unknown keys, wrong types and texts out of
// bounds are refused with a sentence that names the key, so that a typing error never becomes a page to the wrong people.
#pragma once

#include <string>
#include <string_view>

#include "io/http/api.hpp"
#include "io/http/api_router.hpp"
#include "wire/json_text.hpp"

namespace surged {

/// Bounds: names 64 bytes, reasons 500 code points, a silence at most 30 days, an override at most 400 days.
///   answer          {"person", "reason", "way": "api"|"cli"|"wallboard"}; the person of a bound token is the default
///   escalate        {"tier", "reason", "person"}
///   resolve         {"force", "reason", "person"}
///   verdict         {"verdict": "useful"|"false"|"late", "by", "reason"}
///   silence_add     {"rule", "centre", "queue", "for": "2h" | "until": time, "reason", "person"}
///   silence_remove  no body
///   override_set    {"roster", "from", "until", "out", "in", "reason", "person"} or {"id", "removed": true}
///   drill           {"person"}
/// A time is ms UTC or RFC 3339 with an offset.
ApiResult<Command> make_command(const Admitted& admitted, const std::string& idempotency_key, std::string_view body, Stamp now);

/// "1795330800123" (ms UTC) or "2026-11-22T10:00:00+08:00" or "...Z".
std::optional<WallTime> parse_api_time(std::string_view text);

}  // namespace surged
