#include "io/store/rescue.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/bytes.hpp"
#include "io/store/page_image.hpp"
#include "io/store/salvage.hpp"
#include "io/store/sqlite_handle.hpp"
#include "io/store/sqlite_log.hpp"
#include "io/store/sqlite_schema.hpp"
#include "io/store/store_mark.hpp"
#include "io/store/store_thread.hpp"

namespace surged {
namespace {

using sqlite::Database;
using sqlite::PageImage;
using sqlite::Salvage;
using sqlite::Statement;
using sqlite::Using;
using RescueDone = Result<void, LogFailure>;

constexpr std::uint64_t place_holders_max = 1'000'000;  // more than that is no hole any more
constexpr std::size_t snapshots_kept = 4;
constexpr std::array<const char*, 4> parts_of_store = {"-journal", "-wal", "-shm", ""};  // the database last

tl::unexpected<LogFailure> cannot(const std::string& what) {
    return tl::unexpected(LogFailure{LogError::unavailable, "cannot " + what + ": " + std::strerror(errno)});
}

bool file_there(const std::string& path) {
    struct stat info {};
    return ::lstat(path.c_str(), &info) == 0;
}

std::uint64_t bytes_of(const std::string& path) {
    struct stat info {};
    return ::stat(path.c_str(), &info) == 0 ? static_cast<std::uint64_t>(info.st_size) : 0;
}

RescueDone flush(const std::string& path, int flags) {
    const int fd = ::open(path.c_str(), flags | O_CLOEXEC);
    const bool done = fd >= 0 && ::fsync(fd) == 0;
    const auto out = done ? RescueDone{} : RescueDone(cannot("flush " + path));
    if (fd >= 0) {
        ::close(fd);
    }
    return out;
}

RescueDone flush_folder_of(const std::string& path) {
    const auto slash = path.rfind('/');
    return flush(slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash), O_RDONLY | O_DIRECTORY);
}

std::string tmp_of(const std::string& path) {
    return path + ".rescue-tmp";
}
std::string ready_of(const std::string& path) {
    return path + ".rescue-ready";
}

std::string damaged_name(const std::string& path, std::time_t when) {
    std::tm utc{};
    ::gmtime_r(&when, &utc);
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), ".damaged-%Y%m%dT%H%M%SZ", &utc);
    return path + text.data();
}

bool name_taken(const std::string& name) {
    return std::any_of(parts_of_store.begin(), parts_of_store.end(), [&](const char* part) { return file_there(name + part); });
}

/// What is made here must be the daemon's to use, also when root made it.
void give_to(int fd, const struct stat& like) {
    if (::geteuid() == 0 && ::fchown(fd, like.st_uid, like.st_gid) != 0) {
        return;
    }
    static_cast<void>(::fchmod(fd, like.st_mode & 0777U));
}

/// The owner of the store, or of its folder when there is none.
std::optional<struct stat> owner_of(const std::string& path) {
    struct stat info {};
    const auto slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    if (::stat(path.c_str(), &info) == 0) {
        return info;
    }
    if (::stat(folder.c_str(), &info) != 0) {
        return std::nullopt;
    }
    info.st_mode = 0640;
    return info;
}

/// For people: what a file seems to be that is not ours.
std::string look_of(std::string_view head, bool all_zeros) {
    if (head.empty()) {
        return "an empty file";
    }
    if (all_zeros) {
        return "a file of zeros, with nothing beside it that tells of a store";
    }
    constexpr std::array<std::pair<std::string_view, const char*>, 9> known = {{{"SQLite format 3\0", "an SQLite database of another program"},
                                                                               {"\x1f\x8b", "gzip data"},
                                                                               {"PK\x03\x04", "a ZIP archive"},
                                                                               {"\x7f" "ELF", "a program"},
                                                                               {"%PDF", "a PDF document"},
                                                                               {"\x89PNG", "a PNG picture"},
                                                                               {"\xfd" "7zXZ", "xz data"},
                                                                               {"\x28\xb5\x2f\xfd", "zstd data"},
                                                                               {"BZh", "bzip2 data"}}};
    for (const auto& [begin, what] : known) {
        if (head.starts_with(begin)) {
            return what;
        }
    }
    const bool text = std::all_of(head.begin(), head.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte >= 32 || byte == '\n' || byte == '\r' || byte == '\t';
    });
    return text ? "a text file" : "data of an unknown kind";
}

