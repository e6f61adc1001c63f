// The front of a file of separated values, cut into fields, and what kind of value each of its columns holds.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/csv_time.hpp"

namespace surged {

struct CsvOptions;

/// A date with a time of day, in whatever order; `parts` tells how it is written.
bool csv_full_time(std::string_view field, CsvDateParts* parts = nullptr);
/// A date alone.
bool csv_date_only(std::string_view field, CsvDateParts* parts = nullptr);

struct CsvSampleLine {
    std::size_t number = 0;
    std::vector<std::string> fields;
};

using CsvSample = std::vector<CsvSampleLine>;

/// The lines at the front of `head` that have fields; what cannot be cut is left out.
CsvSample split_sample(std::string_view head, char separator);

/// How many fields of each column are of a kind.
struct CsvColumnKinds {
    std::vector<std::size_t> full;
    std::vector<std::size_t> dates;
    std::vector<std::size_t> clocks;
    std::vector<std::size_t> epochs;

    explicit CsvColumnKinds(const CsvSample& sample);
};

/// As told, or the one that gives most lines a time. Error: `--separator` is no character.
Result<char> separator_of(const CsvOptions& options, std::string_view head);

}  // namespace surged
