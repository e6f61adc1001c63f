// kind = "threshold".
#pragma once

#include "core/rule/kinds.hpp"

namespace surged {

/// The metric itself against limits, or (`ahead`) what it will be.
extern const KindRow threshold_kind;

}  // namespace surged
