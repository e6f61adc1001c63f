// What a new detector is laid out by: the queues and series of the old one, noted in pieces, and what becomes of each of them.
#include <algorithm>

#include "core/rule/kinds.hpp"
#include "core/rule/take_over.hpp"

namespace surged {

bool TakeOver::outline(std::size_t queues) {
    if (touched_ == nullptr) {
        touched_ = old_.touched_ = std::make_shared<TouchedQueues>();
    }
    for (; queues > 0 && lines_.size() < old_.store_.size(); --queues) {
        lines_.emplace_back();
        note(static_cast<std::uint32_t>(lines_.size() - 1));
    }
    alerts_ = old_.active_.size();
    return lines_.size() == old_.store_.size();
}

/// What the old detector has of the queue now. Series keep their places, new ones follow.
void TakeOver::note(std::uint32_t id) {
    auto& line = lines_[id];
    const auto& queue = old_.store_[id];
    if (line.to == no_id) {
        line.key = old_.store_.key(id);
    }
    for (std::size_t s = 0; s < queue.series_count; ++s) {
        if (s == line.series.size()) {
            const auto& plan = *queue.series[s].plan;
            line.series.push_back({&plan});
            const auto learner = std::ranges::find_if(plan.rules, [](const BoundRule& rule) { return rule.row->learns; });
            if (learner != plan.rules.end()) {
                line.series[s].profiles = queue.bounds[queue.series[s].bounds + (learner - plan.rules.begin())].baseline;
            }
        }
        line.series[s].derived = queue.series[s].derived != 0;
    }
    for (auto b = line.zones.size(); b < queue.baselines.size(); ++b) {
        line.zones.push_back(&queue.baselines[b]->zone());
    }
    for (auto name = names_.size(); name < old_.store_.metrics().size(); ++name) {
        names_.emplace_back(old_.store_.metrics().name(static_cast<std::uint32_t>(name)));
    }
}

void TakeOver::build() {
    auto& store = made_.store_;
    store.leave_baselines(true);
    for (const auto& rule : made_.plan_.rules) {
        contents_.insert(rule.content);
    }
    made_.started_ = true;
    for (const auto& expect : made_.plan_.expects) {
        if (store.find(expect.centre, expect.queue, expect.channel) == no_id) {
            unheard_.push_back(store.add({expect.centre, expect.queue, expect.channel}));
        }
    }
    for (std::uint32_t id = 0; id < lines_.size(); ++id) {
        build_queue(id);
    }
    std::vector<bool> heard(store.size(), false);
    for (const auto& line : lines_) {
        heard[line.to] = true;
    }
    std::erase_if(unheard_, [&](std::uint32_t queue) { return heard[queue]; });
    made_.groups_of_.resize(store.size());
    touch_room();
}

/// Memory that the moment of the change fills: asked for, and touched, by this thread, since the first touch of a page costs more than filling it.
void TakeOver::touch_room() {
    made_.active_.resize(alerts_ + alerts_ / 8 + 64);
    made_.active_.clear();
    silent_at_.resize(lines_.size());
    deadlines_.resize(lines_.size());
    deadlines_.clear();
    timers_.resize(2 * lines_.size() + 64);
    timers_.clear();
}

/// The new queue, or what it lacks of the old one's series, laid out.
void TakeOver::build_queue(std::uint32_t id) {
    auto& line = lines_[id];
    auto& store = made_.store_;
    if (line.to == no_id) {
        line.to = store.find(line.key.centre, line.key.queue, line.key.channel);
        line.to = line.to != no_id ? line.to : store.add(line.key);
    }
    const auto first = line.built;
    const auto metric_of = [&](const SeriesLine& series) { return store.metrics().find_or_add(names_[series.plan->metric]); };
    std::vector<std::uint32_t> own;
    for (; line.built < line.series.size(); ++line.built) {
        const auto& series = line.series[line.built];
        const auto metric = metric_of(series);
        if (!series.derived && metric != store.binder().feed_metric()) {
            own.push_back(metric);
        }
    }
    store.grow_each(line.to, own, made_.plan_.limits.series);
    for (std::size_t s = first; s < line.series.size(); ++s) {
        auto& series = line.series[s];
        const auto& queue = store[line.to];
        const auto at = queue.find(metric_of(series));
        if (at < queue.series_count) {
            series.to = static_cast<std::uint16_t>(at);
            series.way = way(series.plan, queue.series[at].plan);
        }
    }
    find_profiles(id);
    find_beginners(line);
}

const TakeOver::Way* TakeOver::way(const MetricPlan* from, const MetricPlan* to) {
    auto& known = ways_[{from, to}];
    if (known != nullptr) {
        return known.get();
    }
    known = std::make_unique<Way>();
    known->from = from;
    known->to = to;
    for (std::size_t a = 0; a < from->rings.size(); ++a) {
        for (std::size_t b = 0; b < to->rings.size(); ++b) {
            if (from->rings[a].shape == to->rings[b].shape) {
                known->rings.emplace_back(static_cast<std::uint8_t>(a), static_cast<std::uint8_t>(b));
            }
        }
    }
    for (std::size_t a = 0; a < from->rules.size(); ++a) {
        for (std::size_t b = 0; b < to->rules.size(); ++b) {
            if (old_.plan_.rules[from->rules[a].rule].content == made_.plan_.rules[to->rules[b].rule].content) {
                known->rules.push_back({static_cast<std::uint16_t>(a), static_cast<std::uint16_t>(b),
                                        from->rules[a].state_bytes == to->rules[b].state_bytes});
            }
        }
    }
    return known.get();
}

/// Where each profile of the new queue comes from: one of a rule of equal content goes over as it is, else one that was learned from
/// the same is copied, else it begins anew.
void TakeOver::find_profiles(std::uint32_t id) {
    auto& line = lines_[id];
    auto& queue = made_.store_[line.to];
    if (queue.baselines.empty()) {
        return;
    }
    for (const auto& series : line.series) {
        if (series.way != nullptr) {
            find_profiles_of(id, series);
        }
    }
    for (std::size_t s = 0; s < queue.series_count; ++s) {
        const auto& series = queue.series[s];
        for (std::size_t i = 0; i < series.plan->rules.size(); ++i) {
            const auto number = queue.bounds[series.bounds + i].baseline;
            const bool learns = series.plan->rules[i].row->learns;
            if (learns && queue.baselines[number] == nullptr && !line.taken.contains(number)) {
                made_.store_.give_baseline(line.to, number, made_.plan_.rules[series.plan->rules[i].rule]);
            }
        }
    }
}

void TakeOver::find_profiles_of(std::uint32_t id, const SeriesLine& series) {
    auto& line = lines_[id];
    auto& store = made_.store_;
    const auto& to = *series.way->to;
    for (std::size_t b = 0; b < to.rules.size(); ++b) {
        const auto number = store[line.to].bounds[store[line.to].series[series.to].bounds + b].baseline;
        if (!to.rules[b].row->learns || store[line.to].baselines[number] != nullptr || line.taken.contains(number)) {
            continue;
        }
        const auto& rule = made_.plan_.rules[to.rules[b].rule];
        const auto& from = series.plan->rules;
        const auto same = std::ranges::find_if(from, [&](const BoundRule& r) {
            return r.row->learns && old_.plan_.rules[r.rule].content == rule.content && old_.plan_.rules[r.rule].profile == rule.profile;
        });
        const auto alike = same != from.end() ? same : std::ranges::find_if(from, [&](const BoundRule& r) {
            return r.row->learns && old_.plan_.rules[r.rule].profile == rule.profile;
        });
        if (alike == from.end()) {
            continue;
        }
        const auto before = std::count_if(from.begin(), alike, [](const BoundRule& r) { return r.row->learns; });
        const auto source = static_cast<std::uint16_t>(series.profiles + before);
        const auto& zone = store.zone_of(rule, line.key);
        if (same != from.end() && stays(old_.plan_.rules[same->rule], rule, *line.zones[source], zone) && line.given.insert(source).second) {
            moved_.push_back({id, line.to, source, number, to.rules[b].rule, &zone, store.calendar_of(rule)});
            line.taken.insert(number);
        } else {
            store.give_baseline(line.to, number, rule);
            line.lessons.push_back({source, number});
        }
    }
}

/// A profile of the one is one of the other.
bool TakeOver::stays(const RuleSpec& from, const RuleSpec& to, const Zone& before, const Zone& now) const {
    const auto content = [](const DetectionPlan& plan, const RuleSpec& rule) {
        const auto found = std::ranges::find(plan.calendars, rule.calendar, &CalendarSpec::id);
        return found != plan.calendars.end() ? found->content : 1;
    };
    const auto calendar = content(old_.plan_, from);
    return before.name() == now.name() && calendar != 0 && calendar == content(made_.plan_, to);
}

void TakeOver::find_beginners(QueueLine& line) {
    const auto& queue = made_.store_[line.to];
    for (; line.looked < queue.series_count; ++line.looked) {
        const auto& rules = queue.series[line.looked].plan->rules;
        for (std::size_t place = 0; place < rules.size(); ++place) {
            if (rules[place].row->begin != nullptr) {
                line.beginners.emplace_back(line.looked, static_cast<std::uint16_t>(place));
            }
        }
    }
}

}  // namespace surged
