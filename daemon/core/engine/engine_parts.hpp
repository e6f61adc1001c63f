// What the engine is made of; seen by its own files only.
#pragma once

#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "core/engine/engine.hpp"
#include "core/rule/detector.hpp"
#include "core/rule/live_values.hpp"

namespace surged {

struct Engine::Parts {
    explicit Parts(std::unique_ptr<const Plan> p);
    /// Detector and desk know each other by this only: learning stops while an incident is open (D6).
    void connect();

    std::unique_ptr<const Plan> plan;
    std::unique_ptr<Detector> detector;
    std::unique_ptr<LiveValues> values;  ///< of the detector, for the desk
    std::unique_ptr<Desk> desk;
    Overload overload;
    std::uint64_t refused_series = 0;   ///< as last looked at
    std::uint64_t refused_sources = 0;  ///< the same, and those crowded out
    std::string troubled_source;        ///< the same; empty = none
    std::string channels_down;         ///< the same
    Stamp now{};
    std::uint64_t reloads = 0;
    /// By rule: of how many queues a baseline knows too little, when that was last counted.
    struct Learning {
        EngineTime at{};
        std::uint64_t reloads = 0;
        std::vector<std::uint64_t> queues{};
    };
    Learning learning{{}, ~std::uint64_t{0}, {}};
    std::size_t numbered = 0;  ///< records of the decisions that have their sequence
    /// While recovering or following: the last record of each open alert.
    std::map<std::pair<std::string, QueueKey>, AlertEdge> open;
    bool follows = false;  ///< what the detector says is not told to anybody
};

}  // namespace surged
