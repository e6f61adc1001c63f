// surgectl in real shells and on a real terminal: completion in bash, zsh and fish beside a running daemon, colours, languages, its file.
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "core/series/message.hpp"
#include "support/catch.hpp"
#include "support/daemon_kit.hpp"
#include "support/http_client.hpp"
#include "support/terminal.hpp"
#include "wire/encode_message.hpp"

using namespace surged;
using namespace surged::test;
namespace fs = std::filesystem;
using namespace std::chrono_literals;

namespace {

const std::string ctl_program = std::string(SURGED_BIN_DIR) + "/surgectl";

/// A queue that a hostile feeder named.
const std::string evil = "ev'il $(touch pwned)`touch pwned`;\"x";

/// Sends this queue until the daemon knows it.
void feed_queue(DaemonKit& kit, const std::string& queue) {
    Message message;
    message.source = "other";
    message.has_epoch = true;
    message.epoch = 1;
    const auto port = kit.port("http");
    std::uint64_t seq = 0;
    REQUIRE(eventually([&] {
        message.seq = ++seq;
        const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
        message.ts = source_time(now);
        message.parts.clear();
        message.values.clear();
        message.parts.push_back({"jinan", queue, "voice", message.ts, 0, 1});
        message.values.push_back({"calls_waiting", 1});
        kit.pusher->push(encode_json(message));
        return http(port, "GET", "/api/v1/queues").body.find(queue.substr(0, 4)) != std::string::npos;
    }));
}

struct Shell {
    std::string name;
    std::string program;
    std::vector<std::string> arguments;
    std::string setup;  ///< typed first; %s is the completion script
};

const std::vector<Shell> shells{
    {"bash", "/bin/bash", {"--norc", "--noprofile", "-i"},
     "PS1='> '; bind 'set show-all-if-ambiguous on'; bind 'set bell-style none'; bind 'set enable-bracketed-paste off'; . ./%s; shown() { printf '<%%s>' "
     "\"$@\"; echo; }\n"},
    {"zsh", "/usr/bin/zsh", {"-f", "-i"},
     "PS1='> '; bindkey -e; autoload -U compinit; compinit -u -D; . ./%s; shown() { printf '<%%s>' \"$@\"; echo }\n"},
    {"fish", "/usr/bin/fish", {"--no-config", "-i"},
     "function fish_prompt; echo -n '> '; end; source ./%s; function shown; printf '<%%s>' $argv; echo; end\n"},
};

std::string script_of(const TempDir& dir, const std::string& shell) {
    const auto made = run_program(ctl_program, {"completion", shell}, dir.path().string());
    REQUIRE(made.code == 0);
    std::ofstream(dir.file("completion")) << made.out;
    return "completion";
}

/// A shell that has the completion and finds surgectl.
class Typist {
public:
    Typist(const Shell& shell, const TempDir& dir, std::map<std::string, std::string> environment = {})
        : terminal_(shell.program, shell.arguments, dir.path().string(), with_path(std::move(environment))) {
        auto setup = shell.setup;
        setup.replace(setup.find("%s"), 2, script_of(dir, shell.name));
        for (auto at = setup.find("%%"); at != std::string::npos; at = setup.find("%%", at + 1)) {
            setup.erase(at, 1);
        }
        terminal_.type(setup);
        terminal_.type("shown ready\n");
        REQUIRE(terminal_.shows("<ready>"));
    }
    /// The words that the line has once `line` and a Tab were typed: they are printed by a function of the shell, not run.
    std::string line_after_tab(const std::string& line) {
        terminal_.type(line + "\t");
        std::this_thread::sleep_for(1500ms);  // the daemon is asked meanwhile: what is typed too soon is not lost, but comes before the answer
        terminal_.type("\x01" "shown \x05" "\n");
        REQUIRE(terminal_.shows("<surgectl>"));
        terminal_.shows("> ");
        const auto& text = terminal_.text();
        const auto from = text.rfind("<surgectl>");
        return text.substr(from, text.find_first_of("\r\n", from) - from);
    }
    /// Whether `line` and two Tabs show this text.
    bool lists(const std::string& line, const std::string& text) {
        terminal_.type(line + "\t\t");
        const bool there = terminal_.shows(text);
        std::this_thread::sleep_for(1000ms);
        terminal_.type("\x05\x15");  // the end of the line, and all of it away
        return there;
    }
    const std::string& text() const { return terminal_.text(); }

private:
    static std::map<std::string, std::string> with_path(std::map<std::string, std::string> environment) {
        environment.emplace("PATH", std::string(SURGED_BIN_DIR) + ":/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin");
        return environment;
    }

