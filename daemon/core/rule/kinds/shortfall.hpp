// kind = "shortfall".
#pragma once

#include "core/rule/kinds.hpp"

namespace surged {

/// How many people a queue is missing.
extern const KindRow shortfall_kind;

}  // namespace surged
