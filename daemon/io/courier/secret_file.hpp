// Secrets come from files or systemd credentials; none ever stands in the configuration's text.
#pragma once

#include <string>

#include "channels/secret.hpp"
#include "core/base/result.hpp"

namespace surged {

/// Where a secret file is: a name without a slash in `credentials_dir` (systemd's $CREDENTIALS_DIRECTORY; "" = none) when it is
/// there, else relative to `base_dir`. `name` is not empty.
std::string secret_path(const std::string& name, const std::string& base_dir, const std::string& credentials_dir);

/// Reads a secret from its secret_path(). Trailing newlines and blanks are dropped; at most 64 KiB; empty is an error. The error
/// names the file only.
Result<Secret> read_secret(const std::string& name, const std::string& base_dir, const std::string& credentials_dir);

}  // namespace surged
