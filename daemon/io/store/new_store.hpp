// The store that a rescue makes beside the damaged one, out of the rows that could be read back. Private to this room.
//
// Its hardest rule: a row goes in as it was found, with its checksum; of two rows with one number the first stays, and that there
// were two is said.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "io/record_log.hpp"
#include "io/store/rescue.hpp"
#include "io/store/salvage.hpp"
#include "io/store/sqlite_handle.hpp"

namespace surged::sqlite {

class NewStore {
public:
    using Done = Result<void, LogFailure>;

    /// Makes the database in the empty file `file`.
    Done create(const std::string& file);
    /// All rows that `salvage` finds, and of the snapshots the newest few.
    Done take(Salvage& salvage);
    /// Two different records stood for one number.
    bool contradicted() const { return contradicted_; }
    /// Snapshots that were taken, newest first.
    const std::vector<std::uint64_t>& snapshots() const { return snapshots_; }
    std::uint64_t records();
    /// The highest sequence of a record; 0 = none.
    std::uint64_t last();

    Done each(std::uint64_t after, const std::function<bool(const StoredRecord&)>& each);
    Result<std::optional<StoredSnapshot>, LogFailure> snapshot_at(std::uint64_t seq);

    Done put(const StoredRecord& record, std::int64_t crc);
    Done put(const StoredRecord& record);
    Done put(const StoredSnapshot& state);
    /// What StoreRescue::complete says, of the holes in `lost`.
    Done complete(std::uint64_t from, const std::vector<RecordRange>& lost, std::span<const StoredRecord> more,
                  const StoredSnapshot& state, std::uint64_t base, const std::string& installation);

    std::uint64_t term = 0;  ///< that the completed store gets

private:
    void take_record(const FoundRow& row, Done& done);
    void take_snapshot(const StoredSnapshot& state, Done& done);

    Database db_;
    Statement insert_;
    Statement known_;  // the checksum that stands for a sequence
    Statement snapshot_;
    bool contradicted_ = false;
    std::vector<std::uint64_t> snapshots_;
};

}  // namespace surged::sqlite
