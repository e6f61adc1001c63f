// An explanation for people. It reads the JSON, not the engine, so that what the daemon says and what a replay says look the
// same.
#pragma once

#include <string>

#include "core/base/zone.hpp"
#include "ctl/look.hpp"
#include "wire/json_text.hpp"

namespace surged {

/// Several lines, newline at the end of each. Times in `zone`. What the daemon gives as a reason is in its own words, English.
std::string explain_text(const JsonValue& explanation, const Zone& zone, const Look& look = {});

}  // namespace surged
