#include "io/store/wal_room.hpp"

#include <algorithm>
#include <string>

namespace surged::sqlite {
namespace {

constexpr std::string_view mark = "surged: reserved";
constexpr std::size_t frames_at_once = 16;  // SQLite writes less than 128 KiB at once

/// The mark over and over, anew in each piece of `piece` bytes.
std::string marked(std::size_t piece, std::size_t pieces) {
    std::string one;
    while (one.size() < piece) {
        one += mark;
    }
    one.resize(piece);
    std::string out;
    for (std::size_t i = 0; i < pieces; ++i) {
        out += one;
    }
    return out;
}

}  // namespace

bool is_reserved_frame(std::string_view frame) {
    static const std::string reserved = marked(wal_frame_bytes, 1);
    return std::string_view(reserved).starts_with(frame);
}

void reserve_wal(Database& db, std::size_t frames) {
    sqlite3_file* file = nullptr;
    sqlite3_file_control(db.get(), "main", SQLITE_FCNTL_JOURNAL_POINTER, static_cast<void*>(&file));
    sqlite3_int64 before = 0;
    if (file == nullptr || file->pMethods == nullptr || file->pMethods->xFileSize(file, &before) != SQLITE_OK) {
        return;
    }
    const auto wanted = static_cast<sqlite3_int64>(wal_header_bytes + frames * wal_frame_bytes);
    const std::string some = marked(wal_frame_bytes, frames_at_once);
    const std::string head = marked(wal_header_bytes, 1);
    // From where the first whole frame would stand that is not there yet.
    const auto kept = std::max<sqlite3_int64>(before - static_cast<sqlite3_int64>(wal_header_bytes), 0) / static_cast<sqlite3_int64>(wal_frame_bytes);
    auto at = static_cast<sqlite3_int64>(wal_header_bytes) + kept * static_cast<sqlite3_int64>(wal_frame_bytes);
    if (at >= wanted || before > at) {
        return;  // long enough; or its last frame was cut off, and stays as evidence until the log begins anew
    }
    bool written = before >= static_cast<sqlite3_int64>(wal_header_bytes) ||
                   file->pMethods->xWrite(file, head.data(), static_cast<int>(head.size()), 0) == SQLITE_OK;
    while (written && at < wanted) {
        const auto size = std::min<sqlite3_int64>(wanted - at, static_cast<sqlite3_int64>(some.size()));
        written = file->pMethods->xWrite(file, some.data(), static_cast<int>(size), at) == SQLITE_OK;
        at += size;
    }
    if (!written) {
        file->pMethods->xTruncate(file, before);
        return;
    }
    file->pMethods->xSync(file, SQLITE_SYNC_NORMAL);
}

}  // namespace surged::sqlite
