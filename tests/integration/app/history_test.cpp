// The history through the real daemon: kept over a restart, told by the API and surgectl, and no trouble with its file stops anything.
#include <signal.h>

#include <filesystem>
#include <fstream>

#include "support/catch.hpp"
#include "support/daemon_kit.hpp"
#include "support/http_client.hpp"
#include "wire/json_text.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {

const std::string asked = "/api/v1/history?centre=jinan&queue=general";

HttpReply ask(DaemonKit& kit, const std::string& more = {}) {
    return http(kit.port("http"), "GET", asked + more);
}

double metric(DaemonKit& kit, const std::string& name) {
    const std::string page = http(kit.port("metrics"), "GET", "/metrics").body;
    const std::size_t at = page.find("\n" + name + " ");
    return at == std::string::npos ? -1 : std::stod(page.substr(at + name.size() + 2));
}

/// Feeds until the history has looked at the queue: once in ten seconds.
void feed_and_stop(DaemonKit& kit, double waiting) {
    REQUIRE(kit.feed_until(waiting, [&] { return metric(kit, "surged_history_queues") >= 1; }, 25s));
    kit.daemon->signal(SIGTERM);
    REQUIRE(kit.daemon->wait(8s) == 0);
}

}  // namespace

TEST_CASE("app: the history outlives a restart and is told by the API and by surgectl", "[integration]") {
    DaemonKit kit;
    kit.start();
    CHECK(ask(kit).status == 404);
    feed_and_stop(kit, 7);
    REQUIRE(std::filesystem::exists(kit.dir.file("surged.db.history")));
    kit.start();
    HttpReply reply = ask(kit, "&metric=calls_waiting");
    INFO(reply.status << " " << reply.body << kit.daemon->err());
    REQUIRE(reply.status == 200);
    const auto json = parse_json(reply.body, {1U << 20U, 16, 100000});
    REQUIRE(json);
    CHECK(json->text_or("step", "") == "300s");
    const auto* waiting = json->find("metrics")->find("calls_waiting");
    CHECK(waiting->text_or("unit", "") == "calls");
    const auto& points = *waiting->find("points")->array();
    REQUIRE_FALSE(points.empty());
    CHECK(points.back().array()->at(1).number() == 7.0);
    CHECK(points.back().array()->at(0).integer().value_or(1) % 300000 == 0);
    CHECK(ask(kit, "&metric=nonsense").status == 400);
    CHECK(ask(kit, "&from=-400d&step=5m").body.find("step must be at least 2h") != std::string::npos);
    CHECK(http(kit.port("http"), "GET", "/api/v1/history?centre=jinan&queue=none").status == 404);

    const auto csv = kit.ctl({"history", "jinan/general", "--metric", "calls_waiting", "--csv"});
    INFO(csv.out << csv.err);
    CHECK(csv.code == 0);
    CHECK(csv.out.starts_with("time,calls_waiting\n20"));
    CHECK(csv.out.find("Z,7\n") != std::string::npos);
    CHECK(kit.ctl({"history", "jinan/general", "--from", "1h"}).out.find("calls_waiting") != std::string::npos);
    CHECK(kit.ctl({"--json", "history", "jinan/general"}).out.starts_with("{\"centre\":\"jinan\""));
    CHECK(kit.ctl({"history", "jinan/none"}).code == 1);
    CHECK(kit.ctl({"history", "jinan"}).code == 2);
}

TEST_CASE("app: a damaged history is set aside, told in the log and the metrics, and a new one begun; off keeps none", "[integration]") {
    DaemonKit kit;
    kit.start();
    feed_and_stop(kit, 3);
    const std::string path = kit.dir.file("surged.db.history");
    std::ofstream(path, std::ios::trunc) << std::string(10000, 'x');
    std::filesystem::remove(path + "-wal");
    kit.start();
    REQUIRE(kit.daemon->wait_for_err("event=history_failed", 5s, kit.started_at));
    REQUIRE(kit.daemon->wait_for_err("event=history_works", 5s, kit.started_at));
    CHECK(std::filesystem::exists(path + ".damaged"));
    CHECK(metric(kit, "surged_history_file_works") == 1);
    CHECK(metric(kit, "surged_history_lost_total{what=\"files\"}") == 1);
    CHECK(kit.feed_until(20, [&] { return !kit.pages("first").empty(); }));
    kit.daemon->signal(SIGTERM);
    REQUIRE(kit.daemon->wait(8s) == 0);

    std::filesystem::remove(path);
    kit.write_config("[history]\nkeep = \"off\"\n");
    kit.start();
    CHECK(kit.feed_until(20, [&] { return metric(kit, "surged_history_queues") >= 1; }, 25s));
    CHECK(metric(kit, "surged_history_file_works") == -1);
    CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("app: a disk that is full for the history is a warning and a gauge, and pages go on", "[integration]") {
    DaemonKit kit;
    std::filesystem::create_directory(kit.dir.file("surged.db.history"));  // no file can be made there, as on a full disk
    kit.start();
    REQUIRE(kit.daemon->wait_for_err("event=history_failed", 5s, kit.started_at));
    CHECK(metric(kit, "surged_history_file_works") == 0);
    CHECK(kit.feed_until(20, [&] { return !kit.pages("first").empty(); }));
    kit.daemon->signal(SIGTERM);
    CHECK(kit.daemon->wait(8s) == 0);
}
