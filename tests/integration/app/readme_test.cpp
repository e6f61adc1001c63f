// The commands of README.md and README.zh.md, run as they are printed beside the world of ./daemon/quickstart.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string_view>
#include <utility>
#include <vector>

#include "support/catch.hpp"
#include "support/quickstart_world.hpp"

namespace fs = std::filesystem;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {

const fs::path repository = SURGED_SOURCE_DIR;

struct CodeBlock {
    std::string language;
    std::vector<std::string> lines;
};

std::vector<CodeBlock> blocks_of(const std::string& page) {
    std::vector<CodeBlock> out;
    std::ifstream in(repository / page);
    bool inside = false;
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("```")) {
            inside = !inside;
            if (inside) {
                out.push_back({line.substr(3), {}});
            }
        } else if (inside) {
            out.back().lines.push_back(line);
        }
    }
    return out;
}

/// Lines that are commands of ours, without what they say behind `#` and without sudo; systemctl, cmake and apt are the host's.
std::vector<std::string> commands_of(const std::string& page) {
    std::vector<std::string> out;
    for (const CodeBlock& block : blocks_of(page)) {
        for (std::string line : block.lines) {
            line = line.substr(0, line.find("   #"));
            line = line.starts_with("sudo ") ? line.substr(5) : line;
            if (line.starts_with("surg") || line.starts_with("build/release/bin/surg")) {
                out.push_back(line);
            }
        }
    }
    return out;
}

/// An Asterisk queue_log of one queue: a call every five minutes, answered after six seconds.
std::string two_days_of_calls() {
    std::vector<std::pair<long, std::string>> lines;
    for (long i = 0; i < 600; ++i) {
        const long at = 1795330800 + i * 300;
        const auto call = std::to_string(at) + "." + std::to_string(i);
        const auto agent = "Agent/" + std::to_string(i % 5);
        lines.emplace_back(at, call + "|general|NONE|ENTERQUEUE||13800000000|1");
        lines.emplace_back(at + 6, call + "|general|" + agent + "|CONNECT|6|" + call + "|2");
        lines.emplace_back(at + 100, call + "|general|" + agent + "|COMPLETECALLER|6|94|1");
    }
    std::ranges::sort(lines);
    std::string out;
    for (const auto& [at, line] : lines) {
        out += std::to_string(at) + "|" + line + "\n";
    }
    return out;
}

/// A folder like the repository's, with the programs by their names and /etc/surged beside it.
void furnish(const TempDir& dir, const QuickstartWorld& world) {
    fs::create_directories(dir.path() / "build/release");
    fs::create_directory_symlink(SURGED_BIN_DIR, dir.path() / "build/release/bin");
    fs::create_directory_symlink(repository / "rules", dir.path() / "rules");
    fs::copy(repository / "systemd/etc", dir.path() / "etc", fs::copy_options::recursive | fs::copy_options::copy_symlinks);
    fs::remove_all(dir.path() / "etc/rules.d");
    fs::create_directories(dir.path() / "etc/rules.d");
    fs::copy(repository / "rules/voice.toml", dir.path() / "etc/rules.d/voice.toml");
    const auto recorded = run_program(SURGED_BIN_DIR "/surgectl", {"feed", "sim", "--for", "3m", "--speed", "0", "--to", "-", "--quiet"}, dir.path().string());
    REQUIRE(recorded.code == 0);
    std::ofstream(dir.path() / "recording.jsonl") << recorded.out;
    std::ofstream(dir.path() / "queue_log") << two_days_of_calls();
    const auto config = (dir.path() / "etc/surged.toml").string();
    std::stringstream read;
    read << std::ifstream(config).rdbuf();
    auto text = read.str();
    text.replace(text.find("/var/lib/surged"), std::string_view("/var/lib/surged").size(), dir.path().string());  // no root here
    std::ofstream(config) << text;
    std::ofstream(dir.path() / "environment") << "export PATH=" << SURGED_BIN_DIR << ":$PATH SURGED_SERVER=" << world.api() << "\n";
}

/// What may say no, which is an answer: nobody is missing on a roster, a seat was not theirs, no tokens are asked for.
bool may_say_no(const std::string& command) {
    static const std::set<std::string> verbs{"roster", "handover", "login", "join", "drill"};
    std::istringstream words(command);
    std::string program;
    std::string verb;
    words >> program >> verb;
    return verbs.contains(verb);
}

void run_as_printed(const std::string& command, const TempDir& dir) {
    auto line = command;
    for (auto at = line.find("/etc/surged/"); at != std::string::npos; at = line.find("/etc/surged/")) {
        line.replace(at, 12, "etc/");
    }
    const auto result = run_program("/bin/sh", {"-c", "cd '" + dir.path().string() + "' && . ./environment && " + line}, dir.path().string(), 2min);
    INFO(command << "\n" << result.out.substr(0, 2000) << result.err);
    CHECK((result.code == 0 || (result.code == 1 && may_say_no(command))));
    CHECK((command.find("--output") != std::string::npos || !(result.out + result.err).empty()));
}

}  // namespace

TEST_CASE("readme: its commands run as they are printed, in English and in Chinese", "[integration]") {
    QuickstartWorld world;
    const TempDir dir;
    furnish(dir, world);
    REQUIRE(world.incidents_say("\"joined\":3"));
    std::set<std::string> run;
    for (const char* page : {"README.md", "daemon/README.zh.md"}) {
        const auto commands = commands_of(page);
        CHECK(commands.size() > 12);
        for (const auto& command : commands) {
            if (run.insert(command).second) {
                run_as_printed(command, dir);
            }
        }
    }
    CHECK(fs::file_size(dir.path() / "0-1.html") > 5000);
}

TEST_CASE("readme: its message is taken whole", "[integration]") {
    const TempDir dir;
    std::size_t messages = 0;
    for (const CodeBlock& block : blocks_of("README.md")) {
        if (block.language == "json") {
            std::ofstream out(dir.file("messages"));
            for (const auto& line : block.lines) {
                out << line << "\n";
                ++messages;
            }
        }
    }
    CHECK(messages == 1);
    const auto judged = run_program(SURGED_BIN_DIR "/surgectl", {"feed", "check", dir.file("messages")}, dir.path().string());
    INFO(judged.out);
    CHECK(judged.code == 0);
    CHECK(judged.out.find("1 accepted, 0 refused, 0 times something left out, 0 oddities") != std::string::npos);
}
