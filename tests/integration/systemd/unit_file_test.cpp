#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "support/catch.hpp"

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
        if (hardening && !line.empty() && line[0] != '#' && line.rfind("UMask=", 0) != 0) {
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
