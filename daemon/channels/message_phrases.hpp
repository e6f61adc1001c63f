// What channels add to the text of a page, Chinese beside English.
#pragma once

#include "core/base/phrase.hpp"

namespace surged {

inline constexpr auto message_phrases = std::to_array<Phrase>({
    {"row", "{name}：{value}", "{name}: {value}"},
    {"answer", "回复", "Answer here"},
    {"scope", "范围", "Scope"},
    {"incident", "事件", "Incident"},
    {"level", "级别", "Level"},
    {"tier", "梯队", "Tier"},
    {"counts", "需要/已加入/已到岗", "Needed/joined/arrived"},
    {"time", "时间", "Time"},
    {"page", "消息编号", "Page"},
    {"alert.now_unknown", "变级时 {then}", "at the change {then}"},
    {"alert.now", "现在 {now}；变级时 {then}", "now {now}; at the change {then}"},
    {"alert.evidence", "，{evidence}", ", {evidence}"},
    {"for", "致：{names}", "For: {names}"},
    {"everyone", "所有人", "everyone"},
});

using MessageSay = Phrases<message_phrases>;

}  // namespace surged