/// As SqliteLog does, with an error that says what is full.
RescueDone step_once(Database& db, Statement& statement, const char* doing) {
    const Using scope(statement);
    const int code = statement.step();
    return code == SQLITE_DONE ? RescueDone{} : RescueDone(tl::unexpected(sqlite::failure(db.get(), code, doing)));
}

std::uint64_t number_of(Database& db, const char* sql) {
    const auto text = db.text(sql);
    return text && !text->empty() ? std::stoull(*text) : 0;
}

}  // namespace

struct StoreRescue::Work {
    Database db;
    Statement insert;
    Statement known;  // the checksum that stands for a sequence
    Statement snapshot;
    std::uint64_t term = 0;

    RescueDone put(const StoredRecord& record, std::int64_t crc) {
        insert.bind(1, static_cast<std::int64_t>(record.seq));
        insert.bind(2, record.wall_ms);
        insert.bind_text(3, record.type);
        insert.bind_text(4, record.incident);
        insert.bind_text(5, record.bytes);
        insert.bind(6, crc);
        return step_once(db, insert, "write the rescued store");
    }
    RescueDone put(const StoredRecord& record) {
        return put(record, sqlite::record_crc(static_cast<std::int64_t>(record.seq), record.wall_ms, record.type, record.incident,
                                              record.bytes));
    }
    RescueDone put(const StoredSnapshot& state) {
        snapshot.bind(1, static_cast<std::int64_t>(state.seq));
        snapshot.bind_blob(2, state.bytes);
        snapshot.bind(3, crc32c(state.bytes));
        return step_once(db, snapshot, "write the rescued store");
    }
};

StoreRescue::StoreRescue(std::string path, LockFile lock, AtStep at_step)
    : path_(std::move(path)), lock_(std::move(lock)), at_step_(std::move(at_step)) {}
StoreRescue::StoreRescue(StoreRescue&&) noexcept = default;
StoreRescue::~StoreRescue() = default;

Result<StoreRescue, LogFailure> StoreRescue::begin(std::string path, AtStep at_step) {
    const std::string lock_name = path + ".lock";
    const bool lock_was_there = file_there(lock_name);
    auto lock = LockFile::take(lock_name);
    if (!lock) {
        return tl::unexpected(lock.error());
    }
    if (const auto like = owner_of(path); !lock_was_there && like && ::geteuid() == 0) {
        static_cast<void>(::lchown(lock_name.c_str(), like->st_uid, like->st_gid));  // else the daemon's user could not lock it
    }
    const auto finished = finish_rescue(path, at_step);
    if (!finished) {
        return tl::unexpected(finished.error());
    }
    StoreRescue out(std::move(path), std::move(*lock), std::move(at_step));
    out.finished_ = !finished->empty();
    return out;
}

bool StoreRescue::store_there() const {
    return file_there(path_) || bytes_of(path_ + "-wal") > 0;
}

RescueDone StoreRescue::examine() const {
    if (const auto emptied = emptied_store(path_); !emptied.empty()) {
        return tl::unexpected(LogFailure{LogError::corrupt, emptied});
    }
    if (!file_there(path_)) {
        return tl::unexpected(LogFailure{LogError::corrupt, path_ + " is gone, its write-ahead log is there"});
    }
    if (bytes_of(path_) == 0) {
        return {};
    }
    Database db;
    // A place that the disk does not give any more is damage, too.
    const auto seen = [&](LogFailure failure) {
        failure.error = (sqlite3_errcode(db.get()) & 0xFF) == SQLITE_IOERR ? LogError::corrupt : failure.error;
        return tl::unexpected(std::move(failure));
    };
    if (auto opened = db.open_to_read(path_); !opened) {
        return opened;
    }
    auto intact = db.text("PRAGMA integrity_check(1)");
    if (!intact) {
        return seen(intact.error());
    }
    if (*intact != "ok") {
        std::replace(intact->begin(), intact->end(), '\n', ' ');
        return tl::unexpected(LogFailure{LogError::corrupt, path_ + ": " + *intact});
    }
    db.close();
    auto log = open_sqlite_log_to_read(path_);
    if (!log) {
        return tl::unexpected(log.error());
    }
    if (auto read = (*log)->read(0, [](const StoredRecord&) { return true; }); !read) {
        return read;
    }
    const auto image = PageImage::open(path_);
    if (image && image->wal_torn()) {
        return tl::unexpected(LogFailure{LogError::corrupt, path_ + "-wal is damaged: not all that was committed can be read through it"});
    }
    return {};
}

void StoreRescue::give_up() {
    work_.reset();
    for (const char* part : parts_of_store) {
        ::unlink((tmp_of(path_) + part).c_str());
    }
}

