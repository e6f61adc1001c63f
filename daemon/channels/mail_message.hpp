// A page as an Internet message (RFC 5322, 2045, 2047): headers in ASCII, text in UTF-8 under base64. Pure. Hardest rule: nothing
// from outside ends a line or begins a header, and every line is within 76 characters.
#pragma once

#include <string>
#include <string_view>

#include "core/record/order.hpp"

namespace surged {

/// `text` as an unstructured header value: plain when it is printable ASCII, else encoded words of at most 75 characters, split
/// at code points and folded.
std::string header_text(std::string_view text);

/// "<page@domain>" of a page's key: the same for every attempt, so that repeats are recognised. Other bytes than letters, digits,
/// "-", "_" and "/" are "=XX". A key longer than 200 bytes keeps its first 140 and a digest.
std::string message_id(std::string_view page, std::string_view domain);

/// True for an address we put into an envelope: one @, no blanks, brackets, quotes or control bytes, at most 254 bytes.
bool mail_address_valid(std::string_view address);

struct MailParts {
    std::string from;          ///< address
    std::string from_name;     ///< may be empty
    std::string to;            ///< header value: addresses, or "undisclosed-recipients:;"
    std::string date;          ///< RFC 5322
    std::string installation;  ///< of the store: ids and threads of another one are not these
};
/// The whole message, lines ending in CRLF.
std::string mail_message(const SendOrder& order, const MailParts& parts);

/// "Sun, 20 Sep 2026 08:00:00 +0000"
std::string mail_date(std::int64_t unix_s);

}  // namespace surged
