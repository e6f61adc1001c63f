#include "io/store/history/sqlite_history.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdio>

#include "io/store/history/history_tables.hpp"

namespace surged {
namespace history_tables {
namespace {

constexpr std::int64_t history_application = 0x53674869;  // "SgHi"
constexpr int history_format = 1;
/// More names than this are not kept: what makes up a new name each day must not fill the disk.
constexpr std::size_t names_max = 500000;
constexpr int busy_ms = 2000;

constexpr const char* history_schema =
    "CREATE TABLE IF NOT EXISTS queue(id INTEGER PRIMARY KEY, centre TEXT NOT NULL, name TEXT NOT NULL, channel TEXT NOT NULL, "
    "UNIQUE(centre, name, channel));"
    "CREATE TABLE IF NOT EXISTS fresh(id INTEGER PRIMARY KEY, weight INTEGER NOT NULL, body BLOB NOT NULL);"
    "CREATE TABLE IF NOT EXISTS day(id INTEGER PRIMARY KEY, body BLOB NOT NULL);";

}  // namespace

Kept<std::int64_t> SqliteHistory::number(const char* sql) {
    Statement statement;
    if (auto prepared = statement.prepare(db_, sql); !prepared) {
        return failed(prepared.error());
    }
    const int code = statement.step();
    if (code != SQLITE_ROW) {
        return failure(code, sql);
    }
    return statement.integer(0);
}

Kept<void> SqliteHistory::open() {
    if (auto opened = to_read_ ? db_.open_to_read(path_) : db_.open(path_); !opened) {
        return failed(opened.error());
    }
    sqlite3_busy_timeout(db_.get(), busy_ms);
    // Reads the first page: a file that is none of SQLite's is found here, and one of somebody else's below.
    const auto application = number("PRAGMA application_id");
    if (!application) {
        return tl::unexpected(application.error());
    }
    const auto tables = number("SELECT count(*) FROM sqlite_master");
    if (!tables) {
        return tl::unexpected(tables.error());
    }
    const auto format = number("PRAGMA user_version");
    if (*tables > 0 && (*application != history_application || !format || *format != history_format)) {
        return tl::unexpected(HistoryFailure{true, path_ + " is no history of this version"});
    }
    if (!to_read_) {
        if (*tables == 0) {  // before there is a write-ahead log, which takes its mode from it
            static_cast<void>(::chmod(path_.c_str(), S_IRUSR | S_IWUSR | S_IRGRP));
        }
        const std::string begin = std::string(*tables == 0 ? "PRAGMA page_size=8192; PRAGMA auto_vacuum=INCREMENTAL; " : "") +
                                  "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA journal_size_limit=33554432; "
                                  "PRAGMA application_id=" + std::to_string(history_application) +
                                  "; PRAGMA user_version=" + std::to_string(history_format) + ";" + history_schema;
        if (auto made = db_.run(begin.c_str()); !made) {
            return failed(made.error());
        }
    }
    return prepare_statements();
}

Kept<void> SqliteHistory::prepare_statements() {
    const std::array<std::pair<Statement*, const char*>, 13> all{{
        {&put_queue_, "INSERT INTO queue VALUES(?1, ?2, ?3, ?4)"},
        {&find_queue_, "SELECT id FROM queue WHERE centre = ?1 AND name = ?2 AND channel = ?3"},
        {&name_queues_, "SELECT id, centre, name, channel FROM queue WHERE id >= ?1 AND id < ?2"},
        {&get_fresh_, "SELECT weight, body FROM fresh WHERE id = ?1"},
        {&put_fresh_, "INSERT OR REPLACE INTO fresh VALUES(?1, ?2, ?3)"},
        {&cut_fresh_, "DELETE FROM fresh WHERE id >= ?1 AND id < ?2"},
        {&oldest_fresh_, "SELECT id FROM fresh WHERE id >= ?1 AND id < ?2 ORDER BY id LIMIT 1"},
        {&day_fresh_, "SELECT id, weight, body FROM fresh WHERE id >= ?1 AND id < ?2 ORDER BY id"},
        {&get_days_, "SELECT id, body FROM day WHERE id >= ?1 AND id < ?2 ORDER BY id"},
        {&put_day_, "INSERT OR REPLACE INTO day VALUES(?1, ?2)"},
        {&cut_days_, "DELETE FROM day WHERE id >= ?1 AND id < ?2"},
        {&any_day_, "SELECT 1 FROM day WHERE id >= ?1 AND id < ?2 LIMIT 1"},
        {&cut_queue_, "DELETE FROM queue WHERE id = ?1"},
    }};
    for (const auto& [statement, sql] : all) {
        if (auto prepared = statement->prepare(db_, sql); !prepared) {
            return failed(prepared.error());
        }
    }
    Statement names;
    if (auto prepared = names.prepare(db_, "SELECT id, centre, name, channel FROM queue"); !prepared) {
        return failed(prepared.error());
    }
    int code = SQLITE_ROW;
    while ((code = names.step()) == SQLITE_ROW) {
        ids_[{std::string(names.bytes(1)), std::string(names.bytes(2)), std::string(names.bytes(3))}] = names.integer(0);
        last_id_ = std::max(last_id_, names.integer(0));
    }
    if (code != SQLITE_DONE) {
        return failure(code, "read the queues");
    }
    return {};
}

/// True = it gave a row.
Kept<bool> SqliteHistory::run(Statement& statement, const char* doing) {
    const int code = statement.step();
    if (code != SQLITE_ROW && code != SQLITE_DONE) {
        return failure(code, doing);
    }
    return code == SQLITE_ROW;
}

/// -1: there is none, or there are too many to make one.
Kept<std::int64_t> SqliteHistory::id_of(const QueueKey& queue, bool make) {
    if (const auto found = ids_.find(queue); found != ids_.end()) {
        return found->second;
    }
    if (!make || ids_.size() >= names_max) {
        return -1;
    }
    const Using hold(put_queue_);
    put_queue_.bind(1, last_id_ + 1);
    put_queue_.bind_text(2, queue.centre);
    put_queue_.bind_text(3, queue.queue);
    put_queue_.bind_text(4, queue.channel);
    if (auto done = run(put_queue_, "name a queue"); !done) {
        return tl::unexpected(done.error());
    }
    ids_[queue] = ++last_id_;
    return last_id_;
}

Kept<std::optional<SqliteHistory::Part>> SqliteHistory::fresh(std::int64_t row) {
    const Using hold(get_fresh_);
    get_fresh_.bind(1, row);
    const auto there = run(get_fresh_, "read a slot");
    if (!there) {
        return tl::unexpected(there.error());
    }
    if (!*there) {
        return std::optional<Part>();
    }
    auto queues = unpack_slot(get_fresh_.bytes(1));
    return queues ? std::optional(Part{static_cast<double>(get_fresh_.integer(0)), *std::move(queues)}) : std::nullopt;
}

Kept<void> SqliteHistory::put_fresh(std::int64_t row, const Part& part) {
    const Using hold(put_fresh_);
    const std::string body = pack_slot(part.queues);
    put_fresh_.bind(1, row);
    put_fresh_.bind(2, static_cast<std::int64_t>(part.weight));
    put_fresh_.bind_blob(3, body);
    const auto done = run(put_fresh_, "write a slot");
    return done ? Kept<void>() : tl::unexpected(done.error());
}

Kept<void> SqliteHistory::put_day(std::int64_t row, const std::string& body) {
    const Using hold(put_day_);
    put_day_.bind(1, row);
    put_day_.bind_blob(2, body);
    const auto done = run(put_day_, "write a day");
    return done ? Kept<void>() : tl::unexpected(done.error());
}

Kept<void> SqliteHistory::add(const HistorySlot& slot) {
    const auto ids = ids_;
    const auto last = last_id_;
    auto done = in_transaction([&]() -> Kept<void> {
        std::map<std::int64_t, Part> parts;
        for (const HistorySlotRow& row : slot.rows) {
            const auto id = id_of(row.queue, true);
            if (!id) {
                return tl::unexpected(id.error());
            }
            if (*id >= 0) {
                parts[*id / queues_a_part].queues.push_back({static_cast<std::uint8_t>(*id % queues_a_part), row.values});
            }
        }
        for (auto& [number_of, part] : parts) {
            part.weight = static_cast<double>(slot.weight);
            const auto row = fresh_row(number_of, slot.slot);
            const auto before = fresh(row);
            if (!before) {
                return tl::unexpected(before.error());
            }
            if (*before) {
                std::map<std::uint8_t, HistoryValues> all;
                for (const PlacedValues& queue : (*before)->queues) {
                    all[queue.place] = queue.values;
                }
                for (const PlacedValues& queue : part.queues) {
                    const auto [at, added] = all.try_emplace(queue.place, queue.values);
                    at->second = added ? queue.values : folded(at->second, (*before)->weight, queue.values, part.weight);
                }
                part.weight += (*before)->weight;
                part.queues.clear();
                for (const auto& [place, values] : all) {
                    part.queues.push_back({place, values});
                }
            }
            if (auto put = put_fresh(row, part); !put) {
                return put;
            }
        }
        return {};
    });
    if (!done) {
        ids_ = ids;  // names that were rolled back
        last_id_ = last;
    }
    return done;
}

Kept<void> SqliteHistory::read(const QueueKey& queue, std::int64_t from, std::int64_t to, const Visit& visit) {
    auto id = id_of(queue, false);
    if (to_read_ && id && *id < 0) {
        return {};
    }
    if (!id || *id < 0 || to <= from) {
        return id ? Kept<void>() : tl::unexpected(id.error());
    }
    std::map<std::int64_t, HistoryValues> slots;
    const auto take = [&](std::int64_t slot, const HistoryValues& values) {
        if (slot >= from && slot < to && std::any_of(values.begin(), values.end(), [](float v) { return !std::isnan(v); })) {
            const auto [at, added] = slots.try_emplace(slot, values);
            at->second = added ? values : folded(at->second, 1, values, 1);
        }
    };
    {
        const Using hold(get_days_);
        get_days_.bind(1, day_row(*id, from / slots_a_day));
        get_days_.bind(2, day_row(*id, (to - 1) / slots_a_day) + 1);
        int code = SQLITE_ROW;
        while ((code = get_days_.step()) == SQLITE_ROW) {
            const auto day = unpack_day(get_days_.bytes(1));
            for (std::int64_t i = 0; i < slots_a_day && day; ++i) {
                take(day_of_row(get_days_.integer(0)) * slots_a_day + i, (*day)[static_cast<std::size_t>(i)]);
            }
        }
        if (code != SQLITE_DONE) {
            return failure(code, "read days");
        }
    }
    const Using hold(day_fresh_);
    day_fresh_.bind(1, fresh_row(*id / queues_a_part, from));
    day_fresh_.bind(2, fresh_row(*id / queues_a_part, to));
    int code = SQLITE_ROW;
    while ((code = day_fresh_.step()) == SQLITE_ROW) {
        const auto queues = unpack_slot(day_fresh_.bytes(2));
        for (std::size_t i = 0; queues && i < queues->size(); ++i) {
            if ((*queues)[i].place == *id % queues_a_part) {
                take(slot_of_row(day_fresh_.integer(0)), (*queues)[i].values);
            }
        }
    }
    if (code != SQLITE_DONE) {
        return failure(code, "read slots");
    }
    for (const auto& [slot, values] : slots) {
        visit(slot, values);
    }
    return {};
}

Kept<bool> SqliteHistory::read_part(std::size_t part, std::int64_t from, std::int64_t to, HistoryColumns columns, const VisitQueue& visit) {
    const auto number_of = static_cast<std::int64_t>(part);
    const std::int64_t first = number_of * queues_a_part;
    if (first > last_id_ || to <= from) {
        return first <= last_id_;
    }
    std::map<std::int64_t, QueueKey> names;
    {
        const Using hold(name_queues_);
        name_queues_.bind(1, first);
        name_queues_.bind(2, first + queues_a_part);
        int code = SQLITE_ROW;
        while ((code = name_queues_.step()) == SQLITE_ROW) {
            names[name_queues_.integer(0)] = {std::string(name_queues_.bytes(1)), std::string(name_queues_.bytes(2)), std::string(name_queues_.bytes(3))};
        }
        if (code != SQLITE_DONE) {
            return failure(code, "read the queues");
        }
    }
    const auto take = [&](const QueueKey& queue, std::int64_t slot, const HistoryValues& values) {
        if (slot >= from && slot < to) {
            visit(queue, slot, values);
        }
    };
    for (const auto& [id, queue] : names) {
        const Using hold(get_days_);
        get_days_.bind(1, day_row(id, from / slots_a_day));
        get_days_.bind(2, day_row(id, (to - 1) / slots_a_day) + 1);
        int code = SQLITE_ROW;
        while ((code = get_days_.step()) == SQLITE_ROW) {
            const auto day = unpack_day(get_days_.bytes(1), columns);
            for (std::int64_t i = 0; i < slots_a_day && day; ++i) {
                take(queue, day_of_row(get_days_.integer(0)) * slots_a_day + i, (*day)[static_cast<std::size_t>(i)]);
            }
        }
        if (code != SQLITE_DONE) {
            return failure(code, "read days");
        }
    }
    const Using hold(day_fresh_);
    day_fresh_.bind(1, fresh_row(number_of, from));
    day_fresh_.bind(2, fresh_row(number_of, to));
    int code = SQLITE_ROW;
    while ((code = day_fresh_.step()) == SQLITE_ROW) {
        const auto queues = unpack_slot(day_fresh_.bytes(2));
        for (std::size_t i = 0; queues && i < queues->size(); ++i) {
            if (const auto name = names.find(first + (*queues)[i].place); name != names.end()) {
                take(name->second, slot_of_row(day_fresh_.integer(0)), (*queues)[i].values);
            }
        }
    }
    return code == SQLITE_DONE ? Kept<bool>(true) : failure(code, "read slots");
}

Kept<std::pair<std::int64_t, std::int64_t>> SqliteHistory::span() {
    std::int64_t from = 0;
    std::int64_t to = 0;
    const auto widen = [&](std::int64_t first, std::int64_t end) {
        from = to == 0 ? first : std::min(from, first);
        to = std::max(to, end);
    };
    const auto look = [&](const char* table, std::int64_t low, std::int64_t high, auto slot_of_first, std::int64_t length) -> Kept<void> {
        for (const char* order : {"ASC", "DESC"}) {
            const auto row = number(("SELECT coalesce((SELECT id FROM " + std::string(table) + " WHERE id >= " + std::to_string(low) + " AND id < " +
                                     std::to_string(high) + " ORDER BY id " + order + " LIMIT 1), -1)")
                                        .c_str());
            if (!row) {
                return tl::unexpected(row.error());
            }
            if (*row >= 0) {
                widen(slot_of_first(*row), slot_of_first(*row) + length);
            }
        }
        return {};
    };
    for (std::int64_t id = 0; id <= last_id_; ++id) {
        const auto days = look("day", day_row(id, 0), day_row(id + 1, 0), [](std::int64_t row) { return day_of_row(row) * slots_a_day; }, slots_a_day);
        const auto slots = id % queues_a_part == 0 ? look("fresh", fresh_row(id / queues_a_part, 0), fresh_row(id / queues_a_part + 1, 0), slot_of_row, 1)
                                                   : Kept<void>();
        if (!days || !slots) {
            return tl::unexpected(!days ? days.error() : slots.error());
        }
    }
    return std::pair(from, to);
}

Kept<std::vector<QueueKey>> SqliteHistory::queues() {
    std::vector<QueueKey> out;
    for (const auto& [queue, id] : ids_) {
        out.push_back(queue);
    }
    return out;
}

}  // namespace history_tables

namespace {

using history_tables::Kept;
using history_tables::SqliteHistory;

/// The file and what SQLite keeps beside it.
void set_aside(const std::string& path) {
    for (const char* tail : {"", "-wal", "-shm"}) {
        static_cast<void>(std::rename((path + tail).c_str(), (path + ".damaged" + tail).c_str()));
    }
}

Kept<std::unique_ptr<HistoryFile>> opened(std::unique_ptr<SqliteHistory> file) {
    if (auto done = file->open(); !done) {
        return tl::unexpected(done.error());
    }
    return file;
}

}  // namespace

std::string history_path_of(const std::string& store_path) {
    return store_path + ".history";
}

Kept<std::unique_ptr<HistoryFile>> open_sqlite_history(const std::string& path, bool damaged) {
    if (damaged) {
        set_aside(path);
    }
    return opened(std::make_unique<SqliteHistory>(path, false));
}

Kept<std::unique_ptr<HistoryFile>> read_sqlite_history(const std::string& path) {
    if (::access(path.c_str(), F_OK) != 0) {
        return tl::unexpected(HistoryFailure{false, "no such file: " + path});
    }
    return opened(std::make_unique<SqliteHistory>(path, true));
}

}  // namespace surged
