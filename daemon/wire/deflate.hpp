// Compression as HTTP names it "gzip": whole texts, and a stream that many readers share piece by piece; and as zlib itself names it, for
// bytes that are read back here. The only place of zlib.
#pragma once

#include <cstddef>
#include <optional>
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

/// The whole as a zlib stream with its checksum; empty when there is no memory for it.
std::string deflated(std::string_view bytes);
/// What was deflated. nullopt = these are not exactly one zlib stream, its checksum does not fit, or it makes more or fewer than `size` bytes.
std::optional<std::string> inflated(std::string_view bytes, std::size_t size);

}  // namespace surged
