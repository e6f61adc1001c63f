// Tables of Markdown as blocks of a page: those that fit on a terminal stay tables, others become lists.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "manual/page.hpp"

namespace surged {

/// The cells of a line, as written; a `|` that is escaped, or stands in `code`, is part of its cell.
std::vector<std::string> cells_of(std::string_view line);

/// The first row is the head. A table of keys (a column "default") is a list of keys, any other that is too wide one of its first cells.
void add_table(const std::vector<std::vector<std::string>>& rows, std::vector<ManBlock>& out);

}  // namespace surged
