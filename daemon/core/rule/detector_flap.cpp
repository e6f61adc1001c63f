// Flapping: an alert that starts and ends again and again. It is a flag beside the state, never a state: the edges go on being
// recorded, and the desk keeps what it last told (see incident/fold.cpp). When the alert has settled, one more edge says where it
// is; the desk compares that with what it last told, and tells when it differs. So nothing that lasts is ever hidden.
//
// The history of edges is not snapshotted (after a restart it is counted anew, which fails towards telling); the flag is: it
// stands in the edges of the log and in the alerts of the snapshot, and the settling is waited for again.
#include <algorithm>
#include <tuple>

#include "core/rule/detector.hpp"
#include "core/rule/kind_phrases.hpp"

namespace surged {

namespace {
bool fires(AlertState state) {
    return state == AlertState::firing || state == AlertState::clearing;
}
std::uint64_t key_of(std::uint32_t queue, std::uint16_t bound) {
    return (std::uint64_t{queue} << 16U) | bound;
}
}  // namespace

bool Detector::flapping(std::uint32_t queue, std::uint16_t bound) const {
    const auto known = flaps_.find(key_of(queue, bound));
    return known != flaps_.end() && known->second.flapping;
}

/// Before the edge: a change of what is told (fires or not, which level) is counted.
void Detector::note_change(const ActiveAlert& alert, AlertState to, Level level, EngineTime now) {
    const auto& spec = plan_.rules[alert.rule].flap;
    const bool changed = fires(to) != fires(alert.state) || (fires(to) && level != alert.level);
    if (spec.edges <= 0 || !changed) {
        return;
    }
    auto& flap = flaps_[key_of(alert.queue, alert.bound)];
    flap.last = now;
    std::erase_if(flap.edges, [&](EngineTime at) { return now - at >= spec.window; });
    flap.edges.push_back(now);
    const auto most = static_cast<std::size_t>(spec.edges);
    if (flap.edges.size() > most + 1) {
        flap.edges.erase(flap.edges.begin());
    }
    if (!flap.flapping && flap.edges.size() > most) {
        flap.flapping = true;
        timers_.set(now + spec.settle(), TimerKind::flap, alert.queue, alert.bound);
    }
    // Alerts that changed once, hours ago, are not remembered for ever.
    constexpr std::size_t sweep_from = 1024;
    if (flaps_.size() >= sweep_from && flaps_.size() >= 2 * flaps_kept_) {
        std::erase_if(flaps_,
                      [&](const auto& entry) { return !entry.second.flapping && now - entry.second.last > Span{3600000}; });
        flaps_kept_ = std::max<std::size_t>(sweep_from / 2, flaps_.size());
    }
}

/// The rule on the queue as an alert at rest, which has no place of its own.
ActiveAlert Detector::at_rest(std::uint32_t id, std::uint16_t bound) const {
    const auto& queue = store_[id];
    ActiveAlert resting;
    resting.queue = id;
    resting.series = static_cast<std::uint16_t>(queue.series_of(bound));
    resting.bound = bound;
    const auto& series = queue.series[resting.series];
    resting.rule = series.plan->rules[bound - series.bounds].rule;
    resting.state = AlertState::ok;
    resting.value = store_.value(queue, resting.series);
    return resting;
}

/// A flapping alert has been looked for: has it settled?
void Detector::end_flap(std::uint32_t id, std::uint16_t bound, Stamp now) {
    const auto known = flaps_.find(key_of(id, bound));
    if (known == flaps_.end() || !known->second.flapping || bound >= store_[id].bound_count) {
        return;
    }
    const auto& queue = store_[id];
    const auto resting = at_rest(id, bound);
    const auto& rule = plan_.rules[resting.rule];
    const auto settled = known->second.last + rule.flap.settle();
    if (settled > now.at || ((queue.stale || queue.series[resting.series].pace.silent()) && !rule.feed)) {  // without data nothing is settled (D1)
        timers_.set(std::max(settled, now.at + Span{1000}), TimerKind::flap, id, bound);
        return;
    }
    flaps_.erase(known);
    const auto index = queue.bounds[bound].active;
    const auto& alert = index != no_id ? active_[index] : resting;
    emit(alert, alert.state, queue.ts, now, KindSay{Language::en}("settled"));
}

/// What the log says of a flapping alert: the flag is on, and the settling is waited for again. Of one that does not flap a stand-by
/// that takes over keeps what it has counted itself.
void Detector::resume_flap(std::uint32_t id, std::uint16_t bound, const RuleSpec& rule, const AlertEdge& edge) {
    if (!edge.flapping) {
        if (flapping(id, bound)) {
            flaps_.erase(key_of(id, bound));
        }
        return;
    }
    auto& flap = flaps_[key_of(id, bound)];
    flap.flapping = true;
    flap.last = edge.at;
    timers_.set(edge.at + rule.flap.settle(), TimerKind::flap, id, bound);
}

/// Every flapping alert that is at rest now, as the edge that led there: the desk may still tell it as firing.
void Detector::flapping_at_rest(std::vector<AlertEdge>& out) const {
    for (const auto& [key, flap] : flaps_) {
        const auto id = static_cast<std::uint32_t>(key >> 16U);
        const auto bound = static_cast<std::uint16_t>(key & 0xFFFFU);
        const auto& queue = store_[id];
        const bool busy = queue.bounds[bound].active != no_id && !active_[queue.bounds[bound].active].latches.idle();
        if (!flap.flapping || busy) {
            continue;
        }
        auto edge = make_edge(at_rest(id, bound), AlertState::ok);
        edge.stale = false;
        edge.at = flap.last;
        out.push_back(std::move(edge));
    }
}

/// The alerts that flap, in order of queue and rule: a reload need not look at the others.
std::vector<AlertEdge> Detector::flapping_alerts() const {
    std::vector<AlertEdge> out;
    for (const auto& [key, flap] : flaps_) {
        const auto index = store_[static_cast<std::uint32_t>(key >> 16U)].bounds[key & 0xFFFFU].active;
        if (flap.flapping && index != no_id && !active_[index].latches.idle()) {
            out.push_back(open_edge(active_[index]));
        }
    }
    flapping_at_rest(out);
    std::sort(out.begin(), out.end(), [](const AlertEdge& a, const AlertEdge& b) { return std::tie(a.queue, a.rule) < std::tie(b.queue, b.rule); });
    return out;
}

/// After a reload: alerts of kept rules go on flapping, those of rules that are gone or changed end.
void Detector::take_over_flaps(Detector& old, const std::set<std::uint64_t>& contents, Stamp now) {
    for (auto& edge : old.flapping_alerts()) {
        const auto rule =
            std::find_if(old.plan_.rules.begin(), old.plan_.rules.end(), [&](const RuleSpec& r) { return r.id == edge.rule; });
        if (!edge.flapping || rule == old.plan_.rules.end()) {
            continue;
        }
        if (contents.contains(rule->content)) {
            apply(edge);
        } else if (edge.to == AlertState::ok) {  // the others end with the alert itself
            edge.to = AlertState::unknown;
            edge.flapping = false;
            edge.evidence = KindSay{Language::en}("rule.gone");
            edge.at = now.at;
            edges_.push_back(std::move(edge));
        }
    }
}

}  // namespace surged
