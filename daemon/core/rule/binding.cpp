#include "core/rule/binding.hpp"

#include <algorithm>

#include "core/base/check.hpp"
#include "core/base/text.hpp"
#include "core/rule/kinds.hpp"

namespace surged {

bool covers(const Scope& scope, const QueueKey& key, std::string_view group) {
    return glob_match(scope.centre, key.centre) && glob_match(scope.queue, key.queue) && glob_match(scope.channel, key.channel) &&
           glob_match(scope.group, group);
}

namespace {
RingShape shape_of(const FormulaInput& input) {
    switch (input.function) {
        case InputFunction::increase:
        case InputFunction::rate: return {RingKind::counter, input.window};
        case InputFunction::avg: return {RingKind::mean, input.window};
        case InputFunction::min:
        case InputFunction::max: return {RingKind::extent, input.window};
        case InputFunction::delta: return {RingKind::first, input.window};
        case InputFunction::last: break;
    }
    return {};
}
}  // namespace

std::uint8_t MetricPlan::ring_index(const RingShape& shape) const {
    const auto found = std::find_if(rings.begin(), rings.end(), [&](const RingPlan& ring) { return ring.shape == shape; });
    SURGED_CHECK(found != rings.end());
    return static_cast<std::uint8_t>(found - rings.begin());
}

Binder::Binder(const DetectionPlan& plan, MetricNames& names) : plan_(plan), names_(names) {
    feed_metric_ = names_.find_or_add("");
    const auto id = [&](std::string_view name) { return names_.find_or_add(name); };
    if (std::any_of(plan_.rules.begin(), plan_.rules.end(), [](const RuleSpec& r) { return row_of(r.kind).look != nullptr; })) {
        staffing_ = {id("handled"),
                     id("answered"),
                     id("talk_s_sum"),
                     id("acw_s_sum"),
                     id("abandoned"),
                     id("wait_answered_s_sum"),
                     id("wait_abandoned_s_sum"),
                     id("agents_staffed"),
                     id("agents_available"),
                     id("agents_ringing"),
                     id("agents_on_call"),
                     id("agents_wrapup"),
                     id("agents_aux"),
                     id("roster_planned_agents"),
                     id("calls_waiting")};
    }
    for (const auto& metric : plan_.metrics) {
        const auto number = id(metric.name);
        kinds_.resize(std::max<std::size_t>(kinds_.size(), number + 1), MetricKind::gauge);
        kinds_[number] = metric.kind;
    }
    for (std::uint32_t i = 0; i < plan_.derives.size(); ++i) {
        const auto& spec = plan_.derives[i];
        DerivePlan derived{i, names_.find_or_add(spec.metric), {}, spec.formula.inputs().size()};
        const auto add = [&](const Formula& formula) {
            for (std::size_t k = 0; k < formula.inputs().size(); ++k) {
                const auto& input = formula.inputs()[k];
                derived.inputs.push_back({input.function, names_.find_or_add(input.metric), shape_of(input),
                                          seconds(input.window), formula.needs(k)});
            }
        };
        add(spec.formula);
        if (spec.when) {
            add(*spec.when);
        }
        derives_.push_back(std::move(derived));
    }
    order_derives();
}

/// Each derive after those whose metric it reads. config/ has refused cycles, so every round settles at least one.
void Binder::order_derives() {
    std::vector<bool> settled(derives_.size(), false);
    const auto ready = [&](const DerivePlan& derived) {
        return std::all_of(derived.inputs.begin(), derived.inputs.end(), [&](const InputPlan& input) {
            for (std::size_t i = 0; i < derives_.size(); ++i) {
                if (derives_[i].metric == input.metric && !settled[i] && &derives_[i] != &derived) {
                    return false;
                }
            }
            return true;
        });
    };
    for (std::size_t round = 0; round < derives_.size(); ++round) {
        for (std::uint32_t i = 0; i < derives_.size(); ++i) {
            if (!settled[i] && ready(derives_[i])) {
                settled[i] = true;
                order_.push_back(i);
            }
        }
    }
}

MetricKind Binder::kind_of(std::uint32_t metric) const {
    return metric < kinds_.size() ? kinds_[metric] : MetricKind::gauge;
}

QueueClass& Binder::classify(const QueueKey& key, std::string_view group) {
    QueueClass found;
    const bool aggregate = key.queue.starts_with('*');
    for (std::uint32_t i = 0; i < plan_.rules.size(); ++i) {
        if (covers(plan_.rules[i].scope, key, group) && !(aggregate && plan_.rules[i].feed)) {
            found.rules.push_back(i);
            found.feed_rules |= plan_.rules[i].feed;
            if (row_of(plan_.rules[i].kind).look != nullptr) {
                found.staffing.emplace_back(i, names_.find_or_add(plan_.rules[i].metric));
            }
        }
    }
    const auto own_kind = !aggregate              ? GroupBy::queue
                          : key.queue.size() > 1 ? GroupBy::group
                          : key.centre == "*"    ? GroupBy::all
                                                 : GroupBy::centre;
    for (const auto i : order_) {
        const auto& spec = plan_.derives[i];
        if (!covers(spec.scope, key, group)) {
            continue;
        }
        const bool folds = spec.by != GroupBy::queue && spec.formula.aggregates() > 0;
        if (folds && !aggregate && spec.by == GroupBy::group && group.empty()) {
            continue;  // a queue of no group
        }
        if (folds && !aggregate) {
            found.members.push_back(i);
        } else if (!folds && spec.by == own_kind) {
            found.derives.push_back(i);
        }
    }
    std::vector<std::uint32_t> signature = found.rules;
    signature.push_back(no_id);
    signature.insert(signature.end(), found.derives.begin(), found.derives.end());
    signature.push_back(no_id);
    signature.insert(signature.end(), found.members.begin(), found.members.end());
    auto& slot = classes_[signature];
    if (!slot) {
        slot = std::make_unique<QueueClass>(std::move(found));
    }
    return *slot;
}

void Binder::need(MetricPlan& plan, RingShape shape) {
    if (shape.length.count() <= 0) {
        return;
    }
    const bool known = std::any_of(plan.rings.begin(), plan.rings.end(), [&](const RingPlan& r) { return r.shape == shape; });
    if (!known) {
        const auto width = Ring::width_ms(shape.length);
        const auto found = std::find(widths_.begin(), widths_.end(), width);
        const auto clock = static_cast<std::uint32_t>(found - widths_.begin());
        if (found == widths_.end()) {
            widths_.push_back(width);
        }
        plan.rings.push_back({shape, width, clock, plan.ring_bytes});
        plan.ring_bytes += static_cast<std::uint32_t>(head_bytes(shape.kind));
    }
}

namespace {
/// Systems write -1, or what is left of it in 32 or 64 bits without a sign, for "not known". Nothing that is counted is below zero, and a
/// double counts one by one up to 2^53 only; of gauges that holds for those whose meaning is ours.
double known_below(MetricKind kind, std::string_view name) {
    const auto& ours = canonical_metrics();
    const bool canonical = std::any_of(ours.begin(), ours.end(), [&](const MetricSpec& m) { return m.name == name; });
    return kind == MetricKind::counter ? 9007199254740992.0 : canonical ? 4294967295.0 : 0.0;
}
}  // namespace

const MetricPlan& Binder::plan_of(QueueClass& cls, std::uint32_t metric) {
    auto& made = cls.metrics[metric];
    if (made) {
        return *made;
    }
    made = std::make_unique<MetricPlan>();
    auto& plan = *made;
    plan.metric = metric;
    plan.kind = kind_of(metric);
    plan.known_below = known_below(plan.kind, names_.name(metric));
    plan.may_be_unknown = plan.known_below > 0;
    for (const auto i : cls.rules) {
        const auto& rule = plan_.rules[i];
        for (const auto& shape : rule_windows(rule, names_.name(metric), plan.kind)) {
            need(plan, shape);
        }
        const bool about = rule.feed ? metric == feed_metric_ : names_.name(metric) == rule.metric;
        if (!about) {
            continue;
        }
        plan.rules.push_back({i, &row_of(rule.kind), 0, 0, 0, 0});
    }
    const auto need_inputs = [&](const std::vector<std::uint32_t>& derives) {
        for (const auto i : derives) {
            for (const auto& input : derives_[i].inputs) {
                if (input.metric == metric) {
                    need(plan, input.shape);
                }
            }
        }
    };
    need_inputs(cls.derives);
    need_inputs(cls.members);
    std::stable_partition(plan.rules.begin(), plan.rules.end(), [&](const BoundRule& b) { return banded(plan_.rules[b.rule]); });
    const auto count = [](std::uint16_t& of, bool one) { of = static_cast<std::uint16_t>(of + (one ? 1 : 0)); };
    for (auto& bound : plan.rules) {
        const auto& rule = plan_.rules[bound.rule];
        const auto& row = *bound.row;
        count(plan.thresholds, banded(rule));
        count(plan.observers, !banded(rule) && row.observe != nullptr);
        count(plan.learners, row.learns);
        count(plan.risers, row.rose != nullptr);
        bound.state_bytes = static_cast<std::uint32_t>(rule_state_bytes(rule, plan.kind));
        bound.state = plan.ring_bytes;
        plan.ring_bytes += bound.state_bytes;
        if (row.find_rings != nullptr) {
            row.find_rings(rule, plan, bound);
        }
    }
    return plan;
}

}  // namespace surged
