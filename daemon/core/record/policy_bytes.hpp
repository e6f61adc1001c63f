// A policy as text for the `incident.opened` record: base64 (RFC 4648) of this room's own bytes. A policy is snapshotted when an
// incident opens and used to its end, whatever is configured meanwhile.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/team/spec.hpp"

namespace surged {

std::string encode_policy(const PolicySpec& policy);
/// nullopt when the text is not base64 or not a whole policy of this version.
std::optional<PolicySpec> decode_policy(std::string_view text);

}  // namespace surged
