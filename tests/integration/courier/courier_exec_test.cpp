// Commands that behave as commands do: well, with codes, hanging, shouting, leaving children behind.
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "courier_kit.hpp"
#include "support/temp_dir.hpp"
#include "wire/order_json.hpp"

using namespace surged;
using namespace surged::test;

namespace {

std::string slurp(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

struct Scripts {
    TempDir dir;
    CourierKit kit{[] {
        CourierOptions options;
        options.kill_grace = 100ms;
        return options;
    }()};

    /// A script of this text in the folder, as channel "x"; arguments follow.
    void use(const std::string& text, std::vector<std::string> arguments = {}) {
        const std::string path = dir.file("script");
        std::ofstream(path) << "#!/bin/sh\n" << text << "\n";
        ::chmod(path.c_str(), 0755);
        arguments.insert(arguments.begin(), path);
        REQUIRE(kit.configure({exec_spec("x", std::move(arguments))}).empty());
    }
    Landed send(milliseconds timeout = 10s) { return kit.send(order_for("p", "x", timeout)); }
    std::string out(const std::string& name) const { return slurp(dir.file(name)); }
};

/// True once no such process is left (a zombie of somebody else's counts as gone).
bool gone(pid_t pid) {
    for (int i = 0; i < 500; ++i) {
        const std::string stat = slurp("/proc/" + std::to_string(pid) + "/stat");
        if (stat.empty() || stat.find(") Z ") != std::string::npos) {
            return true;
        }
        std::this_thread::sleep_for(10ms);
    }
    return false;
}

std::size_t open_descriptors() {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
        ++count;
    }
    return count;
}

}  // namespace

TEST_CASE("exec: the page is on stdin, arguments pass untouched, no shell stands between", "[integration]") {
    Scripts s;
    s.use("cat > '" + s.dir.file("in") + "'; printf '%s|' \"$@\" > '" + s.dir.file("args") + "'",
          {"a b", "$HOME; rm -rf x", "班组长"});
    const auto landed = s.send();
    INFO(landed.outcome.detail);
    CHECK(landed.outcome.outcome == OutcomeClass::ok);
    CHECK(landed.outcome.detail == "exit 0");
    CHECK(landed.timing.first_byte >= landed.timing.submitted);
    CHECK(s.out("in") == encode(order_for("p", "x", 10s)) + "\n");
    CHECK(s.out("args") == "a b|$HOME; rm -rf x|班组长|");
}

TEST_CASE("exec: exit codes have their classes and the output tells why", "[integration]") {
    Scripts s;
    s.use("cat >/dev/null; echo \"said on stdout\"; echo \"said on stderr\" >&2; exit $1", {"0"});
    const std::map<std::string, OutcomeClass> expected = {
        {"0", OutcomeClass::ok},      {"75", OutcomeClass::retry},   {"78", OutcomeClass::config_error},
        {"1", OutcomeClass::reject},  {"2", OutcomeClass::reject},   {"74", OutcomeClass::reject},
        {"76", OutcomeClass::reject}, {"127", OutcomeClass::reject}, {"255", OutcomeClass::reject}};
    for (const auto& [code, outcome] : expected) {
        s.kit.configure({exec_spec("x", {s.dir.file("script"), code})});
        const auto landed = s.send();
        INFO("exit " << code);
        CHECK(landed.outcome.outcome == outcome);
        CHECK(landed.outcome.detail == (code == "0" ? "exit 0" : "exit " + code + ": said on stdout said on stderr"));
    }
    s.use("kill -SEGV $$");
    const auto fallen = s.send();
    CHECK(fallen.outcome.outcome == OutcomeClass::unknown);
    CHECK(fallen.outcome.detail == "ended by signal 11");
}

