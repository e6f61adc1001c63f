#include "app/queue_days.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "core/record/staffing_view.hpp"

namespace surged {

namespace {

constexpr std::int8_t no_metric = -1;
constexpr std::int8_t waiting_metric = -2;
constexpr Span least_look{60000};  ///< of what is younger no trend is told

/// A change that people would call one: 10 % of what was there, and two calls at least.
std::string_view direction_of(double before, double now) {
    const double enough = std::max(2.0, before / 10);
    return now - before >= enough ? "rising" : before - now >= enough ? "falling" : "flat";
}

std::int64_t day_of(const Zone& zone, WallTime at) {
    const auto civil = zone.to_civil(at);
    return days_from_civil(civil.year, civil.month, civil.day);
}

const Zone& zone_of_centre(const DayZones& zones, const std::string& centre) {
    const auto there = zones.by_centre.find(centre);
    return there == zones.by_centre.end() ? zones.all : there->second;
}

}  // namespace

WallTime QueueDays::dawn_of(const QueueKey& queue, WallTime now, const DayZones& zones) {
    const Zone& zone = zone_of_centre(zones, queue.centre);
    auto midnight = zone.to_civil(now);
    midnight.second_of_day = 0;
    return zone.first_instant(midnight);
}

void QueueDays::seed(std::map<QueueKey, DaySums> sums, WallTime now, const DayZones& zones) {
    const std::lock_guard lock(mutex_);
    seeds_ = std::move(sums);
    for (const auto& entry : seeds_) {
        seed_day_[entry.first] = day_of(zone_of_centre(zones, entry.first.centre), now);
    }
    for (Entry& entry : entries_) {
        take_seed(entry);
    }
}

/// The day of an entry that this run has counted from its first look on begins where the history knows something first.
void QueueDays::take_seed(Entry& entry) {
    const auto found = seeds_.find(entry.key);
    if (found == seeds_.end()) {
        return;
    }
    const DaySums sums = found->second;
    const auto day = seed_day_.at(entry.key);
    seeds_.erase(found);
    seed_day_.erase(entry.key);
    if (!entry.day || *entry.day != day || entry.from != entry.seen) {
        return;  // that day is over
    }
    const auto keep = [&entry](std::size_t c, double value) {
        if (std::isfinite(value)) {
            entry.dawn[c] -= value;
            entry.kept[c] = true;
        }
    };
    keep(offered, sums.offered);
    keep(answered, sums.answered);
    keep(abandoned, sums.abandoned);
    keep(answered_20, sums.in_20);
    keep(answered_15, sums.in_15);
    // The level is of `level_calls`, and of none of the calls from before anybody counted these.
    const auto calls = [](double value) { return std::isfinite(value) ? value : 0.0; };
    entry.dawn[overflow] -= calls(sums.level_calls) - calls(sums.answered) - calls(sums.abandoned);
    constexpr std::int64_t slot_ms = history_slot_minutes * 60000;
    entry.from = wall_time(sums.first * slot_ms);
    entry.gap = Span{std::max<std::int64_t>(0, std::max(to_ms(entry.seen) / slot_ms, sums.last + 1) - sums.first - sums.known) * slot_ms};
}

void QueueDays::begin_day(Entry& entry) const {
    entry.dawn = entry.total;
    entry.from = now_.wall;
    entry.gap = Span{0};
    entry.kept = {};
}

void QueueDays::begin(Stamp now, std::uint64_t reloads, const DayZones& zones) {
    const std::lock_guard lock(mutex_);
    now_ = now;
    if (reloads != reloads_) {
        for (auto& entry : entries_) {
            auto key = entry.key;
            before_.insert_or_assign(std::move(key), std::move(entry));
        }
        entries_.clear();
        reloads_ = reloads;
    }
    today_ = day_of(zones.all, now.wall);
    today_in_.clear();
    for (const auto& [centre, zone] : zones.by_centre) {
        today_in_.emplace(centre, day_of(zone, now.wall));
    }
    marks_now_ = marked_[mark_] == EngineTime{} || now.at - marked_[mark_] >= grid;
    if (marks_now_) {
        mark_ = (mark_ + 1) % marks;
        marked_[mark_] = now.at;
    }
    counter_of_.clear();
}

/// The names stand at their ids, and ids are of one walk.
void QueueDays::place_metrics(const SeriesView& series) {
    static constexpr std::array<std::string_view, counted> names{"offered",      "answered",       "abandoned",      "timeouts",       "overflow_out",
                                                                 "answered_in_20", "answered_in_15", "abandoned_in_20", "abandoned_in_15"};
    for (auto id = counter_of_.size(); id < series.metrics.size(); ++id) {
        const auto found = std::ranges::find(names, series.metrics[id]);
        counter_of_.push_back(series.metrics[id] == "calls_waiting" ? waiting_metric
                              : found == names.end()                ? no_metric
                                                                    : static_cast<std::int8_t>(found - names.begin()));
    }
}

void QueueDays::add(std::uint32_t number, const SeriesView& series, const QueueView& queue) {
    const std::lock_guard lock(mutex_);
    place_metrics(series);
    if (number >= entries_.size()) {
        entries_.resize(number + std::size_t{1});
    }
    auto& entry = entries_[number];
    bool first = false;
    if (entry.key != queue.key) {
        if (auto old = before_.extract(queue.key)) {
            entry = std::move(old.mapped());
        } else {
            entry = {};
            entry.last.fill(unknown);
            entry.from = entry.seen = now_.wall;
            first = true;
        }
        entry.key = queue.key;
    }
    entry.group = queue.group;
    entry.stale = queue.stale;
    entry.waiting = unknown;
    const auto there = today_in_.find(queue.key.centre);
    const auto today = there == today_in_.end() ? today_ : there->second;
    if (entry.day && *entry.day != today) {
        begin_day(entry);
    }
    entry.day = today;
    if (first && !seeds_.empty()) {
        take_seed(entry);
    }
    for (std::size_t i = queue.first; i < std::size_t{queue.first} + queue.count && i < series.values.size(); ++i) {
        const auto place = counter_of_[series.metric_of[i]];
        const double value = series.values[i];
        if (place == no_metric || !std::isfinite(value)) {
            continue;
        }
        if (place == waiting_metric) {
            entry.waiting = queue.stale ? unknown : value;
            continue;
        }
        const auto c = static_cast<std::size_t>(place);
        if (std::isfinite(entry.last[c])) {
            entry.total[c] += value >= entry.last[c] ? value - entry.last[c] : value;  // a counter that fell began anew
        }
        entry.last[c] = value;
    }
    if (marks_now_) {
        const bool in_20 = std::isfinite(entry.last[answered_20]);
        entry.past[mark_] = {static_cast<float>(outcomes_of(entry.total, in_20)), static_cast<float>(entry.total[in_20 ? answered_20 : answered_15]),
                             static_cast<float>(entry.waiting)};
    }
}

double QueueDays::outcomes_of(const std::array<double, counted>& total, bool in_20) {
    return total[answered] + total[abandoned] + total[timeouts] + total[overflow] - total[in_20 ? abandoned_20 : abandoned_15];
}

/// The mark of five minutes ago, or the first one after a start.
std::size_t QueueDays::oldest() const {
    std::size_t at = mark_;
    for (std::size_t i = 0; i < marks; ++i) {
        if (marked_[i] != EngineTime{} && marked_[i] < marked_[at]) {
            at = i;
        }
    }
    return at;
}

std::optional<QueueDay> QueueDays::day(std::uint32_t number, const QueueKey& queue) const {
    const std::lock_guard lock(mutex_);
    if (number >= entries_.size() || entries_[number].key != queue) {
        return std::nullopt;
    }
    const auto& entry = entries_[number];
    QueueDay out;
    out.from = entry.from;
    out.gap = entry.gap;
    const auto since_dawn = [&entry](std::size_t c) { return known(entry, c) ? entry.total[c] - entry.dawn[c] : unknown; };
    out.offered = since_dawn(offered);
    out.answered = since_dawn(answered);
    out.abandoned = since_dawn(abandoned);
    const bool in_20 = known(entry, answered_20);
    if (!in_20 && !known(entry, answered_15)) {
        return out;
    }
    out.target_s = in_20 ? 20 : 15;
    const auto in_time = in_20 ? answered_20 : answered_15;
    const auto share = [](double part, double of) { return of > 0 ? std::clamp(part / of, 0.0, 1.0) : unknown; };
    out.level_today = share(entry.total[in_time] - entry.dawn[in_time], outcomes_of(entry.total, in_20) - outcomes_of(entry.dawn, in_20));
    const auto& then = entry.past[oldest()];
    out.level_now = share(entry.total[in_time] - then.in_time, outcomes_of(entry.total, in_20) - then.outcomes);
    return out;
}

void QueueDays::end(const std::vector<IncidentScope>& open) {
    const std::lock_guard lock(mutex_);
    before_.clear();
    trends_.clear();
    const auto then = oldest();
    if (marked_[then] == EngineTime{} || now_.at - marked_[then] < least_look) {
        return;
    }
    struct Sum {
        double now = 0;
        double before = 0;
        bool known = false;
    };
    // Queues are summed once for each set of names that scopes have, not once for each incident.
    std::map<std::vector<std::string>, std::map<std::map<std::string, std::string>, Sum>> shapes;
    for (const auto& incident : open) {
        std::vector<std::string> names;
        for (const auto& part : incident.scope) {
            names.push_back(part.first);
        }
        shapes[names];
    }
    for (auto& [names, sums] : shapes) {
        for (const auto& incident : open) {
            if (incident.scope.size() == names.size()) {
                sums[incident.scope];
            }
        }
        for (const auto& entry : entries_) {
            const double before = entry.past[then].waiting;
            if (!std::isfinite(entry.waiting) || !std::isfinite(before)) {
                continue;
            }
            std::map<std::string, std::string> scope;
            for (const auto& name : names) {
                scope[name] = name == "centre" ? entry.key.centre : name == "queue" ? entry.key.queue : name == "channel" ? entry.key.channel : entry.group;
            }
            if (const auto found = sums.find(scope); found != sums.end()) {
                found->second.now += entry.waiting, found->second.before += before, found->second.known = true;
            }
        }
        for (const auto& incident : open) {
            if (const auto found = sums.find(incident.scope); found != sums.end() && found->second.known) {
                const auto& sum = found->second;
                trends_[incident.incident] = {"calls_waiting", sum.now, sum.before, now_.at - marked_[then], std::string(direction_of(sum.before, sum.now))};
            }
        }
    }
}

std::optional<TrendView> QueueDays::trend(const std::string& incident) const {
    const std::lock_guard lock(mutex_);
    const auto found = trends_.find(incident);
    return found == trends_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace surged
