// What fires in an incident, in words and units, as the page behind a link shows it.
#pragma once

#include <vector>

#include "core/engine/engine.hpp"
#include "io/http/api.hpp"

namespace surged {

/// The worst three alerts of the incident as they stand at `now`, the worst first.
std::vector<LinkReading> link_readings(const IncidentView& incident, const Plan& plan, EngineTime now);

}  // namespace surged
