#include "core/paging/reply_text.hpp"

#include "core/base/text.hpp"
#include "core/paging/reply_phrases.hpp"

namespace surged {

namespace {

constexpr std::size_t place_max = 12;  ///< code points

}  // namespace

std::string reply_hint(std::string_view code, Language language) {
    return ReplySay{language}("hint", {{"code", code}});
}

std::size_t reply_hint_length(Language language) {
    return utf8_length(reply_hint(std::string(reply_code_length, 'A'), language));
}

std::string_view to_string(ReplyCase v) {
    switch (v) {
        case ReplyCase::listed: return "listed";
        case ReplyCase::none: return "none";
        case ReplyCase::unreadable: return "unreadable";
        case ReplyCase::wrong_code: return "wrong_code";
        case ReplyCase::locked: return "locked";
        case ReplyCase::unsure: return "unsure";
    }
    return {};
}

std::string reply_answer(ReplyCase what, Language l) {
    const auto* row = ReplySay::find(to_string(what));
    return row == nullptr ? std::string() : ReplySay{l}(*row);
}

std::string reply_answer(AnswerKind kind, const CommandReply& reply, Language l) {
    const ReplySay say{l};
    if (reply.code == "noted" && kind == AnswerKind::decline) {
        return say("declined");
    }
    const auto* row = ReplySay::find("answer." + reply.code);
    return row == nullptr ? say("unsure")
                          : say(*row, {{"joined", std::to_string(reply.joined)}, {"need", std::to_string(reply.need)}});
}

std::string reply_list(const std::vector<std::pair<std::string, std::string>>& places, Language l, std::size_t limit) {
    const ReplySay say{l};
    std::string out = say("listed");
    auto between = say("list.first");
    for (const auto& [place, code] : places) {
        auto next = out + between + utf8_cut(place, place_max) + " " + code;
        if (limit > 0 && utf8_length(next) > limit) {
            break;
        }
        out = std::move(next);
        between = say("list.next");
    }
    return limit > 0 ? utf8_cut(out, limit) : out;
}

}  // namespace surged
