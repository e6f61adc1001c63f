// A batch of records as bytes, compressed and cut into the parts that etcd takes, and back. Each record carries its checksum.
//
// Compressed because the records of a storm say the same words again and again: a seventh of the bytes goes to every member's disk, to
// every stand-by, and stands before the pages of other shards.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/record_log.hpp"

namespace surged::etcd {

/// Bytes of one part at most. etcd's default for a whole request is 1.5 MiB.
inline constexpr std::size_t part_bytes = std::size_t{512} << 10U;

/// The parts of a batch in order. The last one says how many there are; it is what the key `log/<first seq>` holds.
std::vector<std::string> batch_parts(std::span<const StoredRecord> records);
/// How many parts there are, by the last of them; nullopt = it is none.
std::optional<std::size_t> parts_told(std::string_view last);
/// nullopt = they are not the parts of one batch, or a checksum does not fit. Records follow one another.
std::optional<std::vector<StoredRecord>> records_of(std::span<const std::string_view> parts);

/// Any bytes cut into parts; at least one, which may be empty.
std::vector<std::string_view> cut(std::string_view bytes);

}  // namespace surged::etcd
