#include "io/etcd/batch.hpp"

#include <algorithm>
#include <utility>

#include "core/base/bytes.hpp"
#include "io/record_crc.hpp"
#include "wire/deflate.hpp"

namespace surged::etcd {

namespace {
/// The records as they are, and the same compressed: their size, then a zlib stream.
constexpr std::uint8_t plain_format = 1;
constexpr std::uint8_t deflated_format = 2;
constexpr std::size_t last_part_head = sizeof(std::uint8_t) + sizeof(std::uint32_t);
/// A few records gain nothing.
constexpr std::size_t deflated_from = 512;
/// More than any batch has (io/store/store_thread.hpp bounds it): a damaged size must not ask for all memory.
constexpr std::uint32_t inflated_max = std::uint32_t{256} << 20U;

/// What `bytes` were before they were compressed.
std::optional<std::string> unpacked(std::string_view bytes) {
    ByteReader in(bytes);
    const auto size = in.get<std::uint32_t>();
    return in.ok() && size <= inflated_max ? inflated(bytes.substr(sizeof(size)), size) : std::nullopt;
}

}  // namespace

std::vector<std::string_view> cut(std::string_view bytes) {
    std::vector<std::string_view> out;
    do {
        out.push_back(bytes.substr(0, part_bytes));
        bytes.remove_prefix(out.back().size());
    } while (!bytes.empty());
    return out;
}

std::vector<std::string> batch_parts(std::span<const StoredRecord> records) {
    ByteWriter bytes;
    bytes.put(static_cast<std::uint32_t>(records.size()));
    for (const auto& record : records) {
        bytes.put(record.seq);
        bytes.put(record.wall_ms);
        bytes.put_text(record.type);
        bytes.put_text(record.incident);
        bytes.put_text(record.bytes);
        bytes.put(record_crc(record));
    }
    ByteWriter small;
    if (bytes.bytes().size() >= deflated_from) {
        const auto stream = deflated(bytes.bytes());
        small.put(static_cast<std::uint32_t>(bytes.bytes().size()));
        small.put_raw(stream.data(), stream.size());
    }
    const bool smaller = small.bytes().size() > sizeof(std::uint32_t) && small.bytes().size() < bytes.bytes().size();
    const auto pieces = cut(smaller ? small.bytes() : bytes.bytes());
    std::vector<std::string> out(pieces.begin(), pieces.end());
    ByteWriter last;
    last.put(smaller ? deflated_format : plain_format);
    last.put(static_cast<std::uint32_t>(out.size()));
    last.put_raw(out.back().data(), out.back().size());
    out.back() = last.take();
    return out;
}

std::optional<std::size_t> parts_told(std::string_view last) {
    ByteReader in(last);
    const auto form = in.get<std::uint8_t>();
    const auto parts = in.get<std::uint32_t>();
    const bool known = form == plain_format || form == deflated_format;
    return in.ok() && known && parts > 0 ? std::optional<std::size_t>(parts) : std::nullopt;
}

std::optional<std::vector<StoredRecord>> records_of(std::span<const std::string_view> parts) {
    if (parts.empty() || parts_told(parts.back()) != parts.size()) {
        return std::nullopt;
    }
    std::string bytes;
    for (const auto part : parts.first(parts.size() - 1)) {
        bytes += part;
    }
    bytes += parts.back().substr(last_part_head);
    if (static_cast<std::uint8_t>(parts.back().front()) == deflated_format) {
        auto whole = unpacked(bytes);
        if (!whole) {
            return std::nullopt;
        }
        bytes = std::move(*whole);
    }
    ByteReader in(bytes);
    const auto count = in.get<std::uint32_t>();
    std::vector<StoredRecord> out;
    for (std::uint32_t i = 0; i < count && in.ok(); ++i) {
        StoredRecord record;
        record.seq = in.get<std::uint64_t>();
        record.wall_ms = in.get<std::int64_t>();
        record.type = in.get_text();
        record.incident = in.get_text();
        record.bytes = in.get_text();
        const bool whole = in.get<std::uint32_t>() == record_crc(record);
        if (!whole || !in.ok() || (!out.empty() && record.seq != out.back().seq + 1)) {
            return std::nullopt;
        }
        out.push_back(std::move(record));
    }
    return in.ok() && in.at_end() && !out.empty() ? std::optional(std::move(out)) : std::nullopt;
}

}  // namespace surged::etcd
