#include "ctl/load_story.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/text.hpp"
#include "core/staffing/fluid.hpp"

namespace surged {

namespace {

std::optional<double> number(const IncidentChange& change, const char* name) {
    const auto found = change.load.find(name);
    if (found == change.load.end()) {
        return std::nullopt;
    }
    const auto value = parse_number(found->second);
    return value && std::isfinite(*value) ? std::optional(*value) : std::nullopt;
}

/// What came since the counter stood at `before`. A counter that fell has restarted: nobody knows.
std::optional<double> came(std::optional<double>& before, std::optional<double> now) {
    const auto out = before && now && *now >= *before ? std::optional(*now - *before) : std::nullopt;
    if (now) {
        before = now;
    }
    return out;
}

/// One queue that everybody of the scope stands in.
class Stream {
public:
    explicit Stream(double waiting) : waiting_(waiting), longest_(waiting) {}

    /// `seconds` of this load with these agents, in steps of a second.
    void run(const staffing::Load& load, double agents, double seconds) {
        const double theta = load.patience_s > 0 ? 1 / load.patience_s : 0;
        for (double left = seconds; left > 0; left -= 1) {
            const double step = std::min(1.0, left);
            const double next = staffing::waiting_after({load, waiting_, agents}, 0, step);
            lost_ += theta * (waiting_ + next) / 2 * step;
            waiting_ = next;
            longest_ = std::max(longest_, waiting_);
        }
    }
    double lost() const { return lost_; }
    double longest() const { return longest_; }

private:
    double waiting_ = 0;
    double longest_ = 0;
    double lost_ = 0;
};

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

std::optional<HelpersWorth> LoadStory::worth() const {
    const bool seen = std::any_of(points_.begin(), points_.end(), [](const LoadPoint& p) { return p.arrived > 0; });
    HelpersWorth out;
    if (points_.size() < 2) {
        return std::nullopt;
    }
    Stream with(points_.front().waiting.value_or(0));
    Stream without = with;
    bool helped = false;
    for (std::size_t i = 1; i < points_.size(); ++i) {
        const auto& from = points_[i - 1];
        const auto& to = points_[i];
        const auto aht = to.aht_s ? to.aht_s : from.aht_s;
        if (!to.load_per_min || !from.productive || !aht || *aht <= 0) {
            continue;
        }
        const staffing::Load load{*to.load_per_min / 60, *aht, to.patience_s.value_or(from.patience_s.value_or(0))};
        const double seconds = static_cast<double>((to.at - from.at).count()) / 1000;
        const double helpers = std::min<double>(seen ? from.arrived : from.joined, *from.productive);
        helped = helped || helpers > 0;
        with.run(load, *from.productive, seconds);
        without.run(load, *from.productive - helpers, seconds);
        out.modelled += to.at - from.at;
    }
    if (!helped) {
        return std::nullopt;
    }
    out.lost_with = with.lost();
    out.lost_without = without.lost();
    out.longest_with = with.longest();
    out.longest_without = without.longest();
    return out;
}

}  // namespace surged
