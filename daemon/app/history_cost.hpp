// What the history will cost, for `surged --check` and `surgectl check`.
#pragma once

#include <string>

#include "config/settings.hpp"

namespace surged {

/// "history: at most 3.4 KiB a queue and day on disk, ..."; with the declared inventory also the sum for it.
std::string history_cost(const LoadedConfig& config);

}  // namespace surged
