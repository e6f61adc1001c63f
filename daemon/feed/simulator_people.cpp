// The simulator's interface: people who come and go, and what it reports.
#include <algorithm>

#include "core/base/text.hpp"
#include "feed/simulator.hpp"

namespace surged {

bool Simulator::join(const std::string& person, const SimScope& scope, Span delay) {
    const bool anywhere = std::any_of(cells_.begin(), cells_.end(), [&](const Cell& c) { return in_scope(c, scope); });
    if (!anywhere || people_.size() >= people_max_) {
        return false;
    }
    const auto [at, fresh] = people_.emplace(person, Person{scope, -1, tickets_ + 1});
    if (!fresh) {
        return false;
    }
    ++tickets_;
    plan(now_ + std::max<std::int64_t>(0, delay.count()) * 1000, Kind::seat, tickets_);
    return true;
}

void Simulator::seat(std::uint32_t ticket) {
    const auto at = std::find_if(people_.begin(), people_.end(), [&](const auto& p) { return p.second.ticket == ticket; });
    if (at == people_.end()) {
        return;  // released before arriving
    }
    const auto load = [](const Cell& c) { return static_cast<double>(c.queue.waiting()) / (1.0 + c.queue.staffed()); };
    std::uint32_t worst = 0;
    bool found = false;
    for (std::uint32_t i = 0; i < cells_.size(); ++i) {
        if (in_scope(cells_[i], at->second.scope) && (!found || load(cells_[i]) > load(cells_[worst]))) {
            worst = i;
            found = true;
        }
    }
    at->second.cell = static_cast<int>(worst);
    for (int n = cells_[worst].queue.add_agents(1, now_); n > 0; --n) {
        start_talk(worst);
    }
}

bool Simulator::release(const std::string& person) {
    const auto at = people_.find(person);
    if (at == people_.end()) {
        return false;
    }
    if (at->second.cell >= 0) {
        cells_[static_cast<std::size_t>(at->second.cell)].queue.remove_agents(1);
    }
    people_.erase(at);
    return true;
}

void Simulator::add_agents(const SimScope& scope, int n) {
    for (std::uint32_t i = 0; i < cells_.size(); ++i) {
        if (!in_scope(cells_[i], scope)) {
            continue;
        }
        if (n < 0) {
            cells_[i].queue.remove_agents(-n);
            continue;
        }
        for (int answering = cells_[i].queue.add_agents(n, now_); answering > 0; --answering) {
            start_talk(i);
        }
    }
}

bool Simulator::centre_out(const std::string& centre) const {
    return std::any_of(scenario_.steps.begin(), scenario_.steps.end(), [&](const SimStep& step) {
        return step.kind == SimStepKind::outage && glob_match(step.centre, centre) && step.strength(now()) > 0;
    });
}

void Simulator::messages(const std::string& source_prefix, std::uint64_t epoch, const std::function<void(const Message&)>& each) {
    Message message;
    for (auto& [centre, seq] : seq_) {
        ++seq;
        if (centre_out(centre)) {
            continue;
        }
        const auto source = source_prefix + "-" + centre;
        message.clear();
        message.source = source;
        message.has_epoch = true;
        message.epoch = epoch;
        message.seq = seq;
        message.ts = start_ + now();
        for (const auto& cell : cells_) {
            if (cell.spec.centre == centre) {
                add_part(cell, message);
            }
        }
        each(message);
    }
}

void Simulator::add_part(const Cell& cell, Message& message) const {
    const auto& q = cell.queue;
    const auto& c = q.counters();
    QueuePart part;
    part.centre = cell.spec.centre;
    part.queue = cell.spec.queue;
    part.channel = "voice";
    part.ts = message.ts;
    part.first = static_cast<std::uint32_t>(message.values.size());
    const auto add = [&](std::string_view name, auto value) { message.values.push_back({name, static_cast<double>(value)}); };
    const auto seconds_us = [](std::int64_t us) { return static_cast<double>(us) / 1e6; };
    add("calls_waiting", q.waiting());
    // In whole ms, and never zero while somebody waits.
    const auto oldest_ms = (q.oldest_wait(now_) + 999) / 1000;
    add("oldest_wait_s", static_cast<double>(oldest_ms) / 1000.0);
    add("agents_staffed", q.staffed());
    add("agents_available", q.available());
    add("agents_on_call", q.on_call());
    add("agents_wrapup", q.wrapup());
    add("agents_aux", q.aux());
    add("offered", c.offered);
    add("answered", c.answered);
    add("abandoned", c.abandoned);
    add("overflow_in", c.overflow_in);
    add("overflow_out", c.overflow_out);
    add("handled", c.handled);
    add("answered_in_15", c.answered_in_15);
    add("answered_in_20", c.answered_in_20);
    add("abandoned_in_20", c.abandoned_in_20);
    add("wait_answered_s_sum", seconds_us(c.wait_answered_us));
    add("wait_abandoned_s_sum", seconds_us(c.wait_abandoned_us));
    add("talk_s_sum", seconds_us(c.talk_us));
    add("acw_s_sum", seconds_us(c.acw_us));
    part.count = static_cast<std::uint32_t>(message.values.size()) - part.first;
    message.parts.push_back(part);
}

}  // namespace surged
