// What the package does to a host beside copying files, and what ends when the script that builds is ended.
#include <signal.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "support/catch.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"

using namespace surged::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

const std::string source = SURGED_SOURCE_DIR;

std::string text_in(const std::string& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
}

void program(const fs::path& file, const std::string& script) {
    fs::create_directories(file.parent_path());
    std::ofstream(file) << "#!/bin/sh\n" << script;
    ::chmod(file.c_str(), 0755);
}

/// A maintainer script of the package, with /etc and /var below `root` and its programs from root/bin first.
Finished maintain(const TempDir& root, const std::string& name, const std::string& words) {
    auto script = text_in(source + "/systemd/deb/" + name);
    const auto below = root.path().string();
    for (const std::string folder : {"/etc/surged", "/var/lib/surged", "/run/surged", "/run/systemd"}) {
        for (auto at = script.find(" " + folder); at != std::string::npos; at = script.find(" " + folder, at + below.size() + 2)) {
            script.insert(at + 1, below);
        }
        for (auto at = script.find(folder); at != std::string::npos; at = script.find(folder, at + 1)) {
            REQUIRE((at >= below.size() && script.compare(at - below.size(), below.size(), below) == 0));  // nothing of this host is touched
        }
    }
    std::ofstream(root.file(name.c_str())) << script;
    return run_program("/bin/sh", {"-c", "PATH='" + below + "/bin':$PATH exec sh '" + root.file(name.c_str()) + "' " + words}, below);
}

}  // namespace

TEST_CASE("package: a purge removes the store and whatever may be a secret, and leaves the rules that people put beside the configuration", "[integration]") {
    const TempDir root;
    for (const char* folder : {"etc/surged/credentials", "etc/surged/rules.d", "var/lib/surged"}) {
        fs::create_directories(root.path() / folder);
    }
    std::ofstream(root.file("etc/surged/credentials/sms.key")) << "secret";
    std::ofstream(root.file("var/lib/surged/surged.db")) << "records";
    CHECK(maintain(root, "postrm", "remove").code == 0);
    CHECK(fs::exists(root.file("etc/surged/credentials/sms.key")));
    CHECK(fs::exists(root.file("var/lib/surged/surged.db")));
    std::ofstream(root.file("etc/surged/rules.d/ours.toml")) << "# ours";
    fs::create_directories(root.path() / "etc/surged/feeds");
    fs::create_directories(root.path() / "var/lib/surged-feed/pbx1");
    for (const char* file : {"etc/surged/tokens", "etc/surged/tls.key", "etc/surged/feeds/pbx1.secret", "var/lib/surged-feed/pbx1/state"}) {
        std::ofstream(root.file(file)) << "secret";
    }
    std::ofstream(root.file("elsewhere")) << "not ours";
    fs::create_symlink(root.file("elsewhere"), root.file("etc/surged/link.key"));
    CHECK(maintain(root, "postrm", "remove").code == 0);
    CHECK(fs::exists(root.file("etc/surged/tokens")));
    CHECK(maintain(root, "postrm", "purge").code == 0);
    CHECK_FALSE(fs::exists(root.file("etc/surged/credentials")));
    CHECK_FALSE(fs::exists(root.file("etc/surged/tokens")));
    CHECK_FALSE(fs::exists(root.file("etc/surged/tls.key")));
    CHECK_FALSE(fs::exists(root.file("etc/surged/feeds")));
    CHECK_FALSE(fs::exists(root.file("var/lib/surged-feed")));
    CHECK_FALSE(fs::is_symlink(root.file("etc/surged/link.key")));
    CHECK(fs::exists(root.file("elsewhere")));
    CHECK_FALSE(fs::exists(root.file("var/lib/surged")));
    CHECK(fs::exists(root.file("etc/surged/rules.d/ours.toml")));
    fs::remove(root.file("etc/surged/rules.d/ours.toml"));
    CHECK(maintain(root, "postrm", "purge").code == 0);
    CHECK_FALSE(fs::exists(root.file("etc/surged")));
    CHECK(maintain(root, "postrm", "purge").code == 0);
}

