// surgectl as people type it, without a daemon: slips, each command's help, and what is wrong with a file in words.
#include <fstream>
#include <sstream>

#include "support/catch.hpp"
#include "support/daemon_kit.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"

using namespace surged::test;

namespace {

Finished ctl(const TempDir& dir, std::vector<std::string> words) {
    return run_program(std::string(SURGED_BIN_DIR) + "/surgectl", words, dir.path().string());
}

/// The names below "Subcommands:" of a help.
std::vector<std::string> commands_of(const std::string& help) {
    std::vector<std::string> out;
    std::istringstream lines(help.substr(std::min(help.find("Subcommands:\n"), help.size())));
    std::string line;
    std::getline(lines, line);
    while (std::getline(lines, line) && line.starts_with("  ")) {
        out.push_back(line.substr(2, line.find(' ', 2) - 2));
    }
    return out;
}

/// Each line of the help's examples, as words behind "surgectl".
std::vector<std::vector<std::string>> examples_of(const std::string& help) {
    std::vector<std::vector<std::string>> out;
    std::istringstream lines(help.substr(help.find("Examples:\n") + 10));
    std::string line;
    while (std::getline(lines, line)) {
        std::istringstream in(line);
        std::vector<std::string> words;
        std::string word;
        in >> word;
        CHECK(word == "surgectl");
        while (in >> word) {
            words.push_back(word);
        }
        out.push_back(words);
    }
    return out;
}

/// Every example of a help is a line of its own command, with options that it has.
void check_help(const TempDir& dir, const std::vector<std::string>& path, bool group) {
    auto words = path;
    words.emplace_back("--help");
    const auto help = ctl(dir, words);
    CHECK(help.code == 0);
    std::string shown;
    for (const auto& word : path) {
        shown += word + " ";
    }
    INFO(shown << "\n" << help.out);
    const auto examples = examples_of(help.out);
    REQUIRE_FALSE(examples.empty());
    for (const auto& example : examples) {
        std::string plain;
        for (const auto& word : example) {
            plain += word + " ";
        }
        CHECK((path.empty() || plain.find(shown) != std::string::npos));
        for (const auto& word : example) {
            const bool global = word == "--json" || word == "--server" || word == "--token-file";
            CHECK((path.empty() || group || global || !word.starts_with("--") || help.out.find("  " + word) != std::string::npos));
        }
    }
}

}  // namespace

TEST_CASE("tool: each command's help ends with examples of that command, whose options it has", "[integration]") {
    const TempDir dir;
    const auto top = commands_of(ctl(dir, {"--help"}).out);
    REQUIRE(top.size() > 25);
    check_help(dir, {}, true);
    for (const auto& name : top) {
        const auto subs = commands_of(ctl(dir, {name, "--help"}).out);
        check_help(dir, {name}, !subs.empty());
        for (const auto& sub : subs) {
            check_help(dir, {name, sub}, false);
        }
    }
}

TEST_CASE("tool: a slip in a command is one line with the command that was meant, and exit 2", "[integration]") {
    const TempDir dir;
    const auto slip = ctl(dir, {"statuss"});
    CHECK(slip.code == 2);
    CHECK(slip.err == "surgectl: no command statuss; did you mean status? (see surgectl --help)\n");
}

TEST_CASE("tool: replay and learn say in words which lines of a file they cannot use, and that none could be", "[integration]") {
    const TempDir dir;
    const auto config = dir.file("surged.toml");
    std::ofstream(config) << "[ingest]\nbind = [\"tcp://127.0.0.1:5556\"]\n[[rule]]\nid = \"b\"\nkind = \"baseline\"\nmetric = \"offered\"\n"
                             "yellow = { raise = \"> +30%\", clear = \"< +15%\" }\n";
    std::ofstream(dir.file("junk"), std::ios::binary) << std::string(3, '\0') + "\n{\"a\":\nfoo|bar\n12|a|b|c|D\n";
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{"replay", "--config", config, "--input", dir.file("junk")},
          std::vector<std::string>{"learn", "--config", config, "--format", "queue_log", "--input", dir.file("junk"), "--out", dir.file("p")}}) {
        const auto got = ctl(dir, words);
        INFO(got.err);
        CHECK(got.code == 1);
        CHECK(got.err.find(dir.file("junk") + ":2: no line of a queue_log, wanted time|callid|queue|agent|EVENT|...\n") != std::string::npos);
        CHECK(got.err.find(":4: no line of a queue_log, wanted the time as whole seconds") != std::string::npos);
        CHECK(got.err.find("3 of 4 lines could not be used; the first was \"{%22a%22:\"") != std::string::npos);
    }
}

