// What the daemon knows, for the line that is being typed. Nothing where it cannot be asked within a moment: a shell's line is no place for
// errors.
#pragma once

#include <string>
#include <vector>

#include "ctl/complete.hpp"
#include "ctl/context.hpp"

namespace surged {

/// Of this kind (see Wanted::kind). `context` names the daemon and the token; nothing is printed.
std::vector<Candidate> known_values(Context context, const std::string& kind);

}  // namespace surged
