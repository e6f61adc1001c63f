// What can be done for a store that does not open any more: a new one is made beside it of every record that can be read back,
// and takes its place. The damaged files are moved aside whole; nothing is deleted.
//
// It knows files, records and their checksums; which of them make up a state is the caller's matter (app/rescue). Its hardest
// rule: at every moment, also when it is killed, the store's name leads to the damaged store with all that belongs to it, or to
// the new one. That is decided by one rename: `<store>.rescue-tmp` becomes `<store>.rescue-ready` when it is complete and on the
// disk, and whoever opens the store from then on, a rescue or a start, first puts it in place (finish_rescue).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "io/record_log.hpp"
#include "io/store/lock_file.hpp"

namespace surged {

namespace sqlite {
class NewStore;
}

struct RecordRange {
    std::uint64_t from = 0;
    std::uint64_t to = 0;
    std::optional<std::int64_t> after_ms;   ///< wall time of the record before it, when that was read
    std::optional<std::int64_t> before_ms;  ///< of the record behind it
    std::uint64_t count() const { return to - from + 1; }
};

/// What was found in the damaged files.
struct StoreFindings {
    bool ours = false;
    bool newer = false;         ///< of a later version of this program
    std::string looks_like;     ///< when it is not ours: what the file seems to be
    std::uint64_t records = 0;  ///< read back, each with its checksum
    std::uint64_t head = 0;     ///< the last that is known to have been, read back or not
    std::vector<RecordRange> lost;
    std::optional<RecordRange> before;     ///< before the first that was read: forgotten by age, or lost
    std::vector<std::uint64_t> snapshots;  ///< whole ones, newest first
    std::string doubt;                     ///< why there may be more than was read back; empty = nothing is missing
    std::string installation;              ///< of the damaged store; empty = not known
    std::uint64_t zeroed = 0;              ///< pages that hold nothing but zeros
    std::uint64_t silent = 0;              ///< pages that the disk does not give
    std::uint64_t pages = 0;
};

class StoreRescue {
public:
    using AtStep = std::function<void(const char*)>;

    /// Takes the store's lock, and finishes a rescue that was interrupted. Errors: held (with the pid), unavailable.
    static Result<StoreRescue, LogFailure> begin(std::string path, AtStep at_step);

    /// It did finish one: the store is in place, and nothing else was looked at.
    bool finished() const { return finished_; }
    bool store_there() const;
    /// Every page, row and checksum, as SQLite sees them. Changes nothing. Errors: corrupt with what is wrong; unavailable.
    Result<void, LogFailure> examine() const;
    /// Reads back what there is into `<store>.rescue-tmp`; an older one is replaced. Does not stay when the store is not ours.
    Result<StoreFindings, LogFailure> read_back();
    /// The records that were read back, in order, holes left out.
    Result<void, LogFailure> each(std::uint64_t after, const std::function<bool(const StoredRecord&)>& each);
    Result<std::optional<StoredSnapshot>, LogFailure> snapshot_at(std::uint64_t seq);
    /// Completes the new store: place holders from `from` on for what is lost, `more` behind the head, and `state`, the snapshot
    /// of all of it; `base` is the one that it was made of (0 = none), and stays. `installation` empty = a new one.
    Result<Installation, LogFailure> complete(std::uint64_t from, std::span<const StoredRecord> more, const StoredSnapshot& state,
                                              std::uint64_t base, const std::string& installation);
    /// The new store to read, before it takes its place.
    Result<std::unique_ptr<RecordLog>, LogFailure> completed() const;
    /// The new store takes its place. Returns where the damaged files are now.
    Result<std::vector<std::string>, LogFailure> put_in_place();
    /// Nothing came of it: what was made is taken away.
    void give_up();

    StoreRescue(StoreRescue&&) noexcept;
    StoreRescue& operator=(StoreRescue&&) = delete;
    StoreRescue(const StoreRescue&) = delete;
    StoreRescue& operator=(const StoreRescue&) = delete;
    ~StoreRescue();

private:
    Result<void, LogFailure> make_file();
    StoreRescue(std::string path, LockFile lock, AtStep at_step);
    void step(const char* name) const {
        if (at_step_) {
            at_step_(name);
        }
    }

    std::string path_;
    LockFile lock_;
    AtStep at_step_;
    bool finished_ = false;
    StoreFindings findings_;
    std::unique_ptr<sqlite::NewStore> new_;
};

/// Puts a rescued store in place whose rescue was interrupted behind its point of no return; the store's lock must be held.
/// Returns where the damaged files are; empty = there was nothing to do.
Result<std::vector<std::string>, LogFailure> finish_rescue(const std::string& path, const StoreRescue::AtStep& at_step = {});

/// Why the empty file at `path` is no new store: it once held something. Empty = it is one, or is not empty.
std::string emptied_store(const std::string& path);

}  // namespace surged
