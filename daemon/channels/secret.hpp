// A secret has a type that prints as stars; it comes from a file or a systemd credential (io/courier/secret_file). Hardest rule:
// the bytes leave this type only by reveal(), and every text that may have come near them passes scrub() before a person or a log
// sees it.
#pragma once

#include <iosfwd>
#include <string>

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

}  // namespace surged
