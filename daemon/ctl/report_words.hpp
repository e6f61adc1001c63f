// Every word of the after-action report, English and Chinese side by side: the one place to read or correct a translation.
#pragma once

#include <string>
#include <string_view>

#include "core/team/spec.hpp"

namespace surged {

struct Words {
    std::string_view en;
    std::string_view zh;
};

inline std::string said(const Words& words, Language language) {
    return std::string(language == Language::zh ? words.zh : words.en);
}

/// A word of the engine ("red", "joined", "alert") as the report says it; one that the table lacks stays as it is.
std::string engine_word(std::string_view text, Language language);

namespace report_words {

inline constexpr Words title{"After-action report: incident ", "事件复盘报告："};
inline constexpr Words never{"never", "未发生"};
inline constexpr Words closed_by_age{"closed by age (max_age)", "到期关闭（max_age）"};
inline constexpr Words by_hand_by{"by hand by ", "人工关闭："};
inline constexpr Words still{"still ", "仍为"};

// summary
inline constexpr Words summary{"Summary", "概要"};
inline constexpr Words what{"What", "项目"};
inline constexpr Words value{"Value", "数值"};
inline constexpr Words policy_and_scope{"Policy and scope", "策略与范围"};
inline constexpr Words worst_level{"Worst level", "最高级别"};
inline constexpr Words state{"State", "状态"};
inline constexpr Words opened{"Opened", "开启时间"};
inline constexpr Words resolved{"Resolved", "恢复时间"};
inline constexpr Words closed_not_recovered{"Closed, not recovered", "关闭时间（未恢复）"};
inline constexpr Words not_yet{"not yet", "尚未恢复"};
inline constexpr Words how_it_ended{"How it ended", "关闭方式"};
inline constexpr Words first_accepted{"First page accepted after", "首次呼叫被受理用时"};
inline constexpr Words time_to_acknowledge{"Time to acknowledge (first answer)", "MTTA（首次答复用时）"};
inline constexpr Words time_to_quorum{"Time to quorum", "满员用时"};
inline constexpr Words time_to_resolve{"Time to resolve", "MTTR（恢复用时）"};
inline constexpr Words time_to_closing{"Time to closing", "关闭用时"};
inline constexpr Words seats_wanted_at_most{"Seats wanted at most", "最多需要席位"};
inline constexpr Words tiers_called{"Tiers called", "呼叫到的层级"};
inline constexpr Words no_shows{"No-shows", "未到岗人数"};
inline constexpr Words opened_again{"Opened again", "重新开启次数"};
inline constexpr Words exhausted{"Every tier was called and seats stayed empty.", "所有层级都已呼叫，仍有席位空缺。"};
inline constexpr Words cut{"The timeline is longer than what surged shows: this report covers its beginning only.",
                           "时间线超出可显示的长度：本报告只包含开头部分。"};

// seats
inline constexpr Words seats_over_time{"Seats over time", "席位变化"};
inline constexpr Words time{"Time", "时间"};
inline constexpr Words seats_taken{"Seats taken", "已占席位"};
inline constexpr Words seats_wanted{"Seats wanted", "需要席位"};

// load
inline constexpr Words not_known{"not known", "未知"};
inline constexpr Words calls_offered{"Calls offered while it was open", "期间呼入量"};
inline constexpr Words calls_lost{"Calls lost (abandoned)", "期间放弃量"};
inline constexpr Words fluid_model{"Fluid model of the helpers", "支援效果流体模型"};
inline constexpr Words fluid_uncounted{"nothing is said: nobody counted the calls lost, so it cannot be held against them",
                                       "不作估计：放弃量没有计数，模型无从核对"};
inline constexpr Words fluid_unexplained{"nothing is said: it explains {} of the {} calls lost, off by more than 20 % and 5 calls",
                                         "不作估计：模型只能解释放弃量{}（实际{}），偏差超过20%和5个"};
inline constexpr Words fluid_explains{"Fluid model, fitted to this incident: explains of the calls lost", "流体模型（按本次事件校准）：解释的放弃量"};
inline constexpr Words so_many_of{"{} of {}", "{}（实际{}）"};
inline constexpr Words fluid_lost{"Fluid model: calls lost with and without the helpers", "流体模型：有/无支援时放弃量"};
inline constexpr Words fluid_waiting{"Fluid model: most calls waiting with and without the helpers",
                                     "流体模型：有/无支援时最大排队量"};
inline constexpr Words load{"Load, forecast and capacity", "话务量、预测与处理能力"};
inline constexpr Words offered_a_minute{"Offered a minute", "每分钟呼入"};
inline constexpr Words forecast{"Forecast", "预测"};
inline constexpr Words capacity{"Capacity", "处理能力"};
inline constexpr Words agents_at_work{"Agents at work", "在岗座席"};
inline constexpr Words agents_needed{"Agents needed", "需要座席"};
inline constexpr Words waiting{"Waiting", "排队"};
inline constexpr Words abandoned{"Abandoned", "放弃"};
inline constexpr Words joined{"Joined", "已加入"};
inline constexpr Words arrived_by_then{"Arrived", "已到岗"};

// pages
inline constexpr Words pages_by_channel{"Pages by channel", "各通道呼叫结果"};
inline constexpr Words channel{"Channel", "通道"};
inline constexpr Words outcome{"Outcome", "结果"};
inline constexpr Words pages{"Pages", "数量"};

// people
inline constexpr Words people{"People", "人员"};
inline constexpr Words person{"Person", "人员"};
inline constexpr Words tier{"Tier", "层级"};
inline constexpr Words asked{"Asked", "询问时间"};
inline constexpr Words first_answer{"First answer", "首次答复"};
inline constexpr Words after{"After", "用时"};
inline constexpr Words arrived{"Arrived", "到岗"};
inline constexpr Words in_the_end{"In the end", "最终状态"};
inline constexpr Words named{", named ", "，指定接替 "};

// alerts
inline constexpr Words alerts{"Alerts", "告警"};
inline constexpr Words rule{"Rule", "规则"};
inline constexpr Words queue{"Queue", "队列"};
inline constexpr Words worst_value{"Worst value", "最差值"};
inline constexpr Words limit{"Limit", "限值"};
inline constexpr Words time_of_alert{"When", "时间"};
inline constexpr Words evidence{"Evidence", "依据"};

// timeline
inline constexpr Words timeline{"Timeline", "时间线"};
inline constexpr Words event{"Event", "事件"};
inline constexpr Words detail{"Detail", "详情"};

// around the sections
inline constexpr Words none{"None.", "无。"};
inline constexpr Words times_are_of{"Times are of ", "时区："};

// charts
inline constexpr Words line_taken{"seats taken", "已占席位"};
inline constexpr Words line_wanted{"seats wanted", "需要席位"};
inline constexpr Words chart_calls{"Calls a minute", "每分钟呼叫量"};
inline constexpr Words line_offered{"offered", "呼入量"};
inline constexpr Words line_forecast{"forecast", "预测"};
inline constexpr Words line_capacity{"capacity", "处理能力"};

}  // namespace report_words
}  // namespace surged
