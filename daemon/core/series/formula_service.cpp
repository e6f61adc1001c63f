#include "core/series/formula_service.hpp"

#include <algorithm>

#include "core/base/ranges.hpp"
#include "core/base/text.hpp"

namespace surged::detail {

const std::vector<std::string>& service_level_names() {
    static const std::vector<std::string> names{"sl_positive", "sl_answered_only", "sl_negative",
                                                "sl_ignore",   "sl_live",          "sl_burn",    "outcomes"};
    return names;
}

std::string_view service_level_usage(std::string_view name) {
    const auto& names = service_level_names();
    if (!contains(names, name)) {
        return {};
    }
    if (name == "outcomes") {
        return "(10m): how many calls ended, one way or another, in 10 min";
    }
    return name == "sl_burn" ? "(20s, 80, 5m, 1h): within 20 s, target 80 %, a short and a long window"
                             : "(20s, 10m): within 20 s, over 10 min";
}

std::string service_level_formula(std::string_view name, const ServiceLevelArguments& arguments) {
    const auto seconds = std::to_string(arguments.threshold.count() / 1000);
    const auto rise = [&](const std::string& metric) { return "increase(" + metric + ", " + arguments.window + ")"; };
    const auto answered = rise("answered");
    // A counter that nobody sends counts as 0: a centre without overflow does not report any.
    const auto some = [&](const std::string& metric) { return "default(" + rise(metric) + ", 0)"; };
    const auto ended =
        "(" + answered + " + " + some("abandoned") + " + " + some("timeouts") + " + " + some("overflow_out") + ")";
    const auto in_time = rise("answered_in_" + seconds);
    const auto left_in_time = rise("abandoned_in_" + seconds);
    if (name == "outcomes") {
        return ended;
    }
    if (name == "sl_positive") {
        return "(" + in_time + " + " + left_in_time + ") / " + ended;
    }
    if (name == "sl_answered_only") {
        return in_time + " / " + answered;
    }
    if (name == "sl_ignore") {
        return in_time + " / (" + ended + " - " + left_in_time + ")";
    }
    if (name == "sl_live") {
        return in_time + " / (" + ended + " + (oldest_wait_s > " + seconds + ") * max(1, calls_waiting - increase(offered, " +
               seconds + "s)))";
    }
    if (name == "sl_burn") {
        const auto missed = [&](const std::string& window) { return "1 - sl_negative(" + seconds + "s, " + window + ")"; };
        return "min(" + missed(arguments.window) + ", " + missed(arguments.longer) + ") / (1 - " + arguments.target + " / 100)";
    }
    return in_time + " / " + ended;
}

}  // namespace surged::detail
