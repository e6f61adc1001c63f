// The law of the rooms: a room includes only rooms above it in the table of daemon/README.md, and the table names them. Read from the
// sources themselves.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "support/catch.hpp"

namespace fs = std::filesystem;

namespace {

const fs::path daemon_folder = fs::path(SURGED_SOURCE_DIR) / "daemon";

/// The rooms of the table, in its order: `core/base`, ..., `io/*`, ..., `main.cpp`.
std::vector<std::string> rooms_of_readme() {
    std::ifstream in(daemon_folder / "README.md");
    std::vector<std::string> rooms;
    std::string line;
    for (bool inside = false; std::getline(in, line);) {
        if (line.starts_with("## ")) {
            inside = line == "## Rooms";
        } else if (inside && line.starts_with("| `")) {
            rooms.push_back(line.substr(3, line.find('`', 3) - 3));
        }
    }
    return rooms;
}

/// The last column: room -> the rooms that it includes.
std::map<std::string, std::set<std::string>> includes_of_readme() {
    std::ifstream in(daemon_folder / "README.md");
    std::map<std::string, std::set<std::string>> said;
    std::string line;
    for (bool inside = false; std::getline(in, line);) {
        if (line.starts_with("## ")) {
            inside = line == "## Rooms";
        }
        if (!inside || !line.starts_with("| `")) {
            continue;
        }
        auto& of = said[line.substr(3, line.find('`', 3) - 3)];
        const auto last = line.substr(line.rfind(" | ") + 3);
        for (auto open = last.find('`'); open != std::string::npos;) {
            const auto close = last.find('`', open + 1);
            of.insert(last.substr(open + 1, close - open - 1));
            open = last.find('`', close + 1);
        }
    }
    return said;
}

bool within(std::string_view path, std::string_view room) {
    return path == room || (path.starts_with(room) && path.substr(room.size()).starts_with('/'));
}

/// Place of the room that `path` lies in; a room within another one is the nearer. nullopt = in no room.
std::optional<std::size_t> room_of(std::string_view path, const std::vector<std::string>& rooms) {
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i < rooms.size(); ++i) {
        const bool all_io = rooms[i] == "io/*" && path.starts_with("io/");
        if ((all_io || within(path, rooms[i])) && (!best || rooms[i].size() > rooms[*best].size())) {
            best = i;
        }
    }
    return best;
}

/// "courier" of "io/courier/pace.cpp"; empty for what stands in io itself.
std::string part_of_io(std::string_view path) {
    const auto rest = path.substr(3);
    const auto slash = rest.find('/');
    return slash == std::string_view::npos ? std::string() : std::string(rest.substr(0, slash));
}

struct Include {
    std::string from, what;
    int line = 0;
};

std::vector<Include> includes() {
    std::vector<Include> found;
    for (const auto& entry : fs::recursive_directory_iterator(daemon_folder)) {
        const auto kind = entry.path().extension();
        if (kind != ".cpp" && kind != ".hpp") {
            continue;
        }
        std::ifstream in(entry.path());
        std::string text;
        for (int line = 1; std::getline(in, text); ++line) {
            if (text.starts_with("#include \"")) {
                found.push_back({entry.path().lexically_relative(daemon_folder).string(), text.substr(10, text.find('"', 10) - 10), line});
            }
        }
    }
    return found;
}

/// What is wrong with an include; empty = nothing.
std::string breach(const Include& include, const std::vector<std::string>& rooms) {
    if (!fs::exists(daemon_folder / include.what)) {
        return {};  // made by the build
    }
    const auto from = room_of(include.from, rooms);
    const auto to = room_of(include.what, rooms);
    if (!from || !to) {
        return "lies in no room of the table";
    }
    if (*to > *from) {
        return rooms[*from] + " includes " + rooms[*to] + ", which stands below it";
    }
    if (*to == *from && rooms[*to] == "io/*") {
        const auto other = part_of_io(include.what);
        if (!other.empty() && other != part_of_io(include.from)) {
            return "one part of io includes another";
        }
    }
    return {};
}

}  // namespace

TEST_CASE("house: a room includes only rooms above it in daemon/README.md") {
    const auto rooms = rooms_of_readme();
    REQUIRE(rooms.size() > 10);
    const auto all = includes();
    REQUIRE(all.size() > 1000);
    for (const auto& include : all) {
        INFO("daemon/" << include.from << ":" << include.line << " includes " << include.what);
        CHECK(breach(include, rooms).empty());
    }
}

TEST_CASE("house: the table of rooms names what each room includes, and nothing else") {
    const auto rooms = rooms_of_readme();
    std::map<std::string, std::set<std::string>> found;
    for (const auto& include : includes()) {
        const auto from = room_of(include.from, rooms);
        const auto to = room_of(include.what, rooms);
        if (from && to && *from != *to && fs::exists(daemon_folder / include.what)) {
            found[rooms[*from]].insert(rooms[*to]);
        }
    }
    auto said = includes_of_readme();
    for (const auto& room : rooms) {
        for (const auto& other : found[room]) {
            INFO(room << " includes " << other << ", and the table does not say so");
            CHECK(said[room].contains(other));
        }
        for (const auto& other : said[room]) {
            INFO("the table says that " << room << " includes " << other);
            CHECK(found[room].contains(other));
        }
    }
}

TEST_CASE("house: the law finds a room that looks down, a part of io that looks aside, and a file without a room") {
    const std::vector<std::string> rooms{"core/base", "core/rule", "core/escalation", "io/*", "app"};
    CHECK(breach({"core/rule/detector.hpp", "core/base/time.hpp", 1}, rooms).empty());
    CHECK_FALSE(breach({"core/base/time.hpp", "core/rule/detector.hpp", 1}, rooms).empty());
    CHECK_FALSE(breach({"io/http/router.hpp", "io/courier/README.md", 1}, rooms).empty());
    CHECK(breach({"io/store/sqlite_log.hpp", "io/record_log.hpp", 1}, rooms).empty());
    CHECK_FALSE(breach({"attic/old.cpp", "core/base/time.hpp", 1}, rooms).empty());
}