TEST_CASE("package: it is configured where systemd-sysusers or systemd-tmpfiles fails, with the folders and rights that they would make", "[integration]") {
    for (const char* failing : {"systemd-sysusers", "systemd-tmpfiles", "none"}) {
        CAPTURE(failing);
        const TempDir root;
        for (const char* name : {"systemd-sysusers", "systemd-tmpfiles"}) {
            program(root.path() / "bin" / name, std::string("exit ") + (std::string(name) == failing ? "1" : "0") + "\n");
        }
        // Owners are root's to give: the test sees what is asked for.
        const auto log = root.file("asked");
        program(root.path() / "bin/getent", "exit 2\n");
        program(root.path() / "bin/useradd", "echo useradd \"$@\" >> '" + log + "'\n");
        program(root.path() / "bin/chown", "echo chown \"$@\" >> '" + log + "'\n");
        program(root.path() / "bin/install", "echo install \"$@\" >> '" + log + "'\nfor last; do :; done\nmkdir -p \"$last\"\n");
        fs::create_directories(root.path() / "etc/surged/rules.d");
        std::ofstream(root.file("etc/surged/team.toml")) << "# team";
        const auto done = maintain(root, "postinst", "configure");
        INFO(done.err);
        CHECK(done.code == 0);
        const auto asked = text_in(log);
        const bool by_hand = std::string(failing) != "none";
        CHECK((asked.find("useradd --system") != std::string::npos) == by_hand);
        CHECK((asked.find("install -d -m 0700 -o surged -g surged " + root.file("var/lib/surged")) != std::string::npos) == by_hand);
        CHECK((asked.find("install -d -m 0700 -o root -g root " + root.file("etc/surged/credentials")) != std::string::npos) == by_hand);
        struct stat team {};
        REQUIRE(::stat(root.file("etc/surged/team.toml").c_str(), &team) == 0);
        CHECK(((team.st_mode & 0777) == 0640) == by_hand);
    }
}

TEST_CASE("build script: what ends it while it builds ends the build, and it says so", "[integration]") {
    const TempDir root;
    program(root.path() / "bin/cmake", "case $1 in --preset) exit 0 ;; esac\necho $$ > '" + root.file("builder") + "'\nsleep 300 &\necho $! > '" +
                                           root.file("child") + "'\nwait\n");
    std::ofstream(root.file("script")) << "set -u\ntop='" << root.path().string() << "'\n. '" << source
                                       << "/daemon/packages.sh'\ntrap 'say before' HUP\nbuild_preset release surged\nsay built\n";
    program(root.path() / "bin/go", "PATH='" + root.path().string() + "/bin':$PATH exec bash '" + root.file("script") + "'\n");
    Process script(root.file("bin/go"), {}, root.path() / "run");
    const auto pid_in = [&](const char* file) { return std::atoi(text_in(root.file(file)).c_str()); };
    const auto until = [](auto&& true_now) {
        for (int i = 0; i < 100 && !true_now(); ++i) {
            std::this_thread::sleep_for(50ms);
        }
        return true_now();
    };
    REQUIRE(until([&] { return pid_in("child") > 0; }));
    script.signal(SIGTERM);
    CHECK(script.wait(5s) == 130);
    CHECK(until([&] { return ::kill(pid_in("builder"), 0) != 0 && ::kill(pid_in("child"), 0) != 0; }));
    CHECK(script.out().find("stopped while building the release preset\n") != std::string::npos);
}

TEST_CASE("build script: a build that fails shows its error and its exit code, one that is well goes on with the traps it found", "[integration]") {
    const TempDir root;
    program(root.path() / "bin/cmake", "case $1 in --preset) exit 0 ;; esac\necho 'x.cpp:1: error: no'\nexit $(cat '" + root.file("code") + "')\n");
    std::ofstream(root.file("script")) << "top='" << root.path().string() << "'\n. '" << source
                                       << "/daemon/packages.sh'\ntrap 'say before' HUP\nbuild_preset release surged\nsay built\ntrap -p HUP TERM\n";
    const auto run = [&](const char* code) {
        std::ofstream(root.file("code")) << code;
        return run_program("/bin/bash", {"-c", "PATH='" + root.path().string() + "/bin':$PATH exec bash '" + root.file("script") + "'"}, root.path().string());
    };
    const auto failed = run("1");
    CHECK(failed.code == 1);
    CHECK(failed.err.find("x.cpp:1: error: no") != std::string::npos);
    CHECK(failed.out.find("built") == std::string::npos);
    const auto good = run("0");
    CHECK(good.code == 0);
    CHECK(good.out == "built\ntrap -- 'say before' SIGHUP\n");
}
