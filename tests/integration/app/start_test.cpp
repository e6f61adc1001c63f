#include <sys/stat.h>

#include <csignal>
#include <fstream>

#include "support/catch.hpp"
#include "support/daemon_kit.hpp"
#include "support/http_client.hpp"

using namespace surged::test;
using namespace std::chrono_literals;

namespace {

const std::string surged_program = std::string(SURGED_BIN_DIR) + "/surged";
const std::string ctl_program = std::string(SURGED_BIN_DIR) + "/surgectl";

/// How many lines of stderr are about this event.
std::size_t lines_with(const std::string& text, const std::string& word) {
    std::size_t count = 0;
    for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
        ++count;
    }
    return count;
}

}  // namespace

TEST_CASE("app: --check of a good configuration says what is in it and exits 0", "[integration]") {
    DaemonKit kit;
    const Finished check = run_program(surged_program, {"--check", "--config", kit.config}, kit.dir.path().string());
    CHECK(check.code == 0);
    CHECK(check.out.find("ok: 1 file, 1 rule") != std::string::npos);
    CHECK_FALSE(std::ifstream(kit.dir.file("surged.db")));  // checking touches nothing
}

TEST_CASE("app: --check of a bad configuration tells every error with its place and exits 2", "[integration]") {
    DaemonKit kit;
    kit.write_config("[[rule]]\nid = \"x\"\nknid = \"threshold\"\n[[policy]]\nid = \"y\"\n");
    const Finished check = run_program(surged_program, {"--check", "--config", kit.config}, kit.dir.path().string());
    CHECK(check.code == 2);
    CHECK(check.err.find("surged.toml:") != std::string::npos);
    CHECK(check.err.find("kind") != std::string::npos);
    CHECK(lines_with(check.err, "error: ") >= 2);
    CHECK(run_program(surged_program, {"--config", kit.config}, kit.dir.path().string()).code == 2);
}

TEST_CASE("app: usage errors are one line and exit 2; help and version exit 0", "[integration]") {
    DaemonKit kit;
    const std::string folder = kit.dir.path().string();
    const Finished unknown = run_program(surged_program, {"--confg", "x"}, folder);
    CHECK(unknown.code == 2);
    CHECK(lines_with(unknown.err, "\n") == 1);
    CHECK(run_program(surged_program, {"--version"}, folder).out.rfind("surged ", 0) == 0);
    CHECK(run_program(surged_program, {"--help"}, folder).out.find("SIGHUP") != std::string::npos);
    CHECK(run_program(ctl_program, {"--version"}, folder).out.rfind("surgectl ", 0) == 0);
    CHECK(run_program(ctl_program, {"no-such-command"}, folder).code == 2);
    CHECK(run_program(ctl_program, {"completion", "bash"}, folder).out.find("complete -F _surgectl surgectl") !=
          std::string::npos);
}

TEST_CASE("app: a busy port is one clear line and exit 4", "[integration]") {
    DaemonKit kit;
    BusyPort busy;
    std::ifstream in(kit.config);
    std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    const std::string any = "[http]\nlisten = \"127.0.0.1:0\"";
    text.replace(text.find(any), any.size(), "[http]\nlisten = \"127.0.0.1:" + std::to_string(busy.port()) + "\"");
    std::ofstream(kit.config) << text;

    const Finished run = run_program(surged_program, {"--config", kit.config}, kit.dir.path().string());
    CHECK(run.code == 4);
    CHECK(run.err.find("event=http_not_open") != std::string::npos);
    CHECK(run.err.find(std::to_string(busy.port())) != std::string::npos);
}

TEST_CASE("app: a second daemon on the same store is refused with the holder's pid and exit 3", "[integration]") {
    DaemonKit kit;
    Process& first = kit.start();
    const Finished second = run_program(surged_program, {"--config", kit.config}, kit.dir.path().string());
    CHECK(second.code == 3);
    CHECK(second.err.find("event=store_unusable") != std::string::npos);
    CHECK(second.err.find(std::to_string(first.pid())) != std::string::npos);
}

TEST_CASE("app: a file that is no database is refused with exit 3 and left alone", "[integration]") {
    DaemonKit kit;
    const std::string path = kit.dir.file("notes.txt");
    std::ofstream(path) << "these are notes, not a database, and they are longer than a header of one hundred bytes, surely so";
    const Finished run = run_program(surged_program, {"--config", kit.config, "--store", path}, kit.dir.path().string());
    CHECK(run.code == 3);
    std::ifstream in(path);
    CHECK(std::string((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>()).rfind("these are notes", 0) == 0);
}

TEST_CASE("app: SIGTERM and SIGINT end it within five seconds with exit 0", "[integration]") {
    for (const int number : {SIGTERM, SIGINT}) {
        DaemonKit kit;
        Process& daemon = kit.start();
        kit.feed(1);
        daemon.signal(number);
        CHECK(daemon.wait(5s) == 0);
        CHECK(daemon.err().find("event=stopped") != std::string::npos);
    }
}

TEST_CASE("app: surgectl exits 3 when nobody answers", "[integration]") {
    DaemonKit kit;
    const Finished run = run_program(ctl_program, {"--server", "http://127.0.0.1:1", "status"}, kit.dir.path().string());
    CHECK(run.code == 3);
    CHECK(lines_with(run.err, "\n") == 1);
}

TEST_CASE("app: with a token file, no token is exit 4 and a responder may join but not reload", "[integration]") {
    DaemonKit kit;
    const std::string tokens = kit.dir.file("tokens");
    const std::string mine = kit.dir.file("mine");
    std::ofstream(tokens) << "responder abcdefghijklmnop1234 lead-01\n";
    std::ofstream(mine) << "abcdefghijklmnop1234\n";
    REQUIRE(::chmod(tokens.c_str(), 0600) == 0);
    std::ifstream in(kit.config);
    std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    text.replace(text.find("[http]\n"), 7, "[http]\ntoken_file = \"tokens\"\n");
    std::ofstream(kit.config) << text;
    kit.start();

    CHECK(kit.ctl({"status"}).code == 4);
    CHECK(kit.ctl({"--token-file", mine, "status"}).code == 0);
    CHECK(kit.ctl({"--token-file", mine, "reload"}).code == 4);
    REQUIRE(kit.feed_until(20, [&] { return !kit.pages("first").empty(); }));
    CHECK(kit.ctl({"--token-file", mine, "join"}).code == 0);  // the token knows who it is
    CHECK(kit.daemon->err().find("abcdefghijklmnop1234") == std::string::npos);
}
