// The history that a running daemon keeps, over its API, as messages.
#pragma once

#include <functional>

#include "core/series/message.hpp"
#include "ctl/context.hpp"

namespace surged {

/// What names the daemon in the place of a file.
inline constexpr const char* history_server = "server";

/// Every queue that the daemon knows now, from the first day it kept. False, and said, when it cannot be read.
bool history_server_messages(Context& context, const std::function<bool(const Message&)>& each);

}  // namespace surged
