// The head of every response: status line and headers. Text only.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "io/http/api_router.hpp"

namespace surged {

/// What every response says: nothing is kept, nothing is guessed, nothing is framed, no other host is asked. Ends with the blank
/// line. `length` nullopt = a stream.
std::string response_head(const HttpResponse& response, std::optional<std::size_t> length);

}  // namespace surged
