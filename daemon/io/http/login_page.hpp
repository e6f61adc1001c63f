// The page behind the link of `surgectl login`: one button. Opening it does nothing, so that a preview of the link does not use it up.
#pragma once

#include <string>
#include <string_view>

#include "io/http/api_router.hpp"

namespace surged {

/// `query`: of the request; without a code the page says how to get one.
HttpResponse login_page(std::string_view query);
/// The code was none: used, too old or never given.
HttpResponse login_refused_page();

}  // namespace surged
