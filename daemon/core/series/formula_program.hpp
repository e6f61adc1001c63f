// What a formula becomes: postfix steps over numbered inputs and aggregates. Private to the room.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/series/formula.hpp"

namespace surged::detail {

inline constexpr std::size_t formula_bytes_max = 4096;
inline constexpr std::size_t formula_nodes_max = 256;
inline constexpr std::size_t formula_nesting_max = 32;
inline constexpr std::size_t formula_inputs_max = 64;
inline constexpr std::size_t formula_aggregates_max = 16;

enum class StepKind : std::uint8_t {
    // leaves: push one
    number,
    input,      ///< `index` into inputs
    aggregate,  ///< `index` into aggregates
    // one operand
    negate,
    logical_not,
    absolute,
    ceiling,
    root,
    floor,
    // two operands
    add,
    subtract,
    multiply,
    divide,
    less,
    less_equal,
    greater,
    greater_equal,
    equal,
    not_equal,
    logical_and,
    logical_or,
    minimum,
    maximum,
    fallback,  ///< the first unless it is unknown, else the second
    // three operands
    clamp
};

struct Step {
    StepKind kind = StepKind::number;
    std::uint16_t index = 0;
    double number = 0;
};

enum class AggregateKind : std::uint8_t { sum, avg, min, max, count };

struct Aggregate {
    AggregateKind kind = AggregateKind::sum;
    std::vector<Step> steps;  ///< of one member
};

/// Each step is a node, so at most formula_nodes_max values are ever on the stack.
struct FormulaProgram {
    std::string text;
    std::vector<FormulaInput> inputs;
    std::vector<bool> needed;  ///< by input: it stands somewhere outside of default()
    std::vector<Aggregate> aggregates;
    std::vector<Step> steps;
    bool mixes = false;
};

Result<FormulaProgram, FormulaError> parse_formula(std::string_view text);

}  // namespace surged::detail
