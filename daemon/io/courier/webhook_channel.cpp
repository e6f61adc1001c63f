// The generic webhook: the page as JSON, signed, with the page's key as idempotency key. A sink that honours the key gets every
// page exactly once. The signature covers timestamp and body: X-Surged-Signature: sha256=HMAC-SHA256(secret, timestamp + "." +
// body).
#include <array>
#include <string>

#include "io/courier/channel.hpp"
#include "io/courier/signature.hpp"
#include "wire/order_json.hpp"

namespace surged {
namespace {

// RFC 9110 15, read for one question: may the same page succeed later (retry), is this page refused (reject), or is the channel
// set up wrongly (config_error)? A redirect is not followed: the page and its signature go where the operator said and nowhere
// else.
constexpr std::array<CodeRule, 14> statuses = {{
    {200, 299, OutcomeClass::ok},
    {300, 399, OutcomeClass::config_error},
    {401, 401, OutcomeClass::config_error},
    {403, 405, OutcomeClass::config_error},
    {407, 407, OutcomeClass::config_error},
    {408, 408, OutcomeClass::retry},
    {410, 410, OutcomeClass::config_error},
    {421, 421, OutcomeClass::config_error},
    {425, 425, OutcomeClass::retry},
    {429, 429, OutcomeClass::retry},
    {400, 499, OutcomeClass::reject},
    {501, 501, OutcomeClass::config_error},
    {505, 511, OutcomeClass::config_error},
    {500, 599, OutcomeClass::retry},
}};

/// A header value from a page key: visible ASCII stays, all else becomes %XX. Keys come from configured names and may hold
/// anything.
std::string header_value(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte > 0x20 && byte < 0x7F && c != '%') {
            out += c;
        } else {
            out += '%';
            out += digits[byte >> 4U];
            out += digits[byte & 0x0FU];
        }
    }
    return out;
}

class Webhook final : public ChannelType {
public:
    void load(LoadedChannel& channel, const LoadContext& context) const override {
        load_url_and_key(channel, context, "secret_file", "");
        if (channel.problem.empty() && channel.key.empty()) {
            channel.notice = "no secret_file: requests are not signed";
        }
    }

    Request build(const SendOrder& order, const LoadedChannel& channel, std::int64_t unix_s) const override {
        HttpRequest out;
        out.url = channel.url;
        out.body = encode(order);
        out.ca_file = setting(channel.spec, "ca_file");
        out.proxy = setting(channel.spec, "proxy");
        const std::string stamp = std::to_string(unix_s);
        out.headers = {"Content-Type: application/json; charset=utf-8", "Idempotency-Key: " + header_value(outgoing_key(channel, order.page)),
                       "X-Surged-Attempt: " + std::to_string(order.attempt), "X-Surged-Timestamp: " + stamp};
        if (!channel.key.empty()) {
            out.headers.push_back("X-Surged-Signature: sha256=" + hmac_sha256_hex(channel.key, stamp + "." + out.body));
        }
        return out;
    }

    // A status line is the sink's word; a torn or late body after it changes nothing.
    SendVerdict classify_reply(const HttpReply& reply) const override {
        if (reply.transport != Transport::answered) {
            return verdict_of(reply.transport, reply.error);
        }
        SendVerdict out;
        out.outcome = outcome_of(statuses, static_cast<int>(reply.status), OutcomeClass::unknown);
        out.retry_after = out.outcome == OutcomeClass::retry ? reply.retry_after : Span{0};
        out.detail = "HTTP " + std::to_string(reply.status);
        if (out.outcome != OutcomeClass::ok && !reply.body.empty()) {
            out.detail += ": " + reply.body;
        }
        return out;
    }
};

}  // namespace

const ChannelType& webhook_channel() {
    static const Webhook type;
    return type;
}

}  // namespace surged
