// The generic webhook: the page as JSON, signed, with the page's key as idempotency key. A sink that honours the key gets every
// page exactly once. The signature covers timestamp and body: X-Surged-Signature: sha256=HMAC-SHA256(secret, timestamp + "." +
// body).
#include <array>
#include <string>

#include "channels/keys.hpp"
#include "channels/signature.hpp"
#include "core/base/encoding.hpp"
#include "wire/order_json.hpp"

namespace surged {
namespace {

constexpr std::array webhook_keys{url_key, url_file_key,
                                  ChannelKey{.name = "secret_file",
                                             .form = KeyForm::secret_bytes,
                                             .meaning = "the key of the signature; without it requests are not signed"},
                                  ca_file_key, proxy_key, keep_warm_key};

/// A header value from a page key: visible ASCII stays, all else becomes %XX. Keys come from configured names and may hold
/// anything.
std::string header_value(std::string_view text) {
    return escape_bytes(text, '%', [](char c) { return c > ' ' && c < '\x7F' && c != '%'; });
}

Request build_webhook(const PageInput& in) {
    auto out = json_request(in.channel);
    out.body = encode(in.order);
    const std::string stamp = std::to_string(in.unix_s);
    out.headers.push_back("Idempotency-Key: " + header_value(outgoing_key(in.channel, in.order.page)));
    out.headers.push_back("X-Surged-Attempt: " + std::to_string(in.order.attempt));
    out.headers.push_back("X-Surged-Timestamp: " + stamp);
    if (!in.channel.key.empty()) {
        out.headers.push_back("X-Surged-Signature: sha256=" + hmac_sha256_hex(in.channel.key, stamp + "." + out.body));
    }
    return out;
}

}  // namespace

const ChannelType& webhook_type() {
    // The status alone decides: no answer table.
    static constexpr ChannelType type{.name = "webhook",
                                      .keys = webhook_keys,
                                      .one_of = url_or_file,
                                      .takes_actions = true,
                                      .keyless = "no secret_file: requests are not signed",
                                      .build = build_webhook};
    return type;
}

}  // namespace surged
