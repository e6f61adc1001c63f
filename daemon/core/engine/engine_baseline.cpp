#include "core/engine/engine_baseline.hpp"

#include <algorithm>
#include <utility>

#include "core/engine/engine_parts.hpp"
#include "core/rule/kinds.hpp"

namespace surged {

namespace {
/// Calls each(queue id, rule index, baseline) for every bound baseline of queues [id, end), in order.
template <typename Each>
void each_baseline(const Detector& detector, std::uint32_t id, std::uint32_t end, Each each) {
    for (; id < end; ++id) {
        const auto& queue = detector.queues()[id];
        if (queue.baselines.empty()) {
            continue;
        }
        for (const auto& series : queue.all_series()) {
            for (std::size_t i = 0; i < series.plan->rules.size() && series.plan->learners != 0; ++i) {
                if (series.plan->rules[i].row->learns) {
                    each(id, series.plan->rules[i].rule, *queue.baselines[queue.bounds[series.bounds + i].baseline]);
                }
            }
        }
    }
}
}  // namespace

void count_learning(const Detector& detector, std::vector<RuleHealth>& out) {
    const auto& rules = detector.plan().rules;
    if (std::none_of(rules.begin(), rules.end(), [](const RuleSpec& rule) { return row_of(rule.kind).learns; })) {
        return;
    }
    each_baseline(detector, 0, static_cast<std::uint32_t>(detector.queues().size()), [&](std::uint32_t, std::uint32_t rule, const Baseline& baseline) {
        out[rule].learning += baseline.days() < rules[rule].min_history ? 1U : 0U;
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

bool Engine::piece(PieceCursor& cursor, std::size_t queues, std::vector<BaselineOf>& out) const {
    if (!begin_piece(cursor)) {
        return false;
    }
    const auto& detector = *parts_->detector;
    const auto from = std::exchange(cursor.next, std::min(cursor.end, cursor.next + static_cast<std::uint32_t>(queues)));
    each_baseline(detector, from, cursor.next, [&](std::uint32_t queue, std::uint32_t, const Baseline& baseline) {
        out.push_back({detector.queues().key(queue), baseline.view()});
    });
    return true;
}

std::vector<BaselineOf> Engine::baselines() const {
    std::vector<BaselineOf> out;
    PieceCursor cursor;
    piece(cursor, parts_->detector->queues().size(), out);
    return out;
}

}  // namespace surged
