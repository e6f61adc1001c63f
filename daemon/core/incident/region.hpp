// A region: many scopes of one policy that surge at once are one incident. Look-ups; region.cpp decides.
#pragma once

#include <set>
#include <string>

#include "core/incident/state.hpp"

namespace surged {

/// Whether this incident stands for many scopes.
inline bool is_region(const Incident& incident) {
    return !incident.policy.region.of.empty();
}

/// The policy of a region's own incident: the same people and steps, over the wider scope.
PolicySpec region_policy(const PolicySpec& policy);

/// "3处（济南/普席、青岛/普席…）" / "3 scopes (jinan/general, ...)".
std::string scopes_text(const std::set<ScopeValues>& scopes, Language language);

/// What the alerts of one scope say.
struct ScopeSigns {
    Level level = Level::none;
    std::size_t queues = 0;  ///< with an alert that fires
};

/// The name of a scope in records: "jinan/general". No two scopes of a policy have the same.
std::string share_key(const ScopeValues& scope);

/// People whom the scopes of a region's incident want together.
int shares_sum(const Incident& incident);

/// The most that the region's scopes wanted together since `from`, and the number of scopes that wanted it.
Lapse wanted_since(const Incident& incident, EngineTime from);

/// The scopes whose alerts count now, of a region's incident; of others none.
std::set<ScopeValues> scopes_firing(const DeskState& state, const Incident& incident);

}  // namespace surged
