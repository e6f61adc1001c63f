// Digests and signatures of outgoing requests; the only place that computes them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "channels/secret.hpp"

namespace surged {

/// Lower-case hexadecimal HMAC-SHA256 (RFC 2104, FIPS 180-4) of `text` under `key`.
std::string hmac_sha256_hex(const Secret& key, std::string_view text);

/// DingTalk: base64(HMAC-SHA256(key = secret, text = ms + "\n" + secret)). Not yet encoded for a URL.
std::string dingtalk_sign(const Secret& secret, std::int64_t unix_ms);

/// Feishu: base64(HMAC-SHA256(key = seconds + "\n" + secret, text = "")). Key and text are swapped as compared with DingTalk's.
std::string feishu_sign(const Secret& secret, std::int64_t unix_s);

/// Lower-case hexadecimal MD5 (RFC 1321). No protection against anybody; Cloud MAS asks for it.
std::string md5_hex(std::string_view text);

}  // namespace surged
