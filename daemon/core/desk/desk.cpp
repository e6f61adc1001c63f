#include "core/desk/desk.hpp"

#include <algorithm>
#include <set>

#include "core/desk/commands.hpp"
#include "core/desk/snapshot.hpp"
#include "core/incident/steps.hpp"
#include "core/base/clock_text.hpp"
#include "core/team/roster.hpp"

namespace surged {

namespace {
/// "14:02-14:20"; empty when it was away for less than a minute.
std::string down_text(const Plan& plan, EngineTime down_since, Stamp now) {
    const auto gone = now.at - down_since;
    if (down_since == EngineTime{} || gone < std::chrono::minutes{1}) {
        return {};
    }
    const auto& zone = zone_of(plan, plan.timezone);
    return hour_text(zone, now.wall - gone) + "-" + hour_text(zone, now.wall);
}

/// At most a line of them.
std::string listed(const std::set<std::string>& names) {
    std::string out;
    for (const auto& name : names) {
        out += (out.empty() ? "" : ", ") + name;
        if (out.size() > 300) {
            return out + ", ...";
        }
    }
    return out;
}
}  // namespace

Desk::Desk(const Plan& plan) : state_(std::make_unique<DeskState>(plan)) {}
Desk::~Desk() = default;

void Desk::adopt(const Plan& plan) {
    state_->adopt(plan);
}

void Desk::adopt(const Plan& plan, Stamp now, Decisions& out) {
    adopt(plan);
    state_->look_at_all(now.at);
    incident::Step step(*state_, now, now.at, out);
    incident::run(step);
}

void Desk::watch(const StaffingBoard* board, const LiveValues* values) {
    state_->board = board;
    state_->values = values;
}

void Desk::on_alerts(std::span<const AlertEdge> edges, EngineTime arrived, Stamp now, Decisions& out) {
    for (const auto& edge : edges) {
        state_->apply(Record{0, now.at, now.wall, edge});
        // Only an edge ends the hold on climbing; the look that follows a restart must not.
        if (auto* inc = state_->open_in(state_->place(edge))) {
            inc->fresh = now.at;
        }
    }
    if (!state_->dirty_groups.empty()) {
        incident::Step step(*state_, now, arrived, out);
        incident::run(step);
    }
}

CommandReply Desk::on_command(const Command& command, Stamp now, Decisions& out) {
    incident::Step step(*state_, now, now.at, out);
    auto reply = command.kind == Command::Kind::answer ? desk::answer(step, command) : desk::order(step, command);
    incident::run(step);
    return reply;
}

void Desk::on_outcomes(std::span<const SendOutcome> outcomes, Stamp now, Decisions& out) {
    incident::Step step(*state_, now, now.at, out);
    for (const auto& outcome : outcomes) {
        if (const auto back = paging::outcome(step.paging, outcome)) {
            incident::channel_back(step, *back);
        }
    }
    incident::run(step);
}

void Desk::on_receipt(const DeliveryReceipt& receipt, Stamp now, Decisions& out) {
    incident::Step step(*state_, now, now.at, out);
    paging::receipt(step.paging, receipt);
    incident::run(step);
}

void Desk::advance(Stamp now, Decisions& out) {
    if (next_deadline() <= now.at) {
        incident::Step step(*state_, now, now.at, out);
        incident::run(step);
    }
}

EngineTime Desk::next_deadline() const {
    const auto& s = *state_;
    if (!s.dirty.empty() || !s.dirty_groups.empty()) {
        return EngineTime::min();  // after a restart: everything is looked at once
    }
    EngineTime next = s.looks.next;
    for (const auto* timers : {&s.outbox.timers, &s.incident_timers, &s.silence_timers, &s.group_timers}) {
        if (!timers->empty()) {
            next = std::min(next, timers->begin()->first);
        }
    }
    return next;
}

void Desk::recovered(EngineTime down_since, Stamp now, Decisions& out) {
    incident::Step step(*state_, now, now.at, out);
    step.note("recovered", down_text(*state_->index->plan, down_since, now));
    std::set<std::string> unknown;
    for (auto& [id, inc] : state_->incidents) {
        unknown.insert(inc.unknown_keys.begin(), inc.unknown_keys.end());
        inc.unknown_keys.clear();
    }
    if (!unknown.empty()) {
        step.note("policy_keys_skipped", std::to_string(unknown.size()) +
                                             " keys in policies of incidents are of another release and are not followed: " +
                                             listed(unknown));
    }
    paging::recover(step.paging);
    state_->look_at_all();
}

void Desk::apply(const Record& record) {
    state_->apply(record);
}
void Desk::rest() {
    state_->dirty.clear();
    state_->dirty_groups.clear();
}
std::string Desk::snapshot() const {
    return desk::snapshot(*state_);
}
bool Desk::restore(std::string_view bytes) {
    return desk::restore(*state_, bytes);
}
bool Desk::open_for(const QueueKey& queue, std::string_view group) const {
    return state_->covered(queue, group);
}

}  // namespace surged
