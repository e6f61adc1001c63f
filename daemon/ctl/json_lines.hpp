// A JSON value that was read, as text again: one record of a timeline as one line.
#pragma once

#include <string>

#include "wire/json_text.hpp"

namespace surged {

/// No newline; keys in the order of their names.
std::string to_text(const JsonValue& value);

}  // namespace surged
