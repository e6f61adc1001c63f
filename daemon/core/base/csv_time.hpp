// A date or a time of day in a file of separated values, in its many forms.
//
// Its hardest rule: a date that can be read in two ways (03/04/2026) is read only in the order that the caller names.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace surged {

/// Order of day, month and year where the year stands last.
enum class DateOrder : std::uint8_t { unknown, ymd, dmy, mdy };
/// "dmy", "d.m.Y", "%m/%d/%Y", "DD/MM/YYYY HH:mm": the order in which the letters first come. nullopt: not all three are there.
std::optional<DateOrder> parse_date_order(std::string_view text);

struct CsvTime {
    std::int64_t day = 0;                      ///< days since 1970-01-01, as written
    std::int32_t second_of_day = 0;            ///< as written
    std::optional<std::int32_t> utc_offset_s;  ///< as written; unset: the file's own zone
};

/// A date that may be day first or month first; the caller decides which.
struct CsvDateParts {
    int first = 0;
    int second = 0;
    bool year_last = false;
    char separator = '-';
};

/// A date with a time of day: YYYY-MM-DD[T ]H:MM[:SS[.f]], with / or . for -, year last (day or month first by `order`; with
/// points the day), 12-hour clocks, Z, UTC and offsets (+08:00, -0500, +01), an interval's label `08:00 - 08:30` (its begin).
/// nullopt: none of these, or no such date. `parts` (may be null) tells what the date's numbers were even where the order is
/// unknown.
std::optional<CsvTime> read_csv_time(std::string_view text, DateOrder order, CsvDateParts* parts = nullptr);
/// The date alone, and the time of day alone, of files that keep them in two columns.
std::optional<std::int64_t> read_csv_date(std::string_view text, DateOrder order, CsvDateParts* parts = nullptr);
std::optional<CsvTime> read_csv_clock(std::string_view text);
/// Seconds or milliseconds since 1970 (10 or 13 digits, decimals ignored): UTC.
std::optional<CsvTime> read_csv_epoch(std::string_view text);

}  // namespace surged
