// Profiles that `learn` wrote, for commands that run the engine themselves: the same file as the daemon of that configuration reads.
//
// Knows the file and which of its profiles fit the configuration. Hardest rule: a profile that has seen days after the recording's
// begin would judge them with hindsight; by default it is left out, and one line says so. What is used or not is always told.
#pragma once

#include <string>

#include "config/settings.hpp"
#include "core/base/result.hpp"
#include "core/rule/learned_profile.hpp"
#include "ctl/context.hpp"

namespace surged {

class CliCommand;
class Engine;

/// What is in a file of profiles. Error: there is no such file, or it is torn.
Result<ProfileShelf> read_profile_file(const std::string& path);

/// Where the daemon of this configuration would read them.
std::string profiles_path_of(const LoadedConfig& config);

struct LearnedInput {
    std::string choice;  ///< --profiles: a file, "off", or empty: the configuration's own file

    void add_option(CliCommand command);
    bool off() const { return choice == "off"; }

    /// Before the run. False, and told, when a file that was asked for cannot be read; one that is only the default costs a line.
    bool load(Context& context, const LoadedConfig& config);
    /// To an engine that has heard nothing yet, `first` being the first message's time. Tells on stderr what was done.
    void offer(Engine& engine, WallTime first) const;

    ProfileShelf shelf;
    std::string path;  ///< of `shelf`
    std::string note;  ///< why there is none; told when the rules would have used one
};

}  // namespace surged
