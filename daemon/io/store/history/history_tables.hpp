// The tables of the history's file; seen by this folder's own files only.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "io/history_file.hpp"
#include "io/store/history/pack.hpp"
#include "io/store/sqlite_handle.hpp"

namespace surged::history_tables {

using sqlite::Database;
using sqlite::Statement;
using sqlite::Using;
template <typename T>
using Kept = Result<T, HistoryFailure>;

inline constexpr std::int64_t queues_a_part = 64;
inline constexpr std::int64_t day_bits = 17;   // days since 1970, to the year 2328
inline constexpr std::int64_t slot_bits = 25;  // slots of five minutes since 1970, to the year 2289

constexpr std::int64_t day_row(std::int64_t queue, std::int64_t day) {
    return (queue << day_bits) | std::clamp<std::int64_t>(day, 0, (std::int64_t{1} << day_bits) - 1);
}
constexpr std::int64_t fresh_row(std::int64_t part, std::int64_t slot) {
    return (part << slot_bits) | std::clamp<std::int64_t>(slot, 0, (std::int64_t{1} << slot_bits) - 1);
}
constexpr std::int64_t slot_of_row(std::int64_t row) {
    return row & ((std::int64_t{1} << slot_bits) - 1);
}
constexpr std::int64_t day_of_row(std::int64_t row) {
    return row & ((std::int64_t{1} << day_bits) - 1);
}

inline tl::unexpected<HistoryFailure> failed(const LogFailure& failure) {
    return tl::unexpected(HistoryFailure{failure.error == LogError::corrupt, failure.message});
}

class SqliteHistory final : public HistoryFile {
public:
    SqliteHistory(std::string path, bool to_read) : path_(std::move(path)), to_read_(to_read) {}

    Kept<void> open();
    Kept<void> add(const HistorySlot& slot) override;
    Kept<void> read(const QueueKey& queue, std::int64_t from, std::int64_t to, const Visit& visit) override;
    Kept<bool> read_part(std::size_t part, std::int64_t from, std::int64_t to, HistoryColumns columns, const VisitQueue& visit) override;
    Kept<std::pair<std::int64_t, std::int64_t>> span() override;
    Kept<std::vector<QueueKey>> queues() override;
    Kept<bool> tidy(std::int64_t slot, std::int64_t oldest) override;
    Kept<HistoryFileSize> size() override;

private:
    struct Part {
        double weight = 0;
        std::vector<PlacedValues> queues;
    };
    template <typename Work>
    auto in_transaction(Work work) -> decltype(work());
    Kept<void> prepare_statements();
    Kept<std::int64_t> id_of(const QueueKey& queue, bool make);
    Kept<std::optional<Part>> fresh(std::int64_t row);
    Kept<void> put_fresh(std::int64_t row, const Part& part);
    Kept<void> put_day(std::int64_t row, const std::string& body);
    Kept<bool> run(Statement& statement, const char* doing);
    Kept<std::int64_t> number(const char* sql);
    Kept<std::optional<std::int64_t>> oldest_of(std::int64_t part, std::int64_t before);
    Kept<void> pack(std::int64_t part, std::int64_t day);
    Kept<void> forget(std::int64_t first, std::int64_t oldest_day);
    tl::unexpected<HistoryFailure> failure(int code, const char* doing) {
        return failed(sqlite::failure(db_.get(), code, doing));
    }

    const std::string path_;
    const bool to_read_;
    Database db_;
    Statement put_queue_, find_queue_, name_queues_, get_fresh_, put_fresh_, cut_fresh_, oldest_fresh_, day_fresh_, get_days_, put_day_, cut_days_, any_day_,
        cut_queue_;
    std::map<QueueKey, std::int64_t> ids_;
    std::int64_t last_id_ = 0;
    // Where upkeep stands.
    std::int64_t packed_ = -1;     ///< every slot before is packed, as far as it was there when that was looked at
    std::int64_t pack_part_ = 0;
    std::int64_t forgot_ = -1;     ///< days before are deleted
    std::int64_t forget_queue_ = 0;
};

/// All or nothing.
template <typename Work>
auto SqliteHistory::in_transaction(Work work) -> decltype(work()) {
    if (auto begun = db_.run("BEGIN IMMEDIATE"); !begun) {
        return failed(begun.error());
    }
    auto done = work();
    if (done) {
        if (auto kept = db_.run("COMMIT"); !kept) {
            static_cast<void>(db_.run("ROLLBACK"));
            return failed(kept.error());
        }
        return done;
    }
    static_cast<void>(db_.run("ROLLBACK"));
    return done;
}

}  // namespace surged::history_tables
