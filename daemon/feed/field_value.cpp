#include "feed/field_value.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "core/base/csv_line.hpp"
#include "core/base/text.hpp"

namespace surged {
namespace {

/// Larger ones are milliseconds: seconds reach it in the year 5138.
constexpr double seconds_max = 1e11;

/// "1:02:03", "12:34", ":20", "1 day, 02:03:04" is not read: no report that was seen writes days.
std::optional<double> clock_seconds(std::string_view text) {
    double total = 0;
    int parts = 0;
    for (std::size_t at = 0; at <= text.size(); ++parts) {
        const auto end = std::min(text.find(':', at), text.size());
        auto part = text.substr(at, end - at);
        at = end + 1;
        if (part.empty() && parts == 0 && end < text.size()) {
            part = "0";  // ":20"
        }
        const auto value = parse_number(part);
        const bool last = end == text.size();
        if (!value || *value < 0 || part.front() == '+' || (parts > 0 && *value >= 60) ||
            (!last && *value != std::floor(*value))) {
            return std::nullopt;
        }
        total = total * 60 + *value;
    }
    return parts >= 2 && parts <= 3 ? std::optional(total) : std::nullopt;
}

Result<double> number_of(const JsonValue& value, const FieldForm& form) {
    if (const auto number = value.number()) {
        return *number;
    }
    if (const auto* text = value.text()) {
        const auto trimmed = csv_trim(*text);
        if (trimmed.starts_with('-')) {
            return fail("is negative");
        }
        // The plain form first: it has no bound, and "1.5e3" is JSON's.
        if (form.mark == DecimalMark::point && trimmed.find(',') == std::string_view::npos) {
            if (const auto plain = parse_number(trimmed)) {
                return *plain;
            }
        }
        std::string why;
        if (const auto number = CsvNumbers(form.mark).read(trimmed, why)) {
            return *number;
        }
        return fail(why == "is no count" ? "is no number" : why);
    }
    return fail("is no number");
}

double to_seconds(FieldUnit unit, double value) {
    switch (unit) {
        case FieldUnit::ms: return value / 1000;
        case FieldUnit::minutes: return value * 60;
        case FieldUnit::hours: return value * 3600;
        default: return value;
    }
}

}  // namespace

std::optional<std::int64_t> read_moment(const JsonValue& value, DateOrder order, const Zone& zone) {
    auto number = value.number();
    if (const auto* text = value.text(); text != nullptr) {
        number = parse_number(csv_trim(*text));
        if (!number) {
            const auto time = read_csv_time(*text, order);
            if (!time) {
                return std::nullopt;
            }
            if (time->utc_offset_s) {
                return (time->day * 86400 + time->second_of_day - *time->utc_offset_s) * 1000;
            }
            auto civil = civil_from_days(time->day);
            civil.second_of_day = time->second_of_day;
            return to_ms(zone.first_instant(civil));
        }
    }
    if (!number || !(*number >= 1e8) || *number > 1e14) {
        return std::nullopt;
    }
    return static_cast<std::int64_t>(*number < seconds_max ? *number * 1000 : *number);
}

Result<std::optional<double>> read_field(const JsonValue& value, const FieldForm& form, const Zone& zone, std::int64_t now_ms) {
    const auto* text = value.text();
    if (value.is_null() || (text != nullptr && csv_trim(*text).empty())) {
        return std::optional<double>();
    }
    double out = 0;
    if (form.unit == FieldUnit::since) {
        const auto moment = read_moment(value, form.order, zone);
        if (!moment) {
            return fail("is no moment (2026-11-29T10:00:00Z, or seconds or milliseconds since 1970)");
        }
        out = static_cast<double>(std::max<std::int64_t>(0, now_ms - *moment)) / 1000;
    } else if (form.unit == FieldUnit::clock && text != nullptr && text->find(':') != std::string::npos) {
        const auto seconds = clock_seconds(csv_trim(*text));
        if (!seconds) {
            return fail("is no duration (1:02:03, 12:34 or :20)");
        }
        out = *seconds;
    } else {
        const auto number = number_of(value, form);
        if (!number) {
            return tl::unexpected(number.error());
        }
        out = to_seconds(form.unit, *number);
    }
    out *= form.scale;
    if (!std::isfinite(out)) {
        return fail("is not finite");
    }
    if (out < 0) {
        return fail("is negative");
    }
    return std::optional<double>(out);
}

}  // namespace surged
