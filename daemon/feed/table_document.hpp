// Separated values and XML as the documents that a mapping reads: what FieldPath finds its way in.
//
//   csv   a list with one object a line: the header's names, each with the line's text
//   xml   an element is an object of its children by name (without a prefix), an attribute is "@name"; children of one name are a
//         list; an element that holds text alone is that text. The whole is an object with the root by its name.
//
// Knows text; refuses to know what is asked of it. Hardest rule: hostile text ends in an error or a fault, within the bounds: no
// entity of its own, no depth, no size that it claims.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "wire/json_text.hpp"

namespace surged {

struct CsvForm {
    char separator = ',';
    bool header = true;                ///< false: the columns are called "1", "2", ...
    std::vector<std::string> columns;  ///< the header is the first line that has all of these; titles may stand above it
};

struct TableLimits {
    std::size_t rows = 100000;
    std::size_t columns = 512;
    std::size_t line_bytes = 65536;
    std::size_t faults = 20;  ///< told of; all are counted
    std::size_t depth = 32;
    std::size_t values = 1000000;
};

struct TableFaults {
    std::size_t lines = 0;
    std::vector<std::string> told;  ///< "line 7: 3 fields where the header has 9"
};

/// Error: no header, too many rows. A line that cannot be used is counted and costs itself.
Result<JsonValue> csv_document(std::string_view text, const CsvForm& form, TableFaults& faults, const TableLimits& limits = {});

/// Error: not XML, with the byte; a document type of its own; too deep or too large.
Result<JsonValue> xml_document(std::string_view text, const TableLimits& limits = {});

}  // namespace surged
