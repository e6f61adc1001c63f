// What the canonical metrics are called, Chinese beside English, where the configuration gives a metric no label of its own.
#pragma once

#include "core/base/phrase.hpp"

namespace surged {

inline constexpr auto metric_phrases = std::to_array<Phrase>({
    {"calls_waiting", "排队人数", "callers waiting"},
    {"oldest_wait_s", "最长等待", "longest wait"},
    {"agents_staffed", "签入坐席", "agents logged on"},
    {"agents_available", "空闲坐席", "free agents"},
    {"agents_ringing", "振铃坐席", "agents ringing"},
    {"agents_on_call", "通话坐席", "agents on calls"},
    {"agents_wrapup", "话后处理坐席", "agents in after-call work"},
    {"agents_aux", "暂离坐席", "agents away"},
    {"callbacks_pending", "待回访", "callbacks pending"},
    {"trunks_busy", "占用中继", "trunks in use"},
    {"trunks_total", "中继总数", "trunks"},
    {"offered", "来电", "calls offered"},
    {"answered", "接听", "calls answered"},
    {"abandoned", "放弃", "calls abandoned"},
    {"timeouts", "超时", "calls timed out"},
    {"blocked", "未能进线", "calls blocked"},
    {"transferred", "转接", "calls transferred"},
    {"overflow_in", "溢入", "overflow in"},
    {"overflow_out", "溢出", "overflow out"},
    {"handled", "处理完", "calls handled"},
    {"forecast_offered", "预测来电", "calls forecast"},
    {"connection_rate", "接通率", "connection rate"},
    {"abandon_rate", "放弃率", "abandon rate"},
    {"occupancy", "坐席占用率", "occupancy"},
    {"shortfall_agents", "缺少坐席", "agents short"},
    {"shortfall", "缺少坐席", "agents short"},
    {"feed", "无数据时长", "no data for"},
});

using MetricSay = Phrases<metric_phrases>;

}  // namespace surged
