#include "feed/simulator.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/text.hpp"
#include "core/base/zone.hpp"

namespace surged {

namespace {
constexpr std::uint64_t tries_max = 16;  // of one caller; a call's number is that of the caller times this, plus the try
constexpr int slices_max = 3600;  // one look ahead for an arrival goes at most an hour, so a dead queue costs one event an hour

SimTime micros(Span span) {
    return span.count() * 1000;
}
SimTime micros(double seconds_) {
    return std::max<SimTime>(1, std::llround(std::min(seconds_, 1e9) * 1e6));
}
Span span_of(SimTime t) {
    return Span{t / 1000};
}
}  // namespace

Simulator::Simulator(Scenario scenario, SourceTime start) : scenario_(std::move(scenario)), start_(start) {
    for (const auto& spec : scenario_.queues) {
        const auto name = spec.centre + "/" + spec.queue;
        const auto stream = [&](const char* purpose) { return RandomStream(scenario_.seed, name + purpose); };
        cells_.push_back({spec,
                          SimQueue(spec.agents),
                          stream("/arrivals"),
                          stream("/patience"),
                          stream("/service"),
                          stream("/breaks"),
                          &scenario_.profiles.at(spec.profile),
                          {},
                          {},
                          {},
                          RandomStream::mix(scenario_.seed, name + "/patience"),
                          RandomStream::mix(scenario_.seed, name + "/service"),
                          RandomStream::mix(scenario_.seed, name + "/again"),
                          0,
                          0,
                          0,
                          -1});
        seq_.emplace(spec.centre, 0);
    }
    for (auto& cell : cells_) {
        if (!cell.spec.overflow_centre.empty()) {
            cell.overflow_to = find(cell.spec.overflow_centre, cell.spec.overflow_queue);
        }
        for (std::uint32_t s = 0; s < scenario_.steps.size(); ++s) {
            const auto& step = scenario_.steps[s];
            if (!glob_match(step.centre, cell.spec.centre) || !glob_match(step.queue, cell.spec.queue)) {
                continue;
            }
            if (step.kind == SimStepKind::surge) {
                cell.surges.push_back(s);
            } else if (step.kind == SimStepKind::aht) {
                cell.ahts.push_back(s);
            } else if (step.kind == SimStepKind::overflow) {
                cell.overflows.push_back(s);
            }
        }
    }
    drained_.resize(scenario_.steps.size());
    for (std::uint32_t s = 0; s < scenario_.steps.size(); ++s) {
        const auto& step = scenario_.steps[s];
        if (step.kind == SimStepKind::drain) {
            drained_[s].resize(cells_.size());
            plan(micros(step.at), Kind::step_on, s);
            if (step.lasts) {
                plan(micros(step.at + *step.lasts), Kind::step_off, s);
            }
        }
    }
    for (std::uint32_t i = 0; i < cells_.size(); ++i) {
        cells_[i].hazard_left = cells_[i].arrivals.exponential(1);
        plan_arrival(i, 0);
        plan_break(i);
    }
}

int Simulator::find(std::string_view centre, std::string_view queue) const {
    for (std::size_t i = 0; i < cells_.size(); ++i) {
        if (cells_[i].spec.centre == centre && cells_[i].spec.queue == queue) {
            return static_cast<int>(i);
        }
    }
    return -1;
}

bool Simulator::in_scope(const Cell& cell, const SimScope& scope) const {
    return glob_match(scope.centre, cell.spec.centre) && glob_match(scope.group, cell.spec.group) &&
           glob_match(scope.queue, cell.spec.queue);
}

void Simulator::plan(SimTime at, Kind kind, std::uint32_t cell, std::int64_t value) {
    events_.push({at, ++order_, kind, cell, value});
}

double Simulator::base_rate(const Cell& cell, Span t) const {
    const auto civil_s = to_ms(start_ + t) / 1000 + scenario_.zone_s;
    const auto day = civil_s >= 0 ? civil_s / 86400 : (civil_s - 86399) / 86400;
    const auto second_of_day = civil_s - day * 86400;
    const auto hour = static_cast<std::size_t>(second_of_day / 3600);
    const double into = static_cast<double>(second_of_day % 3600) / 3600.0;
    const auto& profile = *cell.profile;
    const double shape = profile.hours[hour] * (1 - into) + profile.hours[(hour + 1) % 24] * into;
    return cell.spec.rate_per_h * shape * profile.week[static_cast<std::size_t>(weekday_of(day))];
}

double Simulator::rate_per_h(std::size_t i, Span t) const {
    const auto& cell = cells_[i];
    double rate = base_rate(cell, t);
    for (const auto s : cell.surges) {
        const auto& step = scenario_.steps[s];
        rate *= 1 + (step.factor - 1) * step.strength(t);
    }
    return rate;
}

void Simulator::plan_arrival(std::uint32_t i, SimTime from) {
    auto& cell = cells_[i];
    SimTime at = from;
    for (int slice = 0; slice < slices_max; ++slice) {
        const SimTime end = (at / sim_second + 1) * sim_second;
        const double per_us = rate_per_h(i, span_of(at / sim_second * sim_second)) / 3600e6;
        const double hazard = per_us * static_cast<double>(end - at);
        if (hazard >= cell.hazard_left) {
            const auto wait = static_cast<SimTime>(cell.hazard_left / per_us);
            cell.hazard_left = cell.arrivals.exponential(1);
            plan(std::min(at + wait, end), Kind::arrival, i);
            return;
        }
        cell.hazard_left -= hazard;
        at = end;
    }
    plan(at, Kind::look_again, i);
}

void Simulator::plan_break(std::uint32_t i) {
    auto& cell = cells_[i];
    const double share = cell.spec.breaks;
    if (share <= 0) {
        return;
    }
    // Each agent at work takes a break of mean length L at rate share / ((1 - share) L): in the long run `share` of them are
    // away.
    const double working = std::max(1, cell.queue.staffed() - cell.queue.aux());
    plan(now_ + micros(cell.breaks.exponential(cell.spec.break_s * (1 - share) / (share * working))), Kind::start_break, i);
}

void Simulator::run_until(Span t) {
    const SimTime end = micros(t);
    while (!events_.empty() && events_.top().at <= end) {
        const Event event = events_.top();
        events_.pop();
        now_ = std::max(now_, event.at);
        handle(event);
    }
    now_ = std::max(now_, end);
}

void Simulator::handle(const Event& e) {
    switch (e.kind) {
        case Kind::arrival:
            plan_arrival(e.cell, now_);
            call_arrives(e.cell, false, ++cells_[e.cell].calls * tries_max);
            break;
        case Kind::call_again: call_arrives(e.cell, false, static_cast<std::uint64_t>(e.value)); break;
        case Kind::look_again: plan_arrival(e.cell, now_); break;
        case Kind::abandon: gives_up(e.cell, static_cast<std::uint64_t>(e.value)); break;
        case Kind::overflow:
            if (cells_[e.cell].queue.overflow(static_cast<std::uint64_t>(e.value))) {
                const auto to = static_cast<std::uint32_t>(cells_[e.cell].overflow_to);
                call_arrives(to, true, ++cells_[to].calls * tries_max);
            }
            break;
        case Kind::end_talk: {
            auto& cell = cells_[e.cell];
            cell.queue.end_talk(e.value);
            if (cell.spec.acw_s > 0) {
                const auto acw = micros(cell.service.exponential(cell.spec.acw_s));
                plan(now_ + acw, Kind::end_wrapup, e.cell, acw);
            } else {
                after_free(e.cell, cell.queue.end_wrapup(0, now_));
            }
            break;
        }
        case Kind::end_wrapup: after_free(e.cell, cells_[e.cell].queue.end_wrapup(e.value, now_)); break;
        case Kind::end_break: after_free(e.cell, cells_[e.cell].queue.end_break(now_)); break;
        case Kind::start_break:
            if (cells_[e.cell].queue.start_break()) {
                after_free(e.cell, SimQueue::Next::breaks);
            }
            plan_break(e.cell);
            break;
        case Kind::step_on:
        case Kind::step_off: step_changes(e.cell, e.kind == Kind::step_on); break;
        case Kind::seat: seat(e.cell); break;
    }
}

void Simulator::gives_up(std::uint32_t i, std::uint64_t caller) {
    auto& cell = cells_[i];
    const auto call = cell.queue.call_of(caller);
    if (!cell.queue.abandon(caller, now_)) {
        return;
    }
    const bool again = cell.spec.retry > 0 && call % tries_max != tries_max - 1 && uniform_of(cell.retry_seed, 2 * call) < cell.spec.retry;
    if (!again) {
        ++cell.lost;
        return;
    }
    const double wait = -cell.spec.retry_after_s * std::log(uniform_of(cell.retry_seed, 2 * call + 1));
    plan(now_ + micros(wait), Kind::call_again, i, static_cast<std::int64_t>(call + 1));
}

void Simulator::call_arrives(std::uint32_t i, bool overflowed, std::uint64_t call) {
    auto& cell = cells_[i];
    // A call moves once: one that came from another queue stays here.
    for (const auto s : cell.overflows) {
        const auto& step = scenario_.steps[s];
        if (!overflowed && step.strength(span_of(now_)) > 0 && cell.patience.chance(step.share)) {
            cell.queue.divert();
            const auto to = static_cast<std::uint32_t>(find(step.to_centre, step.to_queue));
            call_arrives(to, true, ++cells_[to].calls * tries_max);
            return;
        }
    }
    if (cell.queue.arrive(now_, overflowed, call)) {
        start_talk(i);
        return;
    }
    const auto caller = static_cast<std::int64_t>(cell.queue.last_caller());
    if (cell.spec.patience_s > 0) {
        const double patience = cell.spec.by_call ? -cell.spec.patience_s * std::log(uniform_of(cell.patience_seed, call))
                                                  : cell.patience.exponential(cell.spec.patience_s);
        plan(now_ + micros(patience), Kind::abandon, i, caller);
    }
    if (!overflowed && cell.overflow_to >= 0) {
        plan(now_ + micros(cell.spec.overflow_after_s), Kind::overflow, i, caller);
    }
}

void Simulator::start_talk(std::uint32_t i) {
    auto& cell = cells_[i];
    double mean = cell.spec.aht_s;
    for (const auto s : cell.ahts) {
        const auto& step = scenario_.steps[s];
        mean *= 1 + (step.factor - 1) * step.strength(span_of(now_));
    }
    mean = std::max(mean, 0.001);
    const auto call = cell.queue.take_answered();
    double length = 0;
    if (cell.spec.by_call) {
        const double a = uniform_of(cell.service_seed, 2 * call);
        const double b = uniform_of(cell.service_seed, 2 * call + 1);
        length = cell.spec.exponential ? -mean * std::log(a) : RandomStream::lognormal_of(a, b, mean, cell.spec.aht_cv);
    } else {
        length = cell.spec.exponential ? cell.service.exponential(mean) : cell.service.lognormal(mean, cell.spec.aht_cv);
    }
    const auto talk = micros(length);
    plan(now_ + talk, Kind::end_talk, i, talk);
}

void Simulator::after_free(std::uint32_t i, SimQueue::Next next) {
    switch (next) {
        case SimQueue::Next::answers: start_talk(i); break;
        case SimQueue::Next::breaks:
            plan(now_ + micros(cells_[i].breaks.exponential(cells_[i].spec.break_s)), Kind::end_break, i);
            break;
        case SimQueue::Next::idle:
        case SimQueue::Next::leaves: break;
    }
}

void Simulator::step_changes(std::uint32_t s, bool on) {
    const auto& step = scenario_.steps[s];
    for (std::uint32_t i = 0; i < cells_.size(); ++i) {
        auto& cell = cells_[i];
        if (!glob_match(step.centre, cell.spec.centre) || !glob_match(step.queue, cell.spec.queue)) {
            continue;
        }
        if (on) {
            drained_[s][i] = cell.queue.remove_agents(step.agents);
            continue;
        }
        for (int n = cell.queue.add_agents(drained_[s][i], now_); n > 0; --n) {
            start_talk(i);
        }
        drained_[s][i] = 0;
    }
}

}  // namespace surged
