// Cloud MAS beyond sending: what is asked of it.
#pragma once

#include <optional>

#include "channels/channel_type.hpp"

namespace surged {

/// nullopt: this channel has nothing of this kind configured.
std::optional<HttpRequest> write_cmas_pull(PullKind kind, const ChannelSetup& channel);
/// Total: every reply is an answer or a problem.
Pulled read_cmas_pull(PullKind kind, const HttpReply& reply);

}  // namespace surged
