// kind = "volatility".
#pragma once

#include "core/rule/kinds.hpp"

namespace surged {

/// How often a value turns: a rate on a roller-coaster.
extern const KindRow volatility_kind;

}  // namespace surged
