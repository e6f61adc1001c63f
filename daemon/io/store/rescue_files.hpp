// The files that a rescue works with: their names, whose they are, and when they are on the disk. Private to this room.
#pragma once

#include <array>
#include <ctime>
#include <optional>
#include <string>

#include <sys/stat.h>

#include "core/base/result.hpp"
#include "io/record_log.hpp"

namespace surged::rescue {

/// What stands behind the store's name; the database last.
inline constexpr std::array<const char*, 4> parts_of_store = {"-journal", "-wal", "-shm", ""};

/// "cannot <what>: <errno in words>".
tl::unexpected<LogFailure> cannot(const std::string& what);
bool file_there(const std::string& path);
/// 0 also when there is none.
std::uint64_t bytes_of(const std::string& path);
/// fsync of the file that `flags` opens.
Result<void, LogFailure> flush(const std::string& path, int flags);
Result<void, LogFailure> flush_folder_of(const std::string& path);
/// The new store while it is made, and when it is complete.
std::string tmp_of(const std::string& path);
std::string ready_of(const std::string& path);
/// Where the damaged files go, by the time of the rescue.
std::string damaged_name(const std::string& path, std::time_t when);
bool name_taken(const std::string& name);
/// Gives a file that root made to the owner of `like`, so that the daemon can use it.
void give_to(int fd, const struct stat& like);
/// Owner and mode of the store, or of its folder when there is no store.
std::optional<struct stat> owner_of(const std::string& path);

}  // namespace surged::rescue
