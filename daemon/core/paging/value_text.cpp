#include "core/paging/value_text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <vector>

#include "core/base/text.hpp"
#include "core/paging/metric_phrases.hpp"
#include "core/paging/value_phrases.hpp"
#include "core/rule/baseline_phrases.hpp"
#include "core/rule/explain_phrases.hpp"
#include "core/rule/kind_phrases.hpp"
#include "core/rule/kinds.hpp"

namespace surged {

namespace {

/// To the second, or with decimals: "1分32秒", "2小时0分36秒", "60.4秒".
std::string clock_value(double s, Language l, int digits) {
    const ValueSay say{l};
    const std::string sign = s < 0 ? "-" : "";
    s = std::abs(s);
    if (s >= 9.0e12) {
        return sign + say("s", {{"s", format_number(s)}});
    }
    if (digits > 1 || s < 60) {
        const auto rounded = format_rounded(s, s < 10 || digits > 1 ? digits : 0);
        if (digits > 1 || rounded != "60") {
            return sign + say("s", {{"s", rounded}});
        }
    }
    const auto whole = static_cast<std::int64_t>(std::llround(s));
    const auto h = std::to_string(whole / 3600);
    const auto min = std::to_string(whole / 60 % 60);
    const auto rest = std::to_string(whole % 60);
    if (whole >= 3600) {
        return sign + (whole % 60 > 0     ? say("h_min_s", {{"h", h}, {"min", min}, {"s", rest}})
                       : whole % 3600 > 0 ? say("h_min", {{"h", h}, {"min", min}})
                                          : say("h", {{"h", h}}));
    }
    return sign + (whole % 60 > 0 ? say("min_s", {{"min", min}, {"s", rest}}) : say("min", {{"min", min}}));
}

std::string_view sign_of(Comparison comparison) {
    constexpr std::array<std::string_view, 4> signs{">", ">=", "<", "<="};
    return signs[static_cast<std::size_t>(comparison)];
}

bool ends_with_any(std::string_view name, std::initializer_list<std::string_view> ends) {
    return std::ranges::any_of(ends, [&](std::string_view end) { return name.ends_with(end); });
}

/// A derived metric without a declared unit whose limits all lie between 0 and 1 is a share of something, unless its
/// name says "per".
bool share_by_limits(const Plan& plan, const RuleSpec& rule) {
    const bool derived = std::ranges::any_of(plan.derives, [&](const DeriveSpec& d) { return d.metric == rule.metric; });
    const auto within = [](const Limit& limit) { return limit.unit == LimitUnit::plain && limit.value > 0 && limit.value <= 1; };
    return derived && rule.metric.find("_per_") == std::string::npos && !rule.levels.empty() &&
           std::ranges::all_of(rule.levels, [&](const LevelSpec& level) { return within(level.raise) && within(level.clear); });
}

/// A recorded value as it stands in `pattern`'s Chinese line.
std::string evidence_value(const PhraseValue& part) {
    if (part.name == "rest") {
        return evidence_text(part.value, Language::zh);
    }
    if (part.name == "cause") {
        const auto key = "cause." + std::string(part.value);
        const auto* row = KindSay::find(key);
        return std::string(row != nullptr ? row->zh : part.value);
    }
    const bool span = part.name == "window" || part.name == "before";
    const auto length = span ? parse_span(part.value) : std::nullopt;
    return length ? clock_value(seconds(*length), Language::zh, 1) : std::string(part.value);
}

/// The Chinese line of the first row that `recorded` was made of; empty = of none.
std::string evidence_by(std::span<const Phrase> table, std::string_view recorded) {
    for (const Phrase& row : table) {
        if (row.en == recorded) {
            return std::string(row.zh);
        }
        const auto parts = taken_apart(row.en, recorded);
        if (parts.empty()) {
            continue;
        }
        std::vector<std::string> texts;
        for (const auto& part : parts) {
            texts.push_back(evidence_value(part));
        }
        std::vector<PhraseValue> values;
        for (std::size_t i = 0; i < parts.size(); ++i) {
            values.push_back({parts[i].name, texts[i]});
        }
        return fill(row.zh, values);
    }
    return {};
}

}  // namespace

std::string duration_text(Span span, Language l) {
    const ValueSay say{l};
    const auto s = std::max<std::int64_t>(0, span.count() / 1000);
    if (s < 60) {
        return say("s", {{"s", std::to_string(s)}});
    }
    const auto min = s / 60;
    if (min < 60) {
        return say("min", {{"min", std::to_string(min)}});
    }
    return say("h_min", {{"h", std::to_string(min / 60)}, {"min", std::to_string(min % 60)}});
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
                label = l == Language::zh ? spec.label.zh : spec.label.en;
            }
        }
    };
    look(plan.derives, &DeriveSpec::metric);
    look(plan.metrics, &MetricSpec::name);
    return label.empty() ? std::string(metric) : label;
}

std::string metric_words(const Plan& plan, std::string_view metric, Language l) {
    auto label = metric_label(plan, metric, l);
    if (!label.empty() && label != metric) {
        return label;
    }
    const auto* row = MetricSay::find(metric.empty() ? "feed" : metric);
    label = row != nullptr ? std::string(row->in(l)) : std::string(metric);
    std::ranges::replace(label, '_', ' ');
    return label;
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
    const ValueSay say{l};
    if (!std::isfinite(value)) {
        return say("unknown");
    }
    const std::string plus = value >= 0 ? "+" : "";
    switch (form.limit) {
        case LimitUnit::percent: return plus + format_rounded(value, digits) + "%";
        case LimitUnit::per_minute: return say("per_minute", {{"n", plus + format_rounded(value, digits)}});
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

std::string evidence_text(std::string_view recorded, Language l) {
    if (l == Language::en || recorded.empty()) {
        return std::string(recorded);
    }
    auto text = evidence_by(baseline_phrases, recorded);
    if (text.empty()) {
        text = evidence_by(kind_phrases, recorded);
    }
    if (text.empty()) {
        text = evidence_by(explain_phrases, recorded);
    }
    return text.empty() ? std::string(recorded) : text;
}

std::string level_text(Level level, Language l) {
    const ValueSay say{l};
    switch (level) {
        case Level::none: return say("level.none");
        case Level::yellow: return say("level.yellow");
        case Level::orange: return say("level.orange");
        case Level::red: return say("level.red");
    }
    return {};
}

std::string summary_of(const RuleSpec& rule, Language l) {
    return l == Language::zh ? rule.summary_zh : rule.summary_en;
}

std::string_view gap_after(std::string_view name, Language l) {
    const bool ascii_end = !name.empty() && static_cast<unsigned char>(name.back()) < 0x80U;
    return l != Language::zh || ascii_end ? " " : "";
}

}  // namespace surged
