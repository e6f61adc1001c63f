// Errors as values. std::expected does not compile under both compilers of bookworm; tl::expected has the same names.
#pragma once

#include <string>
#include <tl/expected.hpp>

namespace surged {

/// What went wrong, in one sentence a person can act on. No trailing period, no newline.
struct Error {
    std::string message;
};

template <typename T, typename E = Error>
using Result = tl::expected<T, E>;

inline tl::unexpected<Error> fail(std::string message) { return tl::unexpected<Error>(Error{std::move(message)}); }

}  // namespace surged
