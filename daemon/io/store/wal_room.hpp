// The size of the write-ahead log, given to its file in advance. A commit that makes the file longer also waits for the file system to
// note the new length, which is a second flush; one that writes into room which is there already does not. Private to this room.
//
// What is reserved carries a mark and not zeros: to SQLite both end the log, and whoever looks into a damaged store must be able to tell
// room that was never used from frames that a disk has lost.
#pragma once

#include <cstddef>
#include <string_view>

#include "io/store/sqlite_handle.hpp"

namespace surged::sqlite {

inline constexpr std::size_t wal_header_bytes = 32;
inline constexpr std::size_t wal_frame_header_bytes = 24;
inline constexpr std::size_t wal_page_bytes = 4096;  ///< SQLite's own default; this program asks for no other
inline constexpr std::size_t wal_frame_bytes = wal_frame_header_bytes + wal_page_bytes;

/// Makes the file of an open write-ahead log long enough for so many frames, unless it is. Best effort: on a disk without room it stays
/// as it was, and grows with the commits. It is open once something has been read. Takes milliseconds, so only at the opening.
void reserve_wal(Database& db, std::size_t frames);

/// This frame, or the beginning of one that is cut off, was reserved and never written.
bool is_reserved_frame(std::string_view frame);

}  // namespace surged::sqlite