    Terminal terminal_;
};

/// What this prints on a terminal, in this environment.
std::string on_terminal(const TempDir& dir, std::vector<std::string> words, std::map<std::string, std::string> environment = {}) {
    Terminal terminal(ctl_program, std::move(words), dir.path().string(), std::move(environment));
    return terminal.rest();
}

/// In a pipe, with only this environment beside HOME.
Finished in_pipe(const TempDir& dir, std::vector<std::string> words, std::vector<std::string> environment) {
    environment.insert(environment.begin(), {"-i", "HOME=" + dir.path().string()});
    environment.push_back(ctl_program);
    environment.insert(environment.end(), words.begin(), words.end());
    return run_program("/usr/bin/env", environment, dir.path().string());
}

void write_client_file(const TempDir& dir, const std::string& text) {
    const auto folder = dir.path() / ".config/surged";
    fs::create_directories(folder);
    std::ofstream(folder / "surgectl.toml") << text;
    REQUIRE(::chmod((folder / "surgectl.toml").c_str(), 0600) == 0);
}

}  // namespace

TEST_CASE("shells: bash, zsh and fish complete commands, options, files and what the daemon knows", "[integration]") {
    DaemonKit kit;
    kit.start();
    REQUIRE(kit.feed_until(20, [&] { return !kit.pages("first").empty(); }));
    std::ofstream(kit.dir.file("history.csv")) << "";
    const auto server = "http://" + kit.address("http");
    for (const Shell& shell : shells) {
        DYNAMIC_SECTION(shell.name) {
            if (::access(shell.program.c_str(), X_OK) != 0) {
                WARN("skipped: " + shell.program + " is not installed");
                return;
            }
            Typist typist(shell, kit.dir, {{"SURGED_SERVER", server}});
            CHECK(typist.line_after_tab("surgectl statu") == "<surgectl><status>");
            CHECK(typist.line_after_tab("surgectl roster ga") == "<surgectl><roster><gaps>");
            CHECK(typist.line_after_tab("surgectl join --move --a") == "<surgectl><join><--move><--as>");
            CHECK(typist.line_after_tab("surgectl report 0-1 --format=ht") == "<surgectl><report><0-1><--format=html>");
            CHECK(typist.line_after_tab("surgectl learn --input hist") == "<surgectl><learn><--input><history.csv>");
            CHECK(typist.line_after_tab("surgectl show 0") == "<surgectl><show><0-1>");
            CHECK(typist.line_after_tab("surgectl roster show lea") == "<surgectl><roster><show><leads>");
            CHECK(typist.line_after_tab("surgectl explain wait") == "<surgectl><explain><waiting>");
            CHECK(typist.line_after_tab("surgectl explain waiting jin") == "<surgectl><explain><waiting><jinan/general>");
            CHECK(typist.line_after_tab("surgectl silence --rule wai") == "<surgectl><silence><--rule><waiting>");
            CHECK(typist.line_after_tab("surgectl silence --centre ji") == "<surgectl><silence><--centre><jinan>");
            CHECK(typist.line_after_tab("surgectl history jinan/general --metric calls_w") == "<surgectl><history><jinan/general><--metric><calls_waiting>");
            CHECK(typist.lists("surgectl join --as lead-", "lead-03"));
            INFO(typist.text());
            CHECK(typist.line_after_tab("surgectl --server http://127.0.0.1:1 join --as lead-0") == "<surgectl><--server><http://127.0.0.1:1><join><--as><lead-0>");
        }
    }
}

