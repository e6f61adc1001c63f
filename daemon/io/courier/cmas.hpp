// Cloud MAS beyond sending: what is asked of it. Private to this room.
#pragma once

#include <optional>

#include "io/courier/channel.hpp"
#include "io/courier/outcome.hpp"
#include "io/courier/pull.hpp"

namespace surged {

/// nullopt: this channel has nothing of this kind configured.
std::optional<HttpRequest> write_cmas_pull(PullKind kind, const LoadedChannel& channel);
/// Total: every reply is an answer or a problem.
Pulled read_cmas_pull(PullKind kind, const HttpReply& reply);

}  // namespace surged
