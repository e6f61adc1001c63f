// One line of a file of separated values, cut into its fields.
#pragma once

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

}  // namespace surged
