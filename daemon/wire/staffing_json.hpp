// Staffing of an incident's scope as JSON, the same in the API and in webhooks:
// {"required","productive","missing","expected_wait_s","cause","slack":[{"centre","queue","agents"}]}; null = not known.
#pragma once

#include "core/record/staffing_view.hpp"
#include "wire/json_text.hpp"

namespace surged {

/// Writes the value; the caller has written the key. Numbers are null where they are not known or have no end.
void write_staffing(JsonWriter& json, const ScopeStaffing& staffing);

}  // namespace surged
