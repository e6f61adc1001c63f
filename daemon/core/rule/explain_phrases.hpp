// What `explain` says of a rule's numbers, Chinese beside English. The kinds say the English line; whoever reads Chinese gets the row's.
#pragma once

#include "core/base/phrase.hpp"

namespace surged {

/// As in kind_phrases: of two rows that fit the first counts, `window` and `before` are spans, `cause` is a row there, `rest` a row of its own.
inline constexpr auto explain_phrases = std::to_array<Phrase>({
    // Any kind
    {"x.stale", "没有新数据：恢复前各计时暂停，不会解除", "no fresh data: every hold stands still until data is back, and nothing resolves"},
    {"x.gone", "不再收到{metric}（或其来源）：各计时暂停，不会解除",
     "{metric}, or what it is derived from, is no longer sent: every hold stands still, and nothing resolves"},
    {"x.guard.not", "未达到前提条件（{guard}）：值未知，不改变任何状态", "the guard is not met ({guard}): the value is unknown and changes nothing"},
    {"x.guard.met", "已达到前提条件：{guard}", "the guard is met: {guard}"},
    {"x.guarded", "前提条件：{guard}", "guarded by {guard}"},
    {"x.members", "汇总的队列数", "queues in it"},
    {"x.members.fresh", "其中{n}个有新数据，中断的保留最后的值", "{n} of them with fresh data; a silent one keeps its last values"},
    // Why a rule cannot fire
    {"x.no.queue", "其范围内没有登记过的队列，也没有队列上报过", "no queue in its scope is declared or has ever reported"},
    {"x.no.metric", "其范围内没有队列上报过{metric}", "no queue in its scope has ever reported \"{metric}\""},
    {"x.all.learning", "学习中：还没有一个队列满{n}天", "learning: no queue has {n} days yet"},
    {"x.unheard", "从未收到过该队列的数据，[[expect]]也没有登记", "nothing was ever heard of this queue, and no [[expect]] declares it"},
    {"x.outside", "该队列不在规则的范围内", "this queue is not in the rule's scope"},
    {"x.never.input", "该队列从未上报{metric}：它是计算得出的，而{queue}一直没有", "this queue has never reported \"{metric}\": it is derived, and {queue} never came"},
    {"x.never", "该队列从未上报{metric}", "this queue has never reported \"{metric}\""},
    // What is wrong with a source
    {"x.twofold", "有两个发送方使用这一名称：序号来回跳动", "two senders use this name: its numbers go back and forth"},
    {"x.restarts", "反复重启", "restarts again and again"},
    // absence
    {"x.undeclared", "未登记且从未上报的队列不算中断", "a queue that nobody declared and that never spoke is not missing"},
    {"x.few", "这段时间里肯定会有的不足{n}个：不算中断", "fewer than {n} events were surely to be expected in this silence: it does not count"},
    {"x.feed", "数据源本身中断：无法判断来话", "the feed itself is silent: nothing is known of the traffic"},
    {"x.feed.since", "距数据源上次上报的秒数", "seconds since the feed last spoke"},
    {"x.rose.since", "距{metric}上次增加的秒数", "seconds since {metric} last rose"},
    {"x.usual.silence", "平时这段时间的数量", "events usual in that time"},
    {"x.usual.learned", "按历史规律此时段预计的数量", "expected by what was learned of this time of day"},
    {"x.from.before", "取自此前{before}", "from the {before} before"},
    // rate of change
    {"x.in.last", "{metric}，最近{window}", "{metric}, in the last {window}"},
    {"x.mean.last", "{metric}，最近{window}平均", "{metric}, mean of the last {window}"},
    {"x.expected.from", "按此前{before}的预计", "expected from the {before} before"},
    {"x.excess", "超出", "excess"},
    {"x.sigma", "偏离，标准差", "surprise, standard deviations"},
    {"x.windows", "数据还不足最近{window}加此前{before}的一半（数据源中断的时间不计）：未知",
     "the windows do not yet hold the last {window} and half of the {before} before it (time in which the feeder was away does not count): unknown"},
    {"x.chance", "偶然也常有这样的变化（{seen} / {needed}个标准差）：不算变化",
     "chance gives such a change too easily ({seen} of {needed} standard deviations): it counts as no change"},
    {"x.floor", "超出不足下限{n}：不算变化", "the excess is below the floor of {n}: it counts as no change"},
    {"x.still.left", "开始上升后，此前的窗口保持不变，最多还有{window}", "the earlier window stands still since the rise began, for at most {window} more"},
    {"x.still", "开始上升后，此前的窗口保持不变", "the earlier window stands still since the rise began"},
    // baseline
    {"x.learned", "已学{n}个完整的日子（需{needed}个），时区{zone}", "learned from {n} finished days (needs {needed}), zone {zone}"},
    {"x.frozen", "事件进行中，来话属于突增：不学习", "an incident is open and the calls are a surge: nothing is learned"},
    {"x.surprise", "意外程度", "surprise"},
    {"x.surprise.note", "偶然出现这么多或更多的机会的负对数", "-log10 of the chance of this much or more"},
    {"x.seen", "实际", "seen"},
    {"x.expected", "预计", "expected"},
    {"x.min.level", "{n}分钟内，按今天的水平", "in {n} min, at today's level"},
    {"x.min.began", "{n}分钟内，按一天开始时的预计", "in {n} min, as the day began"},
    {"x.min", "{n}分钟内", "in {n} min"},
    {"x.usual.now", "平时此刻", "usual now"},
    {"x.expected.now", "预计此刻", "expected now"},
    {"x.seen.now", "此刻实际", "seen now"},
    {"x.slot.profile", "当前{window}，按历史规律", "in the running {window}, by the profile"},
    {"x.slot.level", "当前{window}，按今天的水平", "in the running {window}, at today's level"},
    {"x.slot.covered", "当前{window}，已过{n}%", "in the running {window}, {n} % of it covered"},
    {"x.level", "今天的水平", "today's level"},
    {"x.level.note", "与历史规律相比，判断所用；此刻为{n}", "against the profile, as the test uses it; {n} as of now"},
    // shortfall
    {"x.unknown", "缺少输入（来话、处理时长或座席）：不作判断", "an input is not known (arrivals, handling time or agents): nothing is said"},
    {"x.arrivals", "来话", "arrivals"},
    {"x.arrivals.note", "每分钟，取最近几分钟与预测中较大者", "calls a minute, the last minutes or the forecast, whichever is more"},
    {"x.aht", "处理时长", "handling time"},
    {"x.aht.measured", "秒，按最近{window}的{n}个来话", "s, of {n} calls in the last {window}"},
    {"x.aht.configured", "秒，配置值{s}秒，至今{n}个来话", "s, configured {s} s, {n} calls so far"},
    {"x.aht.progress.configured", "秒，尚未稳定：至今{n}个来话，{going}个进行中，配置值{s}秒", "s, not settled: {n} calls so far, {going} in progress, configured {s} s"},
    {"x.aht.progress", "秒，尚未稳定：至今{n}个来话，{going}个进行中", "s, not settled: {n} calls so far, {going} in progress"},
    {"x.aht.few.configured", "秒，尚未稳定：至今{n}个来话，配置值{s}秒", "s, not settled: {n} calls so far, configured {s} s"},
    {"x.aht.few", "秒，尚未稳定：至今{n}个来话", "s, not settled: {n} calls so far"},
    {"x.aht.unknown", "秒，未知", "s, not known"},
    {"x.patience", "等待耐心", "patience"},
    {"x.patience.none", "据现有数据无人放弃", "nobody gives up, as far as is known"},
    {"x.needed", "所需座席", "agents needed"},
    {"x.needed.note", "计入积压，支援在{window}后到达", "the backlog included, when help arrives after {window}"},
    {"x.productive", "有效座席", "agents productive"},
    {"x.missing", "缺少座席", "agents missing"},
    {"x.slack", "可支援别处的座席", "agents it can give"},
    {"x.slack.none", "处理时长稳定之前没有", "none while its handling time is not settled"},
    {"x.waiting", "排队", "waiting"},
    {"x.wait", "预计等待", "expected wait"},
    {"x.seconds", "秒", "s"},
    {"x.shortfall.chance", "{window}的来话偶然就会缺{n}名座席（{sigma}个标准差）：更少的不算",
     "chance in {window} of calls makes {n} agents missing at {sigma} standard deviations: fewer raise nothing"},
    {"x.cause", "原因：{cause}", "cause: {cause}"},
});

}  // namespace surged
