// The wallboard's page, embedded at build time from wallboard.html: no file is needed at run time and no other host is asked.
#pragma once

#include <string>
#include <string_view>

namespace surged {

/// The page, with the texts of wallboard_phrases.hpp in its script, and with `nonce` at its style and script: these are what the
/// response's Content-Security-Policy then allows, and nothing else.
std::string wallboard_html(std::string_view nonce);

}  // namespace surged
