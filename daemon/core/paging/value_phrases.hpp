// Units, durations and levels, Chinese beside English.
#pragma once

#include "core/base/phrase.hpp"

namespace surged {

inline constexpr auto value_phrases = std::to_array<Phrase>({
    {"unknown", "未知", "unknown"},
    {"per_minute", "{n}/分", "{n}/min"},
    {"s", "{s}秒", "{s} s"},
    {"min", "{min}分", "{min} min"},
    {"min_s", "{min}分{s}秒", "{min} min {s} s"},
    {"h", "{h}小时", "{h} h 0 min"},
    {"h_min", "{h}小时{min}分", "{h} h {min} min"},
    {"h_min_s", "{h}小时{min}分{s}秒", "{h} h {min} min {s} s"},
    {"level.none", "已回落", "clearing"},
    {"level.yellow", "黄色", "yellow"},
    {"level.orange", "橙色", "orange"},
    {"level.red", "红色", "red"},
});

using ValueSay = Phrases<value_phrases>;

}  // namespace surged
