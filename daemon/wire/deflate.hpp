// Compression as HTTP names it "gzip": whole texts, and a stream that many readers share piece by piece. The only place of zlib.
#pragma once

#include <string>
#include <string_view>

namespace surged {

/// The whole text as gzip; `text` itself when there is no memory for it.
std::string gzipped(const std::string& text);

/// What a gzip stream begins with, before its first piece.
std::string_view gzip_beginning();
/// A piece of a gzip stream without an end. It refers to no piece before it, so readers who came at different times can be sent the same:
/// each gets the beginning once, and any pieces after it. Error: empty, when there is no memory.
std::string gzip_piece(std::string_view text);

}  // namespace surged
