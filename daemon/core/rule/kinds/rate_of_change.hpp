// kind = "rate_of_change".
#pragma once

#include "core/rule/kinds.hpp"

namespace surged {

/// The last window against the one before it.
extern const KindRow rate_of_change_kind;

}  // namespace surged
