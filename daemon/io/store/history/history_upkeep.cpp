// Upkeep of the history's file in small steps: days that are over are packed, old ones deleted, pages given back.
#include <array>
#include <set>

#include "io/store/history/history_tables.hpp"

namespace surged::history_tables {
namespace {

/// A day is packed this long after its end: a clock that is set back by less still finds its slots as they came.
constexpr std::int64_t pack_after_slots = 12;
/// Queues whose old days are deleted in one step.
constexpr std::int64_t forgotten_a_step = 64;

}  // namespace

/// The oldest slot of a part before `before`.
Kept<std::optional<std::int64_t>> SqliteHistory::oldest_of(std::int64_t part, std::int64_t before) {
    const Using hold(oldest_fresh_);
    oldest_fresh_.bind(1, fresh_row(part, 0));
    oldest_fresh_.bind(2, fresh_row(part, before));
    const auto there = run(oldest_fresh_, "look for slots");
    if (!there) {
        return tl::unexpected(there.error());
    }
    return *there ? std::optional(slot_of_row(oldest_fresh_.integer(0))) : std::nullopt;
}

/// The slots of one day and part become days of its queues; what is there of such a day already is kept.
Kept<void> SqliteHistory::pack(std::int64_t part, std::int64_t day) {
    const auto first = fresh_row(part, day * slots_a_day);
    const auto end = first + slots_a_day;
    std::map<std::uint8_t, HistoryDay> days;
    {
        const Using hold(day_fresh_);
        day_fresh_.bind(1, first);
        day_fresh_.bind(2, end);
        int code = SQLITE_ROW;
        while ((code = day_fresh_.step()) == SQLITE_ROW) {
            const auto queues = unpack_slot(day_fresh_.bytes(2));
            for (std::size_t i = 0; queues && i < queues->size(); ++i) {
                const auto [at, added] = days.try_emplace((*queues)[i].place);
                if (added) {
                    at->second.fill(no_history_values());
                }
                at->second[static_cast<std::size_t>(day_fresh_.integer(0) - first)] = (*queues)[i].values;
            }
        }
        if (code != SQLITE_DONE) {
            return failure(code, "read slots");
        }
    }
    for (auto& [place, slots] : days) {
        const auto row = day_row(part * queues_a_part + place, day);
        {
            const Using hold(get_days_);
            get_days_.bind(1, row);
            get_days_.bind(2, row + 1);
            const auto there = run(get_days_, "read a day");
            if (!there) {
                return tl::unexpected(there.error());
            }
            const auto before = *there ? unpack_day(get_days_.bytes(1)) : std::nullopt;
            for (std::size_t i = 0; i < slots.size() && before; ++i) {
                slots[i] = folded((*before)[i], 1, slots[i], 1);
            }
        }
        if (auto put = put_day(row, pack_day(slots)); !put) {
            return put;
        }
    }
    const Using hold(cut_fresh_);
    cut_fresh_.bind(1, first);
    cut_fresh_.bind(2, end);
    const auto cut = run(cut_fresh_, "delete slots");
    return cut ? Kept<void>() : tl::unexpected(cut.error());
}

/// Old days of some queues, and the names of those of which nothing is left.
Kept<void> SqliteHistory::forget(std::int64_t first, std::int64_t oldest_day) {
    std::set<std::int64_t> gone;
    for (std::int64_t id = first; id < std::min(first + forgotten_a_step, last_id_ + 1); ++id) {
        const Using hold(cut_days_);
        cut_days_.bind(1, day_row(id, 0));
        cut_days_.bind(2, day_row(id, oldest_day));
        if (auto cut = run(cut_days_, "delete days"); !cut) {
            return tl::unexpected(cut.error());
        }
        if (sqlite3_changes(db_.get()) == 0) {
            continue;
        }
        const Using look(any_day_);
        any_day_.bind(1, day_row(id, 0));
        any_day_.bind(2, day_row(id + 1, 0));
        const auto left = run(any_day_, "look for days");
        if (!left) {
            return tl::unexpected(left.error());
        }
        if (!*left) {
            gone.insert(id);
        }
    }
    for (const std::int64_t id : gone) {
        const Using hold(cut_queue_);
        cut_queue_.bind(1, id);
        if (auto cut = run(cut_queue_, "delete a name"); !cut) {
            return tl::unexpected(cut.error());
        }
    }
    std::erase_if(ids_, [&gone](const auto& entry) { return gone.contains(entry.second); });
    return {};
}

Kept<bool> SqliteHistory::tidy(std::int64_t slot, std::int64_t oldest) {
    const std::int64_t over = (slot - pack_after_slots) / slots_a_day * slots_a_day;
    while (packed_ != over && pack_part_ <= last_id_ / queues_a_part) {
        const auto found = oldest_of(pack_part_, over);
        if (!found) {
            return tl::unexpected(found.error());
        }
        if (!*found) {
            ++pack_part_;
            continue;
        }
        if (auto done = in_transaction([&] { return pack(pack_part_, **found / slots_a_day); }); !done) {
            return tl::unexpected(done.error());
        }
        return true;
    }
    packed_ = over;
    pack_part_ = 0;
    const std::int64_t oldest_day = oldest / slots_a_day;
    if (forgot_ != oldest_day && forget_queue_ <= last_id_) {
        if (auto done = in_transaction([&] { return forget(forget_queue_, oldest_day); }); !done) {
            return tl::unexpected(done.error());
        }
        forget_queue_ += forgotten_a_step;
        return true;
    }
    forgot_ = oldest_day;
    forget_queue_ = 0;
    // Pages of slots that were packed are used again the next day; only what retention left over goes back to the disk.
    const auto pages = number("PRAGMA page_count");
    const auto unused = number("PRAGMA freelist_count");
    if (pages && unused && *unused > 4096 && *unused > *pages / 2) {
        static_cast<void>(db_.run("PRAGMA incremental_vacuum(256)"));
        return true;
    }
    return false;
}

Kept<HistoryFileSize> SqliteHistory::size() {
    HistoryFileSize out;
    out.queues = ids_.size();
    const auto pages = number("PRAGMA page_count");
    const auto page = number("PRAGMA page_size");
    const auto a_day = number("SELECT coalesce(avg(length(body)), 0) FROM (SELECT body FROM day ORDER BY id DESC LIMIT 200)");
    for (const auto* value : {&pages, &page, &a_day}) {
        if (!*value) {
            return tl::unexpected(value->error());
        }
    }
    out.bytes = static_cast<std::uint64_t>(*pages * *page);
    out.day_bytes = static_cast<std::uint64_t>(*a_day);
    return out;
}

}  // namespace surged::history_tables
