// A page for people that is no part of the console: some lines, perhaps a form. It asks no other host and runs no script.
#pragma once

#include <string>

#include "io/http/api_router.hpp"

namespace surged {

/// `content` is HTML, already escaped; forms in it may go to our own host only.
HttpResponse plain_page(int status, const std::string& content);

}  // namespace surged
