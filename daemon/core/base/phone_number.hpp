// Phone numbers: one spelling for what people, providers and configurations write in several.
#pragma once

#include <string>
#include <string_view>

namespace surged {

/// A national number: digits only, 5 to 15 of them. "+86", "0086" and, before the eleven digits of a mobile, "86" are taken off;
/// blanks and hyphens between digits too. Empty when it is no such number.
std::string national_number(std::string_view text);

}  // namespace surged
