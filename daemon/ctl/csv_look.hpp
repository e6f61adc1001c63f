// A look at the front of a file of counts: separator, header, which column is which, how times and numbers are written.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/csv_number.hpp"
#include "core/base/csv_time.hpp"

namespace surged {

struct CsvOptions;

struct CsvLook {
    char separator = ',';
    std::vector<std::string> header;  ///< empty: none
    std::size_t header_line = 0;      ///< from 1; 0: none
    std::size_t columns = 0;
    std::size_t time = 0;
    std::optional<std::size_t> clock;  ///< the time of day in a column of its own
    std::optional<std::size_t> centre;
    std::optional<std::size_t> queue;
    std::size_t count = 0;
    bool epoch = false;
    bool labels = false;
    bool newest_first = false;
    DateOrder order = DateOrder::unknown;
    CsvNumbers numbers;

    /// A date, with or without a time of day, whatever its order; what a line about the file ("Total") does not hold.
    static bool looks_like_time(std::string_view field);
};

/// `head`: the first bytes of the file as UTF-8; its last line may be cut. Error: what cannot be told for sure, with the option
/// that says it.
Result<CsvLook> look_at_csv(std::string_view head, const CsvOptions& options);

}  // namespace surged
