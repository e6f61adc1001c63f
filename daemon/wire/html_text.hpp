// Text that stands in an HTML page. Every text of an incident, a person or a request is data: nothing in it becomes markup.
#pragma once

#include <string>
#include <string_view>

namespace surged {

/// For text and for attribute values between quotes of either kind.
std::string escape_html(std::string_view text);

}  // namespace surged
