#include "core/rule/take_over.hpp"

#include <algorithm>
#include <tuple>

#include "core/base/bytes.hpp"
#include "core/rule/kinds.hpp"
#include "core/rule/rule_step.hpp"

namespace surged {

namespace {
// Deadlines of equal time come up in the order in which a detector that is restored sets them: of declared queues, of silence, of rules.
constexpr std::uint64_t of_silence = std::uint64_t{1} << 60U;
constexpr std::uint64_t of_rules = std::uint64_t{2} << 60U;

/// The place of the old queue's bound rule in that order.
std::uint64_t order_of(std::uint32_t queue, std::size_t bound) {
    return of_rules | std::uint64_t{queue} << 24U | std::uint64_t{bound} << 2U;
}

constexpr double infinity = std::numeric_limits<double>::infinity();
}  // namespace

std::size_t TakeOver::copy(std::size_t queues) {
    while (lines_.size() < old_.store_.size()) {
        lines_.emplace_back();
        note(static_cast<std::uint32_t>(lines_.size() - 1));
        build_queue(static_cast<std::uint32_t>(lines_.size() - 1));
    }
    for (; queues > 0 && next_ < lines_.size(); --queues) {
        copy_queue(next_++);
    }
    for (; queues > 0 && !touched_->empty(); --queues) {
        if (const auto id = touched_->take(); id < next_) {
            copy_queue(id);
        }
    }
    return lines_.size() - next_ + touched_->size() + share_profiles(queues);
}

void TakeOver::copy_queue(std::uint32_t id) {
    auto& line = lines_[id];
    const auto& from = old_.store_[id];
    if (line.built != from.series_count) {
        note(id);
        build_queue(id);
        made_.groups_of_.resize(made_.store_.size());
    }
    auto& to = made_.store_[line.to];
    ++line.copies;
    to.last = from.last;
    to.ts = from.ts;
    to.seen = from.seen;
    to.cadence = from.cadence;
    to.set_stale_after();
    silent_at_.resize(std::max(silent_at_.size(), lines_.size()));
    silent_at_[id] = to.last + to.stale_after;
    for (std::size_t s = 0; s < line.series.size(); ++s) {
        if (line.series[s].way != nullptr) {
            copy_series(id, line.series[s], s);
        }
    }
    if (!line.lessons.empty()) {
        ByteWriter learned;
        for (const auto& lesson : line.lessons) {
            learned.clear();
            from.baselines[lesson.from]->save(learned);
            ByteReader in(learned.bytes());
            to.baselines[lesson.to]->load(in);
        }
    }
    for (const auto& [s, place] : line.beginners) {
        auto step = RuleStep(made_, line.to, s, {});
        step.at(place);
        if (!step.bound().armed) {
            const bool declared = to.expected && step.series.plan->metric == made_.store_.binder().feed_metric();
            const bool resumes = !declared && step.rule().feed && step.plan().row->resume != nullptr;
            beginnings_.push_back({id, line.copies, s, place, resumes});
        }
    }
}

void TakeOver::copy_series(std::uint32_t id, const SeriesLine& line, std::size_t s) {
    const auto& from_queue = old_.store_[id];
    const auto& from = from_queue.series[s];
    const auto queue_id = lines_[id].to;
    auto& queue = made_.store_[queue_id];
    auto& to = queue.series[line.to];
    to.reading = from.reading;
    to.reading.heard = 0;  // each metric has its time to speak
    to.pace = from.pace;
    made_.store_.value(queue, line.to) = old_.store_.value(from_queue, s);
    for (const auto& [a, b] : line.way->rings) {
        queue.ring(to, b).copy_from(from_queue.ring(from, a));
    }
    to.band = to.plan->thresholds == 0 ? QuietBand{-infinity, infinity} : QuietBand{1, 0};
    for (std::size_t place = 0; place < to.plan->rules.size(); ++place) {
        auto& bound = queue.bounds[to.bounds + place];
        made_.set_known(bound, false);
        const auto baseline = bound.baseline;
        bound = Bound{};
        bound.baseline = baseline;
    }
    for (const auto& rule : line.way->rules) {
        const auto& before = from_queue.bounds[from.bounds + rule.from];
        auto& bound = queue.bounds[to.bounds + rule.to];
        const auto& plan = to.plan->rules[rule.to];
        made_.set_known(bound, before.known);
        bound.last_rise = before.last_rise;
        if (rule.state) {
            const auto* kept = from_queue.rings + from.rings + from.plan->rules[rule.from].state;
            std::copy_n(kept, plan.state_bytes, queue.rings + to.rings + plan.state);
        }
        if (plan.row->resume != nullptr) {
            plan.row->resume(RuleStep(made_, queue_id, line.to, {}).at(rule.to));
            keep_deadlines(id, order_of(id, from.bounds + std::size_t{rule.from}));
        }
        if (before.active == no_id && before.known) {
            made_.resume_bound({queue_id, line.to, static_cast<std::uint16_t>(to.bounds + rule.to)});
        }
    }
}

/// Those that were just set in the new detector wait until it takes over.
void TakeOver::keep_deadlines(std::uint32_t id, std::uint64_t order) {
    if (made_.timers_.size() == 0) {
        return;
    }
    for (auto& timer : made_.timers_.take_all()) {
        timer.order = order;
        deadlines_.push_back({timer, id, lines_[id].copies});
    }
}

ReloadCounts TakeOver::finish(Stamp now) {
    while (copy(lines_.size() + 1) > 0) {
    }
    made_.store_.leave_baselines(false);
    made_.groups_of_.resize(made_.store_.size());
    take_totals();
    const auto counts = count();
    take_alerts();
    made_.count_firing();
    begin_expected(now);
    set_deadlines();
    end_alerts(now);
    made_.take_over_flaps(old_, contents_, now);
    begin_rest(now);
    made_.store_.shelf() = std::move(old_.store_.shelf());
    old_.touched_ = nullptr;
    return counts;
}

void TakeOver::take_totals() {
    ByteWriter sources;
    old_.sources_.write(sources);
    ByteReader in(sources.bytes());
    made_.sources_.read(in);
    made_.messages_ = old_.messages_;
    made_.samples_ = old_.samples_;
    made_.resets_ = old_.resets_;
    made_.late_ = old_.late_;
    made_.rejected_ = old_.rejected_;
    made_.recovered_ = old_.recovered_;
    made_.refusals_ = std::move(old_.refusals_);
}

/// Alerts of rules of equal content are where they were.
void TakeOver::take_alerts() {
    std::vector<const ActiveAlert*> alive;
    for (const auto& alert : old_.active_) {
        if (alert.queue != no_id) {
            alive.push_back(&alert);
        }
    }
    std::ranges::sort(alive, {}, [](const ActiveAlert* alert) { return std::tuple(alert->queue, alert->bound); });
    for (const auto* alert : alive) {
        const auto& line = lines_[alert->queue];
        const auto& series = line.series[alert->series];
        const auto from = alert->bound - old_.store_[alert->queue].series[alert->series].bounds;
        for (std::size_t i = 0; series.way != nullptr && i < series.way->rules.size(); ++i) {
            const auto& rule = series.way->rules[i];
            if (rule.from != from) {
                continue;
            }
            const auto& queue = made_.store_[line.to];
            const auto bound = static_cast<std::uint16_t>(queue.series[series.to].bounds + rule.to);
            auto& taken = made_.activate({line.to, series.to, bound});
            const auto generation = taken.generation;
            const auto rule_index = taken.rule;
            taken = *alert;
            taken.queue = line.to;
            taken.series = series.to;
            taken.bound = bound;
            taken.rule = rule_index;
            taken.generation = generation;
            taken.stale = !made_.plan_.rules[rule_index].feed && queue.series[series.to].pace.silent();
            made_.resume_bound({line.to, series.to, bound});
            keep_deadlines(alert->queue, order_of(alert->queue, alert->bound) | 1U);
        }
    }
}

/// Declared queues of which the old detector knew nothing: from now on they are awaited.
void TakeOver::begin_expected(Stamp now) {
    std::uint64_t order = 0;
    const auto keep = [&] {
        for (auto& timer : made_.timers_.take_all()) {
            timer.order = order++;
            deadlines_.push_back({timer, no_id, 0});
        }
    };
    for (const auto id : unheard_) {
        auto& queue = made_.store_[id];
        queue.last = now.at;
        made_.timers_.set(now.at + queue.stale_after, TimerKind::stale, id);
        keep();
        made_.begin_rules(id, 0, now);
        keep();
    }
}

void TakeOver::set_deadlines() {
    for (std::uint32_t id = 0; id < lines_.size(); ++id) {
        timers_.push_back({silent_at_[id], of_silence | id, TimerKind::stale, lines_[id].to, 0});
    }
    for (const auto& deadline : deadlines_) {
        if (deadline.queue == no_id || deadline.copy == lines_[deadline.queue].copies) {
            timers_.push_back(deadline.timer);
        }
    }
    made_.timers_.assign(std::move(timers_));
}

ReloadCounts TakeOver::count() const {
    ReloadCounts counts;
    std::set<std::string> ids;
    for (const auto& rule : made_.plan_.rules) {
        ids.insert(rule.id);
    }
    const auto& bound = old_.store_.bound_of_rule();
    for (std::size_t i = 0; i < bound.size(); ++i) {
        const auto& rule = old_.plan_.rules[i];
        (contents_.contains(rule.content) ? counts.kept : ids.contains(rule.id) ? counts.re_evaluated : counts.closed) += bound[i];
    }
    return counts;
}

/// Nobody judges any more what a rule that is gone has raised.
void TakeOver::end_alerts(Stamp now) {
    for (auto& alert : old_.active_) {
        if (alert.queue == no_id || contents_.contains(old_.plan_.rules[alert.rule].content) || alert.state == AlertState::ok) {
            continue;
        }
        alert.latches = LatchSet{};
        old_.emit(alert, AlertState::unknown, old_.store_[alert.queue].ts, now, "the rule was changed or removed");
    }
    made_.edges_.insert(made_.edges_.end(), old_.edges_.begin(), old_.edges_.end());
    old_.edges_.clear();
}

/// Rules that are new to their series, whether or not their queue ever speaks again.
void TakeOver::begin_rest(Stamp now) {
    std::erase_if(beginnings_, [this](const Beginning& b) { return b.copy != lines_[b.queue].copies; });
    std::ranges::stable_sort(beginnings_, {}, [this](const Beginning& b) { return lines_[b.queue].to; });
    for (const auto& beginning : beginnings_) {
        RuleStep step(made_, lines_[beginning.queue].to, beginning.series, now);
        const auto& row = *step.series.plan->rules[beginning.place].row;
        (beginning.resumes ? row.resume : row.begin)(step.at(beginning.place));
    }
}

/// The old detector goes on learning in them.
std::size_t TakeOver::share_profiles(std::size_t profiles) {
    for (; profiles > 0 && shared_ < moved_.size(); --profiles, ++shared_) {
        const auto& moved = moved_[shared_];
        made_.store_[moved.into].baselines[moved.to] = old_.store_[moved.queue].baselines[moved.from];
    }
    return moved_.size() - shared_;
}

std::size_t TakeOver::hand_over(std::size_t profiles) {
    const auto& rules = made_.plan_.rules;
    for (; profiles > 0 && handed_over_ < moved_.size(); --profiles, ++handed_over_) {
        const auto& moved = moved_[handed_over_];
        made_.store_[moved.into].baselines[moved.to]->belong_to(rules[moved.rule], *moved.zone, moved.calendar);
    }
    return moved_.size() - handed_over_;
}

}  // namespace surged
