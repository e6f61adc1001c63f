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
    {"level.none", "正在回落", "clearing"},
    {"was", "最高{level}", "was {level}"},
    {"lasts", "已持续{time}", "for {time}"},
    {"counts", "已加入 / 需要", "joined / needed"},
    {"came", "加入过 / 需要", "had joined / needed"},
    {"arrived", "，已到岗 {n}", ", {n} arrived"},
    {"limit", "触发线 {limit}", "raised at {limit}"},
    {"old", "{age}前的数据，此后中断", "as of {age} ago, no data since"},
    {"as_of", "{at} 的数据（{zone}）", "As of {at} ({zone})"},
    {"refresh", "刷新", "Refresh"},
    {"incident", "事件 {id}", "Incident {id}"},
    {"state.paging", "呼叫中", "calling people"},
    {"state.filled", "人员已满", "all seats taken"},
    {"state.exhausted", "已无可呼叫人员", "nobody left to call"},
    {"state.resolving", "正在恢复", "recovering"},
    {"state.resolved", "已解除", "resolved"},
    {"state.closed", "已关闭", "closed"},
    // What to do, in one line
    {"do.come", "请上线接话，还缺 {n} 人", "Please log on and take calls: {n} more needed"},
    {"do.enough", "人手已够，您无需上线", "Enough people have joined: you need not log on"},
    {"do.resolving", "正在恢复，暂不需要更多人", "It is recovering: no more people are needed for now"},
    {"do.joined", "您已加入：请上线接话，到岗后按“已到岗”", "You have joined: log on, and tell when you have arrived"},
    {"do.arrived", "您已到岗：请接话，结束时会通知您", "You have arrived: take calls, you will be told when it is over"},
    {"do.spare", "席位已满：请待命，缺人时会再呼叫您", "All seats are taken: stand by, you are called when one is free"},
    {"do.declined", "您答复过来不了。若能来，还缺 {n} 人", "You said that you cannot come. If you can after all: {n} more needed"},
    {"do.left", "您已离开。若能回来，还缺 {n} 人", "You have left. If you can come back: {n} more needed"},
    {"do.elsewhere", "您在另一事件中已有席位，可以换到这里", "You have a seat in another incident, and can move here"},
    {"do.informed", "供您知悉，无需上线", "For your information: you need not log on"},
    {"others", "您还被以下事件呼叫", "You are also called by"},
    {"drill.over", "已记录或已过期，谢谢。", "Recorded, or over. Thank you."},
    {"drill", "演练", "Drill"},
    {"drill.what", "这是演练，无需上线。收到请确认。", "This is a drill, no need to log on. Confirm that you got it."},
    {"over", "已结束，您无需上线，谢谢。", "It is over: you need not log on. Thank you."},
    {"over.came", "已结束，谢谢您的支援。", "It is over. Thank you for your help."},
    // What became of the link
    {"gone", "链接已失效", "This link has expired"},
    {"busy", "系统繁忙，请重试", "The system is busy, try again"},
    {"invalid", "链接无效", "This link is not valid"},
    {"after_hours", "链接在通知发出 12 小时后失效。请使用最新的通知，或直接联系值班台。",
     "A link works for twelve hours. Use the newest message, or call the duty desk."},
    {"long_over", "该事件早已结束", "This incident ended long ago"},
    {"nothing_to_do", "无需处理。", "There is nothing to do."},
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
