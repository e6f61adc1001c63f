// Asks the daemon for the summary of a period until it is made, and shows on a terminal how far it is.
#pragma once

#include <optional>
#include <string>

#include "ctl/api_json.hpp"
#include "ctl/context.hpp"

namespace surged {

/// `path`: of the report with its query. nullopt: the daemon did not answer, or refused; that was told.
std::optional<std::string> awaited_report(Api& api, const std::string& path);

}  // namespace surged