Result<StoreFindings, LogFailure> StoreRescue::read_back() {
    give_up();
    findings_ = {};
    const auto image = PageImage::open(path_);
    if (!image) {
        return tl::unexpected(image.error());
    }
    // The new store's file, before SQLite sees it: its owner and its mode.
    const std::string tmp = tmp_of(path_);
    const int fd = ::open(tmp.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return cannot("create " + tmp);
    }
    if (const auto like = owner_of(path_)) {
        give_to(fd, *like);
    }
    ::close(fd);
    step("rescue made the file");
    work_ = std::make_unique<Work>();
    Database& db = work_->db;
    RescueDone done = db.open(tmp);
    // Its content is flushed once, when it is complete.
    done = done ? db.run("PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE") : done;
    done = done ? sqlite::claim_schema(db, tmp) : done;
    done = done ? work_->insert.prepare(db, "INSERT OR IGNORE INTO records VALUES(?1, ?2, ?3, ?4, ?5, ?6)") : done;
    done = done ? work_->known.prepare(db, "SELECT crc FROM records WHERE seq = ?1") : done;
    done = done ? work_->snapshot.prepare(db, "INSERT OR IGNORE INTO snapshots VALUES(?1, ?2, ?3)") : done;
    done = done ? db.run("BEGIN") : done;

    Salvage salvage(*image);
    bool contradiction = false;
    std::vector<std::uint64_t> snapshots;
    salvage.rows(
        [&](const sqlite::FoundRow& row) {
            if (!done) {
                return;
            }
            const Using scope(work_->known);
            work_->known.bind(1, static_cast<std::int64_t>(row.record.seq));
            if (work_->known.step() == SQLITE_ROW) {
                contradiction = contradiction || work_->known.integer(0) != row.crc;
                return;
            }
            done = work_->put(row.record, row.crc);
        },
        [&](const StoredSnapshot& state) {
            if (!done || std::find(snapshots.begin(), snapshots.end(), state.seq) != snapshots.end()) {
                return;
            }
            snapshots.push_back(state.seq);
            std::sort(snapshots.rbegin(), snapshots.rend());
            if (snapshots.size() > snapshots_kept) {
                const auto oldest = snapshots.back();
                snapshots.pop_back();
                if (oldest == state.seq) {
                    return;
                }
                done = db.run(("DELETE FROM snapshots WHERE seq = " + std::to_string(oldest)).c_str());
            }
            done = done ? work_->put(state) : done;
        });
    done = done ? db.run("COMMIT") : done;
    if (!done) {
        auto failure = done.error();
        give_up();
        return tl::unexpected(std::move(failure));
    }
    step("rescue read the rows");

    StoreFindings& out = findings_;
    const auto names = salvage.names();
    const auto mark = read_store_mark(path_);
    const auto name = [&](const char* key) { return names.count(key) != 0 ? names.at(key) : std::string(); };
    std::string page;
    bool all_zeros = true;
    std::string head;
    out.pages = image->file_pages();
    for (std::uint32_t number = 1; number <= image->file_pages(); ++number) {
        if (!image->in_file(number, page)) {
            ++out.silent;
            continue;
        }
        const bool zero = page.find_first_not_of('\0') == std::string::npos;
        out.zeroed += zero ? 1U : 0U;
        all_zeros = all_zeros && zero;
        if (number == 1) {
            head = page.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(512, image->file_bytes())));
        }
    }
    out.records = number_of(db, "SELECT count(*) FROM records");
    out.snapshots = std::move(snapshots);
    constexpr std::size_t id_at = 68;
    const bool ours_by_header = head.size() > id_at + 4 && head.starts_with("SQLite format 3") && head.compare(id_at, 4, "SRGD") == 0;
    const std::string seems = look_of(head, all_zeros);
    const bool nondescript = head.empty() || all_zeros || seems == "data of an unknown kind";
    out.ours = out.records > 0 || !out.snapshots.empty() || ours_by_header || salvage.tables_are_ours() || (mark && nondescript) ||
               (nondescript && names.count("schema") != 0);
    out.newer = !name("schema").empty() && std::stoull(name("schema")) > 1;
    if (!out.ours || out.newer) {
        out.looks_like = out.newer ? "a store of format " + name("schema") : seems;
        give_up();
        return out;
    }

    // What is missing, and whether that is all.
    std::uint64_t last = number_of(db, "SELECT coalesce(max(seq), 0) FROM records");
    std::uint64_t in_tree = 0;
    const bool tree = salvage.tree_is_whole(in_tree);
    const std::uint64_t newest_state = out.snapshots.empty() ? 0 : out.snapshots.front();
    const std::string installation = name("installation");
    const bool same_store = mark && (installation.empty() || mark->installation == installation);
    out.head = std::max({last, newest_state, mark ? mark->head : std::uint64_t{0}});
    out.installation = !installation.empty() ? installation : mark ? mark->installation : std::string();
    const std::uint64_t term = name("term").empty() ? 0 : std::stoull(name("term"));
    work_->term = mark && mark->term > 0 ? std::max(term, static_cast<std::uint64_t>(mark->term)) : term;
    std::optional<std::int64_t> before_ms;
    std::uint64_t expected = 0;
    const auto walked = each(0, [&](const StoredRecord& record) {
        if (expected == 0 && record.seq > 1) {
            out.before = RecordRange{1, record.seq - 1, {}, record.wall_ms};
        } else if (expected != 0 && record.seq != expected) {
            out.lost.push_back({expected, record.seq - 1, before_ms, record.wall_ms});
        }
        expected = record.seq + 1;
        before_ms = record.wall_ms;
        return true;
    });
    if (!walked) {
        return tl::unexpected(walked.error());
    }
    if (last < out.head) {
        out.lost.push_back({last + 1, out.head, before_ms, {}});
    }
    const bool shm_alone = file_there(path_ + "-shm") && !image->wal_there();
    const bool covered = !out.before || std::any_of(out.snapshots.begin(), out.snapshots.end(), [&](auto seq) { return seq >= out.before->to; });
    out.doubt = contradiction          ? "two different records stand for one number"
                : !out.lost.empty()    ? "records are missing"
                : !covered             ? "the first records are missing, and no snapshot covers them"
                : image->wal_torn()    ? "the write-ahead log is damaged"
                : image->wal_end_unclear() ? "the end of the write-ahead log is torn: its last transaction may be lost"
                : shm_alone            ? "the write-ahead log is gone"
                : !tree                ? "the table of the records is damaged: there may have been later ones"
                : in_tree != last      ? "the table of the records does not know all of them"
                : mark && !same_store  ? "the mark beside the store is of another one"
                                       : "";
    return out;
}

