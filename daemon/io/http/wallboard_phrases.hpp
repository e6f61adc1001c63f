// Every text of the wallboard, Chinese beside English. wallboard.html has them by key, with the `{names}` that its script fills in.
#pragma once

#include "core/base/phrase.hpp"

namespace surged {

inline constexpr auto wallboard_phrases = std::to_array<Phrase>({
    // The page
    {"incidents", "事件", "Incidents"},
    {"queues", "队列", "Queues"},
    {"token", "请输入访问令牌", "Access token, please"},
    {"enter", "确定", "OK"},
    {"all_quiet", "一切正常，没有事件", "All quiet, no incident"},
    {"live", "实时", "live"},
    {"lost", "连接中断，正在重连", "connection lost, trying again"},
    {"facts", "{queues} 个队列，{series} 个序列，{alerts} 个告警", "{queues} queues, {series} series, {alerts} alerts"},
    {"notready", "未就绪", "not ready"},
    {"degraded", "存储降级", "store degraded"},
    // An incident
    {"tier", "第 {n} 梯队", "tier {n}"},
    {"seats", "已加入 {joined} / 需要 {need}，已到岗 {arrived}", "{joined} of {need} joined, {arrived} arrived"},
    {"joined", "已加入", "joined"},
    {"was", "最高：{level}", "was {level}"},
    {"came", "已加入过 {joined} 人，其中已到岗 {arrived} 人", "{joined} had joined, {arrived} arrived"},
    {"since", "开始于 {at}", "since {at}"},
    {"next", "{seconds} 秒后下一步", "next step in {seconds} s"},
    {"actions", "预案", "playbook"},
    // Its state and its level, by the API's words
    {"paging", "呼叫中", "paging"},
    {"filled", "人员已满", "filled"},
    {"exhausted", "已无可呼叫人员", "nobody left to page"},
    {"resolving", "正在恢复", "resolving"},
    {"resolved", "已解除", "resolved"},
    {"closed", "已关闭", "closed"},
    {"none", "已回落", "clearing"},
    {"yellow", "黄", "yellow"},
    {"orange", "橙", "orange"},
    {"red", "红", "red"},
    // An alert's readings
    {"now", "现在 {value}", "now {value}"},
    {"stalled", "{age}前的数据", "data of {age} ago"},
    {"unsure", "未知", "unknown"},
    {"worst", "最差 {value}（{at}）", "worst {value} at {at}"},
    {"atchange", "变级时 {value}（{at}，限 {limit}）", "at the change {value} at {at}, limit {limit}"},
    {"span_h", "{n}小时", "{n} h"},
    {"span_min", "{n}分", "{n} min"},
    {"span_s", "{n}秒", "{n} s"},
    // The queues
    {"centre", "分中心", "centre"},
    {"queue", "队列", "queue"},
    {"level", "级别", "level"},
    {"stale", "无数据", "no data"},
    {"never", "从未上报", "never seen"},
    {"calls_waiting", "排队", "waiting"},
    {"oldest_wait_s", "最长等待（秒）", "oldest wait (s)"},
    {"agents_available", "空闲坐席", "agents free"},
    {"agents_on_call", "通话坐席", "on call"},
    {"agents_staffed", "签入坐席", "staffed"},
    {"connection_rate", "接通率", "connection rate"},
});

}  // namespace surged