TEST_CASE("exec: a command that is not there or not executable is a configuration error, and may appear later", "[integration]") {
    const TempDir dir;
    CourierKit kit;
    std::ofstream(dir.file("plain")) << "#!/bin/sh\n";
    const auto problems = kit.configure({exec_spec("none", {dir.file("none")}), exec_spec("plain", {dir.file("plain")}),
                                         exec_spec("nowhere", {"surely-no-such-command"}), exec_spec("found", {"true"}),
                                         exec_spec("folder", {dir.path().string()})});
    CHECK(problems.size() == 3);
    for (const std::string channel : {"none", "plain", "nowhere", "folder"}) {
        const auto landed = kit.send(order_for("p-" + channel, channel));
        INFO(channel << ": " << landed.outcome.detail);
        CHECK(landed.outcome.outcome == OutcomeClass::config_error);
        CHECK(landed.timing.first_byte == SendTiming::Time{});
    }
    CHECK(kit.send(order_for("p", "found")).outcome.outcome == OutcomeClass::ok);
    std::ofstream(dir.file("none")) << "#!/bin/sh\nexit 0\n";
    ::chmod(dir.file("none").c_str(), 0755);
    CHECK(kit.send(order_for("p", "none")).outcome.outcome == OutcomeClass::ok);
}

TEST_CASE("exec: one that hangs is ended at its limit, with all its children", "[integration]") {
    Scripts s;
    SECTION("it dies of SIGTERM") {}
    SECTION("it ignores SIGTERM") {
        s.use("trap '' TERM");
    }
    const bool stubborn = std::filesystem::exists(s.dir.file("script"));
    s.use(std::string(stubborn ? "trap '' TERM\n" : "") + "sleep 1000 & echo $! > '" + s.dir.file("child") +
          "'\n(sleep 1000; :) & echo $! > '" + s.dir.file("shell") + "'\necho $$ > '" + s.dir.file("self") +
          "'\nwait; sleep 1000; sleep 1000");
    const auto landed = s.send(400ms);
    CHECK(landed.outcome.outcome == OutcomeClass::unknown);
    CHECK(landed.outcome.detail == "ended by us at the time limit");
    CHECK(landed.timing.finished - landed.timing.submitted < 5s);
    for (const std::string name : {"child", "shell", "self"}) {
        const std::string pid = s.out(name);
        INFO(name << " " << pid);
        REQUIRE_FALSE(pid.empty());
        CHECK(gone(std::stoi(pid)));
    }
}

TEST_CASE("exec: a child left behind holds up nothing and does not stay", "[integration]") {
    Scripts s;
    s.use("sleep 1000 & echo $! > '" + s.dir.file("child") + "'; exit 0");
    const auto landed = s.send(20s);
    CHECK(landed.outcome.outcome == OutcomeClass::ok);
    CHECK(landed.timing.finished - landed.timing.submitted < 5s);
    CHECK(gone(std::stoi(s.out("child"))));
}

TEST_CASE("exec: output without measure is cut and holds up nothing", "[integration]") {
    Scripts s;
    SECTION("ten megabytes, then an exit") {
        s.use("cat >/dev/null; head -c 10000000 /dev/zero | tr '\\0' 'y'; exit 3");
        const auto landed = s.send(20s);
        CHECK(landed.outcome.outcome == OutcomeClass::reject);
        CHECK(landed.outcome.detail.find("exit 3: yyyy") == 0);
        CHECK(landed.outcome.detail.size() < 1000);
    }
    SECTION("without end") {
        s.use("yes");
        const auto landed = s.send(300ms);
        CHECK(landed.outcome.outcome == OutcomeClass::unknown);
    }
}

TEST_CASE("exec: one that does not read its input, however long, does no harm", "[integration]") {
    Scripts s;
    auto order = order_for("p", "x", 10s);
    order.text.assign(1000000, 'x');
    s.use("exit 0");
    CHECK(s.kit.send(order).outcome.outcome == OutcomeClass::ok);
    s.use("exec <&-; sleep 0.1; exit 75");
    CHECK(s.kit.send(order).outcome.outcome == OutcomeClass::retry);
    s.use("exec sleep 1000");
    order.timeout = 200ms;
    const auto landed = s.kit.send(order);
    CHECK(landed.outcome.outcome == OutcomeClass::channel_down);  // it never had the whole page
    s.use("wc -c > '" + s.dir.file("size") + "'");
    order.timeout = 10s;
    CHECK(s.kit.send(order).outcome.outcome == OutcomeClass::ok);
    CHECK(std::stoul(s.out("size")) == encode(order).size() + 1);
}

