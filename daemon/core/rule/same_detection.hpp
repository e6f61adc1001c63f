// Whether a detector can stay as it is when the configuration is read again.
#pragma once

#include "core/rule/detection_plan.hpp"

namespace surged {

/// A detector of the one is a detector of the other: nothing in them differs. Rules, derived metrics and calendars are compared by the
/// hashes of their content; where none was made they count as different.
bool same_detection(const DetectionPlan& a, const DetectionPlan& b);

}  // namespace surged