RescueDone StoreRescue::each(std::uint64_t after, const std::function<bool(const StoredRecord&)>& each) {
    Statement rows;
    if (auto prepared = rows.prepare(work_->db, "SELECT seq, wall_ms, type, incident, bytes FROM records WHERE seq > ?1 ORDER BY seq"); !prepared) {
        return prepared;
    }
    rows.bind(1, static_cast<std::int64_t>(after));
    StoredRecord record;
    int code = rows.step();
    for (; code == SQLITE_ROW; code = rows.step()) {
        record.seq = static_cast<std::uint64_t>(rows.integer(0));
        record.wall_ms = rows.integer(1);
        record.type.assign(rows.bytes(2));
        record.incident.assign(rows.bytes(3));
        record.bytes.assign(rows.bytes(4));
        if (!each(record)) {
            return {};
        }
    }
    return code == SQLITE_DONE ? RescueDone{} : RescueDone(tl::unexpected(sqlite::failure(work_->db.get(), code, "read the rescued store")));
}

Result<std::optional<StoredSnapshot>, LogFailure> StoreRescue::snapshot_at(std::uint64_t seq) {
    Statement row;
    if (auto prepared = row.prepare(work_->db, "SELECT bytes FROM snapshots WHERE seq = ?1"); !prepared) {
        return tl::unexpected(prepared.error());
    }
    row.bind(1, static_cast<std::int64_t>(seq));
    const int code = row.step();
    if (code != SQLITE_ROW) {
        return code == SQLITE_DONE ? Result<std::optional<StoredSnapshot>, LogFailure>(std::nullopt)
                                   : tl::unexpected(sqlite::failure(work_->db.get(), code, "read the rescued store"));
    }
    return std::optional(StoredSnapshot{seq, std::string(row.bytes(0)), true});
}

