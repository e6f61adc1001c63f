#include "core/staffing/shortfall.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace surged::staffing {

namespace {

constexpr double sums_error = 1e-9;  ///< no sum of this room is off by as much: what is proved with this to spare, the sums would say

/// True when it is proved that at most the share `most` of the calls has to wait, in few steps; false says nothing. With no patience at all
/// more would wait than with any: Erlang C's 1 / P(W > 0) = x + (1 - x) S, where x is the occupancy and S the sum of n!/(n-j)! A^-j; as
/// soon as the first terms of S are enough, so are all.
bool few_wait(double agents, double erlang, double most) {
    constexpr int steps_max = 64;
    const double occupancy = erlang / agents;
    most -= sums_error;
    if (!(occupancy < 1) || !(most > 0)) {
        return false;
    }
    const double enough = (1 / most - occupancy) / (1 - occupancy);
    const double each = 1 / erlang;
    double term = 1;
    double sum = 1;
    for (int steps = 0; steps < steps_max && sum < enough && agents > 0; ++steps, agents -= 1) {
        term *= agents * each;
        sum += term;
    }
    return sum >= enough;
}

/// Do so many agents keep the promise? Asks what is known first. An answer by a wide margin is tried a little further out as
/// well, where it then holds for the looks to come.
class Judge {
public:
    Judge(const Load& load, const Target& target, Findings* findings) : load_(load), target_(target), findings_(findings) {
        if (findings_ != nullptr && findings_->patience_s != load_.patience_s) {
            findings_->patience_s = load_.patience_s;
            findings_->enough = findings_->lacking = {};
        }
    }

    /// nullopt: an argument out of its range.
    std::optional<bool> enough(int agents) {
        const double erlang = load_.erlang();
        // No more can be answered than there are agents for: deep overload needs no sums.
        if (agents < target_.share * erlang) {
            return false;
        }
        if (findings_ != nullptr) {
            if (findings_->calm_agents != 0 && agents >= findings_->calm_agents && erlang <= agents * static_cast<double>(findings_->calm_occupancy)) {
                return true;
            }
            if (findings_->enough.known != 0 && worse(findings_->enough, load_, agents)) {
                return true;
            }
            if (findings_->lacking.known != 0 && better(findings_->lacking, load_, agents)) {
                return false;
            }
            if (calm(agents, erlang)) {
                return true;
            }
        }
        // What held by a wide margin likely holds again: then one look further out answers for now as well.
        const bool tried = findings_ != nullptr && findings_->enough.known == further_out;
        if (tried && holds_further(agents, true)) {
            return true;
        }
        const auto level = level_of(load_, agents);
        if (!level) {
            return std::nullopt;
        }
        const bool kept = *level >= target_.share;
        const bool margin = std::abs(*level - target_.share) > wide && !(tried && kept);
        if (findings_ != nullptr && !(margin && holds_further(agents, kept))) {
            (kept ? findings_->enough : findings_->lacking) = {load_.calls_per_s, load_.aht_s, agents, here};
        }
        return kept;
    }

private:
    using Finding = Findings::Finding;
    static constexpr std::int32_t here = 1;  ///< Finding::known
    static constexpr std::int32_t further_out = 2;
    static constexpr double wide = 0.02;  ///< of the service level
    static constexpr double calls_step = 1.05;
    static constexpr double aht_step = 1.01;
    static constexpr int agents_share = 50;

    static bool worse(const Finding& f, const Load& load, int agents) {
        return agents >= f.agents && load.calls_per_s <= f.calls_per_s && load.aht_s <= f.aht_s;
    }
    static bool better(const Finding& f, const Load& load, int agents) {
        return agents <= f.agents && load.calls_per_s >= f.calls_per_s && load.aht_s >= f.aht_s;
    }
    /// Who need not wait is answered in time. Tried with an eighth of the agents fewer as well, at a little more occupancy.
    bool calm(int agents, double erlang) {
        constexpr double little = 1.002;
        if (!few_wait(agents, erlang, 1 - target_.share)) {
            return false;
        }
        const int fewer = agents - agents / 8;
        const auto occupancy = static_cast<float>(erlang / agents * little);
        if (few_wait(fewer, fewer * static_cast<double>(occupancy), 1 - target_.share)) {
            findings_->calm_agents = fewer;
            findings_->calm_occupancy = occupancy;
        }
        return true;
    }
    std::optional<double> level_of(const Load& load, int agents) const {
        const auto seen = outlook(load, agents, target_.within_s);
        return seen ? std::optional(seen->service_level) : std::nullopt;
    }
    /// True when the same holds with somewhat more load (`kept`) or less, and fewer agents or more; it is noted then.
    bool holds_further(int agents, bool kept) {
        Load further = load_;
        further.calls_per_s *= kept ? calls_step : 1 / calls_step;
        further.aht_s *= kept ? aht_step : 1 / aht_step;
        const int others = kept ? agents - agents / agents_share : std::min(agents_max, agents + agents / agents_share);
        const auto level = level_of(further, others);
        if (!level || (*level >= target_.share) != kept) {
            return false;
        }
        auto& finding = kept ? findings_->enough : findings_->lacking;
        finding = {further.calls_per_s, further.aht_s, others, further_out};
        return true;
    }

