#include "ctl/chance.hpp"

#include <algorithm>
#include <functional>
#include <cmath>
#include <cstdlib>
#include <random>
#include <tuple>

#include "core/base/text.hpp"
#include "core/forecast/count_test.hpp"
#include "core/rule/baseline.hpp"
#include "core/rule/binding.hpp"

namespace surged {

namespace {
constexpr double step_s = 5;
constexpr double days_played = 10;
constexpr double day_s = 86400;
constexpr double told_from = 0.1;  // a day
constexpr double surprise_shown = 4;
constexpr std::size_t told_max = 20;
constexpr std::size_t volumes_max = 50;  // the largest queues: a look takes a tenth of a second each

/// Counts of one step each, by inversion: the library's own distributions differ between hosts.
class Arrivals {
public:
    explicit Arrivals(double mean) : mean_(mean), none_(std::exp(-std::min(mean, 500.0))) {}
    double next() {
        const double u = static_cast<double>(bits_() >> 11U) * 0x1.0p-53;
        if (mean_ > 500) {
            return mean_;  // more than 360,000 calls an hour: chance is no matter there
        }
        double p = none_;
        double sum = p;
        double k = 0;
        while (u > sum && k < mean_ + 60 * std::sqrt(mean_) + 60) {
            ++k;
            p *= mean_ / k;
            sum += p;
        }
        return k;
    }

private:
    double mean_;
    double none_;
    std::mt19937_64 bits_{7};
};
}  // namespace

double false_alarms_a_day(const RuleSpec& rule, double calls_per_h) {
    const auto steps = [](Span span) { return static_cast<std::size_t>(std::max(1.0, std::round(seconds(span) / step_s))); };
    const auto recent_steps = steps(rule.window);
    const auto before_steps = steps(rule.versus);
    const double window_s = static_cast<double>(recent_steps) * step_s;
    const double versus_s = static_cast<double>(before_steps) * step_s;
    const auto& level = rule.levels.front();
    Arrivals arrivals(calls_per_h / 3600 * step_s);
    std::vector<double> ring(recent_steps + before_steps, 0.0);
    double recent = 0;
    double before = 0;
    double held_s = -1;
    bool raised = false;
    std::size_t alarms = 0;
    const auto all = static_cast<std::size_t>(days_played * day_s / step_s) + ring.size();
    for (std::size_t t = 0; t < all; ++t) {
        auto& oldest = ring[t % ring.size()];
        const auto leaving = ring[(t + ring.size() - recent_steps) % ring.size()];
        before += (t >= recent_steps ? leaving : 0) - oldest;
        recent += -(t >= recent_steps ? leaving : 0);
        oldest = arrivals.next();
        recent += oldest;
        if (t < ring.size()) {
            continue;
        }
        const double usual = before / versus_s * window_s;
        const double excess = recent - usual;
        double value = 0;
        if (std::abs(excess) >= rule.floor && excess != 0) {
            const bool by_sigma = level.raise.unit == LimitUnit::sigma;
            const double sigma = by_sigma || rule.surprise > 0 ? change_sigma({recent, window_s, before, versus_s}, rule.scatter) : 0;
            if (by_sigma) {
                value = sigma;
            } else if (std::abs(sigma) >= (raised ? rule.surprise / 2 : rule.surprise)) {
                value = level.raise.unit == LimitUnit::per_minute ? excess / window_s * 60 : usual > 0 ? excess / usual * 100 : std::copysign(1e6, excess);
            }
        }
        const bool leaves = raised ? level.clear.holds(value) : level.raise.holds(value);
        held_s = leaves ? std::max(0.0, held_s + (held_s < 0 ? 1 : step_s)) : -1;
        if (leaves && held_s >= seconds(raised ? level.clear_after : level.raise_after)) {
            alarms += raised ? 0U : 1U;
            raised = !raised;
            held_s = -1;
        }
    }
    return static_cast<double>(alarms) / days_played;
}

double Volume::busiest() const {
    return per_h.empty() ? 0 : *std::ranges::max_element(per_h);
}

std::vector<Volume> volumes_of(const Plan& plan, const ProfileShelf& shelf) {
    std::vector<Volume> out;
    for (const auto& [key, learned] : shelf) {
        const bool counter = std::ranges::any_of(plan.metrics, [metric = learned.metric](const MetricSpec& m) {
            return m.name == metric && m.kind == MetricKind::counter;
        });
        const auto rule = !counter ? plan.rules.end() : std::ranges::find_if(plan.rules, [&, profile = key.profile](const RuleSpec& r) {
            return r.kind == RuleKind::baseline && r.profile == profile && !r.counts;
        });
        if (rule == plan.rules.end()) {
            continue;
        }
        SurgeDetector detector(surge_settings(*rule));
        ByteReader in(learned.bytes);
        if (!detector.load(in)) {
            continue;
        }
        const auto day = detector.profile().day() + 1;
        detector.begin_day(day, plain_day_kind(day));
        Volume volume{key.queue, learned.metric, std::vector<double>(24, 0.0), "its profile"};
        const auto step = static_cast<std::int32_t>(seconds(rule->slot));
        for (std::int32_t second = 0; second < 86400; second += step) {
            volume.per_h[static_cast<std::size_t>(second / 3600)] += std::max(0.0, detector.expected(second));
        }
        out.push_back(std::move(volume));
    }
    return out;
}

std::vector<std::string> chance_report(const Plan& plan, const std::vector<Volume>& volumes) {
    struct Line {
        double alarms = 0;
        std::string text;
    };
    std::vector<Line> lines;
    // Two digits of a rate make no difference: most hours of most queues are worked out once.
    std::map<std::tuple<std::string, double, double>, double> known;
    const auto a_day = [&known](const RuleSpec& rule, const Volume& volume) {
        double sum = 0;
        for (const double calls : volume.per_h) {
            const double rate = std::strtod(format_rounded(calls, calls < 10 ? 1 : 0).c_str(), nullptr);
            const double unit = rate >= 100 ? std::pow(10.0, std::floor(std::log10(rate)) - 1) : 1;
            const double near = rate >= 100 ? std::round(rate / unit) * unit : rate;
            const auto [at, fresh] = known.try_emplace({rule.id, rule.surprise, near}, 0.0);
            if (fresh && near > 0) {
                at->second = false_alarms_a_day(rule, near);
            }
            sum += at->second / static_cast<double>(volume.per_h.size());
        }
        return sum;
    };
    std::vector<Volume> largest = volumes;
    std::ranges::sort(largest, [](const Volume& a, const Volume& b) { return a.busiest() > b.busiest(); });
    largest.resize(std::min(largest.size(), volumes_max));
    for (const auto& rule : plan.rules) {
        if (rule.kind != RuleKind::rate_of_change || rule.levels.front().raise.unit == LimitUnit::sigma) {
            continue;
        }
        for (const auto& volume : largest) {
            const bool covered = volume.metric == rule.metric && covers(rule.scope, volume.queue, {});
            const double now = covered ? a_day(rule, volume) : 0;
            if (now < told_from) {
                continue;
            }
            auto calm = rule;
            calm.surprise = surprise_shown;
            const auto rest = rule.surprise > 0 ? std::string()
                                                : "; with surprise = " + format_number(surprise_shown) + " " + format_rounded(a_day(calm, volume), 2) + " times";
            lines.push_back({now, rule.id + " on " + volume.queue.centre + "/" + volume.queue.queue + ": about " +
                                      format_rounded(volume.busiest(), 0) + " calls an hour at the busiest (" + volume.source +
                                      "): chance alone raises it " + format_rounded(now, 1) + " times a day" + rest});
        }
    }
    std::ranges::stable_sort(lines, std::ranges::greater{}, &Line::alarms);
    std::vector<std::string> out;
    for (std::size_t i = 0; i < std::min(lines.size(), told_max); ++i) {
        out.push_back(lines[i].text);
    }
    if (lines.size() > told_max) {
        out.push_back("and " + std::to_string(lines.size() - told_max) + " more rules on queues that chance raises");
    }
    return out;
}

}  // namespace surged
