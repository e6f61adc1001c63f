// Includes: order, globs, loops, missing and torn files, keys set twice. On real files.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "config_kit.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace surged::test;
namespace fs = std::filesystem;

namespace {
/// A folder of its own that is gone at the end.
class Folder {
public:
    Folder() {
        std::string path = (fs::temp_directory_path() / "surged-config-XXXXXX").string();
        path_ = mkdtemp(path.data());
    }
    ~Folder() { fs::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    void write(const std::string& name, const std::string& text) const {
        fs::create_directories((path_ / name).parent_path());
        std::ofstream(path_ / name, std::ios::binary) << text;
    }
    LoadedConfig load(const std::string& name = "main.toml") const { return load_config((path_ / name).string()); }
    /// All findings, with file names relative to the folder.
    std::string check(const std::string& name = "main.toml") const {
        std::string out;
        for (const auto& diagnostic : load(name).diagnostics) {
            std::string line = diagnostic.text() + "\n";
            for (auto at = line.find(path_.string() + "/"); at != std::string::npos; at = line.find(path_.string() + "/")) {
                line.erase(at, path_.string().size() + 1);
            }
            out += line;
        }
        return out;
    }
    std::string path() const { return path_.string(); }

private:
    fs::path path_;
};

std::string derive(const std::string& name) {
    return "[[derive]]\nmetric = \"" + name + "\"\nformula = \"answered\"\n";
}
}  // namespace

TEST_CASE("includes: lists join in order of the files' names, relative to the including file", "[unit]") {
    const Folder folder;
    folder.write("main.toml", "include = [\"sub/more.toml\", \"rules.d/*.toml\"]\n" + derive("first"));
    folder.write("sub/more.toml", "include = \"deep.toml\"\n" + derive("second"));
    folder.write("sub/deep.toml", derive("third"));
    folder.write("rules.d/b.toml", derive("fifth"));
    folder.write("rules.d/a.toml", derive("fourth"));
    folder.write("rules.d/a.test.toml", "this is [ no configuration");

    const auto config = folder.load();

    REQUIRE(config.ok());
    std::string order;
    for (const auto& d : config.plan->derives) {
        order += d.metric + " ";
    }
    CHECK(order == "first second third fourth fifth ");
    CHECK(config.files.size() == 5);
    CHECK(config.settings.base_dir == folder.path());
}

TEST_CASE("includes: a table may be spread over files, a key may not", "[unit]") {
    const Folder folder;
    folder.write("main.toml", "include = [\"a.toml\"]\n[defaults]\ntimezone = \"Asia/Shanghai\"\n");
    folder.write("a.toml", "[defaults]\npage_deadline = \"2m\"\n");
    CHECK(folder.check().empty());
    CHECK(folder.load().plan->timezone == "Asia/Shanghai");

    folder.write("a.toml", "[defaults]\ntimezone = \"UTC\"\n");
    CHECK(folder.check() == "a.toml:2:1: error: `defaults.timezone` is already set at main.toml:3:1\n");
}

TEST_CASE("includes: missing files, loops and torn files are shown where they are named", "[unit]") {
    const Folder folder;
    folder.write("main.toml", "include = [\"gone.toml\", \"no/*.toml\", 3]\n");
    CHECK(folder.check() ==
          "main.toml:1:12: error: \"gone.toml\": cannot read: No such file or directory\n"
          "main.toml:1:25: warning: \"no/*.toml\" matches no file\n"
          "main.toml:1:38: error: `include` must hold file names\n");

    folder.write("main.toml", "include = [\"a.toml\"]\n");
    folder.write("a.toml", "include = [\"main.toml\"]\n");
    CHECK(folder.check() == "a.toml:1:12: error: include loop: \"main.toml\" includes itself by way of \"a.toml\"\n");

    folder.write("a.toml", "[store]\npath = \n");
    folder.write("main.toml",
                 "include = [\"a.toml\"]\n[[rule]]\nid = \"r\"\nkind = \"threshold\"\nmetric = \"oldest_wait_s\"\npolicy = "
                 "\"elsewhere\"\nyellow = { raise = \"> 40\", clear = \"< 50\" }\n");
    const auto torn = folder.check();
    CHECK(torn.find("a.toml:2:8: error: not TOML") != std::string::npos);
    CHECK(torn.find("main.toml:7:36: error: `clear`") != std::string::npos);  // the other file is still checked
    CHECK(torn.find("elsewhere") == std::string::npos);                       // it may stand in the torn file

    folder.write("main.toml", "include = [\"/dev/zero\"]\n");
    CHECK(folder.load().diagnostics.at(0).message == "larger than 4 MiB");
    CHECK(folder.check("nothing.toml") == "nothing.toml: error: cannot read: No such file or directory\n");
    CHECK(folder.check("").find("cannot read: is a folder") != std::string::npos);
}

TEST_CASE("includes: a file named twice is read once, and depth is bounded", "[unit]") {
    const Folder folder;
    folder.write("main.toml", "include = [\"a.toml\", \"*.toml\"]\n");
    folder.write("a.toml", derive("x"));
    // The glob matches the main file too: that one is on its way, so it is a loop.
    CHECK(folder.check() == "main.toml:1:22: error: include loop: \"main.toml\" includes itself\n");

    folder.write("main.toml", "include = [\"a.toml\", \"./a.toml\"]\n");
    CHECK(folder.check().empty());

    for (int i = 0; i < 20; ++i) {
        folder.write("n" + std::to_string(i) + ".toml", "include = [\"n" + std::to_string(i + 1) + ".toml\"]\n");
    }
    CHECK(folder.check("n0.toml") == "n15.toml:1:12: error: too many includes (256 files, 16 deep at most)\n");
}

TEST_CASE("parse_config: text has no folder, so it includes nothing", "[unit]") {
    CHECK(test::check("include = [\"x.toml\"]\n") == "1:11: error: `include` works in files only\n");
}
