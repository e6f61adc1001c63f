// Files of `timestamp,count`, as any system exports them: rows in civil time, what was wrong with which line.
//
// Knows text and zones. Knows no forecast. Its hardest rule: a bad line costs itself only; it is counted and its number is told.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/zone.hpp"

namespace surged {

struct CountRow {
    /// The timestamp as the file has it.
    std::string stamp;
    /// Days since 1970-01-01 and second of the day, civil time of the series.
    std::int64_t day = 0;
    std::int32_t second_of_day = 0;
    double count = 0.0;
    /// The count could not be read: the row is there, its value is not.
    bool unreadable = false;
    /// The hour that comes twice when clocks go back: one row may hold two hours.
    bool twice = false;

    std::int64_t second() const { return day * 86400 + second_of_day; }
};

struct CountFile {
    static constexpr std::size_t rows_max = 5'000'000;
    static constexpr std::size_t line_max = 64U << 10U;
    static constexpr std::size_t told_max = 20;

    std::vector<CountRow> rows;
    std::size_t bad_lines = 0;
    /// The first bad lines: number (from 1) and why.
    std::vector<std::pair<std::size_t, std::string>> told;

    /// The commonest distance of neighbours, minutes, 1..1440; 5 when there is no telling.
    double interval_minutes() const;
};

/// One line. Error: why it is bad. A timestamp is YYYY-MM-DD[T ]HH:MM[:SS[.f]][Z] in any column, the count is the last column.
/// `zone` nullptr: all times are taken as they stand. Else times ending in Z are UTC and turned into the zone's civil time.
Result<CountRow> read_count_row(std::string_view line, const Zone* zone);

/// Error: cannot be read, or no row in it. A first line without a timestamp is a header, not a bad line.
Result<CountFile> read_counts(const std::string& path, const Zone* zone);

}  // namespace surged
