// What the configuration tells the learned profile: [forecast] and [[calendar]]; keys of rules of kind "baseline" are in
// kinds/baseline.cpp. Private to the room.
#pragma once

#include "config/draft.hpp"

namespace surged {

void read_forecast(TableReader& root, Draft& draft);  ///< [forecast], [[calendar]]

}  // namespace surged
