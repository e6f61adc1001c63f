// Every text of the page behind a link, Chinese beside English. Readers whose language is not known get both halves.
#pragma once

#include "core/base/phrase.hpp"

namespace surged {

inline constexpr auto link_phrases = std::to_array<Phrase>({
    // Buttons
    {"join", "我来接话", "Join"},
    {"ack", "知道了", "Seen"},
    {"decline", "来不了", "Cannot come"},
    {"arrive", "已到岗", "I have arrived"},
    {"leave", "离开", "Leave"},
    {"move", "换到这里接话", "Move here"},
    {"received", "收到", "Received"},
    // The page
    {"name", "姓名或工号", "Name or id"},
    {"last4", "手机号后四位", "Last four digits of your mobile"},
    {"yellow", "黄色", "yellow"},
    {"orange", "橙色", "orange"},
    {"red", "红色", "red"},
    {"counts", "已加入 / 需要", "joined / needed"},
    {"others", "您还被以下事件呼叫", "You are also called by"},
    {"drill.over", "已记录或已过期，谢谢。", "Recorded, or over. Thank you."},
    {"drill", "演练", "Drill"},
    {"drill.what", "这是演练，无需上线。收到请确认。", "This is a drill, no need to log on. Confirm that you got it."},
    {"over", "已结束，谢谢。", "It is over. Thank you."},
    // What became of the link
    {"gone", "链接已失效", "This link has expired"},
    {"busy", "系统繁忙，请重试", "The system is busy, try again"},
    {"invalid", "链接无效", "This link is not valid"},
    {"use_newest", "请使用最新的通知，或直接联系值班台。", "Use the newest message, or call the duty desk."},
    {"refused", "未被接受", "Not accepted"},
    {"open_again", "请从通知里的链接重新打开，或直接联系值班台。", "Open the link in the message again, or call the duty desk."},
    {"other_origin", "未被接受：此页面的地址与通知里的不同", "Not accepted: this page has another address than the one in the message"},
    {"press_again", "请从通知里的链接重新打开，再按一次，或直接联系值班台。",
     "Open the link in the message again and press once more, or call the duty desk."},
    // What became of the answer
    {"not_theirs", "该事件已不再呼叫您", "That incident does not call you any more"},
    {"no_button", "请选择一个按钮", "Press one of the buttons"},
    {"who", "请填写姓名和手机号后四位", "Give your name and the last four digits"},
    {"too_many", "尝试次数过多，请两分钟后再试，或使用发给您本人的链接",
     "Too many tries: wait two minutes, or use the link that was sent to you alone"},
    {"no_match", "姓名与号码不符", "Name and number do not match"},
    {"unconfirmed", "尚未确认，请再按一次", "Not confirmed yet, press again"},
    {"recorded", "已记录", "Recorded"},
});

using LinkSay = Phrases<link_phrases>;

/// Why an answer was refused or changed nothing, by the code of its reply, in Chinese; the English half is the reply's own sentence.
struct LinkReason {
    std::string_view code;
    std::string_view zh;
};
inline constexpr auto link_reasons = std::to_array<LinkReason>({
    {"spare", "：席位已满，请待命"},
    {"already", "：此前已记录"},
    {"closed", "：事件已结束，无需处理"},
    {"not_asked", "：您在该事件中没有席位"},
    {"elsewhere", "：您在另一事件中已有席位，请先离开那里，或选择换到这里"},
    {"unknown_person", "：系统中没有此人"},
    {"unknown_incident", "：没有该事件"},
    {"refused", "：被拒绝"},
});

}  // namespace surged
