// The command line of surged itself. Lives with surgectl's, because both speak through ctl/command_line.
#pragma once

#include <optional>
#include <string>

namespace surged {

struct DaemonOptions {
    std::string config;
    std::string store;  ///< --store: instead of [store] path; empty = as configured
    std::string host;   ///< --host: the name of this host in [cluster]; empty = the machine's
    bool check = false;
    bool rescue = false;   ///< --rescue: make a store of what can be read back of a damaged one, then exit
    bool standby = false;  ///< --standby: wait for a store that another surged has, then take it over
};

/// The options, or the exit code: 0 after --help and --version, 2 for a usage error (told on stderr in one line).
struct DaemonCommandLine {
    std::optional<DaemonOptions> options;
    int exit_code = 0;
};
DaemonCommandLine parse_daemon_options(int argc, char** argv);

}  // namespace surged
