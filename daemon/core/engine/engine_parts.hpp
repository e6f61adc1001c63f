// What the engine is made of; seen by its own files only.
#pragma once

#include <memory>
#include <vector>

#include "core/engine/engine.hpp"
#include "core/engine/engine_bytes.hpp"
#include "core/engine/put_off.hpp"
#include "core/engine/replaced.hpp"
#include "core/rule/detector.hpp"
#include "core/rule/live_values.hpp"

namespace surged {

struct Engine::Parts {
    explicit Parts(std::shared_ptr<const Plan> p);
    /// Detector and desk know each other by this only: learning stops while an incident is open (D6).
    void connect();

    std::shared_ptr<const Plan> plan;       ///< a shadow on another thread may hold it longer
    std::shared_ptr<const Plan> detection;  ///< the detector's: an earlier one, when nothing that it goes by has changed since
    std::shared_ptr<Detector> detector;     ///< shared with the reload that is under way
    std::unique_ptr<LiveValues> values;  ///< of the detector, for the desk
    std::unique_ptr<Desk> desk;
    Overload overload;
    PutOff put_off;                   ///< edges of the last reload that are told a little later
    std::weak_ptr<Replaced> replaced;  ///< by the last reload, while its report is kept
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
    OpenAlerts open;        ///< as the records have them
    EngineTime recorded{};  ///< time of the latest record
};

}  // namespace surged
