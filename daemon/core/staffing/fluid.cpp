#include "core/staffing/fluid.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace surged::staffing {

namespace {
double theta_of(const Load& load) {
    return load.patience_s > 0 && std::isfinite(load.patience_s) ? 1 / load.patience_s : 0;
}
double mu_of(const Load& load) {
    return 1 / load.aht_s;
}
double surplus(const Backlog& now, double helpers) {
    return now.load.calls_per_s - mu_of(now.load) * (now.agents + helpers);
}
}  // namespace

std::optional<double> settles_at(const Backlog& now, double helpers) {
    const double theta = theta_of(now.load);
    const double rest = surplus(now, helpers);
    if (theta > 0) {
        return rest / theta;
    }
    return rest > 0 ? std::nullopt : std::optional(rest < 0 ? -std::numeric_limits<double>::infinity() : now.waiting);
}

std::optional<double> clear_time_s(const Backlog& now, double helpers) {
    if (now.waiting <= 0) {
        return 0;
    }
    const double theta = theta_of(now.load);
    const double rest = surplus(now, helpers);
    if (rest >= 0) {
        return std::nullopt;
    }
    // Q(t) = q_inf + (q0 - q_inf) e^(-theta t); log1p keeps it exact when theta is small.
    return theta > 0 ? std::log1p(now.waiting * theta / -rest) / theta : now.waiting / -rest;
}

std::optional<int> helpers_to_clear(const Backlog& now, double within_s) {
    if (!(within_s > 0) || !(now.load.aht_s > 0)) {
        return std::nullopt;
    }
    const double theta = theta_of(now.load);
    const double drain = theta > 0 ? theta * now.waiting / std::expm1(theta * within_s) : now.waiting / within_s;
    const double helpers = (now.load.calls_per_s + drain) / mu_of(now.load) - now.agents;
    if (!(helpers <= agents_max)) {
        return std::nullopt;
    }
    return std::max(0, static_cast<int>(std::ceil(helpers - 1e-9)));
}

std::optional<double> lost_while_clearing(const Backlog& now, double helpers) {
    const auto time = clear_time_s(now, helpers);
    if (!time) {
        return std::nullopt;
    }
    return std::max(0.0, surplus(now, helpers) * *time + now.waiting);
}

double waiting_after(const Backlog& now, double helpers, double after_s) {
    const double theta = theta_of(now.load);
    const double rest = surplus(now, helpers);
    const double waiting =
        theta > 0 ? rest / theta + (now.waiting - rest / theta) * std::exp(-theta * after_s) : now.waiting + rest * after_s;
    return std::max(0.0, waiting);
}

double expected_wait_s(const Backlog& now) {
    const double n_mu = now.agents * mu_of(now.load);
    const double theta = theta_of(now.load);
    const auto waiting = std::max(0.0, std::floor(now.waiting));
    if (n_mu <= 0) {
        return theta > 0 ? 1 / theta : std::numeric_limits<double>::infinity();
    }
    if (theta == 0) {
        return (waiting + 1) / n_mu;
    }
    constexpr double summed_max = 1e6;  // beyond it the sum is its integral to ten digits
    if (waiting > summed_max) {
        return std::log1p((waiting + 1) * theta / n_mu) / theta;
    }
    double wait = 0;
    for (double i = 0; i <= waiting; ++i) {
        wait += 1 / (n_mu + i * theta);
    }
    return wait;
}

}  // namespace surged::staffing
