#include "io/etcd/batch.hpp"

#include <algorithm>

#include "core/base/bytes.hpp"
#include "io/record_crc.hpp"

namespace surged::etcd {

namespace {
constexpr std::uint8_t batch_format = 1;
constexpr std::size_t last_part_head = sizeof(std::uint8_t) + sizeof(std::uint32_t);
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
    const auto pieces = cut(bytes.bytes());
    std::vector<std::string> out(pieces.begin(), pieces.end());
    ByteWriter last;
    last.put(batch_format);
    last.put(static_cast<std::uint32_t>(out.size()));
    last.put_raw(out.back().data(), out.back().size());
    out.back() = last.take();
    return out;
}

std::optional<std::size_t> parts_told(std::string_view last) {
    ByteReader in(last);
    const auto form = in.get<std::uint8_t>();
    const auto parts = in.get<std::uint32_t>();
    return in.ok() && form == batch_format && parts > 0 ? std::optional<std::size_t>(parts) : std::nullopt;
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
