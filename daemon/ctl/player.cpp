#include "ctl/player.hpp"

#include <algorithm>

#include "core/base/check.hpp"

namespace surged {
namespace {

/// Recorded time is source time: arrival, wall clock and claim are one.
Stamp stamp_of(EngineTime at) {
    return {at, wall_time(to_ms(at))};
}

/// More steps than this at one instant means that deadlines do not move on: a broken invariant of the engine.
constexpr int steps_at_one_instant_max = 100000;

}  // namespace

Player::Player(std::unique_ptr<const Plan> plan, Watch watch) : engine_(std::move(plan)), watch_(std::move(watch)) {}

void Player::start(EngineTime at) {
    now_ = stamp_of(at);
    engine_.advance(now_);
    settle();
}

void Player::to(EngineTime at) {
    int steps = 0;
    while (true) {
        const EngineTime due = engine_.next_deadline();
        if (due > at) {
            break;
        }
        if (due > now_.at) {
            now_ = stamp_of(due);
            steps = 0;
        }
        SURGED_CHECK(++steps < steps_at_one_instant_max);
        engine_.advance(now_);
        settle();
    }
    if (at > now_.at) {
        now_ = stamp_of(at);
        engine_.advance(now_);
        settle();
    }
}

void Player::message(const Message& message) {
    to(std::max(now_.at, engine_time(to_ms(message.ts))));
    engine_.ingest(message, now_);
    settle();
    to(now_.at);  // what the message made due at this very instant
}

CommandReply Player::command(const Command& command) {
    CommandReply reply = engine_.command(command, now_);
    settle();
    to(now_.at);
    return reply;
}

void Player::settle() {
    while (engine_.decided()) {
        engine_.take(decisions_);
        if (watch_.record) {
            std::for_each(decisions_.records.begin(), decisions_.records.end(), watch_.record);
        }
        // Moved out, since an outcome decides again and take() reuses the storage.
        const std::vector<SendOrder> orders = std::move(decisions_.orders);
        decisions_.orders.clear();
        for (const SendOrder& order : orders) {
            if (watch_.order) {
                watch_.order(order);
            }
            engine_.outcome({order.page, order.attempt, OutcomeClass::ok, Span{0}, "replayed"}, now_);
        }
    }
}

}  // namespace surged
