// The small languages inside strings: limits ("> +30%"), weekdays ("mon-fri"), clock times ("22:00"), rates ("15/1m"), amounts
// ("10 calls"). Text in, value or one complaint with the byte it is about out; the caller knows the place.
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/team/spec.hpp"
#include "core/rule/spec.hpp"

namespace surged {

struct TextError {
    std::size_t offset = 0;  ///< byte in the text
    std::string message;
};

/// "> 40", ">= 40", "< 0.85", "> +30%", "> +12/min", "> 3m". Blanks between sign and number are free.
Result<Limit, TextError> parse_limit(std::string_view text);

/// True when some value satisfies both: then `clear` is on the wrong side, or not separate from `raise`.
bool limits_overlap(const Limit& raise, const Limit& clear);
/// True when `a` is met by fewer values than `b` (same direction): a worse state. Equal limits are not.
bool more_severe(const Limit& a, const Limit& b);

/// "mon-fri", "sat,sun", "fri-mon" (over the week's end), "daily"; bit 0 = Monday.
Result<std::uint8_t, TextError> parse_days(std::string_view text);
/// "HH:MM" -> minutes after midnight. "24:00" is 1440.
Result<int, TextError> parse_clock(std::string_view text);
/// "15/1m": 15 messages in every minute.
Result<RateLimit, TextError> parse_rate(std::string_view text);
/// "80/20": 80 % of the calls answered within 20 s. 1 to 99.9 %, 0 to 3600 s.
Result<staffing::Target, TextError> parse_target(std::string_view text);
/// "10 calls", "10": a number >= 0 and, for people, what it counts.
Result<double, TextError> parse_amount(std::string_view text);

}  // namespace surged
