// Why each tier was, or was not, called for one alert, as the desk knows it, in sentences for people.
//
// Reads the desk's state and decides nothing. Knows incidents and people, refuses to know samples. Hardest rule: every tier of
// the policy and everybody on duty in it gets a reason; "not paged" without one is the complaint this exists for.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/desk/desk.hpp"

namespace surged {

struct PersonPaging {
    std::string person;
    std::string name;
    std::string state;  ///< seat state, or "not asked"
    std::string why;
    std::vector<PageView> pages;  ///< of this incident, oldest first
};

struct TierPaging {
    int tier = 0;  ///< 1-based; one past the last = the fallback list
    std::string id;
    bool called = false;
    std::string why;
    std::vector<PersonPaging> people;
};

struct AlertPaging {
    std::string policy;
    std::string incident;  ///< the one it belongs to; empty = none is open
    std::string state;     ///< of the incident
    Level level = Level::none;
    int tier = 0;
    int need = 0;
    int joined = 0;
    EngineTime opened{};
    EngineTime next_at = engine_never;
    bool fires = false;   ///< the alert is in the desk's book
    bool counts = false;  ///< it is neither silenced, muted nor inhibited
    std::string why;      ///< one sentence on the alert as a whole
    std::vector<SilenceChange> silences;
    std::vector<TierPaging> tiers;
};

}  // namespace surged
