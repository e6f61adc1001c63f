#include "core/paging/value_text.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/base/text.hpp"
#include "core/rule/kinds.hpp"

namespace surged {

namespace {

bool in_chinese(Language l) {
    return l == Language::zh;
}

/// To the second, or with decimals: "1分32秒", "2小时0分36秒", "60.4秒".
std::string clock_value(double s, Language l, int digits) {
    const bool zh = in_chinese(l);
    const std::string sign = s < 0 ? "-" : "";
    s = std::abs(s);
    if (s >= 9.0e12) {
        return sign + format_number(s) + (zh ? "秒" : " s");
    }
    if (digits > 1 || s < 60) {
        const auto rounded = format_rounded(s, s < 10 || digits > 1 ? digits : 0);
        if (digits > 1 || rounded != "60") {
            return sign + rounded + (zh ? "秒" : " s");
        }
    }
    const auto whole = static_cast<std::int64_t>(std::llround(s));
    const auto hours = whole / 3600;
    const auto minutes = whole / 60 % 60;
    const auto rest = whole % 60;
    std::string out = sign;
    const auto add = [&](std::int64_t n, const char* chinese, const char* english) {
        out += (zh || out == sign ? "" : " ") + std::to_string(n) + (zh ? chinese : english);
    };
    if (hours > 0) {
        add(hours, "小时", " h");
    }
    if (minutes > 0 || (hours > 0 && (rest > 0 || !zh))) {
        add(minutes, "分", " min");
    }
    if (rest > 0) {
        add(rest, "秒", " s");
    }
    return out;
}

std::string_view sign_of(Comparison comparison) {
    constexpr std::array<std::string_view, 4> signs{">", ">=", "<", "<="};
    return signs[static_cast<std::size_t>(comparison)];
}

bool ends_with_any(std::string_view name, std::initializer_list<std::string_view> ends) {
    return std::any_of(ends.begin(), ends.end(), [&](std::string_view end) { return name.ends_with(end); });
}

/// A derived metric without a declared unit whose limits all lie between 0 and 1 is a share of something, but for what is told "per"
/// something.
bool share_by_limits(const Plan& plan, const RuleSpec& rule) {
    const bool derived =
        std::any_of(plan.derives.begin(), plan.derives.end(), [&](const DeriveSpec& d) { return d.metric == rule.metric; });
    const auto within = [](const Limit& limit) { return limit.unit == LimitUnit::plain && limit.value > 0 && limit.value <= 1; };
    return derived && rule.metric.find("_per_") == std::string::npos && !rule.levels.empty() &&
           std::all_of(rule.levels.begin(), rule.levels.end(),
                       [&](const LevelSpec& level) { return within(level.raise) && within(level.clear); });
}

}  // namespace

std::string duration_text(Span span, Language l) {
    const bool zh = in_chinese(l);
    const auto s = std::max<std::int64_t>(0, span.count() / 1000);
    if (s < 60) {
        return std::to_string(s) + (zh ? "秒" : " s");
    }
    const auto min = s / 60;
    if (min < 60) {
        return std::to_string(min) + (zh ? "分" : " min");
    }
    return std::to_string(min / 60) + (zh ? "小时" : " h ") + std::to_string(min % 60) + (zh ? "分" : " min");
}

MetricUnit unit_of(const Plan& plan, std::string_view metric) {
    for (const auto& derive : plan.derives) {
        if (derive.metric == metric && derive.unit) {
            return *derive.unit;
        }
    }
    for (const auto& known : plan.metrics) {
        if (known.name == metric && known.unit) {
            return *known.unit;
        }
    }
    if (ends_with_any(metric, {"_s", "_seconds"})) {
        return MetricUnit::seconds;
    }
    return ends_with_any(metric, {"_ratio", "_share"}) ? MetricUnit::ratio : MetricUnit::none;
}

std::string metric_label(const Plan& plan, std::string_view metric, Language l) {
    std::string label;
    const auto look = [&](const auto& specs, auto name) {
        for (const auto& spec : specs) {
            if (label.empty() && spec.*name == metric) {
                label = in_chinese(l) ? spec.label.zh : spec.label.en;
            }
        }
    };
    look(plan.derives, &DeriveSpec::metric);
    look(plan.metrics, &MetricSpec::name);
    return label.empty() ? std::string(metric) : label;
}

ValueForm form_of(const Plan& plan, const RuleSpec& rule) {
    ValueForm form;
    form.limit = rule.levels.empty() ? LimitUnit::plain : rule.levels.front().raise.unit;
    const auto& kind = row_of(rule.kind);
    if (kind.value_unit) {
        form.limit = *kind.value_unit;
    } else if (kind.in_metric_unit) {
        form.metric = unit_of(plan, rule.metric);
        if (form.metric == MetricUnit::none && share_by_limits(plan, rule)) {
            form.metric = MetricUnit::ratio;
        }
    }
    return form;
}

std::string value_text(double value, ValueForm form, Language l, int digits) {
    const bool zh = in_chinese(l);
    if (!std::isfinite(value)) {
        return zh ? "未知" : "unknown";
    }
    const std::string plus = value >= 0 ? "+" : "";
    switch (form.limit) {
        case LimitUnit::percent: return plus + format_rounded(value, digits) + "%";
        case LimitUnit::per_minute: return plus + format_rounded(value, digits) + (zh ? "/分" : "/min");
        case LimitUnit::sigma: return format_rounded(value, digits) + "σ";
        case LimitUnit::span: return clock_value(value, l, digits);
        case LimitUnit::plain: break;
    }
    switch (form.metric) {
        case MetricUnit::seconds: return clock_value(value, l, digits);
        case MetricUnit::ratio: return format_rounded(value * 100, digits) + "%";
        case MetricUnit::none: break;
    }
    return format_rounded(value, digits);
}

std::string limit_text(const Limit& limit, ValueForm form, Language l) {
    constexpr int exact = 6;
    const bool clock = form.limit == LimitUnit::span || (form.limit == LimitUnit::plain && form.metric == MetricUnit::seconds);
    const bool whole = limit.value == std::trunc(limit.value);
    return std::string(sign_of(limit.comparison)) + value_text(limit.value, form, l, clock && whole ? 1 : exact);
}

std::string value_beside(double value, const Limit& limit, ValueForm form, Language l) {
    const auto bound = limit_text(limit, form, l).substr(sign_of(limit.comparison).size());
    auto text = value_text(value, form, l);
    constexpr int digits_max = 6;
    for (int digits = 2; value != limit.value && text == bound && digits <= digits_max; ++digits) {
        text = value_text(value, form, l, digits);
    }
    return text;
}

std::string level_text(Level level, Language l) {
    const bool zh = in_chinese(l);
    switch (level) {
        case Level::none: return zh ? "已回落" : "clearing";
        case Level::yellow: return zh ? "黄色" : "yellow";
        case Level::orange: return zh ? "橙色" : "orange";
        case Level::red: return zh ? "红色" : "red";
    }
    return {};
}

}  // namespace surged
