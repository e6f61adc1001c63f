#include "wire/deflate.hpp"

#include <utility>

#include <zlib.h>

namespace surged {

namespace {

/// `flush`: Z_FINISH, or Z_FULL_FLUSH, after which nothing refers to what was before.
std::string packed(std::string_view text, int window_bits, int flush) {
    z_stream stream{};
    if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY) != Z_OK) {  // NOLINT: zlib's macro
        return {};
    }
    std::string out(deflateBound(&stream, text.size()) + 16, '\0');
    stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(text.data()));  // NOLINT: zlib only reads it
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const int ended = deflate(&stream, flush);
    const bool whole = flush == Z_FINISH ? ended == Z_STREAM_END : ended == Z_OK && stream.avail_in == 0 && stream.avail_out > 0;
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return whole ? out : std::string();
}

}  // namespace

std::string gzipped(const std::string& text) {
    auto out = packed(text, 16 + MAX_WBITS, Z_FINISH);
    return out.empty() ? text : out;
}

std::string_view gzip_beginning() {
    // Method deflate, no name, no time, made on an unknown system (RFC 1952).
    return {"\x1f\x8b\x08\0\0\0\0\0\0\xff", 10};
}

std::string gzip_piece(std::string_view text) {
    return packed(text, -MAX_WBITS, Z_FULL_FLUSH);
}

std::string deflated(std::string_view bytes) {
    return packed(bytes, MAX_WBITS, Z_FINISH);
}

std::optional<std::string> inflated(std::string_view bytes, std::size_t size) {
    z_stream stream{};
    if (inflateInit(&stream) != Z_OK) {  // NOLINT: zlib's macro
        return std::nullopt;
    }
    std::string out(size + 1, '\0');  // one more, so that a stream that makes too much does not end in time
    stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data()));  // NOLINT: zlib only reads it
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const bool whole = inflate(&stream, Z_FINISH) == Z_STREAM_END && stream.avail_in == 0 && stream.total_out == size;
    inflateEnd(&stream);
    out.resize(size);
    return whole ? std::optional(std::move(out)) : std::nullopt;
}

}  // namespace surged
