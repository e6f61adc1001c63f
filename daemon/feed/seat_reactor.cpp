#include "feed/seat_reactor.hpp"

#include <vector>

namespace surged {

namespace {
SimScope scope_of(const TeamEvent& event) {
    const auto value = [&](const char* key) {
        const auto at = event.scope.find(key);
        return at == event.scope.end() || at->second.empty() ? std::string("*") : at->second;
    };
    return {value("centre"), value("group"), value("queue")};
}
}  // namespace

void SeatReactor::on_event(const TeamEvent& event, Simulator& simulator) {
    if (event.type.rfind("incident.", 0) == 0 && !event.scope.empty() && scopes_.size() < incidents_max_) {
        scopes_[event.incident] = scope_of(event);
    }
    if (event.type == "seat.joined") {
        if (incident_of_.count(event.person) != 0) {
            return;
        }
        const auto scope = scopes_.find(event.incident);
        if (simulator.join(event.person, scope == scopes_.end() ? SimScope{} : scope->second, delay_)) {
            incident_of_[event.person] = event.incident;
            ++joined_;
        }
    } else if (event.type == "seat.released" || event.type == "seat.left" || event.type == "seat.noshow") {
        const auto at = incident_of_.find(event.person);
        if (at != incident_of_.end() && at->second == event.incident) {
            send_home(event.person, simulator);
        }
    } else if (event.type == "incident.closed") {
        std::vector<std::string> leaving;
        for (const auto& [person, incident] : incident_of_) {
            if (incident == event.incident) {
                leaving.push_back(person);
            }
        }
        for (const auto& person : leaving) {
            send_home(person, simulator);
        }
        scopes_.erase(event.incident);
    }
}

void SeatReactor::send_home(const std::string& person, Simulator& simulator) {
    simulator.release(person);
    incident_of_.erase(person);
    ++released_;
}

}  // namespace surged
