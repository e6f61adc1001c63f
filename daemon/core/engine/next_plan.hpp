// A reload in steps, so that the engine goes on meanwhile: who works on another thread makes what is large, and asks the engine for its
// parts in pieces. Nothing is decided by the new plan before Engine::reload(NextPlan&).
//
//   Engine::begin(next)          the engine's thread
//   next.prepare()               any other
//   next.outline(n) until true   the engine's thread, in pieces
//   next.build()                 any other
//   next.copy(n) until 0         the engine's thread, in pieces; samples that come in between make some of it anew
//   Engine::reload(next, now)    the engine's thread; does what is left
//   Replaced::hand_over(n) until 0  the engine's thread, in pieces; the report has it
//
// Any step may be left out: the next one does it. Between Engine::begin() and Engine::reload() no other reload is begun.
#pragma once

#include <cstddef>
#include <memory>

#include "core/rule/take_over.hpp"
#include "core/team/plan.hpp"

namespace surged {

class NextPlan {
public:
    explicit NextPlan(std::shared_ptr<const Plan> plan) : plan_(std::move(plan)) {}

    const Plan& plan() const { return *plan_; }
    /// Compares, and makes what the new detector is made in. Precondition: Engine::begin().
    void prepare();
    /// Nothing that detection goes by differs: the detector stays, and the other steps have nothing to do. Precondition: prepare().
    bool keeps_detector() const { return same_; }
    /// True when all queues are noted.
    bool outline(std::size_t queues) { return same_ || built_ || take_over_->outline(queues); }
    void build();
    /// How many queues are to be copied still.
    std::size_t copy(std::size_t queues) { return same_ ? 0 : take_over_->copy(queues); }

private:
    friend class Engine;
    std::shared_ptr<const Plan> plan_;
    std::shared_ptr<const Plan> before_;  ///< what the old detector goes by
    std::shared_ptr<Detector> old_;
    std::shared_ptr<Detector> made_;
    std::unique_ptr<TakeOver> take_over_;
    bool same_ = false;
    bool built_ = false;
};

}  // namespace surged
