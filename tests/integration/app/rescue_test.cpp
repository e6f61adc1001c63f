// A store that is damaged: the start says so and names the command, the rescue saves what can be read, and surged goes on.
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <set>

#include "support/catch.hpp"
#include "support/damage.hpp"
#include "support/daemon_kit.hpp"

using namespace surged::test;
using namespace std::chrono_literals;

namespace {

struct RescueKit : DaemonKit {
    std::string store = dir.file("surged.db");

    Finished rescue() { return run_program(std::string(SURGED_BIN_DIR) + "/surged", {"--rescue", "--config", config}, dir.path()); }
    void end(int signal) {
        daemon->signal(signal);
        REQUIRE(daemon->wait(10s) == (signal == SIGKILL ? 128 + SIGKILL : 0));
    }
    /// An incident with three pages sent, and lead-01 joined.
    void surge() {
        start();
        REQUIRE(feed_until(20, [&] { return pages("first").size() == 3; }));
        REQUIRE(ctl({"join", "--as", "lead-01"}).code == 0);
        REQUIRE(eventually([&] { return recorded("page.accepted") == 3; }));
    }
    std::string refused() {
        start();
        CHECK(daemon->wait(10s) == 3);
        return daemon->err().substr(started_at);
    }
    std::set<std::string> installations(const std::string& purpose) const {
        std::set<std::string> out;
        for (const auto& page : pages(purpose)) {
            out.insert(page.headers.at("idempotency-key").substr(0, 17));
        }
        return out;
    }
};

}  // namespace

TEST_CASE("rescue: a store without its header is damage, the start names the command, and after it nothing is missing", "[integration]") {
    RescueKit kit;
    kit.surge();
    const auto before = kit.installations("first");
    kit.end(SIGTERM);
    const std::string damaged = std::string(100, '\0') + bytes_of_file(kit.store).substr(100);
    set_bytes_of_file(kit.store, damaged);

    CHECK(kit.refused().find("surged --rescue --config " + kit.config) != std::string::npos);
    CHECK(bytes_of_file(kit.store) == damaged);
    const Finished done = kit.rescue();
    INFO(done.out << done.err);
    REQUIRE(done.code == 0);
    CHECK(done.out.find("nothing is missing") != std::string::npos);
    CHECK(done.out.find("0-1 surge centre=jinan") != std::string::npos);
    CHECK(done.out.find("joined 1 of 2: lead-01") != std::string::npos);
    CHECK(done.out.find("page keys: go on as they were") != std::string::npos);
    const auto aside = files_like(kit.dir.path(), "surged.db.damaged-");
    CHECK(aside.begin()->second == damaged);

    kit.start();
    REQUIRE(kit.daemon->running());
    CHECK(kit.ctl({"incidents"}).out.find("1/2") != std::string::npos);
    CHECK(kit.ctl({"alerts"}).out.find("firing") != std::string::npos);
    CHECK(kit.ctl({"show", "0-1", "--timeline"}).out.find("lead-01") != std::string::npos);
    REQUIRE(kit.feed_until(1, [&] { return kit.pages("close").size() == 3; }));
    CHECK(kit.installations("close") == before);
    CHECK(kit.pages("first").size() == 3);
}

