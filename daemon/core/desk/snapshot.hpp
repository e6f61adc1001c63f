// The desk's state as bytes, and back.
#pragma once

#include <string>
#include <string_view>

#include "core/incident/state.hpp"

namespace surged::desk {

/// Deterministic: the same state gives the same bytes on any host.
std::string snapshot(const DeskState& state);
/// False: the bytes are torn, or of another version; nothing has changed, and the log is to be replayed.
bool restore(DeskState& state, std::string_view bytes);

}  // namespace surged::desk
