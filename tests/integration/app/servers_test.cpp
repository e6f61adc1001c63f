// surgectl --server A,B: the one at work is asked, whoever is away or stands by is passed over, and the token goes to nobody else.
#include <csignal>
#include <fstream>
#include <thread>

#include "io/http/standby_api.hpp"
#include "support/catch.hpp"
#include "support/daemon_kit.hpp"
#include "support/free_port.hpp"
#include "io/store/side_file.hpp"
#include "support/http_fixture.hpp"
#include "wire/record_json.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {

std::string address_of(int port) {
    return "http://127.0.0.1:" + std::to_string(port);
}

std::unique_ptr<StandbyServer> stand_by_for(const std::string& owner, const std::string& url, int port = 0) {
    ListenerOptions options;
    options.port = port;
    auto started = StandbyServer::start(options, nullptr, [=] { return StandbyFacts{"b", owner, url, 7, 3, true, true}; });
    REQUIRE(started.has_value());
    return std::move(*started);
}

Finished surgectl(const TempDir& dir, std::vector<std::string> words) {
    return run_program(std::string(SURGED_BIN_DIR) + "/surgectl", words, dir.path().string());
}

/// A record as the log has it; follow prints it.
void decide(HttpServer& server, std::uint64_t seq) {
    Record record;
    record.seq = seq;
    record.body = SystemNote{"w" + std::to_string(seq), "a test decided"};
    server.publish(seq, record_type(record), encode(record));
}

}  // namespace

TEST_CASE("servers: the one at work answers, whatever its place in the list", "[integration]") {
    const TempDir dir;
    Served owner({}, lead_only());
    std::ofstream(dir.file("token")) << lead_token;
    const std::string nobody = address_of(free_port());
    const auto standby = stand_by_for("a", address_of(owner.port()));
    const std::string away_by_work = nobody + "," + address_of(standby->port()) + "," + address_of(owner.port());
    for (const std::string& list : {address_of(owner.port()), away_by_work, address_of(owner.port()) + ", " + nobody + "/"}) {
        INFO(list);
        const auto read = surgectl(dir, {"--server", list, "--token-file", dir.file("token"), "--json", "status"});
        CHECK(read.code == 0);
        CHECK(read.out == "{\"what\":\"status\"}\n");
    }
    const auto joined = surgectl(dir, {"--server", away_by_work, "--token-file", dir.file("token"), "join", "0-1", "--as", "zhang"});
    INFO(joined.err);
    CHECK(joined.code == 0);
    CHECK(owner.backend.commands().size() == 1);
    // An answer that refuses is the owner's word: nobody else is asked.
    const auto missing = surgectl(dir, {"--server", away_by_work, "--token-file", dir.file("token"), "show", "0-404"});
    CHECK(missing.code == 1);
    CHECK(missing.err.find("no incident 0-404") != std::string::npos);
}

TEST_CASE("servers: when none is at work each is named with its reason", "[integration]") {
    const TempDir dir;
    const std::string nobody = address_of(free_port());
    const auto standby = stand_by_for("", "");
    const auto began = std::chrono::steady_clock::now();
    const auto both = surgectl(dir, {"--server", nobody + "," + address_of(standby->port()), "status"});
    const auto took = std::chrono::steady_clock::now() - began;
    CHECK(both.code == 3);
    CHECK(both.err.find("none of 2 servers is at work: no answer from " + nobody) != std::string::npos);
    CHECK(both.err.find(address_of(standby->port()) + ": b stands by, 3 records behind; no host is known to be at work") != std::string::npos);
    CHECK(took > 2s);  // a take-over takes about two seconds: all were asked again meanwhile
    CHECK(took < 15s);
    // Where nobody stands by nothing is waited for.
    const auto away = surgectl(dir, {"--server", nobody + "," + address_of(free_port()), "status"});
    CHECK(away.code == 3);
    CHECK(away.err.find("none of 2 servers is at work") != std::string::npos);
    // One server alone: what it says.
    const auto alone = surgectl(dir, {"--server", address_of(standby->port()), "status"});
    CHECK(alone.code == 3);
    CHECK(alone.err.find("surgectl: b stands by, 3 records behind; no host is known to be at work") != std::string::npos);
    CHECK(surgectl(dir, {"--server", address_of(standby->port()), "status", "--health"}).code == 0);
}

