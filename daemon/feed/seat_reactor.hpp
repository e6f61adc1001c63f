// People who join an incident become agents on the simulated phones. Knows seats and scopes; refuses to know sockets and clocks.
// The hardest rule: one body, one chair. A person seated for one incident is not added again for another, and only the incident
// that seated them can send them home.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "feed/simulator.hpp"
#include "feed/team_event.hpp"

namespace surged {

class SeatReactor {
public:
    /// `delay`: from joining to the first call.
    explicit SeatReactor(Span delay) : delay_(delay) {}

    /// incident.* tells the scope; seat.joined seats; seat.released, left, noshow and incident.closed send home. All else is
    /// ignored. An incident whose opening was not heard covers every queue.
    void on_event(const TeamEvent& event, Simulator& simulator);
    std::uint64_t joined() const { return joined_; }
    std::uint64_t released() const { return released_; }

private:
    void send_home(const std::string& person, Simulator& simulator);

    Span delay_;
    std::map<std::string, SimScope> scopes_;          // by incident
    std::map<std::string, std::string> incident_of_;  // person -> incident that seated them
    std::uint64_t joined_ = 0;
    std::uint64_t released_ = 0;
    std::size_t incidents_max_ = 1000;
};

}  // namespace surged
