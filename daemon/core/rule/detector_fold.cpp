// Rules that depend on others: who speaks for whom, told by an edge whenever it changes. The state of a folded alert goes on.
#include "core/rule/detector.hpp"
#include "core/rule/kind_phrases.hpp"

namespace surged {

AlertKey Detector::speaker_of(const ActiveAlert& alert) const {
    if (!dependencies_.depends(alert.rule)) {
        return {};
    }
    return dependencies_.speaker(alert.rule, store_.key(alert.queue), store_[alert.queue].group, store_);
}

void Detector::note_firing(const ActiveAlert& alert) {
    if (dependencies_.speaks(alert.rule)) {
        dependencies_.set(alert.rule, alert.queue, alert.state == AlertState::firing || alert.state == AlertState::clearing);
    }
}

/// After alerts were set from outside (a snapshot, the log, another configuration): who fires is counted anew.
void Detector::count_firing() {
    dependencies_.clear();
    for (const auto& alert : active_) {
        if (alert.queue != no_id) {
            note_firing(alert);
        }
    }
}

/// Once a step is through: every alert that fires and has another speaker than was last recorded says so. Alerts and their
/// speakers of one step are told together, so a queue that crosses its limit with its centre is never heard alone.
void Detector::refold(Stamp now) {
    if (!dependencies_.take_changed()) {
        return;
    }
    for (std::uint32_t i = 0; i < active_.size(); ++i) {
        auto& alert = active_[i];
        const bool fires = alert.state == AlertState::firing || alert.state == AlertState::clearing;
        if (alert.queue == no_id || !fires || !dependencies_.depends(alert.rule)) {
            continue;
        }
        auto speaker = speaker_of(alert);
        if (speaker == (alert.folded ? *alert.folded : AlertKey{})) {
            continue;
        }
        const KindSay say{Language::en};
        const auto evidence =
            speaker.rule.empty()
                ? say("fold.over", {{"rule", alert.folded->rule}})
                : say("fold.speaks", {{"rule", speaker.rule}, {"queue", speaker.queue.centre + "/" + speaker.queue.queue}});
        emit(alert, alert.state, store_[alert.queue].ts, now, evidence);
        alert.muted = edges_.back().muted;
        alert.folded = speaker.rule.empty() ? nullptr : std::make_shared<const AlertKey>(std::move(speaker));
        if (alert.muted) {
            constexpr Span look_again{60000};
            timers_.set(now.at + look_again, TimerKind::muted, i, alert.generation);
        }
    }
}

}  // namespace surged
