// From the bytes of a request's head to a RequestHead. Text only; Boost.Beast reads it, and what Beast lets pass and a server must not
// is refused here.
#pragma once

#include <string_view>
#include <variant>

#include "io/http/api_router.hpp"

namespace surged {

inline constexpr std::size_t head_bytes_max = 16384;
inline constexpr std::size_t head_fields_max = 100;

/// `text` ends with the blank line. A head that is no HTTP/1.x, has two hosts, an odd Content-Length or both a length and an encoding
/// is 400 (two servers must never read one request differently); more than head_fields_max fields are 431. A target in absolute form
/// (RFC 9112 3.2.2) is taken; its host stands for the Host field.
std::variant<RequestHead, HttpResponse> parse_request_head(std::string_view text);

/// An error in our form with a status that has no code of its own.
HttpResponse plain_error(int status, std::string_view code, std::string_view message);

}  // namespace surged
