// A region: many scopes of one policy that surge at once are one incident. Looking things up; region.cpp decides.
#pragma once

#include <set>
#include <string>

#include "core/escalation/state.hpp"

namespace surged {

/// Whether this incident stands for many scopes.
inline bool is_region(const Incident& incident) {
    return !incident.policy.region.of.empty();
}

/// The policy of a region's own incident: the same people and steps, over the wider scope.
PolicySpec region_policy(const PolicySpec& policy);

/// "3处（济南/普席、青岛/普席…）" / "3 scopes (jinan/general, ...)".
std::string scopes_text(const std::set<ScopeValues>& scopes, Language language);

/// The scopes whose alerts count now, of a region's incident; of others none.
std::set<ScopeValues> scopes_firing(const DeskState& state, const Incident& incident);

}  // namespace surged
