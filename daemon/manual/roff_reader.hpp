// man(7) as this repository's pages use it, read back into their parts: TH SH SS TP IP PP RS RE B I BR EX EE nf fi TS TE br. A macro
// that is not known is left out, its words stay.
#pragma once

#include <string_view>

#include "manual/page.hpp"

namespace surged {

ManPage read_roff(std::string_view source);

}  // namespace surged