TEST_CASE("rescue: behind a record that is lost nothing is folded, people are told what to do, and pages leave under keys not used before",
          "[integration]") {
    RescueKit kit;
    kit.surge();
    REQUIRE(kit.ctl({"join", "--as", "lead-02"}).code == 0);
    REQUIRE(eventually([&] { return kit.recorded("seat.joined") == 2; }));
    const auto before = kit.installations("first");
    kit.end(SIGTERM);
    // lead-02's seat, and the snapshots that know of it.
    REQUIRE(spoil_every(kit.store, "\"type\":\"seat.joined\",\"incident\":\"0-1\",\"person\":\"lead-02\"", 10) > 0);
    REQUIRE(spoil_every(kit.store, "surged-z", 20) > 0);

    CHECK(kit.refused().find("--rescue") != std::string::npos);
    const Finished done = kit.rescue();
    INFO(done.out << done.err);
    REQUIRE(done.code == 0);
    CHECK(done.out.find("not everything could be read back") != std::string::npos);
    CHECK(done.out.find("lost: records ") != std::string::npos);
    CHECK(done.out.find("joined 1 of 2: lead-01") != std::string::npos);
    CHECK(done.out.find("incident 0-1: people called after ") != std::string::npos);
    CHECK(done.out.find("history only: ") != std::string::npos);
    CHECK(done.out.find("page keys: begin anew") != std::string::npos);

    kit.start();
    REQUIRE(kit.daemon->running());
    CHECK(kit.ctl({"incidents"}).out.find("1/2") != std::string::npos);
    REQUIRE(kit.ctl({"join", "--as", "lead-02"}).code == 0);
    CHECK(kit.ctl({"incidents"}).out.find("2/2") != std::string::npos);
    REQUIRE(kit.feed_until(1, [&] { return kit.pages("close").size() == 3; }));
    CHECK(kit.installations("close").size() == 1);
    CHECK(kit.installations("close") != before);
    kit.end(SIGTERM);
    CHECK(kit.rescue().out.find("the store is sound") != std::string::npos);
}

TEST_CASE("rescue: what waited to be sent when the records end is sent, and labelled repeat", "[integration]") {
    RescueKit kit;
    kit.start();
    kit.sink.always({503, "", {}, 0ms, SinkAnswer::Manner::normal, 20ms});
    REQUIRE(kit.feed_until(20, [&] { return kit.sink.count() >= 3; }));
    kit.end(SIGTERM);
    REQUIRE(spoil_every(kit.store, "\"what\":\"started\"", 8) > 0);  // any record: what came later may be lost
    CHECK(kit.rescue().code == 0);
    kit.sink.always({});
    const auto sent = kit.sink.count();
    kit.start();
    REQUIRE(kit.feed_until(20, [&] { return kit.sink.count() >= sent + 3; }));
    std::size_t labelled = 0;
    for (const auto& page : kit.pages("first")) {
        labelled += page.body.find("\"repeat\":true") != std::string::npos ? 1U : 0U;
    }
    CHECK(labelled == 3);
}

TEST_CASE("rescue: numbers of incidents behind the hole are not given out again", "[integration]") {
    RescueKit kit;
    kit.surge();
    REQUIRE(kit.feed_until(1, [&] { return kit.pages("close").size() == 3; }));
    kit.end(SIGTERM);
    REQUIRE(spoil_every(kit.store, "\"what\":\"started\"", 8) > 0);
    REQUIRE(spoil_every(kit.store, "surged-z", 20) > 0);
    const Finished done = kit.rescue();
    INFO(done.out << done.err);
    REQUIRE(done.code == 0);
    CHECK(done.out.find("state: none could be made") != std::string::npos);
    CHECK(done.out.find("incident 0-1: opened there, closed ") != std::string::npos);
    kit.start();
    REQUIRE(kit.feed_until(20, [&] { return kit.pages("first").size() == 6; }));
    CHECK(kit.ctl({"incidents"}).out.find("0-2") != std::string::npos);
}

TEST_CASE("rescue: a store that a daemon holds is left alone, and its pid is told", "[integration]") {
    RescueKit kit;
    kit.start();
    const Finished done = kit.rescue();
    CHECK(done.code == 3);
    CHECK(done.err.find("pid " + std::to_string(kit.daemon->pid())) != std::string::npos);
    CHECK(kit.daemon->running());
}

TEST_CASE("rescue: a sound store is said to be sound, and nothing changes", "[integration]") {
    RescueKit kit;
    kit.surge();
    kit.end(GENERATE(SIGTERM, SIGKILL));
    const auto before = files_like(kit.dir.path(), "surged.db");
    const Finished done = kit.rescue();
    INFO(done.out << done.err);
    CHECK(done.code == 0);
    CHECK(done.out.find("the store is sound, nothing was done") != std::string::npos);
    auto after = files_like(kit.dir.path(), "surged.db");
    for (const char* changing : {"surged.db.lock", "surged.db-shm"}) {  // the pid in it; SQLite's index of the write-ahead log
        CHECK((before.count(changing) == after.count(changing)));
        after[changing] = before.count(changing) != 0 ? before.at(changing) : std::string();
    }
    for (const auto& [name, bytes] : before) {
        INFO(name);
        CHECK((after.at(name) == bytes));
    }
}

