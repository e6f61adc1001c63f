// The engine's state as the log keeps it: compressed. A thousand incidents say the same words again and again, and a snapshot goes to this
// host's disk, to every member of the etcd of several hosts, and stands there before the pages of other teams.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace surged {

/// Engine::snapshot() -> what is written. As it is when there is no memory to compress it.
std::string stored_state(std::string_view state);

/// What is written -> for Engine::restore(), which says whether it is a state. nullopt = it is compressed, and damaged.
std::optional<std::string> state_of(std::string_view stored);

}  // namespace surged
