// Every text of the summary of a week or a month, Chinese beside English.
#pragma once

#include "core/base/phrase.hpp"

namespace surged {

inline constexpr auto period_words = std::to_array<Phrase>({
    {"title", "话务突增汇总：{from} 至 {to}", "Surges from {from} to {to}"},
    {"said.nothing", "这段时间没有任何事件。", "There was no incident in this time."},
    {"said.incidents", "共{n}次事件：红色{red}次，橙色{orange}次，黄色{yellow}次；{days}天反复突增。", "Incidents: {n} ({red} red, {orange} orange, {yellow} yellow); roller-coaster days: {days}."},
    {"said.rates", "接通率：全部{all}；事件期间有人支援时{with}，无人支援时{without}。", "Connection rate: {all} over all; in incidents {with} with help and {without} without."},
    {"said.verdicts", "人工评价：有用{useful}，太晚{late}，误报{wrong}，未评价{none}。", "Verdicts: {useful} useful, {late} late, {wrong} false, {none} not judged."},
    {"note.log_from", "记录从 {at} 开始，此前的情况未知。", "The log begins at {at}: nothing is known of what was before."},
    {"note.unread", "{n}次事件的开头已不在记录中，未计入。", "Not counted: {n} incidents of which the log does not show the opening any more."},
    {"note.no_history", "未保留历史数据，全部话务的接通率与预测误差未知。", "No history is kept: the connection rate over all and the forecast's error are not known."},
    {"note.no_values", "历史数据中没有这段时间的话务量。", "The history holds no calls of this time."},
    {"note.open", "其中{n}次尚未结束。", "Not over yet: {n}."},

    {"what", "项目", "What"},
    {"value", "数值", "Value"},
    {"none", "无。", "None."},
    {"unknown", "未知", "not known"},
    {"figures", "总体指标", "Figures"},
    {"rate.all", "接通率（全部话务，历史数据）", "Connection rate over all calls (history)"},
    {"rate.with", "接通率（事件期间，有人支援）", "Connection rate in incidents, with help"},
    {"rate.without", "接通率（事件期间，无人支援）", "Connection rate in incidents, without help"},
    {"rate.value", "{rate}（{answered} / {offered}）", "{rate} ({answered} / {offered})"},
    {"service_level", "服务水平", "Service level"},
    {"service_level.why", "历史数据不含限时接听量", "the history holds no calls answered in time"},
    {"wape", "预测误差（WAPE，半小时）", "Forecast error (WAPE, of half hours)"},
    {"roller_days", "反复突增天数", "Roller-coaster days"},
    {"roller_means", "反复突增：同一范围一天内有两次以上事件。", "A roller-coaster day is one on which one scope had two incidents or more."},

    {"worst", "最严重的五次事件", "The worst five incidents"},
    {"incident", "事件", "Incident"},
    {"place", "范围", "Scope"},
    {"opened", "开启", "Opened"},
    {"level", "级别", "Level"},
    {"lasted", "历时", "Lasted"},
    {"came", "加入/需要", "Joined / wanted"},
    {"full", "满员用时", "Time to all"},
    {"lost", "损失", "Lost"},
    {"verdict", "评价", "Verdict"},

    {"days", "逐日", "By day"},
    {"date", "日期", "Day"},
    {"incidents", "事件", "Incidents"},
    {"yellow", "黄", "Yellow"},
    {"orange", "橙", "Orange"},
    {"red", "红", "Red"},
    {"roller", "反复", "Roller-coaster"},
    {"yes", "是", "yes"},
    {"offered", "呼入", "Offered"},
    {"answered", "接听", "Answered"},
    {"abandoned", "放弃", "Abandoned"},
    {"rate", "接通率", "Rate"},

    {"queues", "各队列", "By queue"},
    {"queue", "队列", "Queue"},
    {"of_red", "其中红色", "Of these red"},

    {"rules", "空报的规则", "Rules that cried wolf"},
    {"rule", "规则", "Rule"},
    {"fired", "触发", "Fired"},
    {"without_incident", "未形成事件", "Without incident"},
    {"rule_incidents", "涉及事件", "In incidents"},
    {"judged_false", "被评为误报", "Judged false"},
    {"no_wolf", "没有规则空报。", "No rule fired for nothing."},

    {"coverage", "值班覆盖", "Coverage"},
    {"coverage_means", "按目前的排班配置与临时调班计算。", "By the rosters and overrides that are in force now."},
    {"roster", "班组", "Roster"},
    {"least", "最少人数", "Least"},
    {"most", "最多人数", "Most"},
    {"mean", "平均人数", "Mean"},
    {"nobody", "无人时长", "Time with nobody"},
    {"gaps", "层级无人值班", "Tiers with nobody"},
    {"gaps_more", "只列出前{n}处，共{all}处。", "The first {n} of {all} are listed."},
    {"policy", "策略", "Policy"},
    {"tier", "层级", "Tier"},
    {"from", "开始", "From"},
    {"until", "结束", "Until"},

    {"people", "人员负担", "Burden of people"},
    {"person", "人员", "Person"},
    {"asked", "询问", "Asked"},
    {"joined", "加入", "Joined"},
    {"arrived", "到岗", "Arrived"},
    {"declined", "拒绝", "Declined"},
    {"silent", "未答", "Silent"},
    {"noshow", "未到", "No-show"},
    {"nights", "夜间", "At night"},
    {"pages", "呼叫数", "Pages"},
    {"hours", "支援时长", "Hours helped"},
    {"night_means", "夜间为22点至次日6点。", "At night: from 22:00 to 06:00."},
    {"times_are_of", "时区：{zone}", "Times are of {zone}"},
});

using PeriodSay = Phrases<period_words>;

}  // namespace surged
