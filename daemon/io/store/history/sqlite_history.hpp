// The history's file in SQLite, beside the store and no part of it.
//
// Table `fresh` has a row for each slot and 64 queues as they come; a day that is over is turned round into one row of `day` a queue, some
// queues at a time. So ten thousand queues cost 157 small rows each five minutes, and a curve of 400 days is 400 rows that lie together.
#pragma once

#include <memory>
#include <string>

#include "io/history_file.hpp"

namespace surged {

/// "<store>.history"
std::string history_path_of(const std::string& store_path);

/// Opens or makes it. `damaged`: what is there cannot be read; it becomes "<path>.damaged", in place of an older one of that name.
Result<std::unique_ptr<HistoryFile>, HistoryFailure> open_sqlite_history(const std::string& path, bool damaged);
/// To look into: changes nothing, for a file that the daemon may have open.
Result<std::unique_ptr<HistoryFile>, HistoryFailure> read_sqlite_history(const std::string& path);

}  // namespace surged
