// How long it takes until help is there: of each incident the time from its opening to the first seat taken, to half of the seats
// wanted and to all of them. Made of the records as they are decided, on the engine's thread; an incident that was open before
// this process began is left out, because its seats were.
#pragma once

#include <map>
#include <set>
#include <string>

#include "core/record/record.hpp"
#include "io/exporter/snapshot.hpp"

namespace surged {

class HelpTimes {
public:
    void note(const Record& record);
    /// By policy; a policy that is in force and had no incident yet has zeros when the caller adds it.
    const std::map<std::string, HelpView>& by_policy() const { return by_policy_; }
    std::size_t under_way() const { return open_.size(); }

private:
    struct Waiting {
        std::string policy;
        EngineTime opened{};
        int need = 0;
        int joined = 0;  ///< as its last record of the incident said
        std::set<std::string> people;
        bool first = false;
        bool half = false;
    };

    void change(const IncidentChange& change, EngineTime at);
    void seat(const SeatChange& change, EngineTime at);
    /// Counts what is reached now; true when nothing is left to wait for.
    bool look(Waiting& waiting, EngineTime at);

    std::map<std::string, Waiting> open_;  ///< by incident; bounded by the incidents that may be open
    std::map<std::string, HelpView> by_policy_;
};

}  // namespace surged
