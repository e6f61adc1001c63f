// What rules of the kinds without a learned profile found, and what is said of alerts of any kind, Chinese beside English. Records
// hold the English line, whoever will read it: what stood there can be said in Chinese as well, as long as its row stands here.
#pragma once

#include "core/base/phrase.hpp"

namespace surged {

/// Of two rows that fit one line the first counts: the longer one stands before the one that is its beginning. A value named `rest`
/// is a line of its own, `window` and `before` are spans, `cause` is a row here.
inline constexpr auto kind_phrases = std::to_array<Phrase>({
    // absence
    {"silent.usual", "已中断{window}，平时这段时间有{usual}个", "silent for {window}, {usual} usual in that time"},
    {"silent", "已中断{window}", "silent for {window}"},
    {"resumed", "来话恢复", "traffic resumed"},
    // rate_of_change
    {"change.sigma", "最近{window}为{recent}，按此前{before}应为{usual}，偏离{sigma}个标准差",
     "{recent} in the last {window}, {usual} expected from the {before} before, {sigma} standard deviations"},
    {"change", "最近{window}为{recent}，按此前{before}应为{usual}", "{recent} in the last {window}, {usual} expected from the {before} before"},
    // shortfall
    {"needs", "需{needed}名座席，现有{has}名；每分钟来话{calls}个，每个{aht}秒，{rest}",
     "needs {needed} agents, has {has}; {calls} calls a minute of {aht} s, {rest}"},
    {"waiting.cause", "{waiting}个在排队，原因：{cause}", "{waiting} waiting, cause {cause}"},
    {"waiting", "{waiting}个在排队", "{waiting} waiting"},
    {"waiting.unknown.cause", "排队数未知，原因：{cause}", "waiting calls not known, cause {cause}"},
    {"waiting.unknown", "排队数未知", "waiting calls not known"},
    {"cause.demand", "来话增多", "demand"},
    {"cause.handling_time", "通话变长", "handling_time"},
    {"cause.staff", "座席减少", "staff"},
    {"cause.routing", "分配不均", "routing"},
    // threshold with `ahead`
    {"ahead.rising", "现为{value}，每分钟增加{slope}{rest}", "{value} now, rising {slope} a minute{rest}"},
    {"ahead.falling", "现为{value}，每分钟减少{slope}{rest}", "{value} now, falling {slope} a minute{rest}"},
    {"ahead.fluid.passes", "（按来话和座席推算）：{rest}", " by arrivals and agents: {rest}"},
    {"ahead.fluid", "（按来话和座席推算）", " by arrivals and agents"},
    {"ahead.line.passes", "（最近{window}的趋势）：{rest}", " over the last {window}: {rest}"},
    {"ahead.line", "（最近{window}的趋势）", " over the last {window}"},
    {"passes.min", "{n}分钟后越过{limit}", "passes {limit} in {n} min"},
    {"passes.s", "{n}秒后越过{limit}", "passes {limit} in {n} s"},
    // volatility
    {"turns", "最近{window}内起落{turns}次，幅度{band}以上，现为{value}", "{turns} turns of {band} or more in the last {window}, now {value}"},
    // of any kind
    {"data.back", "数据已恢复", "data again"},
    {"data.none.metric", "没有{metric}的数据", "no data of {metric}"},
    {"data.none", "没有数据", "no data"},
    {"settled", "波动后已稳定", "settled after flapping"},
    {"rule.gone", "规则已更改或删除", "the rule was changed or removed"},
    {"fold.over", "{rule}已结束，本规则仍在告警", "{rule} is over, this still fires"},
    {"fold.speaks", "已由{queue}的{rule}代表", "{rule} on {queue} speaks for it"},
});

using KindSay = Phrases<kind_phrases>;

}  // namespace surged
