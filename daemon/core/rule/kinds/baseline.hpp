// kind = "baseline".
#pragma once

#include "core/rule/kinds.hpp"

namespace surged {

/// Readings against a profile learned from past weeks.
extern const KindRow baseline_kind;

}  // namespace surged