TEST_CASE("servers: a take-over under way is waited for", "[integration]") {
    const TempDir dir;
    const int port = free_port();
    auto standby = stand_by_for("a", "", port);
    const std::string list = address_of(free_port()) + "," + address_of(port);
    Process asking(std::string(SURGED_BIN_DIR) + "/surgectl", {"--server", list, "--json", "status"}, dir.file("asking"));
    std::this_thread::sleep_for(500ms);
    standby.reset();
    HttpOptions options;
    options.port = port;
    Served owner(options);
    CHECK(asking.wait(15s) == 0);
    CHECK(asking.out() == "{\"what\":\"status\"}\n");
}

TEST_CASE("servers: the token goes to no address that was not named", "[integration]") {
    const TempDir dir;
    std::ofstream(dir.file("token")) << lead_token;
    HttpSink stranger;
    const auto standby = stand_by_for("a", stranger.url("").substr(0, stranger.url("").find('/', 8)));
    const auto run = surgectl(dir, {"--server", address_of(standby->port()), "--token-file", dir.file("token"), "status"});
    CHECK(run.code == 3);
    CHECK(run.err.find("a is at work under term 7, at " ) != std::string::npos);
    // A page would be sent on; the tool follows nothing.
    CHECK(surgectl(dir, {"--server", address_of(standby->port()) + "/wall?x=", "--token-file", dir.file("token"), "status"}).code != 0);
    CHECK(stranger.requests().empty());
}

TEST_CASE("servers: follow goes on at the next host, from the record where it was", "[integration]") {
    const TempDir dir;
    auto first = std::make_unique<Served>();
    Served second;
    decide(*second.server, 1);
    decide(*second.server, 2);
    Process follow(std::string(SURGED_BIN_DIR) + "/surgectl",
                   {"--server", address_of(first->port()) + "," + address_of(second.port()), "--json", "follow", "--for", "60"}, dir.file("follow"));
    REQUIRE(eventually([&] { return first->server->stats().events.subscribers == 1; }, 20s));
    decide(*first->server, 1);
    REQUIRE(eventually([&] { return follow.out().find("\"w1\"") != std::string::npos; }, 20s));
    first.reset();
    const bool went_on = eventually([&] { return follow.out().find("\"w2\"") != std::string::npos; }, 20s);
    INFO(follow.err());
    REQUIRE(went_on);
    REQUIRE(eventually([&] { return follow.out().find("\"w2\"") != std::string::npos; }, 20s));
    decide(*second.server, 3);
    CHECK(eventually([&] { return follow.out().find("\"w3\"") != std::string::npos; }, 20s));
    const auto out = follow.out();
    CHECK(out.find("\"w1\"") == out.rfind("\"w1\""));
    CHECK(out.find("\"w2\"") == out.rfind("\"w2\""));
    follow.signal(SIGTERM);
    CHECK(follow.wait(10s) == 0);
}

TEST_CASE("servers: a real daemon behind a host that is away", "[integration]") {
    DaemonKit kit;
    kit.start();
    const std::string list = address_of(free_port()) + ",http://" + kit.address("http");
    const auto status = surgectl(kit.dir, {"--server", list, "status"});
    INFO(status.err);
    CHECK(status.code == 0);
    CHECK(status.out.find("ready") != std::string::npos);
    CHECK(status.out.find("cluster") == std::string::npos);
}

TEST_CASE("windows: surgectl saves the real daemon's whole file for a new host, which starts with them", "[integration]") {
    DaemonKit kit;
    kit.start();
    REQUIRE(kit.feed_until(3, [&] { return std::ifstream(kit.dir.file("surged.db.series")).good(); }, 40s));
    const auto out = kit.dir.file("new.db.series");
    const std::string list = address_of(free_port()) + ",http://" + kit.address("http");
    const auto saved = surgectl(kit.dir, {"--server", list, "windows", "--out", out});
    INFO(saved.err);
    CHECK(saved.code == 0);
    CHECK(saved.out.find(out + ": ") == 0);
    CHECK(saved.out.find(" GMT") != std::string::npos);
    CHECK(read_checked_file(out)->has_value());
    CHECK_FALSE(std::ifstream(out + ".part").good());

    // What is no file of windows leaves nothing behind.
    Served other;
    const auto wrong = surgectl(kit.dir, {"--server", address_of(other.port()), "windows", "--out", kit.dir.file("wrong")});
    CHECK(wrong.code == 1);
    CHECK(wrong.err.find("sent are no windows") != std::string::npos);
    CHECK_FALSE(std::ifstream(kit.dir.file("wrong")).good());
    CHECK_FALSE(std::ifstream(kit.dir.file("wrong.part")).good());
    other.backend.lose_windows();
    CHECK(surgectl(kit.dir, {"--server", address_of(other.port()), "windows", "--out", kit.dir.file("wrong")}).code == 1);
}
