// `surged --rescue`: an operator asks what can be saved of a store that does not open any more.
//
// It knows which records make up a state: those without a hole from a whole snapshot on, or from the first. Its hardest rule: nothing is
// folded over a hole, for half of what happened is worse than its beginning; what was read behind it is kept as history and told to
// people. A sound store, a foreign file and one of a newer version are left as they are.
#pragma once

#include <string>

#include "app/parts.hpp"

namespace surged {

/// What the command line said.
struct RescueFiles {
    std::string config;  ///< read again for the trial start
    std::string store;   ///< instead of [store] path; empty = as configured
};

/// Prints to stdout what was found, done and left to do by hand. Returns the exit code: 0 = the store is sound or was rescued, and the next
/// start opens it; 2 = the configuration is bad; 3 = the store was left as it was, and stderr says why.
int rescue_store(LoadedConfig& config, const RescueFiles& files, const Log& log, const Steps& steps);

/// What the start says more when a store is damaged: the command that helps.
std::string rescue_hint(const LogFailure& failure, const std::string& config_file);

}  // namespace surged
