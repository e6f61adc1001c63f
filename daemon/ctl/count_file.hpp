// The counts of one queue, whole in memory: rows in civil time, what was wrong with which line.
//
// Knows the file (csv_file) and zones. Knows no forecast. Its hardest rule: a bad line costs itself only; it is counted and its
// number is told.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/zone.hpp"
#include "ctl/csv_file.hpp"

namespace surged {

struct CountRow {
    /// The timestamp as the file has it.
    std::string stamp;
    /// Days since 1970-01-01 and second of the day, civil time of the series.
    std::int64_t day = 0;
    std::int32_t second_of_day = 0;
    /// The civil time is this far from UTC; unset: it is in the file's zone.
    std::optional<std::int32_t> utc_offset_s;
    double count = 0.0;
    /// The count could not be read: the row is there, its value is not.
    bool unreadable = false;
    /// The hour that comes twice when clocks go back: one row may hold two hours.
    bool twice = false;

    std::int64_t second() const { return day * 86400 + second_of_day; }
};

struct CountFile {
    static constexpr std::size_t rows_max = 5'000'000;
    static constexpr std::size_t told_max = 20;

    std::vector<CountRow> rows;
    std::size_t bad_lines = 0;
    /// The first bad lines: number (from 1) and why.
    std::vector<std::pair<std::size_t, std::string>> told;
    /// What else a person should know of the file.
    std::vector<std::string> notes;
    /// The queue that its rows are of, as the file names it; empty: the file does not name one.
    std::string queue;

    /// The commonest distance of neighbours, minutes, 1..1440; 5 when there is no telling.
    double interval_minutes() const;
};

/// Where a time belongs: without `zone` as it is written; else in the zone's civil time, with `twice` where that hour comes
/// twice.
void place_in_zone(CountRow& row, const CsvTime& time, const Zone* zone);

/// Error: cannot be read or understood, or no row in it. A file of several queues gives the rows of `queue` only; without a name,
/// or with one that it does not hold, it is an error that names some of its queues, unless it holds one queue.
Result<CountFile> read_counts(const std::string& path, const Zone* zone, const CsvOptions& options = {},
                              const std::string& queue = {});

}  // namespace surged
