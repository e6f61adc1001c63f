// Whether a file is compressed, by its first bytes, and how to read it then. Refuses to unpack anything.
#pragma once

#include <string>
#include <string_view>

namespace surged {

/// The program that writes such a file's text to its output; empty = not compressed, as far as four bytes tell.
inline std::string_view unpacker_of(std::string_view first_bytes) {
    const auto begins = [&](std::string_view magic) { return first_bytes.substr(0, magic.size()) == magic; };
    return begins("\x1F\x8B")           ? "zcat"
           : begins("\xFD\x37\x7A\x58") ? "xzcat"
           : begins("BZh")              ? "bzcat"
           : begins("\x28\xB5\x2F\xFD") ? "zstdcat"
                                        : "";
}

}  // namespace surged
