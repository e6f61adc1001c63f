// A file of counts as any system exports it: which separator, which columns, how times and numbers are written; then its rows, in
// the order of time. Finds out by a look at the front of the file what is not told; what it cannot tell for sure it refuses with
// the option that says it.
//
// Knows text. Knows no forecast. Its hardest rule: a bad row costs itself only, its line and column are told, and no wrong number
// comes out of it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/csv_number.hpp"
#include "core/base/csv_time.hpp"

namespace surged {

/// What a person may say of the file; what is empty is found out. Columns by their name in the header (case does not matter) or
/// number.
struct CsvOptions {
    std::string column;         ///< of the counts
    std::string time_column;    ///< of the times
    std::string queue_column;   ///< of the queues' names
    std::string centre_column;  ///< of the centres' names
    std::string date_format;    ///< "d.m.Y", "m/d/Y": parse_date_order()
    std::string decimal;        ///< "point" or "comma"
    std::string separator;      ///< one character, or "tab"
    std::string metric;         ///< a column of this name is the count where several could be
};

struct CsvRow {
    std::size_t line = 0;    ///< from 1
    std::string_view stamp;  ///< the time as the file has it
    CsvTime time;
    std::string_view centre;  ///< empty where no column names it
    std::string_view queue;
    std::optional<double> count;  ///< nullopt: it could not be read, which was told
};

class CsvFile {
public:
    static constexpr std::size_t line_max = 64U << 10U;
    /// Files that have to be turned round or decoded are held in memory.
    static constexpr std::size_t memory_max = std::size_t{2} << 30U;

    using OnRow = std::function<bool(const CsvRow&)>;  ///< false = enough
    using OnBad = std::function<void(std::size_t line, const std::string& why)>;
    using Progress = std::function<void(std::uint64_t done, std::uint64_t all)>;

    /// Looks at the front of the file. `-` is standard input. Error: cannot be read, or cannot be understood for sure.
    static Result<CsvFile> open(const std::string& path, const CsvOptions& options);

    bool names_queues() const { return queue_.has_value(); }
    bool names_centres() const { return centre_.has_value(); }
    /// What was found out and may surprise: "the newest row is first: it is read backwards".
    const std::vector<std::string>& notes() const { return notes_; }

    /// Every row, oldest first; every line that is none, with the reason. Error: the file cannot be read to its end.
    Result<void> each(const OnRow& on_row, const OnBad& on_bad, const Progress& progress) const;

private:
    struct Look;

    CsvFile() = default;
    /// What one line says. nullopt: nothing (a header, an empty line, or bad, which was told).
    std::optional<CsvRow> row(std::string_view line, std::size_t number, const OnBad& on_bad) const;
    bool read_time(std::string_view text, std::string_view clock, CsvRow& row) const;
    std::string column_name(std::size_t column) const;
    Result<void> each_in_memory(const OnRow& on_row, const OnBad& on_bad) const;
    Result<void> each_streamed(const OnRow& on_row, const OnBad& on_bad, const Progress& progress) const;

    std::string path_;
    std::shared_ptr<const std::string> text_;  ///< the whole file, where it cannot be streamed
    bool newest_first_ = false;
    char separator_ = ',';
    std::vector<std::string> header_;  ///< empty: none
    std::size_t header_line_ = 0;      ///< 0: none
    std::size_t columns_ = 0;
    std::size_t time_ = 0;
    std::optional<std::size_t> clock_;  ///< the time of day, where it has a column of its own
    std::optional<std::size_t> centre_;
    std::optional<std::size_t> queue_;
    std::size_t count_ = 0;
    bool epoch_ = false;
    bool labels_ = false;  ///< 08:00-08:30 names an interval, not an offset
    DateOrder order_ = DateOrder::unknown;
    CsvNumbers numbers_;
    std::vector<std::string> notes_;

    // Of the row before: files repeat their dates, and parsing one costs as much as the rest of a row.
    mutable std::string last_date_;
    mutable std::int64_t last_day_ = 0;
    mutable std::vector<std::string_view> fields_;
    mutable std::string unquoted_;
    mutable std::string stamp_;
};

}  // namespace surged
