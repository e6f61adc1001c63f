// name=value&name=value: query strings and the bodies of HTML forms.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace surged {

/// The first value of `name`, percent-decoded; nullopt = not there. `form`: a plus is a blank.
std::optional<std::string> query_value(std::string_view query, std::string_view name, bool form = false);

}  // namespace surged
