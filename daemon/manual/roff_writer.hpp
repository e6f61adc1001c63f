// A page as man(7), for man, mandoc and surgectl. While building only.
#pragma once

#include <string>

#include "manual/page.hpp"

namespace surged {

std::string write_roff(const ManPage& page);

}  // namespace surged
