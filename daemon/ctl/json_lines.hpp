// JSON values of the daemon's answers: looked into, and as text again, one record of a timeline as one line.
#pragma once

#include <string>
#include <string_view>

#include "wire/json_text.hpp"

namespace surged {

/// No newline; keys in the order of their names.
std::string to_text(const JsonValue& value);

/// The member that is a list; an empty one where it is not there or something else.
const JsonValue::Array& list_of(const JsonValue& json, std::string_view name);
/// True only where the member is true.
bool flag_of(const JsonValue& json, std::string_view name);

}  // namespace surged
