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

    // timeline
    {"timeline", "时间线", "Timeline"},
    {"event", "事件", "Event"},
    {"detail", "详情", "Detail"},

    // around the sections
    {"none", "无。", "None."},
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
});

/// A name of the engine ("red", "joined", "alert") as the report writes it; one that the table lacks stays as it is.
inline std::string engine_word(std::string_view text, Language language) {
    const auto* row = Phrases<engine_words>::find(text);
    return std::string(row == nullptr ? text : row->in(language));
}

}  // namespace surged
