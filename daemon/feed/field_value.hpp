// A field of a foreign document as a number of ours: its unit, its way of writing numbers, moments as seconds since.
//
// Knows one value; refuses to know where it stood. Hardest rule: what can be read in two ways, or is no number, is a fault that
// is told, and never a zero.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/csv_number.hpp"
#include "core/base/csv_time.hpp"
#include "core/base/result.hpp"
#include "core/base/zone.hpp"
#include "wire/json_text.hpp"

namespace surged {

enum class FieldUnit : std::uint8_t {
    number,   ///< as it is; seconds for durations
    ms,       ///< milliseconds -> seconds
    minutes,  ///< -> seconds
    hours,    ///< -> seconds
    clock,    ///< "1:02:03", "12:34", ":20" -> seconds
    since     ///< a moment (ISO 8601, or seconds or milliseconds since 1970) -> seconds from then to now, at least 0
};

struct FieldForm {
    FieldUnit unit = FieldUnit::number;
    double scale = 1;  ///< multiplies the result
    DecimalMark mark = DecimalMark::point;
    DateOrder order = DateOrder::unknown;
};

/// nullopt: there is no value (null, an empty text). An error says what was wrong with it, in words that fit behind its text.
Result<std::optional<double>> read_field(const JsonValue& value, const FieldForm& form, const Zone& zone, std::int64_t now_ms);

/// A moment in ms UTC: ISO 8601 and the other forms of csv_time, in `zone` where it names no offset; 10 or 13 digits, or a number
/// of seconds or milliseconds. nullopt: no moment.
std::optional<std::int64_t> read_moment(const JsonValue& value, DateOrder order, const Zone& zone);

}  // namespace surged
