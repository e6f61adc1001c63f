#include "channels/answer_table.hpp"

#include <algorithm>
#include <cctype>
#include <optional>

#include "wire/json_text.hpp"

namespace surged {
namespace {

// What a status means when the body does not decide, the same for every provider. RFC 9110 15, read for one question: may the
// same page succeed here later (retry), is this page refused (reject), or is the channel set up wrongly (config_error)? A
// redirect is not followed: the page and its signature go where the operator said and nowhere else. 421 comes from a server that
// does not serve this host. 505 to 511 (protocol version, full storage, loops, a portal that wants a log-in) do not pass while a
// page waits: the next contact method is tried at once, and the operator is told.
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
std::optional<std::string> code_of(const AnswerTable& table, const HttpReply& reply) {
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
std::string message_id(const AnswerTable& table, const HttpReply& reply) {
    const auto json = parse_json(reply.body);
    const auto id = json ? json->text_or(table.id_key, "") : std::string();
    const bool plain = std::ranges::all_of(id, [](char c) { return c > ' ' && c < '\x7F'; });
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

/// By code and text of the body; nullopt when they decide nothing.
std::optional<SendVerdict> by_body(const AnswerTable& table, const HttpReply& reply) {
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

SendVerdict judge(const AnswerTable& table, const HttpReply& reply) {
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
    if (status == 429 && table.throttle_pause > Span{0}) {
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

}  // namespace surged
