// Cloud MAS beyond sending: what is asked of it.
#pragma once

#include <optional>
#include <string_view>

#include "channels/channel_type.hpp"

namespace surged {

/// Where the gateway takes messages of free text, and of a template: the ends of a channel's `url`.
inline constexpr std::string_view cmas_free_path = "/sms/norsubmit";
inline constexpr std::string_view cmas_template_path = "/sms/tmpsubmit";

/// nullopt: this channel has nothing of this kind configured.
std::optional<HttpRequest> write_cmas_pull(PullKind kind, const ChannelSetup& channel);
/// Total: every reply is an answer or a problem.
Pulled read_cmas_pull(PullKind kind, const HttpReply& reply);

}  // namespace surged
