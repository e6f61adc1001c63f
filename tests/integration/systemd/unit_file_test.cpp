#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

namespace {
const std::string unit = std::string(SURGED_SOURCE_DIR) + "/systemd/surged.service";
}

TEST_CASE("unit file: every hardening line has its reason above it", "[integration]") {
    std::ifstream file(unit);
    std::string line;
    std::string before;
    bool hardening = false;
    int lines = 0;
    while (std::getline(file, line)) {
        if (line.rfind("# --- Hardening", 0) == 0) {
            hardening = true;
        } else if (line.rfind("[Install]", 0) == 0) {
            hardening = false;
        } else if (hardening && !line.empty() && line[0] != '#') {
            CAPTURE(line);
            CHECK(before.rfind("# ", 0) == 0);
            CHECK(before.rfind("# ---", 0) != 0);
            ++lines;
        }
        before = line;
    }
    CHECK(lines >= 25);
}

TEST_CASE("unit file: systemd-analyze finds an exposure of 2.0 or less", "[integration]") {
    if (std::system("command -v systemd-analyze > /dev/null 2>&1") != 0) {
        WARN("systemd-analyze is not installed: skipped");
        return;
    }
    CHECK(std::system(
              ("systemd-analyze security --offline=true --threshold=20 --no-pager " + unit + " > /dev/null 2>&1").c_str()) == 0);
    CHECK(std::system(
              ("systemd-analyze security --offline=true --threshold=5 --no-pager " + unit + " > /dev/null 2>&1").c_str()) != 0);
}

TEST_CASE("unit file: the feeder's unit is closed as far, and systemd finds nothing wrong in it", "[integration]") {
    const std::string feeder = std::string(SURGED_SOURCE_DIR) + "/systemd/surged-feed@.service";
    std::ifstream file(feeder);
    REQUIRE(file);
    std::ifstream daemon(unit);
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    // Every hardening line of the daemon's is in it too, but for the few that say why.
    bool hardening = false;
    for (std::string line; std::getline(daemon, line);) {
        hardening = (hardening || line.rfind("# --- Hardening", 0) == 0) && line.rfind("[Install]", 0) != 0;
        if (hardening && !line.empty() && line[0] != '#' && line.rfind("UMask=", 0) != 0 && line.rfind("SystemCallFilter=setpriority", 0) != 0) {
            CAPTURE(line);
            CHECK(text.find("\n" + line + "\n") != std::string::npos);
        }
    }
    if (std::system("command -v systemd-analyze > /dev/null 2>&1") != 0) {
        WARN("systemd-analyze is not installed: skipped");
        return;
    }
    CHECK(std::system(("systemd-analyze security --offline=true --threshold=20 --no-pager " + feeder + " > /dev/null 2>&1").c_str()) == 0);
}

TEST_CASE("unit file: an instance is the daemon's unit with a configuration, a store and a runtime folder of its own, and nothing else differs", "[integration]") {
    std::ifstream daemon(unit);
    std::ifstream made(std::string(SURGED_UNITS_DIR) + "/surged@.service");
    REQUIRE(made);
    std::string differs;
    std::string ours;
    std::string theirs;
    while (std::getline(daemon, ours)) {
        REQUIRE(std::getline(made, theirs));
        differs += ours == theirs ? "" : theirs + "\n";
    }
    CHECK_FALSE(std::getline(made, theirs));
    CHECK(differs ==
          "Description=surged %i: real-time traffic-surge alerting for contact centres\n"
          "ExecStart=/usr/sbin/surged --config /etc/surged/%i/surged.toml --store /var/lib/surged/%i/surged.db --standby\n"
          "StateDirectory=surged/%i\n"
          "RuntimeDirectory=surged/%i\n");
}

TEST_CASE("unit file: systemd finds nothing wrong in an instance", "[integration]") {
    if (std::system("command -v systemd-analyze > /dev/null 2>&1") != 0) {
        WARN("systemd-analyze is not installed: skipped");
        return;
    }
    // What is asked for is an instance, of programs that are there.
    const surged::test::TempDir dir;
    std::ifstream made(std::string(SURGED_UNITS_DIR) + "/surged@.service");
    std::string text((std::istreambuf_iterator<char>(made)), {});
    const auto at = text.find("/usr/sbin/surged");
    REQUIRE(at != std::string::npos);
    std::ofstream(dir.file("surged@north.service")) << text.replace(at, 16, "/bin/true");
    CHECK(std::system(("systemd-analyze verify --man=no " + dir.file("surged@north.service") + " > " + dir.file("said") + " 2>&1").c_str()) == 0);
    std::ifstream said(dir.file("said"));
    CHECK(std::string((std::istreambuf_iterator<char>(said)), {}).find("surged@north") == std::string::npos);
    CHECK(std::system(("systemd-analyze security --offline=true --threshold=20 --no-pager " + dir.file("surged@north.service") + " > /dev/null 2>&1").c_str()) == 0);
}
