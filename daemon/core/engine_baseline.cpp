#include "core/engine_baseline.hpp"

#include "core/engine_parts.hpp"

namespace surged {

namespace {
/// Calls each(queue id, rule index, baseline) for every bound baseline, in order.
template <typename Each>
void each_baseline(const Detector& detector, Each each) {
    for (std::uint32_t id = 0; id < detector.queues().size(); ++id) {
        const auto& queue = detector.queues()[id];
        if (queue.baselines.empty()) {
            continue;
        }
        for (const auto& series : queue.all_series()) {
            for (std::size_t i = 0; i < series.plan->rules.size() && series.plan->baselines != 0; ++i) {
                if (series.plan->rules[i].kind == RuleKind::baseline) {
                    each(id, series.plan->rules[i].rule, *queue.baselines[queue.bounds[series.bounds + i].baseline]);
                }
            }
        }
    }
}
}  // namespace

void count_learning(const Detector& detector, std::vector<RuleHealth>& out) {
    each_baseline(detector, [&](std::uint32_t, std::uint32_t rule, const Baseline& baseline) {
        out[rule].learning += baseline.days() < detector.plan().rules[rule].min_history ? 1U : 0U;
    });
}

void Engine::Parts::connect() {
    detector->watch_incidents(
        [open = desk.get()](const QueueKey& queue, std::string_view group) { return open->open_for(queue, group); });
    values = std::make_unique<DetectorValues>(*detector);
    desk->watch(&detector->board(), values.get());
}

std::size_t Engine::offer_profiles(ProfileShelf profiles) {
    return parts_->detector->offer_profiles(std::move(profiles));
}

std::vector<BaselineOf> Engine::baselines() const {
    std::vector<BaselineOf> out;
    const auto& detector = *parts_->detector;
    each_baseline(detector, [&](std::uint32_t queue, std::uint32_t, const Baseline& baseline) {
        out.push_back({detector.queues().key(queue), baseline.view()});
    });
    return out;
}

}  // namespace surged
