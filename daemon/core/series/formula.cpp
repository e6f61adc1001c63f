// Evaluation of formulas. A stack of doubles on the stack of the thread, one pass, NaN for "unknown" all the way through.
#include "core/series/formula.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/base/check.hpp"
#include "core/base/not_known.hpp"
#include "core/base/ranges.hpp"
#include "core/series/formula_program.hpp"

namespace surged {

using detail::AggregateKind;
using detail::Step;
using detail::StepKind;

struct Formula::Program : detail::FormulaProgram {
    explicit Program(detail::FormulaProgram&& program) : FormulaProgram(std::move(program)) {}
};

namespace {

/// A sum that overflowed is unknown: nobody should be paged for it.
double finite_or_unknown(double x) { return std::isfinite(x) ? x : not_known; }

double truth(bool holds) { return holds ? 1.0 : 0.0; }
bool is_true(double x) { return x != 0 && !std::isnan(x); }

double unary(StepKind kind, double x) {
    switch (kind) {
        case StepKind::negate: return -x;
        case StepKind::logical_not: return std::isnan(x) ? not_known : truth(x == 0);
        case StepKind::absolute: return std::abs(x);
        case StepKind::ceiling: return std::ceil(x);
        case StepKind::floor: return std::floor(x);
        case StepKind::root: return std::sqrt(x);  // NaN below 0: unknown
        default: return not_known;
    }
}

double binary(StepKind kind, double a, double b) {
    // These may have an answer although one side is unknown.
    if (kind == StepKind::logical_or && (is_true(a) || is_true(b))) {
        return 1.0;
    }
    if (kind == StepKind::logical_and && (a == 0 || b == 0)) {
        return 0.0;
    }
    if (kind == StepKind::fallback) {
        return std::isnan(a) ? b : a;
    }
    if (std::isnan(a) || std::isnan(b)) {
        return not_known;
    }
    switch (kind) {
        case StepKind::add: return finite_or_unknown(a + b);
        case StepKind::subtract: return finite_or_unknown(a - b);
        case StepKind::multiply: return finite_or_unknown(a * b);
        case StepKind::divide: return b == 0 ? not_known : finite_or_unknown(a / b);
        case StepKind::less: return truth(a < b);
        case StepKind::less_equal: return truth(a <= b);
        case StepKind::greater: return truth(a > b);
        case StepKind::greater_equal: return truth(a >= b);
        case StepKind::equal: return truth(a == b);
        case StepKind::not_equal: return truth(a != b);
        case StepKind::logical_and: return 1.0;
        case StepKind::logical_or: return 0.0;
        case StepKind::minimum: return std::min(a, b);
        case StepKind::maximum: return std::max(a, b);
        default: return not_known;
    }
}

double clamped(double x, double lo, double hi) {
    if (std::isnan(x) || std::isnan(lo) || std::isnan(hi) || lo > hi) {
        return not_known;
    }
    return std::clamp(x, lo, hi);
}

double combined(const detail::Aggregate& aggregate, const AggregateCell& cell) {
    if (cell.known == 0) {
        return not_known;
    }
    const auto known = static_cast<double>(cell.known);
    switch (aggregate.kind) {
        case AggregateKind::avg: return finite_or_unknown(cell.value / known);
        case AggregateKind::count: return known;
        case AggregateKind::sum:
        case AggregateKind::min:
        case AggregateKind::max: return finite_or_unknown(cell.value);
    }
    return not_known;
}

/// Runs `steps`. The parser made sure that every operator finds its operands and that one value is left.
double run(std::span<const Step> steps, std::span<const double> inputs, std::span<const detail::Aggregate> aggregates,
           std::span<const AggregateCell> cells) {
    std::array<double, detail::formula_nodes_max> stack;  // NOLINT(*-member-init): 2 KiB that are written before they are read
    std::size_t top = 0;
    for (const Step& step : steps) {
        switch (step.kind) {
            case StepKind::number: stack[top++] = step.number; break;
            case StepKind::input:
                stack[top++] = step.index < inputs.size() ? finite_or_unknown(inputs[step.index]) : not_known;
                break;
            case StepKind::aggregate:
                stack[top++] = step.index < cells.size() ? combined(aggregates[step.index], cells[step.index]) : not_known;
                break;
            case StepKind::negate:
            case StepKind::logical_not:
            case StepKind::absolute:
            case StepKind::ceiling:
            case StepKind::root:
            case StepKind::floor: stack[top - 1] = unary(step.kind, stack[top - 1]); break;
            case StepKind::clamp:
                top -= 2;
                stack[top - 1] = clamped(stack[top - 1], stack[top], stack[top + 1]);
                break;
            default:
                --top;
                stack[top - 1] = binary(step.kind, stack[top - 1], stack[top]);
                break;
        }
    }
    return top == 1 ? stack[0] : not_known;
}
}  // namespace

Result<Formula, FormulaError> Formula::parse(std::string_view text) {
    auto program = detail::parse_formula(text);
    if (!program) {
        return tl::unexpected<FormulaError>(std::move(program.error()));
    }
    Formula formula;
    formula.program_ = std::make_shared<const Program>(std::move(*program));
    return formula;
}

const std::string& Formula::text() const {
    static const std::string none;
    return program_ ? program_->text : none;
}

const std::vector<FormulaInput>& Formula::inputs() const {
    static const std::vector<FormulaInput> none;
    return program_ ? program_->inputs : none;
}

std::size_t Formula::aggregates() const { return program_ ? program_->aggregates.size() : 0; }

bool Formula::mixes_queue_and_group() const { return program_ && program_->mixes; }

std::vector<std::size_t> Formula::bare_inputs() const {
    std::vector<std::size_t> out;
    for (const Step& step : program_ ? program_->steps : std::vector<Step>{}) {
        if (step.kind == StepKind::input && !contains(out, step.index)) {
            out.push_back(step.index);
        }
    }
    return out;
}

bool Formula::needs(std::size_t input) const {
    return program_ && input < program_->needed.size() && program_->needed[input];
}

double Formula::evaluate(std::span<const double> inputs) const {
    if (!program_) {
        return not_known;
    }
    SURGED_CHECK(program_->aggregates.empty());
    SURGED_CHECK(inputs.size() >= program_->inputs.size());
    return run(program_->steps, inputs, {}, {});
}

void Formula::begin(std::span<AggregateCell> cells) const {
    SURGED_CHECK(cells.size() == aggregates());
    std::fill(cells.begin(), cells.end(), AggregateCell{});
}

void Formula::add_member(std::span<const double> inputs, std::span<AggregateCell> cells) const {
    SURGED_CHECK(cells.size() == aggregates());
    SURGED_CHECK(inputs.size() >= this->inputs().size());
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const auto& aggregate = program_->aggregates[i];
        AggregateCell& cell = cells[i];
        const double x = run(aggregate.steps, inputs, {}, {});
        if (std::isnan(x)) {
            continue;
        }
        const bool first = cell.known++ == 0;
        switch (aggregate.kind) {
            case AggregateKind::sum:
            case AggregateKind::avg: cell.value += x; break;
            case AggregateKind::min: cell.value = first ? x : std::min(cell.value, x); break;
            case AggregateKind::max: cell.value = first ? x : std::max(cell.value, x); break;
            case AggregateKind::count: break;
        }
    }
}

double Formula::finish(std::span<const AggregateCell> cells, std::span<const double> inputs) const {
    if (!program_) {
        return not_known;
    }
    SURGED_CHECK(cells.size() == program_->aggregates.size());
    // A queue's metric outside every aggregate has no value here; the checker refuses such derives (mixes_queue_and_group).
    return run(program_->steps, inputs, program_->aggregates, cells);
}

}  // namespace surged
