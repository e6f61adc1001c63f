// What a derived metric is made of, for an explanation: its formula, and its inputs as of now.
#include <algorithm>
#include <cmath>

#include "core/base/text.hpp"
#include "core/base/not_known.hpp"
#include "core/rule/rule_view.hpp"

namespace surged {

namespace {

std::string_view word(InputFunction function) {
    switch (function) {
        case InputFunction::last: return "last";
        case InputFunction::increase: return "increase";
        case InputFunction::rate: return "rate";
        case InputFunction::avg: return "avg";
        case InputFunction::min: return "min";
        case InputFunction::max: return "max";
        case InputFunction::delta: return "delta";
    }
    return "";
}

std::string name_of(const InputPlan& input, std::string_view metric) {
    if (input.function == InputFunction::last) {
        return std::string(metric);
    }
    return std::string(word(input.function)) + "(" + std::string(metric) + ", " + format_span(input.shape.length) + ")";
}

double read(const RuleView& view, const InputPlan& input, std::size_t s, std::size_t ring_index) {
    const auto& queue = view.queue();
    const auto& series = queue.series[s];
    const double last = view.detector.queues().value(queue, s);
    if (input.function == InputFunction::last) {
        return last;
    }
    if (!series.reading.started) {
        return not_known;
    }
    RuleView beside = view;
    beside.s = s;
    auto copy = beside.ring(ring_index);
    const auto ts = input_time(series, queue.ts);
    const auto width = beside.width_ms(ring_index);
    return input_value(input, last, *copy, width, RingPlace::of(width, ts), ts);
}

void formula_note(const DeriveSpec& spec, RuleExplanation& out) {
    out.notes.push_back(spec.metric + " = " + spec.formula.text());
}

void explain_own(const RuleView& view, const DeriveSlot& slot, RuleExplanation& out) {
    const auto& spec = view.detector.plan().derives[slot.derive];
    const auto& store = view.detector.queues();
    const auto& derived = store.binder().derive(slot.derive);
    std::vector<double> values;
    for (std::size_t i = 0; i < slot.inputs.size(); ++i) {
        const auto& input = derived.inputs[i];
        const auto [from, ring_index] = slot.inputs[i];
        const auto value = from == DeriveSlot::absent ? not_known : read(view, input, from, ring_index);
        values.push_back(value);
        const auto name = name_of(input, store.metrics().name(input.metric));
        if (std::none_of(out.inputs.begin(), out.inputs.end(), [&](const ExplainInput& x) { return x.name == name; })) {
            out.inputs.push_back({name, value, {}});
        }
    }
    formula_note(spec, out);
    if (spec.when) {
        const double guard = spec.when->evaluate(std::span<const double>(values).subspan(derived.formula_inputs));
        out.notes.push_back(std::isnan(guard) || guard == 0
                                ? "the guard is not met (" + spec.when->text() + "): the value is unknown and changes nothing"
                                : "the guard is met: " + spec.when->text());
    }
}
}  // namespace

void explain_derived(const RuleView& view, RuleExplanation& out) {
    for (const auto& slot : view.queue().derives) {
        if (slot.out == view.s) {
            explain_own(view, slot, out);
        }
    }
    const auto& detector = view.detector;
    for (const auto& group : detector.groups_) {
        if (group.queue != view.id || group.out != view.s) {
            continue;
        }
        const auto& spec = detector.plan().derives[group.derive];
        const auto fresh = std::count_if(group.members.begin(), group.members.end(), [&](std::uint32_t member) {
            return detector.queues()[member].seen && !detector.queues()[member].stale;
        });
        formula_note(spec, out);
        out.inputs.push_back({"queues in it", static_cast<double>(group.members.size()),
                              std::to_string(fresh) + " of them with fresh data; a silent one keeps its last values"});
        if (spec.when) {
            out.notes.push_back("guarded by " + spec.when->text());
        }
    }
}

}  // namespace surged
