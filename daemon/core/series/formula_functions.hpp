// The functions of formulas: one table that the parser, its messages and its suggestions are read from.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/series/formula_program.hpp"

namespace surged::detail {

/// What a function may be. avg, min and max are told apart by their arguments.
struct Function {
    std::string_view name;
    std::optional<InputFunction> window;
    std::optional<AggregateKind> aggregate;
    std::optional<StepKind> scalar;
    std::size_t scalar_arguments = 0;  ///< 0 = two or more, combined from left to right
};

/// Null when there is none of that name.
const Function* find_function(std::string_view name);

/// Complaint about a name that is no function: the nearest one, else all of them.
std::string unknown_function(std::string_view name);

/// What a function wants, as an example that can be copied.
std::string usage(const Function& function);

}  // namespace surged::detail
