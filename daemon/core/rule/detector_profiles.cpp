// Learned profiles in the detector: given what history has taught, kept over a reload, and shown. What a rule of a kind that learns
// does with a sample is in core/rule/kinds.
#include <algorithm>

#include "core/base/bytes.hpp"
#include "core/rule/detector.hpp"
#include "core/rule/kinds.hpp"

namespace surged {

const Baseline* Detector::find_baseline(std::uint32_t id, std::uint32_t rule) const {
    const auto& queue = store_[id];
    for (const auto& series : queue.all_series()) {
        for (std::size_t i = 0; i < series.plan->rules.size() && series.plan->learners != 0; ++i) {
            if (series.plan->rules[i].rule == rule && series.plan->rules[i].row->learns) {
                return queue.baselines[queue.bounds[series.bounds + i].baseline].get();
            }
        }
    }
    return nullptr;
}

std::optional<BaselineView> Detector::baseline(std::uint32_t queue, std::uint32_t rule) const {
    const auto* found = queue < store_.size() ? find_baseline(queue, rule) : nullptr;
    return found != nullptr ? std::optional(found->view()) : std::nullopt;
}

std::size_t Detector::offer_profiles(ProfileShelf profiles) {
    std::size_t taken = 0;
    std::vector<ProfileKey> bound;
    for (std::uint32_t id = 0; id < store_.size(); ++id) {
        for (std::uint32_t rule = 0; rule < plan_.rules.size() && !store_[id].baselines.empty(); ++rule) {
            const auto* found = find_baseline(id, rule);
            const auto learned = found != nullptr ? profiles.find({store_.key(id), plan_.rules[rule].profile}) : profiles.end();
            if (learned == profiles.end() || learned->second.zone != found->zone().name() ||
                learned->second.days <= found->days()) {
                continue;
            }
            touch(id);
            for (auto& baseline : store_[id].baselines) {
                if (baseline.get() == found && baseline->adopt(learned->second.bytes)) {
                    ++taken;
                }
            }
            bound.push_back(learned->first);
        }
    }
    for (const auto& key : bound) {
        profiles.erase(key);
    }
    store_.shelf() = std::move(profiles);
    return taken;
}

void Detector::write_baseline(ByteWriter& out, const Queue& queue, const Bound& bound, const RuleSpec& rule) const {
    ByteWriter learned;
    learned.put(rule.profile);
    queue.baselines[bound.baseline]->save(learned);
    out.put_text(learned.bytes());
}

/// A profile outlives its rule's limits: what it depends on is the metric, the slot and the zone.
void Detector::read_baseline(std::string_view bytes, std::uint64_t content, Queue& queue, const Series& series) {
    ByteReader in(bytes);
    const auto profile = in.get<std::uint64_t>();
    const auto body = bytes.substr(std::min(bytes.size(), sizeof(profile)));
    for (std::size_t i = 0; i < series.plan->rules.size(); ++i) {
        const auto& rule = plan_.rules[series.plan->rules[i].rule];
        if (row_of(rule.kind).learns && rule.profile == profile) {
            auto& baseline = *queue.baselines[queue.bounds[series.bounds + i].baseline];
            if (rule.content == content || baseline.days() == 0) {
                ByteReader rest(body);
                baseline.load(rest);
            }
        }
    }
}

}  // namespace surged
