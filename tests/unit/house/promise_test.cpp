// The table of promises in daemon/README.md: each names tests that hold it, and those tests are there.
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "support/catch.hpp"

namespace fs = std::filesystem;

namespace {

std::string all_of(const fs::path& file) {
    std::ifstream in(file);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

/// Code of a promise -> the texts in double quotes of its row's last cell: beginnings of names of tests.
std::map<std::string, std::vector<std::string>> promises() {
    std::istringstream in(all_of(fs::path(SURGED_SOURCE_DIR) / "daemon" / "README.md"));
    std::map<std::string, std::vector<std::string>> found;
    std::string line;
    for (bool inside = false; std::getline(in, line);) {
        if (line.starts_with("## ")) {
            inside = line == "## Promises";
            continue;
        }
        const bool row = inside && line.starts_with("| ") && line.size() > 3 && std::string("DPO").find(line[2]) != std::string::npos;
        if (!row) {
            continue;
        }
        auto& names = found[line.substr(2, line.find(' ', 2) - 2)];
        const auto cell = line.rfind(" | ");
        for (auto open = line.find('"', cell); open != std::string::npos;) {
            const auto close = line.find('"', open + 1);
            REQUIRE(close != std::string::npos);
            names.push_back(line.substr(open + 1, close - open - 1));
            open = line.find('"', close + 1);
        }
    }
    return found;
}

}  // namespace

TEST_CASE("house: every promise has a row, and every test that it names is there") {
    const auto table = promises();
    for (const auto& [kind, count] : std::map<std::string, int>{{"D", 8}, {"P", 11}, {"O", 7}}) {
        for (int n = 1; n <= count; ++n) {
            CHECK(table.count(kind + std::to_string(n)) == 1);
        }
    }
    std::string tests;
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(SURGED_SOURCE_DIR) / "tests")) {
        if (entry.path().extension() == ".cpp") {
            tests += all_of(entry.path());
        }
    }
    for (const auto& [code, names] : table) {
        INFO(code);
        CHECK_FALSE(names.empty());
        for (const auto& name : names) {
            INFO(name);
            CHECK(tests.find("TEST_CASE(\"" + name) != std::string::npos);
        }
    }
}
