#include "core/series/formula_functions.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "core/base/text.hpp"
#include "core/series/formula_service.hpp"

namespace surged::detail {

namespace {
constexpr std::array<Function, 15> functions{{
    {"last", InputFunction::last, {}, {}, 0},
    {"increase", InputFunction::increase, {}, {}, 0},
    {"rate", InputFunction::rate, {}, {}, 0},
    {"delta", InputFunction::delta, {}, {}, 0},
    {"avg", InputFunction::avg, AggregateKind::avg, {}, 0},
    {"min", InputFunction::min, AggregateKind::min, StepKind::minimum, 0},
    {"max", InputFunction::max, AggregateKind::max, StepKind::maximum, 0},
    {"sum", {}, AggregateKind::sum, {}, 0},
    {"count", {}, AggregateKind::count, {}, 0},
    {"clamp", {}, {}, StepKind::clamp, 3},
    {"abs", {}, {}, StepKind::absolute, 1},
    {"ceil", {}, {}, StepKind::ceiling, 1},
    {"floor", {}, {}, StepKind::floor, 1},
    {"sqrt", {}, {}, StepKind::root, 1},
    {"default", {}, {}, StepKind::fallback, 2},
}};

}  // namespace

const Function* find_function(std::string_view name) {
    const auto* found = std::find_if(functions.begin(), functions.end(), [&](const Function& f) { return f.name == name; });
    return found == functions.end() ? nullptr : found;
}

std::string unknown_function(std::string_view name) {
    std::vector<std::string> names;
    names.reserve(functions.size());
    for (const auto& function : functions) {
        names.emplace_back(function.name);
    }
    names.insert(names.end(), service_level_names().begin(), service_level_names().end());
    std::string message = "there is no function \"" + std::string(name) + "\"";
    if (const auto nearest = nearest_name(name, names)) {
        return message + "; did you mean \"" + *nearest + "\"?";
    }
    message += "; there are";
    for (const auto& known : names) {
        message += (known == names.front() ? " " : ", ") + known;
    }
    return message;
}

std::string usage(const Function& function) {
    const std::string name(function.name);
    if (function.window && function.aggregate) {
        return name + "(x) over queues" + (function.scalar ? ", " + name + "(x, y)" : "") + " or " + name + "(metric, 10m)";
    }
    if (function.window) {
        return name + "(metric, 10m)";
    }
    return name + (function.scalar_arguments == 3   ? "(x, lowest, highest)"
                   : function.scalar_arguments == 2 ? "(x, what it is while x is unknown)"
                                                    : "(x)");
}

}  // namespace surged::detail