TEST_CASE("tool: the shell completes commands behind --server, values of options, and what the daemon knows", "[integration]") {
    DaemonKit kit;
    kit.start();
    const std::string ctl_program = std::string(SURGED_BIN_DIR) + "/surgectl";
    const auto script = kit.dir.file("completion");
    std::ofstream(script) << run_program(ctl_program, {"completion", "bash"}, kit.dir.path().string()).out;
    const auto server = "http://" + kit.address("http");
    const auto completed = [&](const std::string& line) {
        const auto done = run_program("/bin/bash",
                                      {"-c", ". '" + script + "'; COMP_LINE=\"surgectl $2\"; COMP_POINT=${#COMP_LINE}; _surgectl \"$1\"; printf '%s ' \"${COMPREPLY[@]}\"", "bash",
                                       ctl_program, line},
                                      kit.dir.path().string());
        INFO(line << "\n" << done.err);
        CHECK(done.code == 0);
        return done.out;
    };
    CHECK(completed("sta") == "status ");
    CHECK(completed("--server " + server + " sh") == "show ");
    CHECK(completed("--server=" + server + " roster g") == "gaps ");
    CHECK(completed("report 0-1 --format ") == "md html ");
    CHECK(completed("report 0-1 --format=h") == "html ");  // readline replaces what stands behind "="
    CHECK(completed("join --a") == "--as ");
    CHECK(completed("--server " + server + " roster show ").find("leads ") != std::string::npos);
    CHECK(completed("--server " + server + " join --as lead-0") == "lead-01 lead-02 lead-03 ");
    CHECK(completed("--server " + server + " explain ") == "waiting ");
    CHECK(completed("--server http://127.0.0.1:1 join --as ") == " ");  // nobody answers: nothing, and no error on the line
    CHECK(kit.ctl({"status"}).out.find("nothing has been taken yet") != std::string::npos);
    REQUIRE(kit.feed_until(20, [&] { return !kit.pages("first").empty(); }));
    CHECK(kit.ctl({"status"}).out.find("nothing has been taken yet") == std::string::npos);
    CHECK(kit.ctl({"status"}).out.find("\n1 incident open\n") != std::string::npos);
    CHECK(completed("--server " + server + " show 0") == "0-1 ");
    CHECK(completed("--server " + server + " explain waiting jin") == "jinan/general ");
}

TEST_CASE("tool: an answer without a person says how to name one", "[integration]") {
    DaemonKit kit;
    kit.start();
    REQUIRE(kit.feed_until(20, [&] { return !kit.pages("first").empty(); }));
    const auto nameless = kit.ctl({"join"});
    CHECK(nameless.code == 2);
    CHECK(nameless.err.find("surgectl join --as PERSON") != std::string::npos);
    CHECK(kit.ctl({"join", "--as", "lead-01"}).code == 0);
}

TEST_CASE("tool: what people and feeders wrote cannot move the terminal's cursor or turn its lines; as JSON it is whole", "[integration]") {
    DaemonKit kit;
    kit.start();
    const std::string csi = "\xC2\x9B";  // U+009B begins a command of a terminal as ESC [ does
    const std::string turn = "\xE2\x80\xAE";  // U+202E turns what follows it
    REQUIRE(kit.ctl({"silence", "--rule", "other", "--for", "30m", "--reason", "tea" + csi + "2J" + turn, "--as", "boss"}).code == 0);
    const auto text = kit.ctl({"silences"});
    INFO(text.out);
    CHECK(text.code == 0);
    CHECK(text.out.find("tea\\u009b2J\\u202e") != std::string::npos);
    CHECK(text.out.find(csi) == std::string::npos);
    CHECK(text.out.find(turn) == std::string::npos);
    const auto json = kit.ctl({"silences", "--json"});
    CHECK(json.out.find("tea" + csi + "2J" + turn) != std::string::npos);
}
