// What a reload put out of its place: a plan and a detector with all its windows. Large, and freed by whoever holds the report, not by the engine.
#pragma once

#include <cstddef>
#include <limits>
#include <memory>
#include <utility>

#include "core/rule/take_over.hpp"
#include "core/team/plan.hpp"

namespace surged {

class Replaced {
public:
    /// A detector, and the plan that it borrows.
    struct Side {
        std::shared_ptr<const Plan> plan{};
        std::shared_ptr<Detector> detector{};
    };
    Replaced(Side old, Side heir, std::unique_ptr<TakeOver> take_over)
        : old_(std::move(old)), heir_(std::move(heir)), take_over_(std::move(take_over)) {}
    Replaced(const Replaced&) = delete;
    Replaced& operator=(const Replaced&) = delete;
    /// Hands over what is left: on the engine's thread, or when hand_over() has said 0.
    ~Replaced() { hand_over(std::numeric_limits<std::size_t>::max()); }

    /// The engine's thread, in pieces: learned profiles that went over still go by the replaced plan, which says the same of them. Returns how
    /// many are left.
    std::size_t hand_over(std::size_t profiles) { return take_over_->hand_over(profiles); }

private:
    Side old_;
    Side heir_;
    std::unique_ptr<TakeOver> take_over_;  ///< borrows both detectors
};

}  // namespace surged
