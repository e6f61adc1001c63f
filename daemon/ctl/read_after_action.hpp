// The daemon's answer about one incident, read into the facts of its report.
#pragma once

#include "report/after_action.hpp"
#include "wire/json_text.hpp"

namespace surged {

/// The answer to GET /api/v1/incidents/{id}. Error: one sentence, when it is no incident or has no record of its opening.
Result<AfterAction> read_after_action(const JsonValue& incident);

}  // namespace surged
