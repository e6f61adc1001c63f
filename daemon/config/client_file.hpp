// surgectl's own file: which surged to ask, with which token, in which language.
//
// It knows where the file lies and what may stand in it; it refuses to know who asks. Hardest rule: a token that others could read is an
// error, and no message shows it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/settings.hpp"
#include "core/base/phrase.hpp"

namespace surged {

struct ClientFile {
    std::string path;  ///< empty: there is no such file
    std::string server;      ///< of several hosts with commas between
    std::string token;       ///< in the file itself, which only its owner may read then
    std::string token_file;  ///< absolute, or below the folder of the file
    std::string ca_file;     ///< as token_file
    std::optional<Language> language;
    std::vector<Diagnostic> diagnostics;  ///< errors: nothing of the file counts when there is one
};

/// `$XDG_CONFIG_HOME/surged/surgectl.toml`, without that variable (or with a relative one) `$HOME/.config/surged/surgectl.toml`; empty when
/// neither says a folder.
std::string client_file_path();

/// A file that is not there is an empty one. `path` empty: the same.
ClientFile read_client_file(const std::string& path);

}  // namespace surged
