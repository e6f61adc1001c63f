// A count in a file of separated values, as people and programs of many countries write it.
//
// Its hardest rule: what can be read in two ways is refused, never guessed. `1,250` is 1250 in an English export and 1.25 in a
// German one; a wrong count teaches a wrong profile and nobody sees it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace surged {

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

}  // namespace surged
