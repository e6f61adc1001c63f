// What people say and operators order. Each command is refused with a reason, or recorded with its author and answered with a sentence.
#pragma once

#include <optional>
#include <string>

#include "core/incident/steps.hpp"

namespace surged::desk {

using incident::Step;

/// An answer to an incident or a drill (answers.cpp, drill.cpp).
CommandReply answer(Step& step, const Command& command);
/// What operators order (commands.cpp).
CommandReply order(Step& step, const Command& command);

// within the room
CommandReply answer_drill(Step& step, const Command& command);
CommandReply test_page(Step& step, const Command& command);
CommandReply adopt_policy(Step& step, const Command& command);
/// Why the one who is named cannot be; nullopt = they can. Nothing is recorded: the answer is refused as a whole (successor.cpp).
std::optional<CommandReply> unfit_successor(const Step& step, const Incident& inc, const Command& command);
CommandReply reply(const Incident* inc, bool ok, std::string code, std::string message);
/// True: `reply` was once given to this key, or refuses it because the key was used for something else.
bool repeated(const Step& step, const Command& command, const std::string& request, CommandReply& reply);

}  // namespace surged::desk
