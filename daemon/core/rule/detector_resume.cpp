// Alerts over a restart and a reload: which are open, put where their last edges in the log left them (the log is newer than any
// snapshot), and carried into a detector of another configuration. The hardest rule: nobody is told again what has been told;
// only what is gone with its rule makes an edge.
#include <algorithm>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "core/base/bytes.hpp"
#include "core/rule/detector.hpp"
#include "core/rule/kinds.hpp"
#include "core/rule/rule_step.hpp"
#include "core/rule/take_over.hpp"

namespace surged {

namespace {
/// Two hosts that hear one message hear it within this.
constexpr Span same_moment{1000};
}  // namespace

/// The edge that would lead to where the alert is.
AlertEdge Detector::open_edge(const ActiveAlert& alert) const {
    auto edge = make_edge(alert, alert.state);
    edge.level = alert.level;
    edge.muted = alert.muted;
    edge.folded = alert.folded ? *alert.folded : AlertKey{};
    edge.flapping = flapping(alert.queue, alert.bound);
    edge.limit = limit_text(alert);
    edge.at = edge.since = alert.since;
    return edge;
}

std::vector<AlertEdge> Detector::open_alerts() const {
    std::vector<AlertEdge> out;
    for (const auto& alert : active_) {
        if (alert.queue == no_id || alert.latches.idle()) {
            continue;
        }
        out.push_back(open_edge(alert));
    }
    flapping_at_rest(out);
    std::sort(out.begin(), out.end(),
              [](const AlertEdge& a, const AlertEdge& b) { return std::tie(a.queue, a.rule) < std::tie(b.queue, b.rule); });
    return out;
}

void Detector::reconcile(const std::vector<AlertEdge>& open) {
    std::set<std::pair<std::string, QueueKey>> named;
    for (const auto& edge : open) {
        named.emplace(edge.rule, edge.queue);
    }
    for (std::uint32_t i = 0; i < active_.size(); ++i) {
        auto& alert = active_[i];
        if (alert.queue == no_id || named.contains({plan_.rules[alert.rule].id, store_.key(alert.queue)})) {
            continue;
        }
        const BoundAt at{alert.queue, alert.series, alert.bound};
        release(i);
        resume_bound(at);
    }
    for (const auto& edge : open) {
        apply(edge);
    }
    count_firing();
}

/// It was we who were away: everybody has the time to speak that they have on any other day before they are silent.
void Detector::recovered(Stamp now) {
    recovered_ = now.at;
    begin_unarmed(now);
}

/// A queue that only the log names, or a rule that no snapshot knows, has no check of its silence yet: until data comes nobody else
/// sets one, and the data of a dead feed never comes.
void Detector::begin_unarmed(Stamp now) {
    for (std::uint32_t id = 0; id < store_.size(); ++id) {
        for (std::size_t s = 0; s < store_[id].series_count; ++s) {
            RuleStep step(*this, id, s, now);
            for (std::size_t i = 0; i < step.series.plan->rules.size(); ++i) {
                const auto& row = *step.series.plan->rules[i].row;
                if (row.begin == nullptr || step.at(i).bound().armed) {
                    continue;
                }
                // Silence of a feed counts from when its queue was last heard, that of traffic from now.
                if (step.rule().feed && row.resume != nullptr) {
                    row.resume(step);
                } else {
                    row.begin(step);
                }
            }
        }
    }
}

/// The alert is where this edge left it.
void Detector::apply(const AlertEdge& edge) {
    const auto rule = std::find_if(plan_.rules.begin(), plan_.rules.end(), [&](const RuleSpec& r) { return r.id == edge.rule; });
    if (rule == plan_.rules.end() || edge.stale_changed) {
        return;
    }
    auto id = store_.find(edge.queue.centre, edge.queue.queue, edge.queue.channel);
    if (id == no_id) {
        id = add_queue(edge.queue, edge.at);
        store_[id].seen = true;
    }
    const auto metric = rule->feed ? store_.binder().feed_metric() : store_.metrics().find_or_add(rule->metric);
    if (store_[id].find(metric) == store_[id].series_count) {
        store_.grow(id, {&metric, 1});
    }
    auto& queue = store_[id];
    const auto s = static_cast<std::uint16_t>(queue.find(metric));
    const auto& rules = queue.series[s].plan->rules;
    for (std::size_t i = 0; i < rules.size(); ++i) {
        if (&plan_.rules[rules[i].rule] != &*rule) {
            continue;
        }
        const auto bound = static_cast<std::uint16_t>(queue.series[s].bounds + i);
        set_known(queue.bounds[bound], edge.to != AlertState::unknown);
        auto& alert = activate({id, s, bound});
        const auto& latches = alert.latches;
        // A snapshot that agrees with the edge knows each level's own times; the edge alone knows one. A stand-by that takes over saw
        // the same samples a moment earlier or later than the owner.
        const auto apart = latches.since() > edge.since ? latches.since() - edge.since : edge.since - latches.since();
        if (latches.state() != edge.to || latches.level() != edge.level || apart > same_moment) {
            alert.latches.resume(rule->levels, edge.to, edge.level, edge.pending, edge.since);
        }
        alert.state = edge.to;
        alert.level = edge.level;
        alert.since = edge.since;
        alert.muted = edge.muted;
        alert.value = edge.value;
        note_worst(alert, edge.value, edge.at);
        alert.folded = edge.folded.rule.empty() ? nullptr : std::make_shared<const AlertKey>(edge.folded);
        if (edge.stale && !rule->feed && !alert.latches.idle()) {
            // It was told that its data is gone: the next value is data again.
            alert.stale = true;
            if (!queue.series[s].pace.silent()) {  // else it is known that this metric alone stopped
                stale_queues_ += queue.stale ? 0U : 1U;
                queue.stale = true;
            }
        }
        if (alert.latches.idle()) {
            release(queue.bounds[bound].active);
        }
        resume_bound({id, s, bound});
        resume_flap(id, bound, *rule, edge);
    }
}

ReloadCounts Detector::take_over(Detector& old, Stamp now) {
    TakeOver takes(*this, old);
    takes.outline(old.store_.size());
    takes.build();
    const auto counts = takes.finish(now);
    takes.hand_over(std::numeric_limits<std::size_t>::max());
    return counts;
}

}  // namespace surged
