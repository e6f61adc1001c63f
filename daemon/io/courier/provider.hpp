// Providers: channels that are one HTTP request whose answer is read by a table. A provider is a row: how the request is written,
// where the answer says what became of it, and what each of its words means. It knows formats of others; it refuses to know
// transport and retries. Hardest rule: HTTP 200 is no success where the body has the last word, and a word nobody knows is a
// failure. Private to this room.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "io/courier/channel.hpp"
#include "io/courier/outcome.hpp"

namespace surged {

/// One line of an outcome table. The first line that fits decides.
struct AnswerRule {
    std::string_view code;  ///< what the answer's code must be, as text; "" = any, or none
    std::string_view word;  ///< what the body must contain, in small letters; "" = anything
    OutcomeClass outcome;
    Span pause;              ///< nothing may leave by this channel for so long
    std::string_view means;  ///< for people; "" = the answer says it all
};

enum class CodeIn : std::uint8_t {
    nowhere,    ///< the HTTP status decides; rules with a word may overrule it
    json_body,  ///< the body is a JSON object with a number or text at code_keys: without it, 2xx is no success
    whole_body  ///< the body itself, one word ("ok"): the same
};

struct OutcomeTable {
    CodeIn code_in = CodeIn::nowhere;
    std::array<std::string_view, 2> code_keys{};  ///< json_body: the first that is there counts
    std::span<const AnswerRule> answers{};
    Span throttle_pause{0};  ///< HTTP 429 without Retry-After: how long the channel rests
    std::string_view id_key{};  ///< json_body: where an accepted answer names the message
    bool traced = false;     ///< an accepted answer names the message: it is kept with the page, for questions to the provider
};

/// What this answer means. Total: every reply has a verdict.
SendVerdict judge(const OutcomeTable& table, const HttpReply& reply);

struct ProviderInput {
    const SendOrder& order;
    const LoadedChannel& channel;
    std::int64_t unix_s = 0;
};

struct Provider {
    std::string_view name{};
    std::string_view key_setting{};  ///< names the file with the key; "" = there is none beside the URL
    bool key_needed = false;
    std::string_view default_url{};  ///< "" = must be configured
    std::string_view path{};         ///< of the request, when the URL names only the host; "" = the URL is whole
    /// Adds body and headers to a request that has URL, CA file and proxy. A text instead: why this order cannot be sent
    /// (reject).
    std::string (*write)(const ProviderInput& in, HttpRequest& out) = nullptr;
    OutcomeTable outcomes{};
    /// For what the provider has for us, when it has: see ChannelType.
    std::optional<HttpRequest> (*write_pull)(PullKind kind, const LoadedChannel& channel) = nullptr;
    Pulled (*read_pull)(PullKind kind, const HttpReply& reply) = nullptr;
};

class ProviderChannel final : public ChannelType {
public:
    explicit ProviderChannel(Provider provider) : provider_(provider) {}
    void load(LoadedChannel& channel, const LoadContext& context) const override;
    Request build(const SendOrder& order, const LoadedChannel& channel, std::int64_t unix_s) const override;
    SendVerdict classify_reply(const HttpReply& reply) const override { return judge(provider_.outcomes, reply); }
    std::optional<HttpRequest> build_pull(PullKind kind, const LoadedChannel& channel) const override;
    Pulled read_pull(PullKind kind, const HttpReply& reply) const override;

private:
    const Provider provider_;
};

// robots.cpp
const ChannelType& dingtalk_channel();
const ChannelType& wecom_channel();
const ChannelType& feishu_channel();
const ChannelType& slack_channel();
// incident_sinks.cpp
const ChannelType& pagerduty_channel();
const ChannelType& alertmanager_channel();
const ChannelType& goalert_channel();
// cmas_channel.cpp
const ChannelType& cmas_sms_channel();

}  // namespace surged