Result<Installation, LogFailure> StoreRescue::complete(std::uint64_t from, std::span<const StoredRecord> more, const StoredSnapshot& state,
                                                       std::uint64_t base, const std::string& installation) {
    Database& db = work_->db;
    Installation named{installation.empty() ? new_installation() : installation, {}};
    RescueDone done = db.run("BEGIN");
    for (const RecordRange& hole : findings_.lost) {
        if (hole.to >= from && hole.to - std::max(hole.from, from) < place_holders_max) {
            for (auto seq = std::max(hole.from, from); done && seq <= hole.to; ++seq) {
                const auto when = hole.after_ms ? *hole.after_ms : hole.before_ms.value_or(0);
                done = work_->put(StoredRecord{seq, when, std::string(record_type_lost), {}, {}});
            }
        }
    }
    for (const StoredRecord& record : more) {
        done = done ? work_->put(record) : done;
    }
    done = done ? db.run(("DELETE FROM snapshots WHERE seq <> " + std::to_string(base)).c_str()) : done;
    done = done ? work_->put(state) : done;
    done = done ? db.run(("INSERT OR REPLACE INTO meta VALUES('installation', '" + named.id + "'), ('term', '" +
                          std::to_string(work_->term) + "')")
                             .c_str())
                : done;
    done = done ? db.run("COMMIT") : done;
    if (!done) {
        auto failure = done.error();
        give_up();
        return tl::unexpected(std::move(failure));
    }
    work_.reset();
    step("rescue completed the file");
    return named;
}

Result<std::unique_ptr<RecordLog>, LogFailure> StoreRescue::completed() const {
    Database db;
    if (auto opened = db.open_to_read(tmp_of(path_)); !opened) {
        return tl::unexpected(opened.error());
    }
    const auto intact = db.text("PRAGMA integrity_check(1)");
    if (!intact || *intact != "ok") {
        return tl::unexpected(intact ? LogFailure{LogError::corrupt, *intact} : intact.error());
    }
    db.close();
    return open_sqlite_log_to_read(tmp_of(path_));
}

Result<std::vector<std::string>, LogFailure> StoreRescue::put_in_place() {
    const std::string tmp = tmp_of(path_);
    // Its time gives the damaged files their name, so that whoever finishes this later gives them the same.
    std::time_t when = std::time(nullptr);
    while (name_taken(damaged_name(path_, when))) {
        ++when;
    }
    const std::array<timespec, 2> times = {timespec{when, 0}, timespec{when, 0}};
    if (::utimensat(AT_FDCWD, tmp.c_str(), times.data(), 0) != 0) {
        return cannot("set the time of " + tmp);
    }
    if (auto flushed = flush(tmp, O_RDWR); !flushed) {
        return tl::unexpected(flushed.error());
    }
    step("rescue flushed the file");
    if (::rename(tmp.c_str(), ready_of(path_).c_str()) != 0) {
        return cannot("rename " + tmp);
    }
    if (auto flushed = flush_folder_of(path_); !flushed) {
        return tl::unexpected(flushed.error());
    }
    step("rescue is ready");
    return finish_rescue(path_, at_step_);
}

Result<std::vector<std::string>, LogFailure> finish_rescue(const std::string& path, const StoreRescue::AtStep& at_step) {
    const std::string ready = ready_of(path);
    struct stat info {};
    if (::lstat(ready.c_str(), &info) != 0) {
        return std::vector<std::string>();
    }
    const std::string aside = damaged_name(path, info.st_mtime);
    for (const char* part : parts_of_store) {
        const std::string from = path + part;
        if (!file_there(from)) {
            continue;
        }
        if (file_there(aside + part)) {
            errno = EEXIST;  // both cannot be: nothing is written over
            return cannot("move " + from + " aside to " + aside + part);
        }
        if (::rename(from.c_str(), (aside + part).c_str()) != 0) {
            return cannot("move " + from + " aside");
        }
        if (at_step) {
            at_step("rescue moved a file aside");
        }
    }
    if (auto flushed = flush_folder_of(path); !flushed) {
        return tl::unexpected(flushed.error());
    }
    if (::rename(ready.c_str(), path.c_str()) != 0) {
        return cannot("put " + ready + " in place");
    }
    if (at_step) {
        at_step("rescue put the store in place");
    }
    if (auto flushed = flush_folder_of(path); !flushed) {
        return tl::unexpected(flushed.error());
    }
    std::vector<std::string> moved{path};
    for (const char* part : parts_of_store) {
        if (file_there(aside + part)) {
            moved.push_back(aside + part);
        }
    }
    return moved;
}

std::string emptied_store(const std::string& path) {
    if (!file_there(path) || bytes_of(path) > 0) {
        return {};
    }
    if (bytes_of(path + "-wal") > 0) {
        return path + " is empty, its write-ahead log is not";
    }
    const auto mark = read_store_mark(path);
    return mark && mark->head > 0 ? path + " is empty and once held " + std::to_string(mark->head) + " records" : std::string();
}

}  // namespace surged
