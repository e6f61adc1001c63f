// The after-action report as Markdown or as one HTML page that asks no other host and runs no script.
//
// It knows words and pictures; what happened is after_action.hpp's. Hardest rule: every text of the incident is data: nothing in
// it becomes markup.
#pragma once

#include <string>

#include "core/base/zone.hpp"
#include "core/team/spec.hpp"
#include "ctl/after_action.hpp"

namespace surged {

/// Times in `zone`.
std::string report_markdown(const AfterAction& report, Language language, const Zone& zone);
std::string report_html(const AfterAction& report, Language language, const Zone& zone);

}  // namespace surged
