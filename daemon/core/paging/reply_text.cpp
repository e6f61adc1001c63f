#include "core/paging/reply_text.hpp"

#include "core/base/text.hpp"

namespace surged {

namespace {

constexpr std::size_t place_max = 12;  ///< code points

bool chinese(Language l) {
    return l == Language::zh;
}

std::string counts(const CommandReply& reply) {
    return std::to_string(reply.joined) + "/" + std::to_string(reply.need);
}

}  // namespace

std::string reply_hint(std::string_view code, Language language) {
    return (chinese(language) ? " 回1来2否 " : " 1=yes 2=no ") + std::string(code);
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
    const bool zh = chinese(l);
    switch (what) {
        case ReplyCase::listed: return zh ? "请回1或2加代码" : "Reply 1 or 2 and a code";
        case ReplyCase::none: return zh ? "目前没有呼叫您的突增。" : "No open surge calls you.";
        case ReplyCase::unreadable: return zh ? "未识别。来回1，不来回2。" : "Not understood. 1=yes 2=no.";
        case ReplyCase::wrong_code: return zh ? "代码不对，请核对后重发。" : "Wrong code, please check.";
        case ReplyCase::locked: return zh ? "错误过多，请10分钟后再试。" : "Too many wrong codes: wait 10 min.";
        case ReplyCase::unsure: return zh ? "暂未记下，请稍后重发或致电值班台。" : "Not noted yet: resend or call.";
    }
    return {};
}

std::string reply_answer(AnswerKind kind, const CommandReply& reply, Language l) {
    const bool zh = chinese(l);
    if (reply.code == "seated") {
        return (zh ? "已加入" : "You have joined ") + counts(reply) + (zh ? "，请尽快上线。" : ", please log on.");
    }
    if (reply.code == "spare") {
        return (zh ? "席位已满" : "Seats are full ") + counts(reply) + (zh ? "，请待命。" : ", stand by.");
    }
    if (reply.code == "already") {
        return (zh ? "此前已记下" : "Already noted ") + counts(reply) + (zh ? "。" : ".");
    }
    if (reply.code == "noted") {
        const bool no = kind == AnswerKind::decline;
        return zh ? (no ? "已记下：您不来。" : "已记下，您未加入。")
                  : (no ? "Noted: you do not come." : "Noted, without a seat.");
    }
    if (reply.code == "closed" || reply.code == "not_found") {
        return zh ? "该突增已结束，无需上线。" : "That surge is over.";
    }
    if (reply.code == "elsewhere") {
        return zh ? "您已加入另一起，未作改动。" : "You have joined another surge.";
    }
    return reply_answer(ReplyCase::unsure, l);
}

std::string reply_list(const std::vector<std::pair<std::string, std::string>>& places, Language l, std::size_t limit) {
    std::string out = reply_answer(ReplyCase::listed, l);
    const char* between = chinese(l) ? "：" : ": ";
    for (const auto& [place, code] : places) {
        auto next = out + between + utf8_cut(place, place_max) + " " + code;
        if (limit > 0 && utf8_length(next) > limit) {
            break;
        }
        out = std::move(next);
        between = chinese(l) ? "；" : "; ";
    }
    return limit > 0 ? utf8_cut(out, limit) : out;
}

}  // namespace surged
