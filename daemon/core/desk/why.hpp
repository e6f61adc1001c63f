// Why each tier was, or was not, called for one alert, as the desk knows it, in sentences for people.
//
// Reads the desk's state and decides nothing. Knows incidents and people, refuses to know samples. Hardest rule: every tier of
// the policy and everybody on duty in it gets a reason; "not paged" without one is the complaint this exists for.
#pragma once

#include <cstdint>
#include <optional>
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
    template <typename V>
    void fields(V& v) const {
        v("person", person), v("name", name), v("state", state), v("why", why), v.brief("pages", pages);
    }
};

struct TierPaging {
    int tier = 0;  ///< 1-based; one past the last = the fallback list
    std::string id;
    bool called = false;
    std::string why;
    std::vector<PersonPaging> people;
    template <typename V>
    void fields(V& v) const {
        v("tier", tier), v("id", id), v("called", called), v("why", why), v("people", people);
    }
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

    /// Without the silences, which stand beside the rule's mutes (core/engine/explanation.hpp).
    template <typename V>
    void fields(V& v) const {
        v("why", why), v("fires", fires), v("counts", counts), v("policy", policy);
        if (incident.empty()) {
            v("incident", std::optional<int>{});
        } else {
            v.object("incident", [&] {
                v("incident", incident), v("state", state), v("level", level), v("tier", tier), v("need", need), v("joined", joined);
                v("opened", opened), v("next_at", next_at);
            });
        }
        v("tiers", tiers);
    }
};

}  // namespace surged