TEST_CASE("shells: a hostile name of a queue becomes one word of the line and runs nothing", "[integration]") {
    DaemonKit kit;
    kit.start();
    feed_queue(kit, evil);
    const auto server = "http://" + kit.address("http");
    for (const Shell& shell : shells) {
        DYNAMIC_SECTION(shell.name) {
            if (::access(shell.program.c_str(), X_OK) != 0) {
                WARN("skipped: " + shell.program + " is not installed");
                return;
            }
            Typist typist(shell, kit.dir, {{"SURGED_SERVER", server}});
            CHECK(typist.line_after_tab("surgectl explain waiting jinan/ev") == "<surgectl><explain><waiting><jinan/" + evil + ">");
            CHECK_FALSE(fs::exists(kit.dir.file("pwned")));
        }
    }
}

TEST_CASE("completion: a token of the file goes to the file's server only, and none is printed", "[integration]") {
    DaemonKit kit;
    HttpSink stranger;
    write_client_file(kit.dir, "server = \"http://127.0.0.1:1\"\ntoken = \"hush-hush\"\n");
    const auto asked = [&](const std::string& line, std::vector<std::string> environment = {}) {
        return in_pipe(kit.dir, {"complete", "bash", line, " "}, std::move(environment));
    };
    const auto done = asked("surgectl --server " + stranger.url("") + " show ");
    CHECK(done.code == 0);
    CHECK(done.out == "words\n");
    CHECK(done.err.empty());
    CHECK(asked("surgectl show ", {"SURGED_SERVER=" + stranger.url("")}).code == 0);
    const auto strangers = stranger.requests();
    REQUIRE(strangers.size() >= 2);
    for (const auto& request : strangers) {
        CHECK(request.headers.count("authorization") == 0);
    }
    write_client_file(kit.dir, "server = \"" + stranger.url("") + "\"\ntoken = \"hush-hush\"\n");
    CHECK(asked("surgectl show ").err.empty());
    CHECK(stranger.requests().back().headers.at("authorization") == "Bearer hush-hush");
}

TEST_CASE("terminal: levels have colours on a terminal only, and the word stays", "[integration]") {
    DaemonKit kit;
    kit.start();
    REQUIRE(kit.feed_until(20, [&] { return !kit.pages("first").empty(); }));
    const std::vector<std::string> words{"--server", "http://" + kit.address("http"), "incidents"};
    const auto with = [&](std::vector<std::string> more) {
        more.insert(more.end(), words.begin(), words.end());
        return more;
    };
    const std::string escape = "\x1b[";
    const auto bright = on_terminal(kit.dir, words);
    INFO(bright);
    CHECK(bright.find(escape) != std::string::npos);
    CHECK(bright.find("0-1") != std::string::npos);
    for (const auto& plain : {on_terminal(kit.dir, words, {{"NO_COLOR", "1"}}), on_terminal(kit.dir, words, {{"TERM", "dumb"}}),
                              on_terminal(kit.dir, with({"--color=never"})), on_terminal(kit.dir, with({"--json"})), in_pipe(kit.dir, words, {"TERM=xterm"}).out}) {
        CHECK(plain.find(escape) == std::string::npos);
        CHECK(plain.find("0-1") != std::string::npos);
    }
    CHECK(in_pipe(kit.dir, with({"--color=always"}), {}).out.find(escape) != std::string::npos);
    CHECK(in_pipe(kit.dir, with({"--color=sometimes"}), {}).code == 2);
}

