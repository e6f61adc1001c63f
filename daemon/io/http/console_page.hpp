// The console's page, embedded at build time from daemon/console: no file is needed at run time and no other host is asked.
#pragma once

#include <string>
#include <string_view>

namespace surged {

/// The page, the same at every address of the console (its script draws what the address names), with `nonce` at its style and script:
/// these are what the response's Content-Security-Policy then allows, and nothing else.
std::string console_html(std::string_view nonce);

}  // namespace surged
