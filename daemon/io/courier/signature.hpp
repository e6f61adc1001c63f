// HMAC-SHA256 for outgoing requests; the only place of the courier that computes one. Private to this room.
#pragma once

#include <string>
#include <string_view>

#include "io/courier/secret.hpp"

namespace surged {

/// Lower-case hexadecimal HMAC-SHA256 (RFC 2104, FIPS 180-4) of `text` under `key`.
std::string hmac_sha256_hex(const Secret& key, std::string_view text);

}  // namespace surged
