// The checksum that stands beside each record, wherever it is kept.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/bytes.hpp"
#include "io/record_log.hpp"

namespace surged {

/// CRC-32C over all of its columns.
inline std::uint32_t record_crc(std::int64_t seq, std::int64_t wall_ms, std::string_view type, std::string_view incident,
                                std::string_view bytes) {
    ByteWriter out;
    out.put(seq);
    out.put(wall_ms);
    out.put_text(type);
    out.put_text(incident);
    out.put_raw(bytes.data(), bytes.size());
    return crc32c(out.bytes());
}

inline std::uint32_t record_crc(const StoredRecord& record) {
    return record_crc(static_cast<std::int64_t>(record.seq), record.wall_ms, record.type, record.incident, record.bytes);
}

}  // namespace surged