TEST_CASE("languages: a Chinese terminal has Chinese tables, a pipe the table that scripts know, JSON and exit codes stay", "[integration]") {
    DaemonKit kit;
    kit.start();
    REQUIRE(kit.feed_until(20, [&] { return !kit.pages("first").empty(); }));
    const std::vector<std::string> words{"--server", "http://" + kit.address("http"), "incidents"};
    const auto with = [&](std::vector<std::string> more, const std::string& command) {
        more.insert(more.end(), words.begin(), words.end() - 1);
        more.push_back(command);
        return more;
    };
    const std::string chinese = "LANG=zh_CN.UTF-8";
    const auto english = in_pipe(kit.dir, words, {});
    CHECK(english.out.starts_with("INCIDENT  LEVEL"));
    CHECK(in_pipe(kit.dir, words, {chinese}).out.starts_with("INCIDENT  LEVEL"));
    CHECK(in_pipe(kit.dir, with({"--language", "zh"}, "incidents"), {}).out.starts_with("事件"));
    CHECK(on_terminal(kit.dir, words, {{"LC_ALL", "zh_CN.UTF-8"}, {"NO_COLOR", "1"}}).starts_with("事件"));
    CHECK(in_pipe(kit.dir, with({}, "status"), {chinese}).out.find("就绪") != std::string::npos);
    CHECK(in_pipe(kit.dir, with({}, "status"), {chinese, "LC_ALL=C"}).out.find("ready") != std::string::npos);
    CHECK(in_pipe(kit.dir, with({"--language=en"}, "status"), {chinese}).out.find("ready") != std::string::npos);
    CHECK(in_pipe(kit.dir, with({"--json"}, "rosters"), {chinese}).out.find("\"on_duty\"") != std::string::npos);
    auto gone = in_pipe(kit.dir, {"--server", "http://127.0.0.1:1", "status"}, {chinese});
    CHECK(gone.code == 3);
    CHECK(gone.err.find("是否在运行") != std::string::npos);
    CHECK(in_pipe(kit.dir, {"--server", "http://127.0.0.1:1", "status"}, {}).code == 3);
    auto joins = words;
    joins.back() = "join";
    joins.insert(joins.end(), {"--as", "lead-01"});
    CHECK(in_pipe(kit.dir, joins, {chinese}).out == "已占席位：1/2\n");
    CHECK(in_pipe(kit.dir, {"--language", "fr", "status"}, {}).code == 2);
}

TEST_CASE("status --health: good while the engine turns, not good while it hangs or is away, and no token is asked for", "[integration]") {
    DaemonKit kit;
    auto& daemon = kit.start();
    CHECK(kit.ctl({"status", "--health"}).out == "healthy\n");
    CHECK(kit.ctl({"--json", "status", "--health"}).out.find("{") == 0);
    daemon.signal(SIGSTOP);
    CHECK(kit.ctl({"status", "--health"}).code == 3);
    daemon.signal(SIGCONT);
    CHECK(kit.ctl({"status", "--health"}).code == 0);
    daemon.signal(SIGKILL);
    daemon.wait(5s);
    CHECK(kit.ctl({"status", "--health"}).code == 3);
}

TEST_CASE("surgectl.toml: option before environment before file, its defaults in the help, its errors with their place and exit 2", "[integration]") {
    DaemonKit kit;
    kit.start();
    const auto server = "http://" + kit.address("http");
    const std::string nobody = "http://127.0.0.1:1";
    write_client_file(kit.dir, "server = \"" + server + "\"\nlanguage = \"zh\"\n");
    CHECK(in_pipe(kit.dir, {"status"}, {}).code == 0);
    CHECK(in_pipe(kit.dir, {"status"}, {}).out.find("就绪") != std::string::npos);
    CHECK(in_pipe(kit.dir, {"status"}, {"LANG=en_US.UTF-8"}).out.find("ready") != std::string::npos);
    CHECK(in_pipe(kit.dir, {"status"}, {"SURGED_SERVER=" + nobody}).code == 3);
    CHECK(in_pipe(kit.dir, {"--server", server, "status"}, {"SURGED_SERVER=" + nobody}).code == 0);
    write_client_file(kit.dir, "server = \"" + nobody + "\"\n");
    CHECK(in_pipe(kit.dir, {"status"}, {"SURGED_SERVER=" + server}).code == 0);
    const auto help = in_pipe(kit.dir, {"--help"}, {});
    CHECK(help.out.find(nobody) != std::string::npos);
    CHECK(help.out.find("surgectl.toml") != std::string::npos);
    CHECK(help.out.find("SURGED_SERVER") != std::string::npos);
    write_client_file(kit.dir, "servre = \"x\"\ntoken = \"hush-hush\"\nlanguage = 3\n");
    const auto wrong = in_pipe(kit.dir, {"--server", server, "status"}, {});
    CHECK(wrong.code == 2);
    CHECK(wrong.err.find("surgectl.toml:1:1: error: ") != std::string::npos);
    CHECK(wrong.err.find("surgectl.toml:3:12: error: ") != std::string::npos);
    CHECK(wrong.err.find("hush-hush") == std::string::npos);
    CHECK(wrong.out.empty());
    CHECK(in_pipe(kit.dir, {"--help"}, {}).code == 0);
    CHECK(in_pipe(kit.dir, {"completion", "bash"}, {}).code == 0);
}