TEST_CASE("exec: it inherits nothing: a small environment, three descriptors, default signals, its own group", "[integration]") {
    Scripts s;
    ::setenv("SURGED_TEST_LEAK", "leaked", 1);
    const int leak = ::open("/etc/hostname", O_RDONLY);  // no close-on-exec, as a careless library would
    // "exec" makes the looking program the very process that we started, or a plain fork of it.
    s.use("env > '" + s.dir.file("env") + "'; pwd > '" + s.dir.file("pwd") + "'; (exec ls -l /proc/self/fd) > '" +
          s.dir.file("fds") + "'\n" + "ps -o pgid= -p $$ > '" + s.dir.file("group") + "'; echo $$ >> '" + s.dir.file("group") +
          "'\n" + "exec grep -E 'SigBlk|SigIgn' /proc/self/status > '" + s.dir.file("signals") + "'");
    const auto landed = s.send();
    ::unsetenv("SURGED_TEST_LEAK");
    ::close(leak);
    REQUIRE(landed.outcome.outcome == OutcomeClass::ok);
    const std::string env = s.out("env");
    CHECK(env.find("leaked") == std::string::npos);
    CHECK(env.find("SURGED_PAGE=p\n") != std::string::npos);
    CHECK(env.find("SURGED_ATTEMPT=1\n") != std::string::npos);
    CHECK(env.find("PATH=/usr/local/sbin:") != std::string::npos);
    const std::string fds = s.out("fds");
    INFO("descriptors " << fds << "signals " << s.out("signals") << "group " << s.out("group"));
    CHECK(fds.find("hostname") == std::string::npos);
    CHECK(fds.find("socket:") == std::string::npos);
    CHECK(fds.find("anon_inode") == std::string::npos);
    CHECK(s.out("pwd") == "/\n");
    CHECK(s.out("signals").find("SigBlk:\t0000000000000000") != std::string::npos);
    // The two signals glibc keeps for itself (32, 33) are its own affair.
    const std::string signals = s.out("signals");
    const std::size_t ignored = signals.find("SigIgn:\t");
    REQUIRE(ignored != std::string::npos);
    CHECK((std::stoull(signals.substr(ignored + 8), nullptr, 16) & ~0x180000000ULL) == 0);
    if (std::filesystem::exists("/bin/ps")) {
        std::istringstream group(s.out("group"));
        int pgid = 0;
        int pid = -1;
        group >> pgid >> pid;
        CHECK(pgid == pid);
    }
}

TEST_CASE("exec: many runs leave no descriptor and no zombie", "[integration]") {
    Scripts s;
    s.use("cat >/dev/null");
    s.send();
    const auto before = open_descriptors();
    for (int i = 0; i < 100; ++i) {
        s.kit.submit(order_for("p", "x"));
    }
    s.kit.wait(101);
    CHECK(open_descriptors() == before);
    CHECK(::waitpid(-1, nullptr, WNOHANG) == -1);
    CHECK(errno == ECHILD);
}

TEST_CASE("exec: stop ends what runs", "[integration]") {
    Scripts s;
    s.use("echo $$ > '" + s.dir.file("self.new") + "'; mv '" + s.dir.file("self.new") + "' '" + s.dir.file("self") +
          "'; sleep 1000");
    s.kit.submit(order_for("p", "x", 60s));
    while (!std::filesystem::exists(s.dir.file("self"))) {
        std::this_thread::sleep_for(5ms);
    }
    CHECK(s.kit.courier().stop(10ms) == 1);
    CHECK(s.kit.wait(1)[0].outcome.outcome == OutcomeClass::unknown);
    CHECK(gone(std::stoi(s.out("self"))));
}
