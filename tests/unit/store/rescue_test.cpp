// Damaged stores of every kind: what a rescue reads back is what was written, and a start after it succeeds.
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>

#include "conformance.hpp"
#include "io/store/rescue.hpp"
#include "io/store/side_file.hpp"
#include "io/store/sqlite_log.hpp"
#include "io/store/wal_room.hpp"
#include "support/temp_dir.hpp"

using namespace surged;
using namespace surged::test;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t page = 4096;

std::string slurp(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}
void spill(const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

StoredRecord one(std::uint64_t seq) {
    std::string text = "{\"seq\":" + std::to_string(seq) + ",\"text\":\"";
    // One in thirty spills to further pages.
    text += std::string(seq % 30 == 7 ? 9000 + seq : 40 + seq % 170, static_cast<char>('a' + seq % 26)) + "\"}";
    return {seq, 1795330800000 + static_cast<std::int64_t>(seq) * 1000, seq % 3 == 0 ? "page.sending" : "seat.asked", seq % 5 == 0 ? "" : "0-" + std::to_string(seq / 40 + 1), text};
}

/// A store of `records` records with snapshots at a third and at two thirds; `killed`: as a kill -9 leaves it, with its write-ahead log.
struct Damaged {
    explicit Damaged(std::uint64_t records, bool killed) : path(dir.file("log.db")) {
        const pid_t child = ::fork();
        if (child == 0) {
            auto log = open_sqlite_log(path);
            for (std::uint64_t seq = 0; log && seq < records; seq += 3) {
                std::vector<StoredRecord> some;
                for (std::uint64_t k = seq + 1; k <= std::min(seq + 3, records); ++k) {
                    some.push_back(one(k));
                }
                if (!(*log)->append(seq, some)) {
                    ::_exit(1);
                }
                for (const auto third : {records / 9 * 3, records / 9 * 6}) {
                    if (some.back().seq == third) {
                        static_cast<void>((*log)->save_snapshot({third, std::string(20000, 's') + std::to_string(third)}));
                    }
                }
            }
            if (!killed) {
                log->reset();
            }
            ::_exit(0);  // no destructor: the write-ahead log stays as it is
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        REQUIRE(status == 0);
        for (std::uint64_t seq = 1; seq <= records; ++seq) {
            whole[seq] = one(seq);
        }
        file = slurp(path);
        wal = slurp(path + "-wal");
        for (std::size_t at = 32; at + sqlite::wal_frame_bytes <= wal.size(); at += sqlite::wal_frame_bytes) {
            wal_used = sqlite::is_reserved_frame(std::string_view(wal).substr(at, sqlite::wal_frame_bytes)) ? wal_used : at + sqlite::wal_frame_bytes;
        }
        mark = slurp(path + ".id");
        REQUIRE_FALSE(mark.empty());
    }
    void restore() {
        for (const auto& entry : fs::directory_iterator(dir.path())) {
            const std::string name = entry.path().filename();
            if (name != "log.db.id") {
                fs::remove(entry.path());
            }
        }
        spill(path, file);
        if (!wal.empty()) {
            spill(path + "-wal", wal);
        }
        spill(path + ".id", mark);
    }

    TempDir dir;
    std::string path;
    std::string file;
    std::string wal;
    std::size_t wal_used = 0;  ///< of its bytes; behind them is room that was never used
    std::string mark;
    std::map<std::uint64_t, StoredRecord> whole;
};

struct Outcome {
    StoreFindings found;
    std::map<std::uint64_t, StoredRecord> read;
    bool started = false;
};

bool same(const StoredRecord& a, const StoredRecord& b) {
    return a.seq == b.seq && a.wall_ms == b.wall_ms && a.type == b.type && a.incident == b.incident && a.bytes == b.bytes;
}

/// Reads back, completes, puts in place and opens as the daemon does.
Outcome rescue(Damaged& store) {
    Outcome out;
    {
        auto work = StoreRescue::begin(store.path, {});
        REQUIRE(work);
        auto found = work->read_back();
        INFO((found ? "" : found.error().message));
        REQUIRE(found);
        out.found = *found;
        if (!found->ours || found->newer) {
            return out;
        }
        REQUIRE(work->each(0, [&](const StoredRecord& record) {
            out.read[record.seq] = record;
            return true;
        }));
        for (const auto& [seq, record] : out.read) {
            INFO("record " << seq);
            REQUIRE(store.whole.count(seq) == 1);
            REQUIRE(same(record, store.whole.at(seq)));
        }
        for (const auto seq : found->snapshots) {
            const auto state = work->snapshot_at(seq);
            REQUIRE(state);
            REQUIRE(*state);
            CHECK((*state)->bytes.substr(20000) == std::to_string(seq));
        }
        StoredRecord note = one(found->head + 1);
        const auto base = found->snapshots.empty() ? 0 : found->snapshots.front();
        REQUIRE(work->complete(base + 1, std::span(&note, 1), {note.seq, "state"}, base, found->doubt.empty() ? found->installation : ""));
        REQUIRE(work->completed());
        const auto moved = work->put_in_place();
        REQUIRE(moved);
        CHECK(moved->front() == store.path);
    }
    auto log = open_sqlite_log(store.path);
    INFO((log ? "" : log.error().message));
    REQUIRE(log);
    CHECK((*log)->head() == out.found.head + 1);
    CHECK((*log)->read(0, [](const StoredRecord&) { return true; }));
    out.started = true;
    return out;
}

std::string moved_aside(const Damaged& store, const std::string& part = {}) {
    for (const auto& entry : fs::directory_iterator(store.dir.path())) {
        const std::string name = entry.path().filename();
        if (name.starts_with("log.db.damaged-") && name.ends_with("Z" + part)) {
            return entry.path();
        }
    }
    return {};
}

}  // namespace

TEST_CASE("rescue: of a store with nothing missing everything is read back, and its name stays", "[unit]") {
    for (const bool killed : {false, true}) {
        Damaged store(400, killed);
        const auto out = rescue(store);
        CHECK(out.read.size() == 400);
        CHECK(out.found.doubt == "");
        CHECK(out.found.lost.empty());
        CHECK(out.found.snapshots.size() == 2);
        CHECK(slurp(moved_aside(store)) == store.file);
        CHECK((killed ? slurp(moved_aside(store, "-wal")) : std::string()) == store.wal);
        CHECK(open_sqlite_log(store.path).value()->installation().id == out.found.installation);
    }
}

TEST_CASE("rescue: bytes flipped anywhere, in the database or its log, never crash it, never make a record up, and a start follows",
          "[unit]") {
    for (const bool killed : {false, true}) {
        Damaged store(150, killed);
        const std::size_t pages = std::max<std::size_t>(1, store.file.size() / page);
        std::size_t complete = 0;
        for (std::size_t target = 0; target < pages + (killed ? 24U : 0U); ++target) {
            std::mt19937 random(static_cast<unsigned>(target * 2 + (killed ? 1 : 0)));
            store.restore();
            const bool in_file = target < pages;
            std::string bytes = in_file ? store.file : store.wal;
            const std::size_t from = in_file ? target * page : random() % store.wal_used;
            for (int flips = 0; flips < 12; ++flips) {
                bytes[std::min(bytes.size() - 1, from + random() % page)] ^= static_cast<char>(1U << random() % 8);
            }
            spill(in_file ? store.path : store.path + "-wal", bytes);
            INFO("page " << target << " of " << pages << (killed ? ", killed" : ""));
            const auto out = rescue(store);
            if (!out.found.newer) {  // the one byte that says so
                CHECK(out.started);
                complete += out.read.size() == 150 ? 1U : 0U;
                CHECK((out.read.size() == 150 || !out.found.doubt.empty()));
            }
        }
        CHECK(complete > 0);
    }
}

TEST_CASE("rescue: of a database that was cut off at any page the rest is read back", "[unit]") {
    Damaged store(150, false);
    std::size_t before = 0;
    for (std::size_t at = 0; at <= store.file.size(); at += page) {
        for (const std::size_t odd : {std::size_t{0}, std::size_t{777}}) {
            store.restore();
            spill(store.path, store.file.substr(0, at + odd));
            INFO("cut at " << at + odd);
            const auto out = rescue(store);
            CHECK(out.started);
            CHECK((out.read.size() == 150 || !out.found.doubt.empty()));
            if (odd == 0) {
                CHECK(out.read.size() >= before);
                before = out.read.size();
            }
        }
    }
    CHECK(before == 150);
}

TEST_CASE("rescue: without its header, its first page or its tree the rows are found all the same", "[unit]") {
    Damaged store(300, false);
    for (const std::size_t zeroed : {std::size_t{100}, page, 2 * page}) {
        store.restore();
        spill(store.path, std::string(zeroed, '\0') + store.file.substr(zeroed));
        const auto out = rescue(store);
        CHECK(out.read.size() == 300);
        CHECK(out.found.doubt.empty() == (zeroed <= page));
    }
}

TEST_CASE("rescue: a page of zeros is a hole with its numbers and times, and nothing else is lost", "[unit]") {
    Damaged store(300, false);
    std::size_t holes = 0;
    for (std::size_t number = 2; number < store.file.size() / page; ++number) {
        store.restore();
        std::string bytes = store.file;
        bytes.replace(number * page, page, page, '\0');
        spill(store.path, bytes);
        const auto out = rescue(store);
        std::uint64_t lost = 0;
        for (const RecordRange& hole : out.found.lost) {
            lost += hole.count();
            CHECK((hole.from == 1 || hole.after_ms == one(hole.from - 1).wall_ms || !hole.after_ms));
            for (auto seq = hole.from; seq <= hole.to; ++seq) {
                CHECK(out.read.count(seq) == 0);
            }
        }
        const std::uint64_t first = out.found.before ? out.found.before->count() : 0;
        CHECK(out.read.size() + lost + first == out.found.head);
        holes += lost > 0 ? 1U : 0U;
    }
    CHECK(holes > 3);
}

TEST_CASE("rescue: behind a damaged place in the write-ahead log the transactions that were on the disk are read, torn ones are not", "[unit]") {
    Damaged store(120, true);
    REQUIRE(store.wal_used > 40 * page);
    constexpr std::size_t frame = page + 24;
    SECTION("a frame in the middle") {
        std::string bytes = store.wal;
        for (std::size_t i = 0; i < 64; ++i) {
            bytes[32 + 20 * frame + 2000 + i] ^= 0x55;
        }
        spill(store.path + "-wal", bytes);
        const auto out = rescue(store);
        CHECK(out.read.size() >= 117);
        CHECK(out.found.doubt != "");
    }
    SECTION("the header of the log") {
        spill(store.path + "-wal", std::string(32, '\0') + store.wal.substr(32));
        const auto out = rescue(store);
        CHECK(out.read.size() == 120);
        CHECK(out.found.doubt != "");
    }
    SECTION("the log torn off: what stands before is whole") {
        for (std::size_t cut = 32 + frame; cut < store.wal_used; cut += 7 * frame + 1000) {
            store.restore();
            spill(store.path + "-wal", store.wal.substr(0, cut));
            const auto out = rescue(store);
            CHECK(out.started);
            for (std::uint64_t seq = 1; seq <= out.read.size(); ++seq) {
                REQUIRE(out.read.count(seq) == 1);
            }
        }
    }
    SECTION("the last transaction torn, its commit behind the tear: it may never have been") {
        std::string bytes = store.wal;
        std::size_t commit = store.wal_used - frame;  // the last frame; its transaction has at least two
        bytes[commit - frame + 24 + 100] ^= 0x55;
        spill(store.path + "-wal", bytes);
        store.whole.erase(118), store.whole.erase(119), store.whole.erase(120);
        const auto out = rescue(store);  // checks that none of them is read
        CHECK(out.read.size() == 117);
        CHECK(out.found.doubt.find("its last transaction may be lost") != std::string::npos);
    }
    SECTION("the last transaction became zeros: that is no room which was never used") {
        std::string bytes = store.wal;
        bytes.replace(store.wal_used - frame, frame, frame, '\0');
        spill(store.path + "-wal", bytes);
        store.whole.erase(118), store.whole.erase(119), store.whole.erase(120);
        const auto out = rescue(store);
        CHECK(out.read.size() == 117);
        CHECK(out.found.doubt.find("its last transaction may be lost") != std::string::npos);
    }
    SECTION("the log is gone and its index is left") {
        fs::remove(store.path + "-wal");
        spill(store.path + "-shm", std::string(32768, '\0'));
        const auto out = rescue(store);
        CHECK(out.started);
        CHECK(out.found.doubt != "");
    }
}

TEST_CASE("rescue: a sound store is seen to be sound, and not a byte of it changes", "[unit]") {
    for (const bool killed : {false, true}) {
        Damaged store(200, killed);
        const auto work = StoreRescue::begin(store.path, {});
        REQUIRE(work);
        CHECK(work->examine());
        CHECK(slurp(store.path) == store.file);
        CHECK(slurp(store.path + "-wal") == store.wal);
        CHECK(fs::exists(store.path + "-wal") == killed);
    }
}

TEST_CASE("rescue: the new store belongs to whom the damaged one belonged, and so does a lock file that it made", "[unit]") {
    Damaged store(60, false);
    store.restore();
    spill(store.path, std::string(100, '\0') + store.file.substr(100));
    ::chmod(store.path.c_str(), 0600);
    if (::geteuid() == 0) {
        REQUIRE(::chown(store.path.c_str(), 65534, 65534) == 0);
    }
    struct stat before {};
    REQUIRE(::stat(store.path.c_str(), &before) == 0);
    rescue(store);
    struct stat after {};
    REQUIRE(::stat(store.path.c_str(), &after) == 0);
    CHECK(after.st_uid == before.st_uid);
    CHECK(after.st_gid == before.st_gid);
    CHECK((after.st_mode & 0777U) == 0600);
    REQUIRE(::stat((store.path + ".lock").c_str(), &after) == 0);
    CHECK(after.st_uid == before.st_uid);
}

TEST_CASE("rescue: what is not ours is not touched, and is told by its look", "[unit]") {
    const TempDir dir;
    const std::string path = dir.file("log.db");
    const auto look = [&] {
        auto work = StoreRescue::begin(path, {});
        REQUIRE(work);
        const auto found = work->read_back();
        REQUIRE(found);
        CHECK_FALSE(found->ours);
        CHECK_FALSE(fs::exists(path + ".rescue-tmp"));
        return found->looks_like;
    };
    spill(path, "[store]\npath = \"x\"\n");
    CHECK(look() == "a text file");
    spill(path, std::string("\x1f\x8b\x08", 3) + std::string(500, '\x01'));
    CHECK(look() == "gzip data");
    spill(path, std::string(9000, '\0'));
    CHECK(look().find("zeros") != std::string::npos);
    spill(path, "SQLite format 3" + std::string(9000, '\0'));
    CHECK(look() == "an SQLite database of another program");
    CHECK(slurp(path).size() == 9015);
}

TEST_CASE("rescue: an empty file that once held records is damage, a new empty file is not", "[unit]") {
    Damaged store(30, false);
    spill(store.path, "");
    const auto refused = open_sqlite_log(store.path);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().error == LogError::corrupt);
    const auto out = rescue(store);
    CHECK(out.started);
    CHECK(out.read.empty());
    CHECK(out.found.doubt != "");

    const TempDir dir;
    spill(dir.file("new.db"), "");
    CHECK(open_sqlite_log(dir.file("new.db")));
}

