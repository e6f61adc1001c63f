// What a learned baseline found, Chinese beside English. Records hold the English line, whoever will read it: what stood there can
// be said in Chinese as well, as long as its row stands here.
#pragma once

#include "core/base/phrase.hpp"

namespace surged {

/// A line is one row of `seen`, perhaps with one of `day` or `hour` before it and one of `chance` behind it.
inline constexpr auto baseline_phrases = std::to_array<Phrase>({
    {"day.above", "全天比一天开始时的预计多{percent}%：{rest}", "the whole day is {percent} % above what was expected as it began: {rest}"},
    {"day.below", "全天比一天开始时的预计少{percent}%：{rest}", "the whole day is {percent} % below what was expected as it began: {rest}"},
    {"hour.above", "最近一小时比一天开始时的预计多{percent}%：{rest}", "the last hour is {percent} % above what was expected as it began: {rest}"},
    {"hour.below", "最近一小时比一天开始时的预计少{percent}%：{rest}", "the last hour is {percent} % below what was expected as it began: {rest}"},
    {"seen", "最近{window}有{seen}个，预计{expected}个（今天是平时的{level}倍）{rest}",
     "{seen} in the last {window}, {expected} expected (today {level} x usual){rest}"},
    {"chance.below", "，偶然出现的机会不到{n}分之一", ", chance below 1 in {n}"},
    {"chance", "，偶然出现的机会是{n}分之一", ", chance 1 in {n}"},
    {"closed", "日历上为关闭时段", "closed by the calendar"},
    {"learning", "学习中：已学{days}天，需{needed}天", "learning: {days} of {needed} days"},
    {"clocks", "时钟变更，暂不判断", "the clocks change: not judged"},
    {"unseen", "本时段数据不足", "too little of the slot was seen"},
});

using BaselineSay = Phrases<baseline_phrases>;

}  // namespace surged
