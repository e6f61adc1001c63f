#include "core/series/formula_maker.hpp"

#include <algorithm>
#include <utility>

namespace surged::detail {

bool FormulaMaker::fail_at(std::size_t offset, std::string message) {
    if (!error_) {
        error_ = FormulaError{offset, std::move(message)};
    }
    return false;
}

bool FormulaMaker::emit(Step step, std::size_t offset) {
    if (nodes_ >= formula_nodes_max) {
        return fail_at(
            offset, "the formula has more than " + std::to_string(formula_nodes_max) + " parts (values, operators, functions)");
    }
    ++nodes_;
    steps_.push_back(step);
    return true;
}

bool FormulaMaker::emit_input(FormulaInput input, std::size_t offset) {
    auto& inputs = program_.inputs;
    auto found = std::find(inputs.begin(), inputs.end(), input);
    if (found == inputs.end()) {
        if (inputs.size() >= formula_inputs_max) {
            return fail_at(offset,
                           "the formula uses more than " + std::to_string(formula_inputs_max) + " different metrics and windows");
        }
        found = inputs.insert(inputs.end(), std::move(input));
        program_.needed.push_back(false);
    }
    const auto index = static_cast<std::size_t>(found - inputs.begin());
    program_.needed[index] = program_.needed[index] || optional_ == 0;
    return emit(Step{StepKind::input, static_cast<std::uint16_t>(index), 0}, offset);
}

bool FormulaMaker::fold(AggregateKind kind, std::size_t start, std::string_view name, std::size_t offset) {
    const auto from = steps_.begin() + static_cast<std::ptrdiff_t>(start);
    const auto inner = std::find_if(from, steps_.end(), [](const Step& s) { return s.kind == StepKind::aggregate; });
    if (inner != steps_.end()) {
        return fail_at(aggregate_offsets_[inner->index],
                       "an aggregate over queues cannot stand inside another (" + std::string(name) + ")");
    }
    if (program_.aggregates.size() >= formula_aggregates_max) {
        return fail_at(offset, "the formula has more than " + std::to_string(formula_aggregates_max) + " aggregates over queues");
    }
    const auto index = static_cast<std::uint16_t>(program_.aggregates.size());
    program_.aggregates.push_back({kind, std::vector<Step>(from, steps_.end())});
    aggregate_offsets_.push_back(offset);
    steps_.erase(from, steps_.end());
    return emit(Step{StepKind::aggregate, index, 0}, offset);
}

Result<FormulaProgram, FormulaError> FormulaMaker::finish(std::string_view text) {
    if (error_) {
        return tl::unexpected<FormulaError>(std::move(*error_));
    }
    program_.text = text;
    const bool bare = std::any_of(steps_.begin(), steps_.end(), [](const Step& s) { return s.kind == StepKind::input; });
    program_.mixes = bare && !program_.aggregates.empty();
    program_.steps = std::move(steps_);
    return std::move(program_);
}

}  // namespace surged::detail
