// Values as people read them: seconds as durations, ratios in percent, a value beside its limit so that the two differ in writing
// whenever they differ at all ("10.04%>10%", never "0.1>0.1"). It knows no state.
#pragma once

#include <string>

#include "core/base/time.hpp"
#include "core/team/spec.hpp"
#include "core/team/plan.hpp"
#include "core/rule/spec.hpp"

namespace surged {

/// "45秒", "23分", "1小时5分" / "45 s", "23 min", "1 h 5 min": how long something lasted.
std::string duration_text(Span span, Language language);

inline bool operator==(const Limit& a, const Limit& b) {
    return a.comparison == b.comparison && a.value == b.value && a.unit == b.unit;
}

/// How a rule's values are written: by its limits' unit, else by its metric's.
struct ValueForm {
    LimitUnit limit = LimitUnit::plain;
    MetricUnit metric = MetricUnit::none;
    bool operator==(const ValueForm&) const = default;
};
ValueForm form_of(const Plan& plan, const RuleSpec& rule);
/// By `[[metric]]` and `[[derive]]`, else by the name: "..._s" is seconds, "..._ratio" a ratio.
MetricUnit unit_of(const Plan& plan, std::string_view metric);

/// What a metric is called in a message: by its label, else by its name.
std::string metric_label(const Plan& plan, std::string_view metric, Language language);

/// What a metric is called on a screen: by its label, else by what everybody calls it, else by its name with blanks.
std::string metric_words(const Plan& plan, std::string_view metric, Language language);

/// "1分32秒", "52.3%", "+35%", "7" / "1 min 32 s"; at most `digits` decimals.
std::string value_text(double value, ValueForm form, Language language, int digits = 1);
/// ">1分30秒": the limit alone.
std::string limit_text(const Limit& limit, ValueForm form, Language language);
/// "1分32秒" as it stands beside `limit`: with more decimals where fewer would make the two alike.
std::string value_beside(double value, const Limit& limit, ValueForm form, Language language);

/// What a record says of an alert's value, in English, said in `language`. What no row of the rules' phrases made stays as it is.
std::string evidence_text(std::string_view recorded, Language language);

/// "黄色", "orange"; none: "已回落" / "clearing".
std::string level_text(Level level, Language language);

/// The short name of a rule's trouble; empty = none is configured.
std::string summary_of(const RuleSpec& rule, Language language);

/// What stands between a name and its value: nothing after a Chinese name in Chinese, else a blank.
std::string_view gap_after(std::string_view name, Language language);

}  // namespace surged
