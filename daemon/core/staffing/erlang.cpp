#include "core/staffing/erlang.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace surged::staffing {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

bool valid(const Load& load) {
    return std::isfinite(load.calls_per_s) && load.calls_per_s >= 0 && std::isfinite(load.aht_s) && load.aht_s > 0 &&
           load.patience_s >= 0;
}
bool patient(const Load& load) {
    return load.patience_s == 0 || std::isinf(load.patience_s);
}

constexpr double big = 1e250;
constexpr double rounding = 1e-17;  ///< terms below this share of their sum, and falling, change nothing

/// A sum of positive terms as value * exp(log_scale).
struct Scaled {
    double value = 0;
    double log_scale = 0;
};

/// Sums over the queue's states above "all busy": t_j = y^j / ((x+1)...(x+j)). `late` has the same with y' <= y in y's place. One
/// walk makes all three, for the division is what a step costs.
struct QueueSums {
    double terms = 0;     ///< sum of t_j, j >= 1
    double weighted = 0;  ///< sum of j t_j, on the same scale
    double log_scale = 0;
    Scaled late;
};

QueueSums queue_sums(double x, double y, double y_late) {
    constexpr int terms_max = 50000000;  // patience of weeks against seconds of handling: the rest is below rounding
    QueueSums sums;
    double term = 1;
    double late = 1;
    double j = 1;
    for (int steps = 1; steps < terms_max; ++steps, j += 1) {
        const double each = 1 / (x + j);
        const double ratio = y * each;
        term *= ratio;
        late *= y_late * each;
        sums.terms += term;
        sums.weighted += term * j;
        sums.late.value += late;
        if (sums.weighted > big) {
            term /= big;
            sums.terms /= big;
            sums.weighted /= big;
            sums.log_scale += std::log(big);
        }
        if (sums.late.value > big) {
            late /= big;
            sums.late.value /= big;
            sums.late.log_scale += std::log(big);
        }
        late = late < rounding * sums.late.value ? 0 : late;  // it falls faster, so it ends earlier and must not linger near 0
        if (ratio < 1 && term * j < rounding * sums.weighted) {
            break;
        }
    }
    return sums;
}

/// 1 / B(n, A), which overflows for light load and many agents: the sum of n!/(n-j)! A^-j, from j = 0. It ends early when many
/// are offered, and no step waits for a division.
Scaled inverse_b(int agents, double erlang) {
    const double each = 1 / erlang;
    Scaled inverse{1, 0};
    double term = 1;
    double k = agents;
    for (int left = agents; left > 0; --left, k -= 1) {
        const double ratio = k * each;
        term *= ratio;
        inverse.value += term;
        if (inverse.value > big) {
            inverse.value /= big;
            term /= big;
            inverse.log_scale += std::log(big);
        }
        if (ratio < 1 && term < rounding * inverse.value) {
            break;
        }
    }
    return inverse;
}

Outlook erlang_a(const Load& load, int agents, double within_s) {
    const double mu = 1 / load.aht_s;
    const double theta = 1 / load.patience_s;
    const double lambda = load.calls_per_s;
    const double n_mu = agents * mu;
    const double decay = std::exp(-theta * within_s);
    const auto below = inverse_b(agents, load.erlang());                                  // states 0..n over p_n
    const auto above = queue_sums(n_mu / theta, lambda / theta, lambda / theta * decay);  // states n+1.. over p_n
    const double scale = std::max(below.log_scale, above.log_scale);
    const double below_part = below.value * std::exp(below.log_scale - scale);
    const double above_scale = std::exp(above.log_scale - scale);
    const double total = below_part + above.terms * above_scale;  // 1 / p_n, scaled

    Outlook out;
    out.wait_probability = (std::exp(-scale) + above.terms * above_scale) / total;
    out.queue_length = above.weighted * above_scale / total;
    out.mean_wait_s = out.queue_length / lambda;
    out.abandon_probability = theta * out.mean_wait_s;
    // Answered later than T = p_n e^g(T) sum of t_j with the arrivals thinned by their patience until T: (n mu J(T) - e^g(T)) / D
    // without the difference.
    const double g = lambda / theta * (1 - decay) - n_mu * within_s;
    const double late = n_mu / lambda * std::exp(g + above.late.log_scale - scale) * above.late.value / total;
    out.service_level = std::clamp(1 - out.abandon_probability - late, 0.0, 1.0);
    out.occupancy = std::clamp(lambda * (1 - out.abandon_probability) / n_mu, 0.0, 1.0);
    return out;
}

Outlook erlang_c_outlook(const Load& load, int agents, double within_s) {
    const double a = load.erlang();
    Outlook out;
    if (agents <= a) {
        return {1, 0, infinity, 0, 1, infinity};
    }
    const double c = erlang_c(agents, a);
    out.wait_probability = c;
    out.mean_wait_s = c * load.aht_s / (agents - a);
    out.service_level = 1 - c * std::exp(-(agents - a) * within_s / load.aht_s);
    out.occupancy = a / agents;
    out.queue_length = c * a / (agents - a);
    return out;
}

}  // namespace

double erlang_b(int agents, double erlang) {
    if (erlang <= 0) {
        return agents == 0 ? 1 : 0;
    }
    const auto inverse = inverse_b(agents, erlang);
    return std::exp(-inverse.log_scale) / inverse.value;
}

double erlang_c(int agents, double erlang) {
    if (agents <= erlang) {
        return 1;
    }
    const double b = erlang_b(agents, erlang);
    return agents * b / (agents - erlang * (1 - b));
}

std::optional<Outlook> outlook(const Load& load, int agents, double within_s) {
    if (!valid(load) || agents < 0 || agents > agents_max || !(within_s >= 0)) {
        return std::nullopt;
    }
    if (load.calls_per_s == 0) {
        return Outlook{0, 0, 0, 1, 0, 0};
    }
    if (agents == 0) {
        return patient(load) ? Outlook{1, 0, infinity, 0, 1, infinity}
                             : Outlook{1, 1, load.patience_s, 0, 1, load.calls_per_s * load.patience_s};
    }
    return patient(load) ? erlang_c_outlook(load, agents, within_s) : erlang_a(load, agents, within_s);
}

/// The service level rises with every agent: double until enough, then halve.
std::optional<int> required_agents(const Load& load, const Target& target) {
    if (!valid(load) || !(target.share >= 0 && target.share < 1) || !(target.within_s >= 0)) {
        return std::nullopt;
    }
    const auto enough = [&](int agents) { return outlook(load, agents, target.within_s)->service_level >= target.share; };
    if (enough(0)) {
        return 0;
    }
    int few = 0;
    int many = std::clamp(static_cast<int>(std::min(load.erlang(), 1.0 * agents_max)) + 1, 1, agents_max);
    while (!enough(many)) {
        if (many == agents_max) {
            return std::nullopt;
        }
        few = many;
        many = std::min(agents_max, many + std::max(1, many / 8));
    }
    while (many - few > 1) {
        const int middle = few + (many - few) / 2;
        (enough(middle) ? many : few) = middle;
    }
    return many;
}

int rostered(int agents, double shrinkage) {
    const double productive = 1 - std::clamp(shrinkage, 0.0, 0.99);
    return static_cast<int>(std::ceil(agents / productive - 1e-9));
}

std::optional<double> patience_s(double abandoned, double total_wait_s) {
    if (!(abandoned > 0) || !(total_wait_s > 0)) {
        return std::nullopt;
    }
    return total_wait_s / abandoned;
}

}  // namespace surged::staffing
