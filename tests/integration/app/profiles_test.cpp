// surgectl learn and the real daemon: what history taught is there at start and at reload; a torn file is told and changes
// nothing.
#include <csignal>
#include <cstdio>
#include <fstream>

#include "core/base/zone.hpp"
#include "support/catch.hpp"
#include "support/daemon_kit.hpp"
#include "support/http_client.hpp"

using namespace surged::test;
using namespace std::chrono_literals;

namespace {

const std::string ctl_program = std::string(SURGED_BIN_DIR) + "/surgectl";

const char* baseline_rule = R"([[rule]]
id = "waiting-baseline"
kind = "baseline"
metric = "calls_waiting"
policy = "surge"
)";

/// Fourteen days of a queue with eight callers waiting, ending yesterday.
void write_history(const std::string& path) {
    std::ofstream out(path);
    out << "timestamp,centre,queue,count\n";
    const auto today = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now()).time_since_epoch().count();
    for (std::int64_t day = today - 14; day < today; ++day) {
        const auto civil = surged::civil_from_days(day);
        for (int minute = 0; minute < 1440; minute += 5) {
            char line[64];
            std::snprintf(line, sizeof line, "%04d-%02d-%02d %02d:%02d,jinan,general,8\n", civil.year, civil.month, civil.day,
                          minute / 60, minute % 60);
            out << line;
        }
    }
}

bool told(const DaemonKit& kit, const std::string& what) {
    return kit.daemon->err().find(what) != std::string::npos;
}

}  // namespace

TEST_CASE("app: a learned profile is taken at start, a new one at reload, and a torn file changes nothing", "[integration]") {
    DaemonKit kit;
    kit.write_config(baseline_rule);
    const auto history = kit.dir.file("history.csv");
    write_history(history);
    const auto learned =
        run_program(ctl_program, {"--json", "learn", "--config", kit.config, "--input", history, "--metric", "calls_waiting"},
                    kit.dir.path().string());
    INFO(learned.out << learned.err);
    REQUIRE(learned.code == 0);
    CHECK(learned.out.find("\"profiles\":1,") != std::string::npos);
    CHECK(learned.out.find("\"days_max\":13,") != std::string::npos);
    const auto profiles = kit.dir.file("profiles");
    REQUIRE(std::ifstream(profiles));

    kit.start();
    CHECK(told(kit, "event=profiles offered=1 taken=0"));  // the queue has not spoken yet: it waits for it
    REQUIRE(kit.feed_until(8, [&] {
        return http(kit.port("http"), "GET", "/api/v1/alerts?all=1").body.find("too little of the slot was seen") !=
               std::string::npos;
    }));

    std::string bytes;
    {
        std::ifstream in(profiles, std::ios::binary);
        bytes.assign(std::istreambuf_iterator<char>(in), {});
    }
    std::ofstream(profiles, std::ios::binary | std::ios::trunc) << bytes.substr(0, bytes.size() / 2);
    kit.daemon->signal(SIGHUP);
    CHECK(eventually([&] { return told(kit, "profiles: "); }));
    CHECK(http(kit.port("http"), "GET", "/api/v1/alerts?all=1").body.find("learning: 0 of 10") == std::string::npos);
}
