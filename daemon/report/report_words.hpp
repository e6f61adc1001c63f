// Every text of the after-action report, Chinese beside English: the one place to read or correct a translation.
#pragma once

#include "core/base/phrase.hpp"

namespace surged {

inline constexpr auto report_words = std::to_array<Phrase>({

    {"title", "事件复盘报告：", "After-action report: incident "},
    {"never", "未发生", "never"},
    {"closed_by_age", "到期关闭（max_age）", "closed by age (max_age)"},
    {"by_hand_by", "人工关闭：", "by hand by "},
    {"still", "仍为", "still "},

    // the three sentences
    {"said.what", "{from} 至 {to}（历时{span}），{place}出现{level}话务突增", "From {from} to {to} ({span}) {place} was in a {level} surge"},
    {"said.what_open", "{from} 起，{place}出现{level}话务突增，目前{state}", "Since {from} {place} has been in a {level} surge, which is {state} now"},
    {"said.worst", "：{queue} 的{what}最差达 {value}（触发线 {limit}）。", ": {what} of {queue} reached {value} (limit {limit})."},
    {"said.end", "。", "."},
    {"said.everything", "全部范围", "everything"},
    {"said.help", "询问了{asked}人，需要{need}人，{came}人加入，{arrived}人到岗；半数到位用时{half}，全部到位用时{full}{who}。", "{asked} people were asked, {need} were wanted, {came} joined and {arrived} arrived; half of the help after {half}, all of it after {full}{who}."},
    {"said.nobody_asked", "没有询问任何人。", "Nobody was asked."},
    {"said.who", "（{names}）", " ({names})"},
    {"said.who_one", "{name} {after}", "{name} after {after}"},
    {"said.who_more", "等{n}人", " and {n} more"},
    {"list.between", "、", ", "},
    {"said.cost", "呼入{offered}个，损失（放弃）{lost}个；", "Of {offered} calls {lost} were lost (abandoned); "},
    {"said.cost_unknown", "损失的呼叫数未知；", "How many calls were lost is not known; "},
    {"said.saved", "估算支援少损失约{saved}个（估算值，依据见“代价”）。", "the helpers kept an estimated {saved} more from being lost (an estimate; its formula is under Cost)."},
    {"said.saved_none", "支援挽回多少不作估算：{why}。", "what the helpers saved is not estimated: {why}."},
    {"why.nobody", "无人到位，或话务量、座席、通话时长未知", "nobody came, or load, agents or handling time are not known"},
    {"why.uncounted", "放弃量没有计数，模型无从核对", "nobody counted the calls lost, so the model cannot be held against them"},
    {"why.unexplained", "模型与实际放弃量相差太大", "the model does not explain the calls that were lost"},

    // cost
    {"cost", "代价", "Cost"},
    {"cost.level", "服务水平（{s}秒内接听）：开启前一小时 / 事件期间", "Service level (answered within {s} s): the hour before / while it was open"},
    {"cost.level_mixed", "服务水平（各队列自己的时限）：开启前一小时 / 事件期间", "Service level (each queue's own time): the hour before / while it was open"},
    {"cost.level_value", "{before} / {during}（{in_time} / {calls}个）", "{before} / {during} ({in_time} of {calls} calls)"},
    {"cost.saved", "支援少损失的呼叫（估算）", "Calls saved by the helpers (estimate)"},
    {"cost.formula", "“少损失”是估算，不是计数：用流体加正态波动的 Erlang-A 模型{formula}（{source}），以每分钟的话务、座席和通话时长各算一遍有支援与无支援，取两者之差。"
                     "通话时长在0.7至1.5倍内校准到实际放弃量；校准后仍差20%和5个以上，则不作估算。",
     "What was saved is an estimate, not a count: an Erlang-A model as a fluid with normal fluctuation, {formula} ({source}), runs over the load, agents and handling "
     "times of every minute twice, with the helpers and without, and the difference is told. Handling times are fitted to the calls that were lost, by 0.7 to 1.5; "
     "where the model is still off by more than 20 % and 5 calls, nothing is said."},

    // curves
    {"curve.caption", "范围：{queues}；每点 {step}，自开启前一小时起（历史数据）。", "Of {queues}; a point each {step}, from the hour before the opening, out of the history."},
    {"curve.left_out", "另有{n}个队列未计入。", "{n} more queues are not counted in."},
    {"curve.of_log", "只有开启之后的数据：每分钟一点，取自事件记录，为整个范围之和。", "From the opening only: a point a minute, out of the incident's records, summed over its scope."},
    {"curve.nothing", "没有可画的话务曲线：事件期间没有记下话务量。", "There is no curve of the load: none was noted while the incident was open."},
    {"gap.off", "未保留历史数据（[history] keep = \"off\"），看不到开启前一小时。", "No history is kept ([history] keep = \"off\"): the hour before the opening is not known."},
    {"gap.unknown", "历史数据中没有这些队列在此时段的话务量，看不到开启前一小时。", "The history holds no load of these queues for this time: the hour before the opening is not known."},
    {"gap.failed", "历史数据读取失败：{why}", "The history cannot be read: {why}"},
    {"gap.late", "历史数据未能在限定时间内读完。", "The history could not be read in time."},
    {"gap.begins_later", "历史数据从较晚的时刻开始，此前的曲线空缺。", "The history begins later: the curve is empty before that."},
    {"mark.opened", "开启", "opened"},
    {"mark.half", "半数到位", "half"},
    {"mark.full", "全部到位", "all"},
    {"mark.over", "结束", "over"},

    // summary
    {"summary", "概要", "Summary"},
    {"what", "项目", "What"},
    {"value", "数值", "Value"},
    {"policy_and_scope", "策略与范围", "Policy and scope"},
    {"worst_level", "最高级别", "Worst level"},
    {"state", "状态", "State"},
    {"opened", "开启时间", "Opened"},
    {"resolved", "恢复时间", "Resolved"},
    {"closed_not_recovered", "关闭时间（未恢复）", "Closed, not recovered"},
    {"not_yet", "尚未恢复", "not yet"},
    {"how_it_ended", "关闭方式", "How it ended"},
    {"first_accepted", "首次呼叫被受理用时", "First page accepted after"},
    {"time_to_acknowledge", "MTTA（首次答复用时）", "Time to acknowledge (first answer)"},
    {"time_to_half", "半数到位用时", "Time to half of the help"},
    {"people_counts", "询问 / 加入 / 到岗", "Asked / joined / arrived"},
    {"people_others", "拒绝 / 未答复 / 联系不上", "Declined / silent / unreachable"},
    {"time_to_quorum", "满员用时", "Time to quorum"},
    {"time_to_resolve", "MTTR（恢复用时）", "Time to resolve"},
    {"time_to_closing", "关闭用时", "Time to closing"},
    {"seats_wanted_at_most", "最多需要席位", "Seats wanted at most"},
    {"tiers_called", "呼叫到的层级", "Tiers called"},
    {"no_shows", "未到岗人数", "No-shows"},
    {"opened_again", "重新开启次数", "Opened again"},
    {"exhausted", "所有层级都已呼叫，仍有席位空缺。", "Every tier was called and seats stayed empty."},
    {"cut", "时间线超出可显示的长度：本报告只包含开头部分。", "The timeline is longer than what surged shows: this report covers its beginning only."},

    // seats
    {"seats_over_time", "席位变化", "Seats over time"},
    {"time", "时间", "Time"},
    {"seats_taken", "已占席位", "Seats taken"},
    {"seats_wanted", "需要席位", "Seats wanted"},

    // load
    {"not_known", "未知", "not known"},
    {"calls_offered", "期间呼入量", "Calls offered while it was open"},
    {"calls_lost", "期间放弃量", "Calls lost (abandoned)"},
    {"fluid_model", "支援效果流体模型", "Fluid model of the helpers"},
    {"fluid_uncounted", "不作估计：放弃量没有计数，模型无从核对", "nothing is said: nobody counted the calls lost, so it cannot be held against them"},
    {"fluid_unexplained", "不作估计：模型只能解释放弃量{explained}（实际{lost}），偏差超过20%和5个", "nothing is said: it explains {explained} of the {lost} calls lost, off by more than 20 % and 5 calls"},
    {"fluid_explains", "流体模型（按本次事件校准）：解释的放弃量", "Fluid model, fitted to this incident: explains of the calls lost"},
    {"so_many_of", "{explained}（实际{lost}）", "{explained} of {lost}"},
    {"fluid_lost", "流体模型：有/无支援时放弃量", "Fluid model: calls lost with and without the helpers"},
    {"fluid_waiting", "流体模型：有/无支援时最大排队量", "Fluid model: most calls waiting with and without the helpers"},
    {"load", "话务量、预测与处理能力", "Load, forecast and capacity"},
    {"offered_a_minute", "每分钟呼入", "Offered a minute"},
    {"forecast", "预测", "Forecast"},
    {"capacity", "处理能力", "Capacity"},
    {"agents_at_work", "在岗座席", "Agents at work"},
    {"agents_needed", "需要座席", "Agents needed"},
    {"waiting", "排队", "Waiting"},
    {"abandoned", "放弃", "Abandoned"},
    {"joined", "已加入", "Joined"},
    {"arrived_by_then", "已到岗", "Arrived"},

    // pages
    {"pages_by_channel", "各通道呼叫结果", "Pages by channel"},
    {"channel", "通道", "Channel"},
    {"outcome", "结果", "Outcome"},
    {"pages", "数量", "Pages"},

    // people
    {"people", "人员", "People"},
    {"person", "人员", "Person"},
    {"tier", "层级", "Tier"},
    {"asked", "询问时间", "Asked"},
    {"first_answer", "首次答复", "First answer"},
    {"after", "用时", "After"},
    {"arrived", "到岗", "Arrived"},
    {"in_the_end", "最终状态", "In the end"},
    {"named", "，指定接替 ", ", named "},

    // alerts
    {"alerts", "告警", "Alerts"},
    {"rule", "规则", "Rule"},
    {"queue", "队列", "Queue"},
    {"worst_value", "最差值", "Worst value"},
    {"limit", "限值", "Limit"},
    {"time_of_alert", "时间", "When"},
    {"evidence", "依据", "Evidence"},

    // what the engine saw
    {"moments", "系统何时怎么看", "What surged saw, and when"},
    {"seen", "判断", "Verdict of the rule"},
    {"value_seen", "数值", "Value"},
    {"no_data", "无数据", "no data"},
    {"data_back", "数据恢复", "data is back"},
    {"moments_cut", "只列出前{n}条，共{all}条。", "The first {n} of {all} are listed."},

    // playbook
    {"playbook", "预案步骤", "Playbook"},
    {"action", "动作", "Action"},
    {"begun", "开始", "Begun"},
    {"ended", "结果时间", "Last change"},
    {"attempts", "次数", "Attempts"},
    {"reason", "原因", "Reason"},

    // verdicts
    {"verdicts", "人工评价", "Verdicts"},
    {"verdict", "评价", "Verdict"},
    {"by", "评价人", "By"},
    {"no_verdict", "还没有人评价这次事件。", "Nobody has judged this incident yet."},

    // timeline
    {"annex", "附表", "Annex"},
    {"load_table", "逐分钟数据（事件记录）", "Minute by minute, as the incident's records have it"},
    {"story.seats", "席位 {joined}/{need}", "seats {joined}/{need}"},
    {"story.tier", "第{n}级", "tier {n}"},
    {"story.to", "发给 {people}", "to {people}"},
    {"story.by", "经 {channel}", "by {channel}"},
    {"story.attempt", "第{n}次", "attempt {n}"},
    {"story.limit", "触发线 {limit}", "limit {limit}"},
    {"story.successor", "指定 {who}", "names {who}"},
    {"timeline", "时间线", "Timeline"},
    {"event", "事件", "Event"},
    {"detail", "详情", "Detail"},

    // around the sections
    {"none", "无。", "None."},
    {"made_at", "生成时间：", "Made at "},
    {"times_are_of", "时区：", "Times are of "},

    // charts
    {"line_taken", "已占席位", "seats taken"},
    {"line_wanted", "需要席位", "seats wanted"},
    {"chart_calls", "每分钟呼叫量", "Calls a minute"},
    {"line_offered", "呼入量", "offered"},
    {"line_forecast", "预测", "forecast"},
    {"line_capacity", "处理能力", "capacity"},
});

using ReportSay = Phrases<report_words>;

/// Names of the engine that the report shows: levels, states, steps.
inline constexpr auto engine_words = std::to_array<Phrase>({
    {"yellow", "黄色", "yellow"},
    {"orange", "橙色", "orange"},
    {"red", "红色", "red"},
    {"paging", "呼叫中", "paging"},
    {"filled", "已满员", "filled"},
    {"exhausted", "已用尽", "exhausted"},
    {"resolving", "恢复中", "resolving"},
    {"resolved", "已恢复", "resolved"},
    {"closed", "已关闭", "closed"},
    {"asked", "已询问", "asked"},
    {"joined", "已加入", "joined"},
    {"spare", "候补", "spare"},
    {"arrived", "已到岗", "arrived"},
    {"declined", "已拒绝", "declined"},
    {"timed_out", "未答复", "timed_out"},
    {"unreachable", "联系不上", "unreachable"},
    {"left", "已退出", "left"},
    {"released", "已解除", "released"},
    {"noshow", "未到岗", "noshow"},
    {"informed", "已告知", "informed"},
    {"queued", "排队", "queued"},
    {"held", "暂缓", "held"},
    {"sending", "发送中", "sending"},
    {"accepted", "已受理", "accepted"},
    {"delivered", "已送达", "delivered"},
    {"failed_temp", "暂时失败", "failed_temp"},
    {"failed_perm", "失败", "failed_perm"},
    {"expired", "过期", "expired"},
    {"cancelled", "取消", "cancelled"},
    {"unknown", "结果不明", "unknown"},
    {"join", "加入", "join"},
    {"decline", "拒绝", "decline"},
    {"ack", "知悉", "ack"},
    {"leave", "退出", "leave"},
    {"arrive", "到岗", "arrive"},
    {"incident", "事件", "incident"},
    {"page", "呼叫", "page"},
    {"seat", "席位", "seat"},
    {"alert", "告警", "alert"},
    {"answer", "答复", "answer"},
    {"opened", "开启", "opened"},
    {"level", "级别变化", "level"},
    {"need", "需求变化", "need"},
    {"adopted", "改用现行策略", "adopted"},
    {"tier", "呼叫层级", "tier"},
    {"tier_empty", "层级无人", "tier_empty"},
    {"unfilled", "又缺人", "unfilled"},
    {"resumed", "再次触发", "resumed"},
    {"reopened", "重新开启", "reopened"},
    {"owner", "负责人", "owner"},
    {"firing", "触发", "firing"},
    {"pending", "待定", "pending"},
    {"clearing", "回落中", "clearing"},
    {"ok", "正常", "ok"},
    {"stale", "无数据", "stale"},
    {"none", "无", "none"},
    {"merged", "并入全区事件", "merged"},
    {"note", "备注", "note"},
    {"fallback", "呼叫后备名单", "fallback"},
    {"round", "再问一轮", "round"},
    {"recheck", "复核", "recheck"},
    {"action", "预案", "action"},
    {"verdict", "评价", "verdict"},
    {"elsewhere", "在别处", "elsewhere"},
    {"useful", "有用", "useful"},
    {"false", "误报", "false"},
    {"late", "太晚", "late"},
    {"do", "执行", "do"},
    {"done", "已完成", "done"},
    {"retry", "重试", "retry"},
    {"failed", "失败", "failed"},
    {"undo", "撤销", "undo"},
    {"first", "首次呼叫", "first"},
    {"remind", "提醒", "remind"},
    {"update", "通报", "update"},
    {"close", "结束通知", "close"},
    {"stand_down", "可下线通知", "stand_down"},
    {"admin", "系统", "admin"},
    {"seated", "已入席", "seated"},
    {"noted", "已记下", "noted"},
    {"already", "此前已答", "already"},
    {"refused", "不接受", "refused"},
    {"voided", "作废", "voided"},
});

/// A name of the engine ("red", "joined", "alert") as the report writes it; one that the table lacks stays as it is.
inline std::string engine_word(std::string_view text, Language language) {
    const auto* row = Phrases<engine_words>::find(text);
    return std::string(row == nullptr ? text : row->in(language));
}

}  // namespace surged
