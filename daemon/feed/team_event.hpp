// What the daemon publishes about its team, as far as the simulated people need it. Knows the JSON of records; refuses to know
// sockets.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace surged {

struct TeamEvent {
    std::string type;  ///< "incident.opened", "seat.joined", "page.accepted", ...
    std::string incident;
    std::string person;                        ///< seats and answers
    std::string purpose;                       ///< pages
    std::vector<std::string> people;           ///< pages
    std::map<std::string, std::string> scope;  ///< incidents: {"centre":..,"group":..}
};

/// A record as published (wire/record_json.hpp). nullopt: no JSON object of at most 1 MiB with a type and an incident.
std::optional<TeamEvent> parse_team_event(std::string_view json);

}  // namespace surged
