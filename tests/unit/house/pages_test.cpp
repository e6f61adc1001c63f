// The pages that a stranger reads first: every path, test and command that they name is there.
#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "support/catch.hpp"

namespace fs = std::filesystem;

namespace {

const fs::path repository = SURGED_SOURCE_DIR;
constexpr std::array pages{"README.md",          "daemon/README.zh.md",  "daemon/README.md",     "rules/README.md",       "systemd/README.md",
                           "tests/sim/README.md", "tests/bench/README.md", "dashboards/README.md", "daemon/io/courier/README.md",
                           "daemon/manual/pages/surged-operations.7.md", "daemon/manual/pages/surged-metrics.7.md"};

std::string all_of(const fs::path& file) {
    std::ifstream in(file);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

std::vector<std::string> matches(const std::string& text, const std::string& pattern) {
    const std::regex wanted(pattern);
    std::vector<std::string> out;
    for (std::sregex_iterator it(text.begin(), text.end(), wanted), end; it != end; ++it) {
        out.push_back((*it)[1]);
    }
    return out;
}

/// Sources of one folder and those below, in one text.
std::string sources_in(const fs::path& folder, const std::string& name_ends) {
    std::string text;
    for (const auto& entry : fs::recursive_directory_iterator(repository / folder)) {
        if (entry.path().filename().string().ends_with(name_ends)) {
            text += all_of(entry.path());
        }
    }
    return text;
}

/// What paths of pages may start from.
std::vector<fs::path> bases(const std::string& page) {
    return {repository, (repository / page).parent_path(), repository / "daemon", repository / "daemon" / "core", repository / "tests"};
}

/// Whether "a/b", a file or folder, a source without its ending, or "a/b*.c" is there.
bool path_there(const fs::path& base, const std::string& path) {
    const auto star = path.find('*');
    if (star == std::string::npos) {
        return fs::exists(base / path) || fs::exists(base / (path + ".hpp")) || fs::exists(base / (path + ".cpp"));
    }
    const auto folder = (base / path.substr(0, star)).parent_path();
    const auto begins = fs::path(path.substr(0, star)).filename().string();
    if (!fs::is_directory(folder)) {
        return false;
    }
    return std::any_of(fs::directory_iterator(folder), fs::directory_iterator(), [&](const fs::directory_entry& entry) {
        const auto name = entry.path().filename().string();
        return (path[star - 1] == '/' || name.starts_with(begins)) && name.ends_with(path.substr(star + 1));
    });
}

/// A path is what begins with a folder that is there; else it is a queue, a rate, a ratio.
bool is_path(const std::string& page, const std::string& text) {
    const auto first = text.substr(0, text.find('/'));
    const auto from = bases(page);
    return std::any_of(from.begin(), from.end(), [&](const fs::path& base) { return fs::is_directory(base / first); });
}

}  // namespace

TEST_CASE("house: every path and every test that a page names is there") {
    const auto tests = sources_in("tests", "CMakeLists.txt");
    std::size_t looked_at = 0;
    for (const std::string page : pages) {
        // Blocks of code are examples of other hosts; their paths are not ours.
        const auto prose = std::regex_replace(all_of(repository / page), std::regex("```[^`]*```"), "");
        for (const auto& text : matches(prose, "`([A-Za-z0-9_.*-]+/[A-Za-z0-9_./*-]+)`")) {
            if (!is_path(page, text)) {
                continue;
            }
            ++looked_at;
            INFO(page << " names " << text);
            const auto from = bases(page);
            const bool there = std::any_of(from.begin(), from.end(), [&](const fs::path& base) { return path_there(base, text); });
            const auto name = text.substr(text.rfind('/') + 1);
            const bool test = text.starts_with("unit/") || text.starts_with("integration/") || text.starts_with("scenario/");
            CHECK((there || (test && tests.find("NAME " + name + " ") != std::string::npos)));
        }
    }
    CHECK(looked_at > 100);
}

TEST_CASE("house: the READMEs compare by figures that tests/bench/README.md has, in both languages") {
    // "| x2 | 24 / 52 / ... | 78 / ... |": surged, with history, floor, prom15-chain, prom15-ack at 60, 200, 400, 1,200 and 4,000 calls an hour.
    const auto bench = all_of(repository / "tests/bench/README.md");
    std::vector<std::string> tables;
    for (const char* page : {"README.md", "daemon/README.zh.md"}) {
        tables.emplace_back();
        std::ifstream in(repository / page);
        const std::regex row(R"(\| [^|]*`([a-z0-9.-]+)`[^|]*\| ([0-9]+) \| ([0-9]+) \| ([0-9]+) \| ([0-9]+) \|)");
        std::size_t rows = 0;
        for (std::string line; std::getline(in, line);) {
            if (std::smatch cells; std::regex_match(line, cells, row)) {
                ++rows;
                INFO(page << " " << line);
                const auto begin = bench.find("\n| " + cells[1].str() + " |");
                REQUIRE(begin != std::string::npos);
                const auto measured = bench.substr(begin + 1, bench.find('\n', begin + 1) - begin - 1);
                const std::regex at_400(R"(\|[^|]*\|[^|]*\|[^|]*\| ([0-9]+) / ([0-9]+) / [-0-9]+ / ([0-9]+) / ([0-9]+) \|.*)");
                std::smatch figures;
                REQUIRE(std::regex_match(measured, figures, at_400));
                for (const std::size_t i : {1U, 2U, 3U, 4U}) {
                    CHECK(cells[i + 1].str() == figures[i].str());
                    tables.back() += cells[i + 1].str() + " ";
                }
            }
        }
        CHECK(rows == 5);
    }
    CHECK(tables[0] == tables[1]);
}

TEST_CASE("house: every command that a page names is there") {
    const auto commands = sources_in("daemon/ctl", ".cpp");
    const auto benches = sources_in("tests/bench", "main.cpp");
    std::set<std::string> seen;
    for (const std::string page : pages) {
        const auto text = all_of(repository / page);
        for (const auto& command : matches(text, "[`\n ]surgectl ([a-z][a-z-]+)[`\n ]")) {
            INFO(page << " names surgectl " << command);
            CHECK(commands.find("\"" + command + "\"") != std::string::npos);
            seen.insert(command);
        }
        for (const auto& command : matches(text, "surged_bench ([a-z]+)")) {
            INFO(page << " names surged_bench " << command);
            CHECK(benches.find("\"" + command + "\"") != std::string::npos);
        }
    }
    CHECK(seen.size() > 10);

    // build/<preset>/bin/<program>
    const auto presets = all_of(repository / "CMakePresets.json");
    const auto targets = sources_in("tests", "CMakeLists.txt") + sources_in("daemon", "CMakeLists.txt");
    std::size_t programs = 0;
    for (const std::string page : pages) {
        const auto text = all_of(repository / page);
        for (const auto& path : matches(text, "build/([a-z]+/bin/[a-z_]+)")) {
            ++programs;
            INFO(page << " names build/" << path);
            CHECK(presets.find("{\"name\": \"" + path.substr(0, path.find('/')) + "\"") != std::string::npos);
            const auto program = path.substr(path.rfind('/') + 1);
            CHECK((targets.find("NAME " + program + " ") != std::string::npos || targets.find("add_executable(" + program) != std::string::npos));
        }
        for (const auto& preset : matches(text, "--preset ([a-z]+)")) {
            INFO(page << " names preset " << preset);
            CHECK(presets.find("{\"name\": \"" + preset + "\"") != std::string::npos);
        }
    }
    CHECK(programs > 5);
}
