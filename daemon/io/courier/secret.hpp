// Secrets come from files or systemd credentials and have a type that prints as stars. Hardest rule: the bytes leave this
// type only by reveal(), and every text that may have come near them passes scrub() before a person or a log sees it.
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace surged {

class Secret {
public:
    Secret() = default;
    explicit Secret(std::string value) : value_(std::move(value)) {}
    Secret(const Secret&) = default;
    Secret(Secret&&) = default;
    Secret& operator=(const Secret&) = default;
    Secret& operator=(Secret&&) = default;
    ~Secret();  ///< overwrites the bytes

    bool empty() const { return value_.empty(); }
    /// The bytes themselves: for the wire and for HMAC only.
    const std::string& reveal() const { return value_; }
    /// `text` with every occurrence of the secret replaced by stars. A secret of fewer than 4 bytes replaces nothing.
    std::string scrub(std::string text) const;

private:
    std::string value_;
};

/// Always "***".
std::ostream& operator<<(std::ostream& out, const Secret& secret);

/// Where a secret file is: a name without a slash in `credentials_dir` (systemd's $CREDENTIALS_DIRECTORY; "" = none) when it is
/// there, else relative to `base_dir`. `name` is not empty.
std::string secret_path(const std::string& name, const std::string& base_dir, const std::string& credentials_dir);

/// Reads a secret from its secret_path(). Trailing newlines and blanks are dropped; at most 64 KiB; empty is an error. The error
/// names the file only.
Result<Secret> read_secret(const std::string& name, const std::string& base_dir, const std::string& credentials_dir);

}  // namespace surged
