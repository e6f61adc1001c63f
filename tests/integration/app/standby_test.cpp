// Two surgeds of one store: one works, one stands by; and two that were made to work at once.
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "support/catch.hpp"
#include "support/daemon_kit.hpp"
#include "support/free_port.hpp"

using namespace surged::test;
using namespace std::chrono_literals;

namespace {

const std::string surged_program = std::string(SURGED_BIN_DIR) + "/surged";

std::string content(const std::string& file) {
    std::ostringstream out;
    out << std::ifstream(file).rdbuf();
    return out.str();
}

/// Both of a pair listen at the same places, as on a host.
void fix_ports(const DaemonKit& kit) {
    std::string text = content(kit.config);
    for (const std::string open : {"127.0.0.1:*\"", "127.0.0.1:0\""}) {
        for (std::size_t at = text.find(open); at != std::string::npos; at = text.find(open)) {
            text.replace(at, open.size(), "127.0.0.1:" + std::to_string(free_port()) + "\"");
        }
    }
    std::ofstream(kit.config, std::ios::trunc) << text;
}

std::unique_ptr<Process> stand_by(const DaemonKit& kit, const std::string& name = "second") {
    auto out = std::make_unique<Process>(surged_program, std::vector<std::string>{"--config", kit.config, "--standby"},
                                         kit.dir.file(name));
    REQUIRE(out->wait_for_err("event=standing_by", 20s));
    return out;
}

/// From now on the kit speaks of `second`.
void take_over(DaemonKit& kit, std::unique_ptr<Process> second) {
    REQUIRE(second->wait_for_err("event=listening", 20s));
    kit.started_at = 0;
    kit.daemon = std::move(second);
}

}  // namespace

TEST_CASE("app: a stand-by listens nowhere, takes over from one that was killed, at the same addresses, and pages nobody twice",
          "[integration]") {
    DaemonKit kit;
    fix_ports(kit);
    Process& first = kit.start();
    auto second = stand_by(kit);
    CHECK(second->err().find("pid " + std::to_string(first.pid())) != std::string::npos);
    REQUIRE(kit.feed_until(20, [&] { return kit.pages("first").size() == 3; }));
    REQUIRE(kit.ctl({"join", "--as", "lead-01"}).code == 0);
    REQUIRE(eventually([&] { return kit.recorded("page.accepted") == 3; }));
    CHECK(second->err().find("event=listening") == std::string::npos);
    CHECK(second->running());

    first.signal(SIGKILL);  // and nobody has reaped it: what is left of it holds no lock and no port
    REQUIRE(second->wait_for_err("event=taking_over", 20s));
    take_over(kit, std::move(second));
    CHECK(kit.ctl({"incidents"}).out.find("1/2") != std::string::npos);
    REQUIRE(kit.ctl({"join", "--as", "lead-02"}).code == 0);
    CHECK(kit.ctl({"incidents"}).out.find("filled") != std::string::npos);
    CHECK(kit.pages("first").size() == 3);
    // The feeder noticed nothing: its socket found the new one.
    REQUIRE(kit.feed_until(1, [&] { return kit.pages("close").size() == 3; }));
    CHECK(eventually([&] { return kit.ctl({"incidents"}).out == "no open incidents\n"; }));
    CHECK(kit.pages("close").size() == 3);
}

TEST_CASE("app: a pair hands over and back by clean stops, as in an upgrade; of three one is at work", "[integration]") {
    DaemonKit kit;
    fix_ports(kit);
    kit.start();
    auto second = stand_by(kit, "second");
    auto third = stand_by(kit, "third");
    REQUIRE(kit.feed_until(20, [&] { return kit.pages("first").size() == 3; }));
    kit.daemon->signal(SIGTERM);
    REQUIRE(kit.daemon->wait(10s) == 0);
    REQUIRE(eventually([&] {
        return second->err().find("event=listening") != std::string::npos ||
               third->err().find("event=listening") != std::string::npos;
    }));
    if (third->err().find("event=taking_over") != std::string::npos) {
        std::swap(second, third);
    }
    CHECK(third->err().find("event=taking_over") == std::string::npos);
    CHECK(eventually([&] { return third->err().find("pid " + std::to_string(second->pid())) != std::string::npos; }));
    take_over(kit, std::move(second));
    CHECK(kit.ctl({"incidents"}).out.find("0-1") != std::string::npos);
    kit.daemon->signal(SIGTERM);
    REQUIRE(kit.daemon->wait(10s) == 0);
    take_over(kit, std::move(third));
    CHECK(kit.ctl({"incidents"}).out.find("0-1") != std::string::npos);
    CHECK(kit.pages("first").size() == 3);
}

