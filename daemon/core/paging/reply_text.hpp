// What is said about answering by message: the hint behind a page's text, and the answer to what a person wrote (reply_phrases.hpp).
// Nothing here decides. Hardest rule: one SMS has 70 characters, the gateway's signature among them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/record/order.hpp"
#include "core/team/spec.hpp"

namespace surged {

inline constexpr std::size_t reply_code_length = 6;

/// " 回1来2否 K7MPQR": how to answer, behind the text of a page.
std::string reply_hint(std::string_view code, Language language);
/// Its length in code points, whatever the code.
std::size_t reply_hint_length(Language language);

/// What a person's message came to, beside the codes of CommandReply.
enum class ReplyCase {
    listed,      ///< several incidents ask: they are listed
    none,        ///< no open incident asks this person
    unreadable,  ///< neither 1 nor 2
    wrong_code,
    locked,  ///< too many wrong codes
    unsure   ///< decided and not durable
};
std::string_view to_string(ReplyCase v);

std::string reply_answer(ReplyCase what, Language language);
/// The reply to an answer that was decided.
std::string reply_answer(AnswerKind kind, const CommandReply& reply, Language language);
/// The incidents that ask, each as place and code; as many whole entries as `limit` code points hold (0 = all).
std::string reply_list(const std::vector<std::pair<std::string, std::string>>& places, Language language, std::size_t limit);

}  // namespace surged
