// A formula's program in the making: steps in postfix order, its inputs and aggregates, and the first error.
//
// Knows the bounds of a program and no grammar. The argument of an aggregate is emitted in place and then cut out into the
// aggregate's own steps, so one pass suffices although `max(x)`, `max(x, 10m)` and `max(x, y)` differ only at the end.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/series/formula_program.hpp"

namespace surged::detail {

class FormulaMaker {
public:
    /// Notes the error unless there is one already; always false.
    bool fail_at(std::size_t offset, std::string message);

    // Each is false, with an error, at a bound. `offset`: where it stands in the text.
    bool emit(Step step, std::size_t offset);
    bool emit_input(FormulaInput input, std::size_t offset);
    /// The steps from number `start` on become the argument that `name` aggregates over the queues.
    bool fold(AggregateKind kind, std::size_t start, std::string_view name, std::size_t offset);

    /// Inputs between these two are not needed: what stands there has another answer while it is unknown.
    void begin_optional() { ++optional_; }
    void end_optional() { --optional_; }

    std::size_t steps() const { return steps_.size(); }
    std::optional<FormulaError>& error() { return error_; }
    /// The program, or the error. Leaves this empty.
    Result<FormulaProgram, FormulaError> finish(std::string_view text);

private:
    FormulaProgram program_;
    std::vector<Step> steps_;
    std::vector<std::size_t> aggregate_offsets_;
    std::size_t nodes_ = 0;
    std::size_t optional_ = 0;
    std::optional<FormulaError> error_;
};

}  // namespace surged::detail
