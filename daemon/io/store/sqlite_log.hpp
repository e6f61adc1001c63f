// The record log on SQLite. It knows one database file and its schema; it refuses to know what a record means. Hardest rule: when
// append() returns without an error the records are on the disk (WAL, synchronous=FULL), and when it returns an error none of
// them is, or head() tells that all of them are.
//
// Tables (format 1):
//   records(seq INTEGER PRIMARY KEY, wall_ms, type, incident, bytes, crc)   crc = CRC-32C of bytes; index on incident where not
//   '' snapshots(seq INTEGER PRIMARY KEY, bytes, crc)                          at most one row meta(key TEXT PRIMARY KEY, value)
//   schema = '1', term = how often the log was opened to write
// The term is the fence behind the lock: should somebody remove the lock file, or a file system lose the lock, the log that was
// opened later owns the database, and the earlier one finds a term that is not its own inside its next transaction (superseded).
// application_id marks the file as ours, so that a foreign database is refused and never written to.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <sys/types.h>

#include "core/base/result.hpp"
#include "io/record_log.hpp"

namespace surged {

/// Opens or creates the database at `path` and takes `<path>.lock` for as long as the log lives; a second daemon gets
/// LogError::held with the holder's pid in the message. `path`'s folder must exist and be writable.
/// Errors: held, unavailable (no permission, no space), corrupt (not a database, not ours, another schema version).
/// The object is for one thread at a time.
Result<std::unique_ptr<RecordLog>, LogFailure> open_sqlite_log(const std::string& path);

/// The same log for a look at it: neither the database nor its write-ahead log changes, and no lock is taken, which is the
/// caller's matter. What writes fails.
Result<std::unique_ptr<RecordLog>, LogFailure> open_sqlite_log_to_read(const std::string& path);

/// The process that holds the log at `path`, or held it last; nullopt: nobody ever did.
std::optional<pid_t> log_holder(const std::string& path);

/// As above for tests and tools that must meet a full disk: the database may grow to `page_max` pages of 4 KiB (0 = no limit).
Result<std::unique_ptr<RecordLog>, LogFailure> open_sqlite_log(const std::string& path, unsigned page_max);

}  // namespace surged
