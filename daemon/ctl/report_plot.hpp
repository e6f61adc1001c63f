// The drawings of an after-action report, as SVG elements: lines over the time of the incident.
#pragma once

#include <string>

#include "core/base/zone.hpp"
#include "core/team/spec.hpp"
#include "ctl/after_action.hpp"

namespace surged {

/// Seats taken and wanted over time; empty without two moments to draw between.
std::string seats_svg(const AfterAction& report, Language language, const Zone& zone);
/// Calls a minute: load, forecast and what the agents at work could take; empty when nothing was noted.
std::string load_svg(const AfterAction& report, Language language, const Zone& zone);

}  // namespace surged
