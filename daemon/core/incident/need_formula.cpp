#include "core/incident/need_formula.hpp"

#include <algorithm>

#include "core/base/ranges.hpp"

namespace surged {

namespace {
constexpr std::size_t facts_count = 6;

std::array<double, facts_count> values_of(const NeedFacts& facts) {
    return {facts.gap_agents, facts.required_agents, facts.productive_agents, facts.expected_wait_s, facts.level, facts.queues};
}

tl::unexpected<FormulaError> refuse(std::string_view text, const std::string& name, std::string message) {
    const auto at = text.find(name);
    return tl::unexpected(FormulaError{at == std::string_view::npos ? 0 : at, std::move(message)});
}
}  // namespace

const std::vector<std::string>& NeedFormula::names() {
    static const std::vector<std::string> all{"gap_agents",      "required_agents", "productive_agents",
                                              "expected_wait_s", "level",           "queues"};
    return all;
}

Result<NeedFormula, FormulaError> NeedFormula::parse(std::string_view text) {
    auto formula = Formula::parse(text);
    if (!formula) {
        return tl::unexpected(formula.error());
    }
    NeedFormula out;
    out.formula_ = std::move(*formula);
    const auto bare = out.formula_.bare_inputs();
    const auto& inputs = out.formula_.inputs();
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        const auto& input = inputs[i];
        const auto fact = std::find(names().begin(), names().end(), input.metric);
        if (input.function != InputFunction::last || input.window.count() > 0) {
            return refuse(text, input.metric,
                          "a need has no functions over time: give " + input.metric + " a [[derive]] of its own and sum that");
        }
        if (fact != names().end()) {
            out.fact_of_.push_back(static_cast<int>(fact - names().begin()));
            continue;
        }
        if (contains(bare, i)) {
            return refuse(
                text, input.metric,
                "a metric stands in a need only inside sum(...), max(...), min(...), avg(...) or count(...), over the queues of "
                "the incident; known without them: gap_agents, required_agents, productive_agents, expected_wait_s, level, "
                "queues");
        }
        out.fact_of_.push_back(-1);
        out.metrics_.push_back(input.metric);
    }
    return out;
}

double NeedFormula::evaluate(const NeedFacts& facts, const LiveValues* live, const LiveValues::Wanted& wanted) const {
    const auto known = values_of(facts);
    std::vector<double> inputs(fact_of_.size(), std::numeric_limits<double>::quiet_NaN());
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        if (fact_of_[i] >= 0) {
            inputs[i] = known[static_cast<std::size_t>(fact_of_[i])];
        }
    }
    if (formula_.aggregates() == 0) {
        return formula_.evaluate(inputs);
    }
    std::vector<AggregateCell> cells(formula_.aggregates());
    formula_.begin(cells);
    if (live != nullptr) {
        auto member = inputs;
        live->each(metrics_, wanted, [&](std::span<const double> values) {
            for (std::size_t i = 0, next = 0; i < member.size(); ++i) {
                if (fact_of_[i] < 0) {
                    member[i] = values[next++];
                }
            }
            formula_.add_member(member, cells);
        });
    }
    return formula_.finish(cells, inputs);
}

}  // namespace surged
