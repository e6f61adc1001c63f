// A page as text of a given width, for a pipe or for a terminal.
#pragma once

#include <cstddef>
#include <string>

#include "manual/page.hpp"

namespace surged {

/// `styled`: headings and what is bold in bold, italics underlined, by the escapes of every terminal of today; else letters alone.
std::string write_text(const ManPage& page, std::size_t width, bool styled);

}  // namespace surged
