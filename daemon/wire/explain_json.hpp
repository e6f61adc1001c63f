// An explanation as JSON: what the API answers and what `surgectl explain --json` prints. One writer for both, so that live and
// replay read the same. Times are ms UTC; null = unknown or never.
#pragma once

#include <string>

#include "core/engine/explanation.hpp"

namespace surged {

std::string encode(const Explanation& explanation);

}  // namespace surged
