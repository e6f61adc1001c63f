// One step of the desk: looks at the state, decides, writes records. Every decision goes through emit(): the record is applied at
// once, so that the next decision sees it, and what was decided is what a replay of the log decides again.
//
// Each moment that is looked at and has not come yet is kept (due()), and the earliest is the incident's next timer, so that a
// timer cannot be forgotten.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "core/incident/page_subject.hpp"
#include "core/incident/state.hpp"

namespace surged::incident {

struct Told;

struct Step {
    /// `came`: arrival of the message that woke the desk; `moment.at` for timers and commands.
    Step(DeskState& desk, Stamp moment, EngineTime came, Decisions& decisions);
    ~Step();
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;

    void emit(RecordBody body);
    /// What messages say is to be gathered anew: something else than pages and seats has changed.
    void forget_told();
    void note(std::string what, std::string detail) { emit(SystemNote{std::move(what), std::move(detail)}); }
    /// One person's seat changes.
    void seat(const Incident& inc, const std::string& person, int tier, SeatState to, const std::string& reason,
              SeatCause cause = SeatCause::none);

    /// True when `t` has come; else remembers it as a time to look again.
    bool due(EngineTime t) {
        if (t <= now.at) {
            return true;
        }
        wake = std::min(wake, t);
        return false;
    }
    /// The same for a time that people want to know.
    bool due(EngineTime t, NextKind kind, int tier = 0) {
        if (t > now.at && t < next.at) {
            next = {kind, t, tier};
        }
        return due(t);
    }

    DeskState& state;
    const PlanIndex& index;
    Stamp now;
    Decisions& out;
    IncidentSubject subject;
    PageStep paging;  ///< the same step, for the functions of core/paging

    EngineTime wake = engine_never;     ///< of the incident that is looked at
    NextStep next;                      ///< of it, too
    const AlertGroup* group = nullptr;  ///< its alerts
    std::set<std::string> opened_of;    ///< policies that opened or reopened an incident in this step
    mutable std::map<std::string, std::set<ScopeValues>>
        scopes_known;  ///< by region's incident; while only pages and seats change
    mutable std::map<std::pair<std::string, Language>, std::unique_ptr<Told>> told_known;  ///< by incident; as long (page_facts.cpp)
    std::set<std::string> counted;  ///< regions whose scopes were counted in this step; a later one of the same moment may know more
};

/// A record of a change of this incident: as it is, but for step and reason.
IncidentChange change(const Incident& inc, IncidentStep what, std::string reason = {}, std::string_view by = by_engine);

}  // namespace surged::incident
