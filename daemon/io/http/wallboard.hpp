// The wallboard's page, embedded at build time from wallboard.html: no file is needed at run time and no other host is asked.
#pragma once

#include <string>
#include <string_view>

namespace surged {

/// The page with `nonce` in its style and script, which the response's Content-Security-Policy then allows and nothing else.
std::string wallboard_html(std::string_view nonce);

}  // namespace surged
