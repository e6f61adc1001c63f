#include "replay/player.hpp"

#include <algorithm>

#include "core/base/check.hpp"

namespace surged {
namespace {

constexpr Span snapshot_every{10000};  // as the daemon does

/// More steps than this at one instant means that deadlines do not move on: a broken invariant of the engine.
constexpr int steps_at_one_instant_max = 100000;

}  // namespace

Player::Player(std::unique_ptr<const Plan> plan, Watch watch) : engine_(std::make_unique<Engine>(std::move(plan))), watch_(std::move(watch)) {}

/// Recorded time is source time: arrival, wall clock and claim are one, until the wall clock steps.
Stamp Player::stamp_of(EngineTime at) const {
    return {at, wall_time(to_ms(at)) + wall_step_};
}

void Player::start(EngineTime at) {
    now_ = stamp_of(at);
    engine_->advance(now_);
    settle();
}

void Player::to(EngineTime at) {
    int steps = 0;
    while (true) {
        const EngineTime due = engine_->next_deadline();
        if (due > at) {
            break;
        }
        if (due > now_.at) {
            now_ = stamp_of(due);
            steps = 0;
        }
        SURGED_CHECK(++steps < steps_at_one_instant_max);
        engine_->advance(now_);
        settle();
    }
    if (at > now_.at) {
        now_ = stamp_of(at);
        engine_->advance(now_);
        settle();
    }
}

void Player::message(const Message& message) {
    to(std::max(now_.at, engine_time(to_ms(message.ts) - wall_step_.count())));
    engine_->ingest(message, now_);
    settle();
    to(now_.at);  // what the message made due at this very instant
    if (keeps_ && now_.at - kept_at_ >= snapshot_every) {
        snapshot();
    }
}

CommandReply Player::command(const Command& command) {
    CommandReply reply = engine_->command(command, now_);
    settle();
    to(now_.at);
    return reply;
}

void Player::step_wall(Span step) {
    wall_step_ += step;
    now_ = stamp_of(now_.at);
    engine_->advance(now_);
    settle();
}

void Player::snapshot() {
    kept_at_ = now_.at;
    kept_state_ = engine_->snapshot();
    kept_windows_ = engine_->series_snapshot();
    kept_log_.clear();
}

void Player::restart(std::unique_ptr<const Plan> plan, EngineTime up) {
    SURGED_CHECK(keeps_);
    const EngineTime down_since = now_.at;
    engine_ = std::make_unique<Engine>(std::move(plan));
    SURGED_CHECK(kept_state_.empty() || engine_->restore(kept_state_));
    for (const Record& record : kept_log_) {
        engine_->apply(record);
    }
    SURGED_CHECK(kept_windows_.empty() || engine_->restore_series(kept_windows_));
    now_ = stamp_of(std::max(up, now_.at));
    engine_->recovered(down_since, now_);
    settle();
    to(now_.at);
}

void Player::settle() {
    while (engine_->decided()) {
        engine_->take(decisions_);
        if (keeps_) {
            kept_log_.insert(kept_log_.end(), decisions_.records.begin(), decisions_.records.end());
        }
        if (watch_.record) {
            std::ranges::for_each(decisions_.records, watch_.record);
        }
        // Moved out, since an outcome decides again and take() reuses the storage.
        const std::vector<SendOrder> orders = std::move(decisions_.orders);
        decisions_.orders.clear();
        for (const SendOrder& order : orders) {
            if (watch_.order) {
                watch_.order(order);
            }
            engine_->outcome({order.page, order.attempt, OutcomeClass::ok, Span{0}, "replayed"}, now_);
        }
    }
}

}  // namespace surged
