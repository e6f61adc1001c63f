// The main file and what it includes -> one merged document. Includes are relative to the including file, globs are read in order
// of name.
//
// Its hardest rule: two files never silently fight. Lists ([[rule]]) are joined in reading order; a single table ([defaults]) may
// be spread over files, but a key set twice is an error that names both places.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/report.hpp"

namespace surged {

struct SourceSet {
    std::vector<std::unique_ptr<SourceFile>> files;  ///< places point here
    Node root;                                       ///< merged; `include` is taken out
    bool torn = false;                               ///< some file could not be read or is no TOML
};

/// Bounds: 256 files, 16 includes deep.
void load_sources(const std::string& path, SourceSet& set, Report& report);
/// One text; includes are refused.
void load_text(const std::string& name, const std::string& text, SourceSet& set, Report& report);

}  // namespace surged
