// The interface of storage (law 3 of daemon/README.md): append at an expected sequence, load, snapshot, tail. SQLite stands behind it today; a
// replicated log may tomorrow, so nothing here names a file, a host or a row. Bytes are opaque; wire/ makes them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <sys/types.h>

#include "core/base/result.hpp"

namespace surged {

struct StoredRecord {
    std::uint64_t seq = 0;
    std::int64_t wall_ms = 0;
    std::string type;      ///< record_type(): for people who look with other tools, and for filters
    std::string incident;  ///< empty when the record belongs to none
    std::string bytes;
};

struct StoredSnapshot {
    std::uint64_t seq = 0;  ///< state after this record
    std::string bytes;
    bool whole = true;  ///< on reading: false = the bytes are damaged, and left out
};

enum class LogError : std::uint8_t {
    conflict,     // the log is not at the expected sequence: another writer, or a programming error; never retried
    unavailable,  // disk full, input/output error: may work later
    corrupt,      // what is stored cannot be read back
    held,         // on opening only: another process owns the log; it can be opened when that one has ended
    superseded    // another has opened the log since: this one may write nothing more, for ever
};
struct LogFailure {
    LogError error = LogError::unavailable;
    std::string message;
};

/// Which log this is. Sequences and ids that begin again are told apart by it.
struct Installation {
    std::string id;    ///< random, made once, kept over restarts; another when the log is new or older than it once was; empty: none
    std::string note;  ///< when it had to change on opening: why, for people
};

class RecordLog {
public:
    virtual ~RecordLog() = default;
    /// Sequence of the last durable record; 0 = empty. Superseded, when another has opened the log since.
    virtual Result<std::uint64_t, LogFailure> head() = 0;
    /// Appends all or nothing, durable on return. `expected` is the head before it; records[i].seq must be expected + 1 + i.
    virtual Result<void, LogFailure> append(std::uint64_t expected, std::span<const StoredRecord> records) = 0;
    /// The newest whole snapshot, if any.
    virtual Result<std::optional<StoredSnapshot>, LogFailure> load_snapshot() = 0;
    /// The newest snapshot older than `seq`, damaged or not: a start that cannot use the newest one looks at the one before, then at
    /// the log alone.
    virtual Result<std::optional<StoredSnapshot>, LogFailure> snapshot_before(std::uint64_t seq) {
        auto newest = load_snapshot();
        return newest && *newest && (*newest)->seq < seq ? newest : std::optional<StoredSnapshot>();
    }
    /// Replaces older snapshots but the one before. A snapshot of the future (seq > head) is a conflict.
    virtual Result<void, LogFailure> save_snapshot(const StoredSnapshot& snapshot) = 0;
    /// Calls `each` for records with seq > after, in order, until it returns false or the head is reached.
    virtual Result<void, LogFailure> read(std::uint64_t after, const std::function<bool(const StoredRecord&)>& each) = 0;
    /// As read(), only those of one incident (its timeline), at most `limit`.
    virtual Result<void, LogFailure> read_incident(std::string_view incident, std::size_t limit,
                                                   const std::function<bool(const StoredRecord&)>& each) = 0;
    /// Forgets records up to `seq` that are older than `before_wall_ms` and that every snapshot kept covers. Returns how
    /// many; one call is short and may forget fewer than there are: call again until 0.
    virtual Result<std::uint64_t, LogFailure> trim(std::uint64_t seq, std::int64_t before_wall_ms) = 0;
    virtual Installation installation() const { return {}; }
    /// Makes the log go on behind this snapshot, without the records before it: those are elsewhere, or lost to this host. Only
    /// forwards: a snapshot at or before the head is a conflict.
    virtual Result<void, LogFailure> begin_at(const StoredSnapshot& /*snapshot*/) {
        return tl::unexpected(LogFailure{LogError::conflict, "this log begins with its first record"});
    }
    /// As save_snapshot(), for a log that writes it piece by piece: work() does. A newer one takes the place of one that waits.
    virtual Result<void, LogFailure> offer_snapshot(StoredSnapshot snapshot) { return save_snapshot(snapshot); }
    /// Does one small piece of what waits between two appends; false = nothing waits.
    virtual Result<bool, LogFailure> work() { return false; }
};

/// How a kind of store is opened, by the name that the configuration gives it. main.cpp chooses one.
struct StoreKind {
    /// Opens or creates it. Errors: held while another process has it; unavailable; corrupt.
    std::function<Result<std::unique_ptr<RecordLog>, LogFailure>(const std::string& name)> open;
    /// The process on this host that has the store, or had it last; nullopt = none, or it is on another host.
    std::function<std::optional<pid_t>(const std::string& name)> holder;
};

}  // namespace surged
