// How the answer of an HTTP provider is read: by a table of its codes and texts, and by the status where they say nothing.
// Hardest rule: HTTP 200 is no success where the body decides, and an unknown text is a failure.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "channels/reply.hpp"

namespace surged {

/// One line of an answer table. The first line that fits decides.
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

struct AnswerTable {
    CodeIn code_in = CodeIn::nowhere;
    std::array<std::string_view, 2> code_keys{};  ///< json_body: the first that is there counts
    std::span<const AnswerRule> answers{};
    Span throttle_pause{0};     ///< HTTP 429 without Retry-After: how long the channel rests; 0 = a 429 rests only the page
    std::string_view id_key{};  ///< json_body: where an accepted answer names the message
    bool traced = false;        ///< an accepted answer names the message: it is kept with the page, for questions to the provider
};

/// What this answer means. Total: every reply has a verdict.
SendVerdict judge(const AnswerTable& table, const HttpReply& reply);

}  // namespace surged
