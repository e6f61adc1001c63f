// Text of strangers as UTF-8: what Excel, exports and calendars of many countries write.
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace surged {

/// True when text_to_utf8() would change nothing: UTF-8 without a mark at its front, lines end in \n or \r\n. `whole` = false:
/// the bytes are the front of a longer text and may end within a character.
bool is_plain_text(std::string_view bytes, bool whole);

/// UTF-8 without its mark and with \n at line ends, from UTF-8, UTF-16 (by its mark, or by its zero bytes) and GB18030 (what
/// Chinese Windows writes; taken when the bytes are no UTF-8). Error: none of these.
Result<std::string> text_to_utf8(std::string_view bytes);

}  // namespace surged
