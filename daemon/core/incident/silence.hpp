// A silence: alerts it covers open no incident and page nobody; they stay visible. Knows globs and alerts, not who asked for it.
#pragma once

#include <string>

#include "core/base/time.hpp"
#include "core/rule/alert.hpp"

namespace surged {

struct Silence {
    std::string id;
    std::string rule = "*";  ///< globs
    std::string centre = "*";
    std::string queue = "*";
    EngineTime until{};  ///< exclusive: at `until` it is over
};

/// True when the silence's three globs all match the alert. Time is not looked at: a silence ends by a record, not by a clock.
bool covers(const Silence& silence, const AlertEdge& alert);

}  // namespace surged
