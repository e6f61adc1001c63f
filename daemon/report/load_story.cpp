#include "report/load_story.hpp"

#include <algorithm>
#include <cmath>

#include "core/staffing/erlang.hpp"

namespace surged {

namespace {

std::optional<double> number(const IncidentChange& change, const char* name) {
    const auto found = change.load.find(name);
    return found != change.load.end() && std::isfinite(found->second) ? std::optional(found->second) : std::nullopt;
}

/// What came since the counter stood at `before`. A counter that fell has restarted: nobody knows.
std::optional<double> came(std::optional<double>& before, std::optional<double> now) {
    const auto out = before && now && *now >= *before ? std::optional(*now - *before) : std::nullopt;
    if (now) {
        before = now;
    }
    return out;
}

/// One queue that everybody of the scope stands in: a fluid with its fluctuation. Followed are mean and variance of the calls that are
/// here, as if they were normal; a mean alone loses nobody where agents are just enough, and chance does.
class Stream {
public:
    explicit Stream(double waiting) : waiting_(waiting), longest_(waiting) {}

    /// `seconds` of this load with these agents.
    void run(const staffing::Load& load, double agents, double seconds) {
        const double mu = 1 / load.aht_s;
        const double theta = load.patience_s > 0 ? 1 / load.patience_s : 0;
        if (here_ < 0) {
            here_ = waiting_ > 0 ? agents + waiting_ : std::min(agents, load.calls_per_s * load.aht_s);
            variance_ = waiting_ > 0 ? 0 : here_;
        }
        constexpr double longest_step = 1;
        constexpr double shortest_step = 0.05;
        const double fine = std::clamp(0.2 / std::max(mu, theta), shortest_step, longest_step);
        for (double left = seconds; left > 0; left -= fine) {
            const double step = std::min(fine, left);
            const double spread = std::sqrt(std::max(variance_, 1e-9));
            const double z = (agents - here_) / spread;
            const double free = std::erfc(-z / std::sqrt(2.0)) / 2;  // chance that an agent is free
            const double density = std::exp(-z * z / 2) / std::sqrt(2 * std::acos(-1.0));
            const double waiting = std::max(0.0, (here_ - agents) * (1 - free) + spread * density);
            const double served = mu * std::max(0.0, here_ - waiting);
            const double left_us = theta * waiting;
            variance_ += step * (load.calls_per_s + served + left_us - 2 * variance_ * (mu * free + theta * (1 - free)));
            here_ = std::max(0.0, here_ + step * (load.calls_per_s - served - left_us));
            variance_ = std::max(0.0, variance_);
            lost_ += step * left_us;
            longest_ = std::max(longest_, waiting);
        }
    }
    double lost() const { return lost_; }
    double longest() const { return longest_; }

private:
    double waiting_ = 0;  ///< at the beginning
    double here_ = -1;    ///< calls with agents and waiting, the mean; negative = not begun
    double variance_ = 0;
    double longest_ = 0;
    double lost_ = 0;
};

/// A minute or so of one load.
struct Stretch {
    staffing::Load load;
    double agents = 0;
    double helpers = 0;  ///< of them
    double seconds = 0;
};

/// The whole series, handling times multiplied by `factor`.
Stream played(const std::vector<Stretch>& stretches, double waiting, double factor, bool helped) {
    Stream stream(waiting);
    for (auto stretch : stretches) {
        stretch.load.aht_s *= factor;
        stream.run(stretch.load, std::max(0.0, stretch.agents - (helped ? 0 : stretch.helpers)), stretch.seconds);
    }
    return stream;
}

/// The factor on handling times, within what a measurement may be wrong by, with which the model loses as many calls as were
/// counted; the nearer bound when none does. More handling time never loses fewer.
double fitted(const std::vector<Stretch>& stretches, double waiting, double counted) {
    double low = 0.7;
    double high = 1.5;
    if (std::abs(played(stretches, waiting, 1, true).lost() - counted) < 0.5) {
        return 1;
    }
    constexpr int halvings = 20;
    for (int i = 0; i < halvings; ++i) {
        const double middle = (low + high) / 2;
        (played(stretches, waiting, middle, true).lost() < counted ? low : high) = middle;
    }
    return (low + high) / 2;
}

}  // namespace

void LoadStory::add(const IncidentChange& change, WallTime at, int joined, int arrived) {
    LoadPoint point;
    point.at = at;
    point.joined = joined;
    point.arrived = arrived;
    point.offered = came(offered_, number(change, "offered"));
    point.answered = came(answered_, number(change, "answered"));
    point.abandoned = came(abandoned_, number(change, "abandoned"));
    point.waiting = number(change, "calls_waiting");
    point.productive = number(change, "productive");
    point.required = number(change, "required");
    point.capacity_per_min = number(change, "capacity_per_min");
    point.forecast_per_min = number(change, "forecast_per_min");
    point.aht_s = number(change, "aht_s");
    point.patience_s = number(change, "patience_s");
    if (!points_.empty() && point.offered && at > points_.back().at) {
        point.load_per_min = *point.offered * 60000 / static_cast<double>((at - points_.back().at).count());
    }
    points_.push_back(point);
}

std::optional<double> LoadStory::total(std::optional<double> LoadPoint::*value) const {
    std::optional<double> sum;
    for (const auto& point : points_) {
        if (point.*value) {
            sum = sum.value_or(0) + *(point.*value);
        }
    }
    return sum;
}

bool HelpersWorth::explains() const {
    constexpr double share = 0.2;
    constexpr double calls = 5;
    return counted && std::abs(lost_with - *counted) <= std::max(share * *counted, calls);
}

/// What the incident's own counts tell of it.
struct LoadStory::Measured {
    std::optional<double> aht_s;       ///< agents' time for each call taken, while people waited and everybody was busy
    std::optional<double> patience_s;  ///< time waited by all, for each who gave up
};

LoadStory::Measured LoadStory::measured() const {
    constexpr double answered_min = 20;
    constexpr double abandoned_min = 10;
    double busy_s = 0, taken = 0, waited_s = 0, gone = 0;
    for (std::size_t i = 1; i < points_.size(); ++i) {
        const auto& from = points_[i - 1];
        const auto& to = points_[i];
        const double seconds = static_cast<double>((to.at - from.at).count()) / 1000;
        if (!from.waiting || !to.waiting || seconds <= 0) {
            continue;
        }
        if (*from.waiting >= 1 && *to.waiting >= 1 && to.answered && from.productive) {
            busy_s += *from.productive * seconds;
            taken += *to.answered;
        }
        if (to.abandoned) {
            waited_s += (*from.waiting + *to.waiting) / 2 * seconds;
            gone += *to.abandoned;
        }
    }
    Measured out;
    if (taken >= answered_min && busy_s > 0) {
        out.aht_s = busy_s / taken;
    }
    if (gone >= abandoned_min && waited_s > 0) {
        constexpr double least_s = 5;
        constexpr double most_s = 3600;
        out.patience_s = std::clamp(waited_s / gone, least_s, most_s);
    }
    return out;
}

std::optional<HelpersWorth> LoadStory::worth() const {
    const bool seen = std::ranges::any_of(points_, [](const LoadPoint& p) { return p.arrived > 0; });
    if (points_.size() < 2) {
        return std::nullopt;
    }
    const auto own = measured();
    HelpersWorth out;
    std::vector<Stretch> stretches;
    bool helped = false;
    std::optional<double> counted_here;  // of the minutes that are modelled
    double aht_sum = 0;
    for (std::size_t i = 1; i < points_.size(); ++i) {
        const auto& from = points_[i - 1];
        const auto& to = points_[i];
        const auto aht = own.aht_s ? own.aht_s : to.aht_s ? to.aht_s : from.aht_s;
        if (!to.load_per_min || !from.productive || !aht || *aht <= 0) {
            continue;
        }
        out.patience_s = own.patience_s.value_or(to.patience_s.value_or(from.patience_s.value_or(0)));
        const double seconds = static_cast<double>((to.at - from.at).count()) / 1000;
        const double helpers = std::min<double>(seen ? from.arrived : from.joined, *from.productive);
        stretches.push_back({{*to.load_per_min / 60, *aht, out.patience_s}, *from.productive, helpers, seconds});
        helped = helped || helpers > 0;
        out.modelled += to.at - from.at;
        aht_sum += *aht;
        if (to.abandoned) {
            counted_here = counted_here.value_or(0) + *to.abandoned;
        }
    }
    if (!helped) {
        return std::nullopt;
    }
    const double waiting = points_.front().waiting.value_or(0);
    const double factor = counted_here ? fitted(stretches, waiting, *counted_here) : 1;
    const auto with = played(stretches, waiting, factor, true);
    const auto without = played(stretches, waiting, factor, false);
    out.counted = abandoned();
    out.aht_s = factor * aht_sum / static_cast<double>(stretches.size());
    out.lost_with = with.lost();
    out.lost_without = without.lost();
    out.longest_with = with.longest();
    out.longest_without = without.longest();
    return out;
}

}  // namespace surged
