#include "config/memory.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include "core/base/text.hpp"
#include "core/rule/kinds.hpp"
#include "core/rule/queue_store.hpp"

namespace surged {

namespace {
struct Window {
    std::string metric;
    RingKind kind;
    Span length;
    auto key() const { return std::tuple(metric, kind, length); }
    bool operator<(const Window& other) const { return key() < other.key(); }
};

MetricKind kind_of(const Plan& plan, const std::string& metric) {
    const auto found = std::ranges::find(plan.metrics, metric, &MetricSpec::name);
    return found == plan.metrics.end() ? MetricKind::gauge : found->kind;
}

/// Windows of every metric that the rule reads; a shortfall reads more than the one it is about.
std::vector<Window> windows_of(const Plan& plan, const RuleSpec& rule) {
    std::vector<Window> out;
    const auto add = [&](const std::string& metric) {
        for (const auto& shape : rule_windows(rule, metric, kind_of(plan, metric))) {
            out.push_back({metric, shape.kind, shape.length});
        }
    };
    add(rule.metric);
    for (const auto& metric : plan.metrics) {
        if (metric.name != rule.metric) {
            add(metric.name);
        }
    }
    return out;
}

std::vector<Window> windows_of(const DeriveSpec& derive) {
    std::vector<Window> out;
    const auto add = [&](const Formula& formula) {
        for (const auto& input : formula.inputs()) {
            switch (input.function) {
                case InputFunction::increase:
                case InputFunction::rate: out.push_back({input.metric, RingKind::counter, input.window}); break;
                case InputFunction::avg: out.push_back({input.metric, RingKind::mean, input.window}); break;
                case InputFunction::min:
                case InputFunction::max: out.push_back({input.metric, RingKind::extent, input.window}); break;
                case InputFunction::delta: out.push_back({input.metric, RingKind::first, input.window}); break;
                case InputFunction::last: break;
            }
        }
    };
    add(derive.formula);
    if (derive.when) {
        add(*derive.when);
    }
    return out;
}

bool in_scope(const Scope& scope, const ExpectSpec& queue) {
    return glob_match(scope.centre, queue.centre) && glob_match(scope.queue, queue.queue) &&
           glob_match(scope.channel, queue.channel) && glob_match(scope.group, queue.group);
}

std::string amount(std::size_t bytes) {
    constexpr std::size_t kibibyte = 1024;
    constexpr std::size_t mebibyte = kibibyte * kibibyte;
    if (bytes < kibibyte) {
        return std::to_string(bytes) + " B";
    }
    const auto value = static_cast<double>(bytes);
    return bytes < mebibyte ? format_rounded(value / kibibyte, 1) + " KiB" : format_rounded(value / mebibyte, 1) + " MiB";
}

/// One rule or derived metric.
struct Part {
    std::string name;
    Scope scope;
    std::size_t base = 0;
    std::vector<Window> windows;
};

std::vector<Part> parts_of(const Plan& plan, const CostModel& cost) {
    std::vector<Part> parts;
    for (const auto& derive : plan.derives) {
        parts.push_back(
            {"derive " + derive.metric, derive.scope, derive.by == GroupBy::queue ? cost.series : 0, windows_of(derive)});
    }
    for (const auto& rule : plan.rules) {
        const auto own = rule_state_bytes(rule, kind_of(plan, rule.metric)) + rule_apart_bytes(rule);
        parts.push_back({"rule " + rule.id, rule.scope, cost.bound + own, windows_of(plan, rule)});
    }
    return parts;
}

std::size_t cost_of(const Part& part, const CostModel& cost, std::set<Window>& counted, std::size_t* shared = nullptr) {
    std::size_t bytes = part.base;
    for (const auto& window : part.windows) {
        if (counted.insert(window).second) {
            bytes += cost.windows[static_cast<std::size_t>(window.kind)];
        } else if (shared != nullptr) {
            ++*shared;
        }
    }
    return bytes;
}
}  // namespace

CostModel detector_costs() {
    CostModel cost;
    cost.queue = sizeof(Queue);
    cost.series = sizeof(Series) + sizeof(double);
    cost.bound = sizeof(Bound);
    for (const auto kind : {RingKind::counter, RingKind::mean, RingKind::extent, RingKind::first}) {
        cost.windows[static_cast<std::size_t>(kind)] = ring_bytes(kind);
    }
    return cost;
}

std::vector<std::string> memory_report(const Plan& plan, const CostModel& cost) {
    std::vector<std::string> lines;
    const auto parts = parts_of(plan, cost);
    lines.push_back("queue: " + amount(cost.queue) + ", and " + amount(cost.series) + " for each metric it sends");
    std::set<Window> counted;
    std::size_t everywhere = cost.queue;
    for (const auto& part : parts) {
        std::size_t shared = 0;
        const auto before = counted.size();
        const auto bytes = cost_of(part, cost, counted, &shared);
        everywhere += bytes;
        std::string line = part.name + ": " + amount(bytes) + " a queue";
        const auto windows = counted.size() - before;
        if (windows != 0) {
            line += ", " + std::to_string(windows) + (windows == 1 ? " window" : " windows");
        }
        if (shared != 0) {
            line += ", " + std::to_string(shared) + " shared";
        }
        lines.push_back(std::move(line));
    }
    lines.push_back("a queue in every scope: " + amount(everywhere) + ", and " + amount(cost.series) +
                    " for each metric it sends");
    if (!plan.expects.empty()) {
        std::size_t total = 0;
        for (const auto& queue : plan.expects) {
            std::set<Window> own;
            total += cost.queue;
            for (const auto& part : parts) {
                total += in_scope(part.scope, queue) ? cost_of(part, cost, own) : 0;
            }
        }
        lines.push_back("the " + std::to_string(plan.expects.size()) + " expected queues: " + amount(total) + ", and " +
                        amount(cost.series) + " for each metric they send");
    }
    return lines;
}

}  // namespace surged
