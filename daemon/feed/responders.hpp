// Simulated people who answer pages. Knows who was paged and decides, seeded, whether and when they join or decline; refuses to
// know how an answer is delivered: the caller posts it. The hardest rule: a person's decision depends on (seed, incident, person,
// round) alone, so it is the same whatever the order of the pages.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/base/time.hpp"
#include "core/record/record.hpp"
#include "feed/team_event.hpp"

namespace surged {

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
