// The daemon's answers as ctl reads them: members by name, of a kind, with what stands for a missing one; and JSON as text again.
//
// A member that is missing and one of another kind are the same: an older or a newer daemon answered.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/time.hpp"
#include "wire/json_text.hpp"

namespace surged {

/// No newline; keys in the order of their names.
std::string to_text(const JsonValue& value);

/// The member that is a list; an empty one where it is not there or something else.
const JsonValue::Array& list_of(const JsonValue& json, std::string_view name);
/// The members of the member that is an object; none where it is not there or something else.
const JsonValue::Object& members_of(const JsonValue& json, std::string_view name);
/// True only where the member is true.
bool flag_of(const JsonValue& json, std::string_view name);
/// The member that is a whole number, such as a time in ms.
std::optional<std::int64_t> integer_of(const JsonValue& json, std::string_view name);
/// The member that is a time in ms; the epoch where it is missing.
WallTime time_of(const JsonValue& json, std::string_view name);
/// The member that is a number of things: a missing one is 0.
std::int64_t count_of(const JsonValue& json, std::string_view name);
/// The member that is a number, with at most `digits` after the point; else `missing`.
std::string number_text(const JsonValue& json, std::string_view name, int digits, std::string_view missing);
/// "jinan/general" of the members centre, queue and channel, as queue_text() writes it; "?" where one is missing.
std::string queue_of(const JsonValue& json);

}  // namespace surged
