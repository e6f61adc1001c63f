#include "core/staffing/shortfall.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace surged::staffing {

namespace {

/// As required_agents(), from a guess: what was right five seconds ago is nearly right now, and one test each side proves it.
std::optional<int> required_near(const Load& load, const Target& target, int guess) {
    if (!(target.share > 0) || load.calls_per_s == 0) {
        return target.share >= 0 ? std::optional(0) : std::nullopt;
    }
    if (guess <= 0) {
        guess = std::max(1, static_cast<int>(load.erlang()));
    }
    const auto enough = [&](int agents) -> std::optional<bool> {
        // No more can be answered than there are agents for: deep overload needs no sums.
        if (agents < target.share * load.erlang()) {
            return false;
        }
        const auto seen = outlook(load, agents, target.within_s);
        return seen ? std::optional(seen->service_level >= target.share) : std::nullopt;
    };
    const auto at_guess = enough(guess);
    if (!at_guess || !(target.share < 1)) {
        return std::nullopt;
    }
    int few = guess;
    int many = guess;
    if (*at_guess) {
        bool still = true;
        for (int step = 1; still && few > 0; step *= 2) {
            many = few;
            few = std::max(0, few - step);
            still = *enough(few);
        }
        if (still) {
            return 0;
        }
    } else {
        bool found = false;
        for (int step = 1; !found; step *= 2) {
            if (many == agents_max) {
                return std::nullopt;
            }
            few = many;
            many = std::min(agents_max, many + step);
            found = *enough(many);
        }
    }
    while (many - few > 1) {
        const int middle = few + (many - few) / 2;
        (*enough(middle) ? many : few) = middle;
    }
    return many;
}

double wait_now(const Situation& now) {
    const bool queued = now.waiting >= 1 || now.agents <= now.load.erlang();
    if (!queued) {
        const auto steady = outlook(now.load, static_cast<int>(now.agents), now.target.within_s);
        if (steady && std::isfinite(steady->mean_wait_s)) {
            return steady->mean_wait_s;
        }
    }
    return expected_wait_s({now.load, now.waiting, now.agents});
}

}  // namespace

std::optional<Estimate> estimate(const Situation& now) {
    const bool sane = now.agents >= 0 && now.agents <= agents_max && now.waiting >= 0 && std::isfinite(now.waiting) &&
                      now.lead_s >= 0 && now.clear_s > 0 && now.occupancy_max >= 0 && now.load.patience_s >= 0 &&
                      now.load.calls_per_s >= 0 && now.load.aht_s > 0 && now.load.erlang() <= erlang_max;
    if (!sane) {
        return std::nullopt;
    }
    const auto by_target = required_near(now.load, now.target, now.guess);
    if (!by_target) {
        return std::nullopt;
    }
    Estimate out;
    out.required = *by_target;
    if (now.occupancy_max > 0) {
        const double busy = std::ceil(now.load.erlang() / now.occupancy_max - 1e-9);
        if (!(busy <= agents_max)) {
            return std::nullopt;
        }
        out.required = std::max(out.required, static_cast<int>(busy));
    }
    const Backlog present{now.load, now.waiting, now.agents};
    out.waiting_then = waiting_after(present, 0, now.lead_s);
    const auto to_clear = helpers_to_clear({now.load, out.waiting_then, 0}, now.clear_s);
    if (!to_clear) {
        return std::nullopt;
    }
    out.needed = std::max(out.required, *to_clear);
    out.missing = std::max(0.0, std::ceil(out.needed - now.agents - 1e-9));
    out.slack = std::max(0.0, std::floor(now.agents - out.needed + 1e-9));
    out.expected_wait_s = wait_now(now);
    return out;
}

std::string_view to_string(Cause cause) {
    constexpr std::array<std::string_view, 5> words{"", "demand", "handling_time", "staff", "routing"};
    const auto i = static_cast<std::size_t>(cause);
    return i < words.size() ? words[i] : words[0];
}

Cause cause_of(const Compared& now) {
    constexpr double waiting_min = 3;        // house choice: two callers wait anywhere for a moment
    constexpr double free_share_min = 0.15;  // occupancy below 85 % beside a queue is no shortage of agents
    constexpr double change_min = 0.0488;    // ln 1.05
    if (now.waiting >= waiting_min && now.available >= 1 && now.available >= free_share_min * now.agents) {
        return Cause::routing;
    }
    const auto change = [](double is, double was) { return is > 0 && was > 0 ? std::log(is / was) : 0.0; };
    const double demand = change(now.calls_per_s, now.usual_calls_per_s);
    const double handling = change(now.aht_s, now.usual_aht_s);
    const double staff = change(now.usual_agents, now.agents > 0 ? now.agents : now.usual_agents > 0 ? 1e-3 : 0);
    const double most = std::max({demand, handling, staff});
    if (most < change_min) {
        return Cause::none;
    }
    return most == demand ? Cause::demand : most == staff ? Cause::staff : Cause::handling_time;
}

}  // namespace surged::staffing
