// One field of a file of separated values: a count as people and programs of many countries write it, a time in its many forms.
//
// Pure text. Its hardest rule: what can be read in two ways is refused, never guessed. `1,250` is 1250 in an English export
// and 1.25 in a German one; a wrong count teaches a wrong profile and nobody sees it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace surged {

/// Blanks and tabs at both ends, no-break spaces too, are not part of a field.
std::string_view csv_trim(std::string_view text);
/// Cuts a line at `separator` (RFC 4180: a field may stand in double quotes, a doubled quote inside is one). A view points into
/// `line` or, where quotes had to be taken out, into `unquoted`; both are valid until the next call. False: a quote is not
/// closed.
bool csv_split(std::string_view line, char separator, std::vector<std::string_view>& fields, std::string& unquoted);

/// Which mark stands before the decimals.
enum class DecimalMark : std::uint8_t { unknown, point, comma };

/// Reads counts: digits, groups of thousands (1,250 1.250 1 250 1'250), decimals. Looks at a sample first, then reads.
class CsvNumbers {
public:
    explicit CsvNumbers(DecimalMark told = DecimalMark::unknown) : mark_(told), told_(told != DecimalMark::unknown) {}

    /// Evidence of how this file writes numbers; any number of times before settle().
    void sample(std::string_view text);
    /// Ends the sample. `separator` of the fields: with a comma a bare number cannot hold one, so 1,250 was quoted for its
    /// thousands. An error text when the sample itself writes both ways.
    std::optional<std::string> settle(char separator);
    /// 0..1e9; nullopt: no count, and `why` says why in words that fit behind the field's text.
    std::optional<double> read(std::string_view text, std::string& why) const;
    DecimalMark mark() const { return mark_; }

private:
    DecimalMark mark_;
    bool told_;
    bool comma_groups_ = false;  ///< 1,250 while the mark is unknown: thousands; else refused
    bool point_decides_ = true;  ///< 1.250 while the mark is unknown: 1.25; else refused
    std::size_t point_ = 0;      ///< numbers of the sample that can only have a decimal point ...
    std::size_t comma_ = 0;
    std::size_t three_after_point_ = 0;  ///< ... and those that may be either
    std::size_t plain_ = 0;
    std::string point_example_;
    std::string comma_example_;
};

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
