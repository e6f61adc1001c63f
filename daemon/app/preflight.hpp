// Everything that a start reads beside the configuration, read by the check with the start's own code, short of binding: what the check
// passes starts.
//
// Hardest rule: nothing is made, bound or changed here.
#pragma once

#include <string>
#include <vector>

#include "app/parts.hpp"

namespace surged {

struct PreflightFinding {
    bool error = true;             ///< the check fails; else people should know
    ExitCode code = exit_config;   ///< with what the start would end
    std::string section;           ///< "http"
    std::string key;               ///< "token_file"
    std::string message;
    bool starts = false;  ///< an error for the check, said loudly at a start, which goes on: pages matter more
};

/// `configured`: as load_config() gave it; `store` and `host`: --store and --host of the command line, "" = none. What only another user may read is no error: the
/// daemon's user may be that one, and the finding says so.
std::vector<PreflightFinding> preflight(const LoadedConfig& config, const std::string& store, const std::string& host = {});

/// "2 files, 9 rules, ..., 1 policy": what a good configuration has.
std::string summary_of(const LoadedConfig& config);

/// "surged.toml:12:1: error: [http] token_file: cannot read ...", with the place of the key in the files that were read.
std::string text_of(const PreflightFinding& finding, const LoadedConfig& config);

}  // namespace surged
