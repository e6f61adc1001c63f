#include "core/desk/desk.hpp"

#include <algorithm>

#include "core/incident/decider.hpp"
#include "core/desk/desk_state.hpp"

namespace surged {

Desk::Desk(const Plan& plan) : state_(std::make_unique<State>(plan)) {}
Desk::~Desk() = default;

void Desk::adopt(const Plan& plan, Stamp now, Decisions& out) {
    state_->desk.adopt(plan);
    Decider(state_->desk, now, now.at, out).run();
}

void Desk::watch(const StaffingBoard* board, const LiveValues* values) {
    state_->desk.board = board;
    state_->desk.values = values;
}

void Desk::on_alerts(std::span<const AlertEdge> edges, EngineTime arrived, Stamp now, Decisions& out) {
    for (const auto& edge : edges) {
        state_->desk.apply(Record{0, now.at, now.wall, edge});
        // Only an edge is news. The look that follows a restart is none: it would end the hold on climbing at once.
        if (auto* inc = state_->desk.open_in(state_->desk.place(edge))) {
            inc->fresh = now.at;
        }
    }
    if (!state_->desk.dirty_folds.empty()) {
        Decider(state_->desk, now, arrived, out).run();
    }
}

CommandReply Desk::on_command(const Command& command, Stamp now, Decisions& out) {
    Decider decider(state_->desk, now, now.at, out);
    auto reply = command.kind == Command::Kind::answer ? decider.answer(command) : decider.order(command);
    decider.run();
    return reply;
}

void Desk::on_outcome(const SendOutcome& outcome, Stamp now, Decisions& out) {
    Decider decider(state_->desk, now, now.at, out);
    decider.outcome(outcome);
    decider.run();
}

void Desk::on_receipt(const DeliveryReceipt& receipt, Stamp now, Decisions& out) {
    Decider decider(state_->desk, now, now.at, out);
    decider.receipt(receipt);
    decider.run();
}

void Desk::advance(Stamp now, Decisions& out) {
    if (next_deadline() <= now.at) {
        Decider(state_->desk, now, now.at, out).run();
    }
}

EngineTime Desk::next_deadline() const {
    const auto& s = state_->desk;
    if (!s.dirty.empty() || !s.dirty_folds.empty()) {
        return EngineTime::min();  // after a restart: everything is looked at once
    }
    EngineTime next = engine_never;
    for (const auto* timers : {&s.page_timers, &s.incident_timers, &s.silence_timers, &s.rearm_timers}) {
        if (!timers->empty()) {
            next = std::min(next, timers->begin()->first);
        }
    }
    return next;
}

void Desk::recovered(EngineTime down_since, Stamp now, Decisions& out) {
    Decider(state_->desk, now, now.at, out).recovered(down_since);
    state_->desk.look_at_all();
}

void Desk::apply(const Record& record) {
    state_->desk.apply(record);
}
std::string Desk::snapshot() const {
    return state_->desk.snapshot();
}
bool Desk::restore(std::string_view bytes) {
    return state_->desk.restore(bytes);
}
bool Desk::open_for(const QueueKey& queue, std::string_view group) const {
    return state_->desk.covered(queue, group);
}

}  // namespace surged
