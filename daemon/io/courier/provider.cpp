#include "io/courier/provider.hpp"

#include <algorithm>
#include <cctype>
#include <optional>

#include "wire/json_text.hpp"

namespace surged {
namespace {

// What a status means when the body says nothing. As the webhook's table, but for those who answer 4xx to a bad key.
constexpr std::array<CodeRule, 12> statuses = {{
    {200, 299, OutcomeClass::ok},
    {300, 399, OutcomeClass::config_error},
    {401, 401, OutcomeClass::config_error},
    {403, 405, OutcomeClass::config_error},
    {407, 407, OutcomeClass::config_error},
    {408, 408, OutcomeClass::retry},
    {410, 410, OutcomeClass::config_error},
    {425, 425, OutcomeClass::retry},
    {429, 429, OutcomeClass::retry},
    {400, 499, OutcomeClass::reject},
    {501, 501, OutcomeClass::config_error},
    {500, 599, OutcomeClass::retry},
}};

constexpr std::size_t message_id_max = 64;

std::string small_letters(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

std::string trimmed(std::string_view text) {
    const auto from = text.find_first_not_of(" \t\r\n");
    if (from == std::string_view::npos) {
        return {};
    }
    return std::string(text.substr(from, text.find_last_not_of(" \t\r\n") - from + 1));
}

/// The code as text, wherever the provider puts it; nullopt when the answer has none.
std::optional<std::string> code_of(const OutcomeTable& table, const HttpReply& reply) {
    if (table.code_in == CodeIn::whole_body) {
        return reply.body_whole ? std::optional(trimmed(reply.body)) : std::nullopt;
    }
    if (table.code_in == CodeIn::nowhere) {
        return std::nullopt;
    }
    const auto json = parse_json(reply.body);
    for (const auto key : table.code_keys) {
        const auto* value = json && !key.empty() ? json->find(key) : nullptr;
        if (value == nullptr) {
            continue;
        }
        if (const auto number = value->integer()) {
            return std::to_string(*number);
        }
        if (const auto* text = value->text()) {
            return *text;
        }
    }
    return std::nullopt;
}

/// The provider's name for the message; empty when it gives none that could be one.
std::string message_id(const OutcomeTable& table, const HttpReply& reply) {
    const auto json = parse_json(reply.body);
    const auto id = json ? json->text_or(table.id_key, "") : std::string();
    const bool plain = std::all_of(id.begin(), id.end(), [](char c) { return c > ' ' && c < '\x7F'; });
    return plain && id.size() <= message_id_max ? id : std::string();
}

SendVerdict verdict_of(const AnswerRule& rule) {
    SendVerdict out;
    out.outcome = rule.outcome;
    out.pause = rule.pause;
    out.retry_after = rule.pause;
    if (!rule.means.empty()) {
        out.detail = std::string(rule.means) + "; ";
    }
    return out;
}

/// By code and words of the body; nullopt when they decide nothing.
std::optional<SendVerdict> by_body(const OutcomeTable& table, const HttpReply& reply) {
    if (table.code_in == CodeIn::nowhere && reply.status < 300) {
        return std::nullopt;
    }
    const auto code = code_of(table, reply);
    const auto body = small_letters(reply.body);
    for (const auto& rule : table.answers) {
        const bool code_fits = rule.code.empty() ? true : code && *code == rule.code;
        const bool word_fits = !rule.word.empty() && body.find(rule.word) != std::string::npos;
        if (code_fits && (rule.word.empty() ? !rule.code.empty() : word_fits)) {
            return verdict_of(rule);
        }
    }
    const bool success = reply.status >= 200 && reply.status < 300;
    if (table.code_in == CodeIn::nowhere || (!success && (!code || table.code_in == CodeIn::whole_body))) {
        return std::nullopt;
    }
    SendVerdict out;
    if (code && table.code_in == CodeIn::json_body) {
        out.outcome = OutcomeClass::reject;
        out.detail = "unknown code " + *code + "; ";
    } else if (reply.body_whole) {
        out.outcome = OutcomeClass::channel_down;  // a portal, a proxy, another service: the page is not with the provider
        out.detail = "this is not the provider's answer; ";
    } else {
        out.outcome = OutcomeClass::unknown;
        out.detail = "the answer is torn; ";
    }
    return out;
}

}  // namespace

SendVerdict judge(const OutcomeTable& table, const HttpReply& reply) {
    if (reply.transport != Transport::answered) {
        return surged::verdict_of(reply.transport, reply.error);
    }
    const int status = static_cast<int>(reply.status);
    SendVerdict out;
    const auto decided = status == 429 || status >= 500 ? std::nullopt : by_body(table, reply);
    if (decided) {
        out = *decided;
    } else {
        out.outcome = outcome_of(statuses, status, OutcomeClass::unknown);
    }
    if (status == 429) {
        out.pause = reply.retry_after > Span{0} ? reply.retry_after : table.throttle_pause;
        out.retry_after = out.pause;
    } else if (out.outcome == OutcomeClass::retry && out.retry_after == Span{0}) {
        out.retry_after = reply.retry_after;
    }
    if (out.outcome == OutcomeClass::ok && !table.id_key.empty()) {
        out.message = message_id(table, reply);
    }
    out.detail += "HTTP " + std::to_string(status);
    if ((out.outcome != OutcomeClass::ok || table.traced) && !reply.body.empty()) {
        out.detail += ": " + reply.body;
    }
    return out;
}

void ProviderChannel::load(LoadedChannel& channel, const LoadContext& context) const {
    load_url_and_key(channel, context, std::string(provider_.key_setting), provider_.default_url);
    if (!channel.problem.empty()) {
        return;
    }
    if (channel.key.empty() && provider_.key_needed) {
        channel.problem = std::string(provider_.key_setting) + " is not set";
    } else if (channel.key.reveal().find_first_of("\r\n") != std::string::npos) {
        channel.problem = "the file of " + std::string(provider_.key_setting) + " has more than one line";
    }
    const auto& url = channel.url.reveal();
    const auto path = url.find_first_of("/?#", url.find("://") + 3);
    if (!provider_.path.empty() && (path == std::string::npos || path + 1 == url.size())) {
        channel.url = Secret(url.substr(0, path) + std::string(provider_.path));
    }
}

Request ProviderChannel::build(const SendOrder& order, const LoadedChannel& channel, std::int64_t unix_s) const {
    HttpRequest out;
    out.url = channel.url;
    out.ca_file = setting(channel.spec, "ca_file");
    out.proxy = setting(channel.spec, "proxy");
    out.headers = {"Content-Type: application/json; charset=utf-8"};
    auto refused = provider_.write({order, channel, unix_s}, out);
    if (!refused.empty()) {
        return NoRequest{{OutcomeClass::reject, Span{0}, std::move(refused), Span{0}}};
    }
    return out;
}

std::optional<HttpRequest> ProviderChannel::build_pull(PullKind kind, const LoadedChannel& channel) const {
    return provider_.write_pull != nullptr ? provider_.write_pull(kind, channel) : std::nullopt;
}

Pulled ProviderChannel::read_pull(PullKind kind, const HttpReply& reply) const {
    return provider_.read_pull != nullptr ? provider_.read_pull(kind, reply) : Pulled{};
}

}  // namespace surged