TEST_CASE("rescue: a foreign file, a store of a newer version and no store at all are left as they are", "[integration]") {
    RescueKit kit;
    const Finished none = kit.rescue();
    CHECK(none.code == 3);
    CHECK(none.err.find("there is no store") != std::string::npos);

    set_bytes_of_file(kit.store, "shopping list: bread, milk\n");
    const Finished foreign = kit.rescue();
    CHECK(foreign.code == 3);
    CHECK(foreign.err.find("looks like a text file") != std::string::npos);
    CHECK(bytes_of_file(kit.store) == "shopping list: bread, milk\n");
    std::filesystem::remove(kit.store);

    kit.start();
    kit.end(SIGTERM);
    std::string bytes = bytes_of_file(kit.store);
    for (auto at = bytes.find("schema1"); at != std::string::npos; at = bytes.find("schema1")) {
        bytes.replace(at, 7, "schema2");
    }
    set_bytes_of_file(kit.store, bytes);
    const Finished newer = kit.rescue();
    CHECK(newer.code == 3);
    CHECK(newer.err.find("a store of format 2") != std::string::npos);
    CHECK((bytes_of_file(kit.store) == bytes));
    CHECK(files_like(kit.dir.path(), "surged.db.damaged").empty());
    CHECK(files_like(kit.dir.path(), "surged.db.rescue").empty());
}

TEST_CASE("rescue: an emptied store does not start as a new one; the rescue says that nothing is left, and then it starts", "[integration]") {
    RescueKit kit;
    kit.surge();
    kit.end(SIGTERM);
    set_bytes_of_file(kit.store, "");
    CHECK(kit.refused().find("--rescue") != std::string::npos);
    const Finished done = kit.rescue();
    INFO(done.out << done.err);
    CHECK(done.code == 0);
    CHECK(done.out.find("read back: 0 records") != std::string::npos);
    kit.start();
    CHECK(kit.daemon->running());
}

TEST_CASE("rescue: killed at any step, a start or a second run ends it, and the person who joined is still there", "[integration]") {
    RescueKit kit;
    kit.surge();
    kit.end(SIGKILL);
    // Of the database alone it would be no damage: its log has the page, too.
    for (const std::string& file : {kit.store, kit.store + "-wal"}) {
        set_bytes_of_file(file, std::string(32, '\0') + bytes_of_file(file).substr(32));
    }
    const auto damaged = files_like(kit.dir.path(), "surged.db");
    for (int step = 1; step <= 12; ++step) {
        INFO("step " << step);
        for (const auto& [name, bytes] : files_like(kit.dir.path(), "surged.db")) {
            std::filesystem::remove(kit.dir.path() / name);
        }
        for (const auto& [name, bytes] : damaged) {
            set_bytes_of_file(kit.dir.file(name), bytes);
        }
        Process dying(std::string(SURGED_BIN_DIR) + "/surged_stepped", {"--rescue", "--config", kit.config}, kit.dir.file("dying"),
                      {{"SURGED_CRASH_AT", std::to_string(step)}});
        const int code = dying.wait(20s);
        CHECK((code == 0 || code == 128 + SIGKILL));
        const bool untouched = files_like(kit.dir.path(), "surged.db.rescue-ready").empty() && bytes_of_file(kit.store) == damaged.at("surged.db");
        CHECK((untouched ? bytes_of_file(kit.store + "-wal") == damaged.at("surged.db-wal") : true));
        if (untouched || step % 2 == 0) {
            const Finished again = kit.rescue();
            INFO(again.out << again.err);
            CHECK(again.code == 0);
        }
        kit.start();
        REQUIRE(kit.daemon->running());
        CHECK(kit.ctl({"incidents"}).out.find("1/2") != std::string::npos);
        kit.end(SIGKILL);
        const auto aside = files_like(kit.dir.path(), "surged.db.damaged-");
        CHECK(std::count_if(aside.begin(), aside.end(), [&](const auto& file) {
                  return file.second == damaged.at(file.first.ends_with("-wal") ? "surged.db-wal" : "surged.db");
              }) >= 2);
        CHECK(files_like(kit.dir.path(), "surged.db.rescue-").empty());
    }
}