TEST_CASE("rescue: killed at any step the store's name leads to the damaged store or to the rescued one, and the next run or start ends it",
          "[unit]") {
    for (int at = 1; at <= 12; ++at) {
        Damaged store(120, true);
        store.file[2 * page + 9] ^= 0x40;  // in the second leaf or the root: something is wrong with it
        store.restore();
        const pid_t child = ::fork();
        if (child == 0) {
            int steps = 0;
            auto work = StoreRescue::begin(store.path, [&](const char*) {
                if (++steps == at) {
                    ::raise(SIGKILL);
                }
            });
            const auto found = work->read_back();
            const StoredRecord note = one(found->head + 1);
            static_cast<void>(work->complete(1, std::span(&note, 1), {note.seq, "state"}, 0, ""));
            static_cast<void>(work->put_in_place());
            ::_exit(0);
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        INFO("step " << at);
        const bool untouched = slurp(store.path) == store.file && slurp(store.path + "-wal") == store.wal;
        const bool ready = fs::exists(store.path + ".rescue-ready");
        if (WIFSIGNALED(status) && untouched && !ready) {
            CHECK(moved_aside(store).empty());
            CHECK(rescue(store).started);
        } else {
            // Behind the point of no return: a start finishes it.
            auto log = open_sqlite_log(store.path);
            REQUIRE(log);
            CHECK(*(*log)->head() == 121);
            CHECK(slurp(moved_aside(store)) == store.file);
            CHECK(slurp(moved_aside(store, "-wal")) == store.wal);
        }
        CHECK_FALSE(fs::exists(store.path + ".rescue-ready"));
        CHECK_FALSE(fs::exists(store.path + ".rescue-tmp"));
    }
}

TEST_CASE("rescue: a disk that is full leaves all as it was", "[unit]") {
    Damaged store(400, false);
    const pid_t child = ::fork();
    if (child == 0) {
        ::signal(SIGXFSZ, SIG_IGN);
        const rlimit most{40960, 40960};
        ::setrlimit(RLIMIT_FSIZE, &most);
        auto work = StoreRescue::begin(store.path, {});
        ::_exit(work && !work->read_back() ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    CHECK(status == 0);
    CHECK(slurp(store.path) == store.file);
    CHECK_FALSE(fs::exists(store.path + ".rescue-tmp"));
    CHECK(moved_aside(store).empty());
}