    const Load& load_;
    const Target& target_;
    Findings* findings_;
};

/// As required_agents(), but never fewer than `least`, and from a guess: what was right five seconds ago is nearly right now, and
/// one test each side proves it. Where `least` is enough (large queues, by their occupancy) that one test is all.
std::optional<int> required_near(const Load& load, const Target& target, int guess, int least, Findings* findings) {
    if (!(target.share > 0) || load.calls_per_s == 0) {
        return target.share >= 0 ? std::optional(least) : std::nullopt;
    }
    Judge judge(load, target, findings);
    const auto enough = [&judge](int agents) { return judge.enough(agents); };
    guess = guess > 0 ? guess : std::max(1, static_cast<int>(load.erlang()));
    if (guess <= least + std::max(1, least / 32)) {
        guess = least;
    }
    const auto at_guess = enough(guess);
    if (!at_guess || !(target.share < 1)) {
        return std::nullopt;
    }
    int few = guess;
    int many = guess;
    if (*at_guess) {
        bool still = true;
        for (int step = 1; still && few > least; step *= 2) {
            many = few;
            few = std::max(least, few - step);
            still = *enough(few);
        }
        if (still) {
            return least;
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

/// True when it is proved without the fluid layer's exponentials that so many agents clear the backlog as well: what waits grows by what comes
/// beyond the agents at work, and who gives up only helps.
bool clears_surely(const Situation& now, int agents) {
    const double grows = std::max(0.0, now.load.calls_per_s - now.agents / now.load.aht_s) * now.lead_s;
    const double rate = now.load.calls_per_s + (now.waiting + grows) / now.clear_s;
    return rate * now.load.aht_s <= agents - 1e-6;
}

}  // namespace

double waiting_then(const Situation& now) {
    return waiting_after({now.load, now.waiting, now.agents}, 0, now.lead_s);
}

double expected_wait_s(const Backlog& now, double within_s) {
    const bool queued = now.waiting >= 1 || now.agents <= now.load.erlang();
    if (!queued) {
        const auto steady = outlook(now.load, static_cast<int>(now.agents), within_s);
        if (steady && std::isfinite(steady->mean_wait_s)) {
            return steady->mean_wait_s;
        }
    }
    return expected_wait_s(now);
}

std::optional<Estimate> estimate(const Situation& now, Findings* findings) {
    const bool sane = now.agents >= 0 && now.agents <= agents_max && now.waiting >= 0 && std::isfinite(now.waiting) &&
                      now.lead_s >= 0 && now.clear_s > 0 && now.occupancy_max >= 0 && now.load.patience_s >= 0 &&
                      now.load.calls_per_s >= 0 && now.load.aht_s > 0 && now.load.erlang() <= erlang_max;
    if (!sane) {
        return std::nullopt;
    }
    const double busy = now.occupancy_max > 0 ? std::ceil(now.load.erlang() / now.occupancy_max - 1e-9) : 0;
    if (!(busy <= agents_max)) {
        return std::nullopt;
    }
    const auto required = required_near(now.load, now.target, now.guess, static_cast<int>(busy), findings);
    if (!required) {
        return std::nullopt;
    }
    Estimate out;
    out.required = out.needed = *required;
    if (!clears_surely(now, out.required)) {
        const auto to_clear = helpers_to_clear({now.load, waiting_then(now), 0}, now.clear_s);
        if (!to_clear) {
            return std::nullopt;
        }
        out.needed = std::max(out.required, *to_clear);
    }
    out.missing = std::max(0.0, std::ceil(out.needed - now.agents - 1e-9));
    out.slack = std::max(0.0, std::floor(now.agents - out.needed + 1e-9));
    return out;
}

HandlingTime handling_time(const HandlingSeen& seen) {
    constexpr double settled_times = 10;
    constexpr double settled_share = 0.9;
    constexpr double gauge_excess = 1.1;
    const double configured = seen.configured_s > 0 ? seen.configured_s : 0;
    if (!(seen.handled >= handled_min) || !(seen.handled_s > 0)) {
        return {configured > 0 ? configured : std::numeric_limits<double>::quiet_NaN(),
                configured > 0 ? HandlingFrom::configured : HandlingFrom::unknown};
    }
    const double ended = seen.handled_s / seen.handled;
    double aht = configured > 0 ? configured : ended;
    auto from = configured > 0 ? HandlingFrom::configured : HandlingFrom::estimated;
    if (seen.in_progress >= 0 && std::isfinite(seen.in_progress)) {
        // A gauge may count calls of other queues: what they took is bounded by what is likely.
        const double likely = std::max(configured, ended);
        const double most = seen.in_progress * (configured > 0 ? likely : std::max(seen.age_s, 0.0));
        // Not reported: calls that came evenly are half as old as the queue, and in the long run as old as calls get.
        const double so_far =
            std::isnan(seen.in_progress_s) ? seen.in_progress * std::clamp(seen.age_s / 2, 0.0, likely) : seen.in_progress_s;
        const double taken = seen.handled_s + std::clamp(so_far, 0.0, most);
        const double rest = configured > 0 ? configured : taken / seen.handled;
        aht = (taken + seen.in_progress * rest) / (seen.handled + seen.in_progress);
        // The gauge counts some time that is no call of this queue: a tenth more than is likely is no longer call.
        aht = configured > 0 && aht > likely ? std::max(likely, aht / gauge_excess) : aht;
        from = HandlingFrom::estimated;
    }
    if (seen.age_s > std::min(settled_times * std::max(aht, ended), settled_share * seen.window_s)) {
        return {ended, HandlingFrom::measured};
    }
    return {aht, from};
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
