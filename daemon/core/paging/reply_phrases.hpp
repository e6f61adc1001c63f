// Answers by message, Chinese beside English. One SMS has 70 characters, the gateway's signature among them.
#pragma once

#include "core/base/phrase.hpp"

namespace surged {

inline constexpr auto reply_phrases = std::to_array<Phrase>({
    {"hint", " 回1来2否 {code}", " 1=yes 2=no {code}"},
    // What a message came to that was no answer (ReplyCase)
    {"listed", "请回1或2加代码", "Reply 1 or 2 and a code"},
    {"none", "目前没有呼叫您的突增。", "No open surge calls you."},
    {"unreadable", "未识别。来回1，不来回2。", "Not understood. 1=yes 2=no."},
    {"wrong_code", "代码不对，请核对后重发。", "Wrong code, please check."},
    {"locked", "错误过多，请10分钟后再试。", "Too many wrong codes: wait 10 min."},
    {"unsure", "暂未记下，请稍后重发或致电值班台。", "Not noted yet: resend or call."},
    {"list.first", "：", ": "},
    {"list.next", "；", "; "},
    // What became of an answer: the code of its CommandReply
    {"answer.seated", "已加入{joined}/{need}，请尽快上线。", "You have joined {joined}/{need}, please log on."},
    {"answer.spare", "席位已满{joined}/{need}，请待命。", "Seats are full {joined}/{need}, stand by."},
    {"answer.already", "此前已记下{joined}/{need}。", "Already noted {joined}/{need}."},
    {"answer.closed", "该突增已结束，无需上线。", "That surge is over."},
    {"answer.not_found", "该突增已结束，无需上线。", "That surge is over."},
    {"answer.elsewhere", "您已加入另一起，未作改动。", "You have joined another surge."},
    {"answer.noted", "已记下，您未加入。", "Noted, without a seat."},
    {"declined", "已记下：您不来。", "Noted: you do not come."},
});

using ReplySay = Phrases<reply_phrases>;

}  // namespace surged
