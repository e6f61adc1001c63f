// kind = "absence".
#pragma once

#include "core/rule/kinds.hpp"

namespace surged {

/// A counter that does not rise, or a feed that does not speak.
extern const KindRow absence_kind;

}  // namespace surged
