// The playbook of a policy: looking things up. Pure functions; what is done and undone is decided in actions.cpp.
#pragma once

#include <string>

#include "core/incident/state.hpp"

namespace surged {

/// The action of this page in the incident's own policy; null for a page to people.
const ActionSpec* action_of(const Incident& incident, const std::string& page);

/// "announce: announcement=A17, centre=qingdao", of doing or of undoing.
std::string action_text(const ActionSpec& action, PagePurpose purpose);

/// Whether the incident has come as far as this action wants. Both conditions, when both are given.
bool reached(const Incident& incident, const ActionSpec& action);

/// Whether this action was done, perhaps done, or is under way: it is undone as the policy says by which it was begun.
bool was_begun(const Incident& incident, const ActionSpec& action);

/// Whether it went into the incident of a region that is open.
bool goes_on_elsewhere(const Incident& incident, const DeskState& state);

/// Whether something it did still stands and is undone only when the region's incident, which it went into, is over.
bool undo_waits(const Incident& incident, const DeskState& state);

}  // namespace surged
