// The real team of a daemon as the simulator sees it: what is published about it, people who join an incident and become agents
// on the simulated phones, and simulated people who answer pages. Knows the JSON of records; refuses to know sockets and clocks.
//
// Hardest rules: one body, one chair (a person seated for one incident is not added again for another, and only the incident that
// seated them can send them home); and a person's decision depends on (seed, incident, person, round) alone, so it is the same
// whatever the order of the pages.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/time.hpp"
#include "core/record/record.hpp"
#include "feed/simulator.hpp"

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

/// Seats people on the phones.
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

struct ResponderOptions {
    std::uint64_t seed = 1;
    double join = 0.6;  ///< probability of each; the rest never answers
    double decline = 0.2;
    Span delay_min{2000};  ///< from page to answer, uniform
    Span delay_max{8000};
    int rounds_max = 5;  ///< decisions of one person in one incident: silent people are asked again by reminders
};

struct SimulatedAnswer {
    std::string incident;
    std::string person;
    AnswerKind kind = AnswerKind::join;
};

/// Answers pages in their place; the caller posts the answers.
class Responders {
public:
    explicit Responders(ResponderOptions options) : options_(options) {}

    /// page.accepted and page.delivered of a page that asks somebody to come (first, need, remind, repeat_round) start a decision
    /// for each of its people who has not answered; an incident that resolves or closes ends all of its decisions.
    void on_event(const TeamEvent& event, EngineTime now);
    /// The answers whose time has come, in order of time.
    std::vector<SimulatedAnswer> due(EngineTime now);
    /// When the next answer falls due; engine_never = none is pending.
    EngineTime next() const { return pending_.empty() ? engine_never : pending_.begin()->first.first; }

private:
    using Key = std::pair<std::string, std::string>;  // incident, person
    struct Person {
        int rounds = 0;
        bool pending = false;
        bool answered = false;
    };
    ResponderOptions options_;
    std::map<Key, Person> people_;
    std::multimap<std::pair<EngineTime, Key>, AnswerKind> pending_;
    std::size_t people_max_ = 100000;
};

}  // namespace surged
