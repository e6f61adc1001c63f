#include "io/store/rescue.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/store/new_store.hpp"
#include "io/store/page_image.hpp"
#include "io/store/rescue_files.hpp"
#include "io/store/rescue_findings.hpp"
#include "io/store/salvage.hpp"
#include "io/store/sqlite_handle.hpp"
#include "io/store/sqlite_log.hpp"
#include "io/store/store_mark.hpp"
#include "io/store/store_thread.hpp"

namespace surged {

using sqlite::Database;
using sqlite::NewStore;
using sqlite::PageImage;
using RescueDone = Result<void, LogFailure>;

StoreRescue::StoreRescue(std::string path, LockFile lock, AtStep at_step)
    : path_(std::move(path)), lock_(std::move(lock)), at_step_(std::move(at_step)) {}
StoreRescue::StoreRescue(StoreRescue&&) noexcept = default;
StoreRescue::~StoreRescue() = default;

Result<StoreRescue, LogFailure> StoreRescue::begin(std::string path, AtStep at_step) {
    const std::string lock_name = path + ".lock";
    const bool lock_was_there = rescue::file_there(lock_name);
    auto lock = LockFile::take(lock_name);
    if (!lock) {
        return tl::unexpected(lock.error());
    }
    if (const auto like = rescue::owner_of(path); !lock_was_there && like && ::geteuid() == 0) {
        // Else the daemon's user could not lock it.
        [[maybe_unused]] const int given = ::lchown(lock_name.c_str(), like->st_uid, like->st_gid);
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
    return rescue::file_there(path_) || rescue::bytes_of(path_ + "-wal") > 0;
}

RescueDone StoreRescue::examine() const {
    if (const auto emptied = emptied_store(path_); !emptied.empty()) {
        return tl::unexpected(LogFailure{LogError::corrupt, emptied});
    }
    if (!rescue::file_there(path_)) {
        return tl::unexpected(LogFailure{LogError::corrupt, path_ + " is gone, its write-ahead log is there"});
    }
    if (rescue::bytes_of(path_) == 0) {
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
        return tl::unexpected(
            LogFailure{LogError::corrupt, path_ + "-wal is damaged: not all that was committed can be read through it"});
    }
    return {};
}

void StoreRescue::give_up() {
    new_.reset();
    for (const char* part : rescue::parts_of_store) {
        ::unlink((rescue::tmp_of(path_) + part).c_str());
    }
}

/// The new store's file, before SQLite sees it: whose it is, and who may read it.
RescueDone StoreRescue::make_file() {
    const std::string tmp = rescue::tmp_of(path_);
    const int fd = ::open(tmp.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return rescue::cannot("create " + tmp);
    }
    if (const auto like = rescue::owner_of(path_)) {
        rescue::give_to(fd, *like);
    }
    ::close(fd);
    step("rescue made the file");
    return {};
}

Result<StoreFindings, LogFailure> StoreRescue::read_back() {
    give_up();
    findings_ = {};
    const auto image = PageImage::open(path_);
    if (!image) {
        return tl::unexpected(image.error());
    }
    if (auto made = make_file(); !made) {
        return tl::unexpected(made.error());
    }
    new_ = std::make_unique<NewStore>();
    sqlite::Salvage salvage(*image);
    RescueDone done = new_->create(rescue::tmp_of(path_));
    done = done ? new_->take(salvage) : done;
    if (!done) {
        auto failure = done.error();
        give_up();
        return tl::unexpected(std::move(failure));
    }
    step("rescue read the rows");
    rescue::Evidence evidence{path_, *image, salvage, *new_, salvage.names()};
    if (!rescue::find_whose(evidence, findings_)) {
        give_up();
        return findings_;
    }
    if (auto found = rescue::find_missing(evidence, findings_); !found) {
        return tl::unexpected(found.error());
    }
    return findings_;
}

RescueDone StoreRescue::each(std::uint64_t after, const std::function<bool(const StoredRecord&)>& each) {
    return new_->each(after, each);
}

Result<std::optional<StoredSnapshot>, LogFailure> StoreRescue::snapshot_at(std::uint64_t seq) {
    return new_->snapshot_at(seq);
}

Result<Installation, LogFailure> StoreRescue::complete(std::uint64_t from, std::span<const StoredRecord> more,
                                                       const StoredSnapshot& state, std::uint64_t base,
                                                       const std::string& installation) {
    Installation named{installation.empty() ? new_installation() : installation, {}};
    if (auto done = new_->complete(from, findings_.lost, more, state, base, named.id); !done) {
        auto failure = done.error();
        give_up();
        return tl::unexpected(std::move(failure));
    }
    new_.reset();
    step("rescue completed the file");
    return named;
}

Result<std::unique_ptr<RecordLog>, LogFailure> StoreRescue::completed() const {
    Database db;
    if (auto opened = db.open_to_read(rescue::tmp_of(path_)); !opened) {
        return tl::unexpected(opened.error());
    }
    const auto intact = db.text("PRAGMA integrity_check(1)");
    if (!intact || *intact != "ok") {
        return tl::unexpected(intact ? LogFailure{LogError::corrupt, *intact} : intact.error());
    }
    db.close();
    return open_sqlite_log_to_read(rescue::tmp_of(path_));
}

Result<std::vector<std::string>, LogFailure> StoreRescue::put_in_place() {
    const std::string tmp = rescue::tmp_of(path_);
    // Its time gives the damaged files their name, so that whoever finishes this later gives them the same.
    std::time_t when = std::time(nullptr);
    while (rescue::name_taken(rescue::damaged_name(path_, when))) {
        ++when;
    }
    const std::array<timespec, 2> times = {timespec{when, 0}, timespec{when, 0}};
    if (::utimensat(AT_FDCWD, tmp.c_str(), times.data(), 0) != 0) {
        return rescue::cannot("set the time of " + tmp);
    }
    if (auto flushed = rescue::flush(tmp, O_RDWR); !flushed) {
        return tl::unexpected(flushed.error());
    }
    step("rescue flushed the file");
    if (::rename(tmp.c_str(), rescue::ready_of(path_).c_str()) != 0) {
        return rescue::cannot("rename " + tmp);
    }
    if (auto flushed = rescue::flush_folder_of(path_); !flushed) {
        return tl::unexpected(flushed.error());
    }
    step("rescue is ready");
    return finish_rescue(path_, at_step_);
}

}  // namespace surged