TEST_CASE("app: a stand-by that is asked to stop ends at once with 0; the one at work goes on", "[integration]") {
    DaemonKit kit;
    kit.start();
    auto second = stand_by(kit);
    second->signal(SIGTERM);
    CHECK(second->wait(2s) == 0);
    CHECK(kit.daemon->running());
    CHECK(kit.ctl({"status"}).code == 0);
}

TEST_CASE("app: a stand-by with nobody before it starts at once", "[integration]") {
    DaemonKit kit;
    kit.daemon = std::make_unique<Process>(surged_program, std::vector<std::string>{"--config", kit.config, "--standby"},
                                           kit.dir.file("surged"));
    REQUIRE(kit.daemon->wait_for_err("event=listening", 20s));
    CHECK(kit.daemon->err().find("standing_by") == std::string::npos);
}

TEST_CASE("app: a stand-by takes over with what was edited meanwhile, and with the last good configuration when that is bad",
          "[integration]") {
    DaemonKit kit;
    kit.start();
    auto second = stand_by(kit);
    const std::string reserve = "[[roster]]\nid = \"reserve\"\nshift = [{ people = [\"boss\"] }]\n";
    SECTION("edited and good") {
        kit.write_config(reserve);
    }
    SECTION("edited well, told, then edited badly") {
        kit.write_config(reserve);
        second->signal(SIGHUP);
        REQUIRE(second->wait_for_err("event=reloaded", 30s));
        std::ofstream(kit.config, std::ios::app) << "nonsense = 1\n";
        second->signal(SIGHUP);
        REQUIRE(second->wait_for_err("event=reload_refused", 30s));
        CHECK(second->err().find("surged.toml:") != std::string::npos);
    }
    SECTION("another store") {
        std::string text = content(kit.config);
        text.replace(text.find("surged.db"), 9, "other1.db");
        std::ofstream(kit.config, std::ios::trunc) << text;
        second->signal(SIGHUP);
        REQUIRE(second->wait_for_err("needs a restart", 30s));
        kit.daemon->signal(SIGKILL);
        take_over(kit, std::move(second));
        CHECK_FALSE(std::filesystem::exists(kit.dir.file("other1.db")));
        return;
    }
    kit.daemon->signal(SIGKILL);
    take_over(kit, std::move(second));
    CHECK(kit.ctl({"roster", "show"}).out.find("reserve") != std::string::npos);
}

TEST_CASE("app: two at work on one store because the lock file was deleted: the first ends at its next write and calls nobody",
          "[integration]") {
    const bool quiet = GENERATE(true, false);
    DaemonKit kit;
    kit.start();
    CAPTURE(quiet);
    std::filesystem::remove(kit.dir.file("surged.db.lock"));
    Process second(surged_program, {"--config", kit.config}, kit.dir.file("second"));
    REQUIRE(second.wait_for_err("event=listening", 20s));
    const auto until = std::chrono::steady_clock::now() + 20s;
    while (kit.daemon->running() && std::chrono::steady_clock::now() < until) {
        if (!quiet) {
            kit.feed(20);
        }
        std::this_thread::sleep_for(20ms);
    }
    CHECK(kit.daemon->wait(0s) == 3);
    CHECK(kit.daemon->err().find("event=superseded") != std::string::npos);
    CHECK(kit.pages("first").empty());
    CHECK(second.running());
    CHECK(second.err().find("superseded") == std::string::npos);
}
