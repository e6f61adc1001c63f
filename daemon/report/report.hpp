// The after-action report as Markdown, as JSON, or as one HTML page that asks no other host and runs no script.
//
// It knows texts and charts; what happened is after_action.hpp's. Hardest rule: every text of the incident is data: nothing in
// it becomes markup.
#pragma once

#include <string>

#include "core/base/zone.hpp"
#include "core/team/spec.hpp"
#include "report/after_action.hpp"

namespace surged {

/// Times in `zone`.
std::string report_markdown(const AfterAction& report, Language language, const Zone& zone);
std::string report_html(const AfterAction& report, Language language, const Zone& zone);
/// One object; times are ms UTC, null = it never came to that or is unknown. No newline at the end.
std::string report_json(const AfterAction& report);

/// The report's drawings (report_plot.cpp), as SVG elements. Seats taken and wanted over time; empty without two moments to draw
/// between.
std::string seats_svg(const AfterAction& report, Language language, const Zone& zone);
/// Calls a minute: load, forecast and what the agents at work could take; empty when nothing was noted.
std::string load_svg(const AfterAction& report, Language language, const Zone& zone);

}  // namespace surged
