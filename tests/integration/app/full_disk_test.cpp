// A full disk under the whole daemon, made by the kernel for one process: no file of it may grow any more.
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <thread>

#include "support/catch.hpp"
#include "support/daemon_kit.hpp"
#include "support/http_client.hpp"

using namespace surged::test;
using namespace std::chrono_literals;

namespace {

/// Size of the largest file the daemon may write: 0 = its disk is full; RLIM_INFINITY = it has room again.
void limit_files(const DaemonKit& kit, rlim_t size) {
    rlimit limit{};
    REQUIRE(::prlimit(kit.daemon->pid(), RLIMIT_FSIZE, nullptr, &limit) == 0);
    limit.rlim_cur = std::min(size, limit.rlim_max);
    REQUIRE(::prlimit(kit.daemon->pid(), RLIMIT_FSIZE, &limit, nullptr) == 0);
}

bool degraded(DaemonKit& kit) {
    return kit.ctl({"status"}).out.find("STORE DEGRADED") != std::string::npos;
}

}  // namespace

TEST_CASE("app: a full disk stops no page, confirms no answer, and says so; when there is room all of it is durable",
          "[integration]") {
    DaemonKit kit;
    kit.write_config("[[channel]]\nid = \"deadman\"\ntype = \"webhook\"\nurl = \"" + kit.sink.url("/deadman") +
                     "\"\n[heartbeat]\nchannel = \"deadman\"\nevery = \"1s\"\n");
    kit.start();
    const auto beats = [&] {
        const auto all = kit.sink.requests();
        return std::count_if(all.begin(), all.end(), [](const SinkRequest& r) { return r.target == "/deadman"; });
    };
    CHECK(eventually([&] { return beats() >= 1; }));
    limit_files(kit, 0);

    REQUIRE(kit.feed_until(20, [&] { return kit.pages("first").size() >= 3; }));  // P9
    CHECK(eventually([&] { return degraded(kit); }));
    CHECK(http(kit.port("http"), "GET", "/readyz").status == 503);
    // The watcher outside hears nothing from a surged whose decisions would not survive it.
    std::this_thread::sleep_for(300ms);
    const auto before = beats();
    std::this_thread::sleep_for(2500ms);
    CHECK(beats() == before);
    CHECK(http(kit.port("metrics"), "GET", "/metrics").body.find("surged_heartbeats_total{outcome=\"withheld\"}") !=
          std::string::npos);
    CHECK(http(kit.port("http"), "GET", "/healthz").status == 200);
    const Finished refused = kit.ctl({"join", "--as", "lead-01"});  // P7
    INFO(refused.out << refused.err);
    CHECK(refused.code != 0);

    limit_files(kit, RLIM_INFINITY);
    CHECK(eventually([&] { return !degraded(kit); }));
    CHECK(eventually([&] { return beats() > before; }));
    CHECK(http(kit.port("http"), "GET", "/readyz").status == 200);
    REQUIRE(kit.ctl({"join", "--as", "lead-02"}).code == 0);

    kit.daemon->signal(SIGKILL);
    REQUIRE(kit.daemon->wait(5s) == 128 + SIGKILL);
    kit.start();
    const std::string show = kit.ctl({"show", "0-1", "--timeline", "--json"}).out;
    INFO(show);
    CHECK(show.find("\"type\":\"incident.opened\"") != std::string::npos);  // decided while the disk was full
    CHECK(show.find("lead-02") != std::string::npos);
    CHECK(show.find("store_degraded") == std::string::npos);  // a matter of the host, not of the incident
    CHECK(kit.pages("first").size() == 3);
}
