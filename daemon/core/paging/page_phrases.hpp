// Every text of a page, Chinese beside English: the one place to read or correct a translation. A page of one SMS has 70 characters,
// so a longer text here pushes others out (tests/unit/paging).
#pragma once

#include "core/base/phrase.hpp"

namespace surged {

inline constexpr auto page_phrases = std::to_array<Phrase>({
    // What kind of message it is
    {"title.first", "话务突增", "Surge"},
    {"title.remind", "话务突增提醒", "Surge reminder"},
    {"title.need", "话务突增缺人", "Surge, seat free"},
    {"title.repeat_round", "话务突增仍缺人", "Surge, still short"},
    {"title.update", "话务突增通报", "Surge notice"},
    {"title.blind", "数据中断", "No data"},
    {"title.stand_down", "人手已够", "Seats filled"},
    {"title.close", "话务恢复", "All clear"},
    {"title.test", "演练测试", "Drill"},
    {"title.admin", "系统告警", "System"},
    {"title.act", "预案执行", "Playbook"},
    {"title.undo", "预案撤销", "Playbook undone"},
    {"title.handover", "话务突增接班", "Take over"},
    {"title.data_back", "数据恢复", "Data is back"},
    {"title.relieved", "交班", "Relieved"},
    {"title.closed_by_age", "到期关闭", "Closed by age"},
    {"title.closed_by_hand", "人工关闭", "Closed by hand"},
    {"title.short", "突增", "Surge"},
    {"title.frame", "【{title}】", "[{title}] "},
    {"repeat", "重发", "Repeat: "},

    // Lists
    {"list.between", "、", ", "},
    {"list.cut", "等{n}人", " and {n} more"},
    {"colon", "：", ": "},
    {"comma", "，", ", "},
    {"semicolon", "；", "; "},
    {"sentence", "。", ". "},

    // The place of an incident of a whole region
    {"place.region", "全区", "region"},
    {"place.scopes", "{n}处（{names}）", "{n} scopes ({names})"},

    // The cause: value, limit, and how old the value is
    {"value.raised", "{value}（触发线{limit}）", "{value} (raised at {limit})"},
    {"value.stale", "{value}（{ago}前，此后无数据）", "{value} ({ago} ago, no data since)"},
    {"value.falling", "，正在回落", ", falling"},
    {"reading.stale", "，{ago}前的数据", ", as of {ago} ago"},
    {"reading.worst", "，最差{worst}（{ago}前）", ", worst {worst} ({ago} ago)"},

    // Staffing
    {"cause.demand", "来话增多", "demand"},
    {"cause.handling_time", "通话变长", "longer calls"},
    {"cause.staff", "座席减少", "fewer agents"},
    {"cause.routing", "分配不均", "routing"},
    {"staffing.cause", "（{cause}）", " ({cause})"},
    {"staffing.missing", "，座席缺{n}人", ", {n} agents short"},
    {"staffing.wait", "，预计等{wait}", ", wait {wait}"},
    {"slack.centre", "{name}可支援{n}人", "{name} can give {n}"},

    // The request
    {"need.counts", "，需{need}人已加入{joined}人", "; need {need}, joined {joined}"},
    {"need.lacking", "，还缺{list}", ", still needs: {list}"},
    {"need.lacking_short", "，还缺{list}", "; needs {list}"},
    {"need.lacking_one", "{what} {n}人", "{what} {n}"},
    {"need.missing_short", "，缺{n}人", "; {n} missing"},
    {"ask.you", "，请上线", ": please log on"},
    {"ask.you_short", "，请上线", ": log on"},
    {"ask.you_shortest", "，请上线", "; log on"},
    {"ask.group", "，请{who}上线", ": {who}, please log on"},
    {"note.you", "，请知悉", "; for your information"},
    {"note.group", "，请{who}知悉", "; for information: {who}"},
    {"rising", "，人齐仍在涨", ", filled but still rising"},
    {"last_resort", "，各级已呼完，这是最后一级", "; all tiers were called, this is the last resort"},
    {"last_resort_short", "，最后一级", "; last resort"},
    {"also.count", "；另{n}起", "; {n} more"},
    {"also.one", "{place} {level}缺{n}人", "{place} {level}, {n} short"},

    // A seat handed to a successor
    {"takeover.you", "请您接替{from}", "take over from {from}"},
    {"takeover.group", "请{who}接替{from}", "{who} to take over from {from}"},
    {"takeover.you_short", "接替{from}", "for {from}"},
    {"takeover.group_short", "{who}接替{from}", "{who} for {from}"},
    {"substitute.you", "{from}来不了，推荐您", "{from} cannot come and names you"},
    {"substitute.group", "{from}来不了，推荐{who}", "{from} cannot come and names {who}"},
    {"substitute.you_short", "{from}荐", "by {from}"},
    {"substitute.group_short", "{from}荐{who}", "by {from}, {who}"},
    {"takeover.end", "，", "; "},

    // Data that stopped, and came back
    {"blind.what", " 指标停更，无法判断涨落，", " metrics stopped, the surge cannot be judged: "},
    {"blind.what_short", " 指标停更，", ": "},
    {"blind.ask_you", "请人工确认", "please check by hand"},
    {"blind.ask_group", "请{who}人工确认", "{who}, please check by hand"},
    {"data_back.what", " 指标已恢复，现为{level}", " metrics are back, the surge is {level} now"},
    {"data_back.what_short", " 现为{level}", " now {level}"},
    {"data_back.you", "，之前的安排照旧", "; go on as before"},
    {"data_back.group", "，之前的安排照旧（致{who}）", "; go on as before (for {who})"},

    // Drills, and trouble with surged itself
    {"drill.you", "这是演练，无需上线", "this is a drill, no need to log on"},
    {"drill.group", "{who}：这是演练，无需上线", "{who}: this is a drill, no need to log on"},
    {"drill.confirm", "，收到请点链接确认", "; please confirm by the link"},
    {"trouble", " 监控系统异常：", " surged is in trouble: "},
    {"trouble.ask", "，请{who}处理", "; {who}, please look"},

    // Who may go while it goes on
    {"filled", " 人手已够，", " seats are filled: "},
    {"may_go.you", "您可以下线", "you may go"},
    {"may_go.group", "{who}可以下线", "{who} may go"},
    {"need_not.you", "您无需上线", "you need not log on"},
    {"need_not.group", "{who}无需上线", "{who} need not log on"},
    {"thanks", "，谢谢", ", thank you"},
    {"relieved.you", "{now}已接班", "{now} has your seat"},
    {"relieved.you_given_back", "您的席位已交回", "your seat is given back"},
    {"relieved.you_may_go", "，您可以下线", ": you may go"},
    {"relieved.group", "{now}已接替{who}，{who}可以下线，谢谢", "{now} has the seat of {who}: {who} may go, thank you"},
    {"relieved.group_given_back", "{who}的席位已交回，{who}可以下线，谢谢", "the seat of {who} is given back: {who} may go, thank you"},

    // The closing message
    {"closing.by_age", " 持续过久，到期关闭", " open too long, closed by age"},
    {"closing.by_hand", " 由{by}关闭", " closed by {by}"},
    {"closing.still", "，仍为{level}", ", still {level}"},
    {"closing.no_more_calls", "，不再呼叫", "; nobody is called any more"},
    {"closing.after", " 历时{age}", " after {age}"},
    {"closing.then_after", "，历时{age}", "; after {age}"},
    {"closing.nobody", "，无人加入", ", nobody joined"},
    {"closing.joined", "，已加入{n}人", ", joined {n}"},
    {"closing.down", "，系统曾中断{when}", ", surged was down {when}"},
    {"closing.need_not", "，您无需上线", ". You need not log on"},
    {"closing.ask_desk", "，是否下线请听值班台安排", ". Ask the duty desk whether to stay"},
    {"closing.group_may_go", "，以上人员可以下线，谢谢", ". They may go, thank you"},
    {"closing.you_may_go", "，您可以下线，谢谢", ". You may go, thank you"},
});

using PageSay = Phrases<page_phrases>;

}  // namespace surged
