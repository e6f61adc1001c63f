// surgectl.toml: what it may say, where what is wrong stands, and that a token in it is nobody else's to read.
#include "config/client_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <map>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace surged;
using surged::test::TempDir;

namespace {

/// A file of this text and mode, read.
ClientFile client_file(const TempDir& dir, const std::string& text, mode_t mode = 0600) {
    const auto path = dir.file("surgectl.toml");
    std::ofstream(path) << text;
    REQUIRE(::chmod(path.c_str(), mode) == 0);
    return read_client_file(path);
}

/// "2:1: error: ..." of each finding, below each other.
std::string findings(const TempDir& dir, const ClientFile& file) {
    std::string out;
    for (const Diagnostic& diagnostic : file.diagnostics) {
        const auto text = diagnostic.text();
        CHECK(text.starts_with(dir.file("surgectl.toml") + ":"));
        out += text.substr(dir.file("surgectl.toml").size() + 1) + "\n";
    }
    return out;
}

/// A variable of the environment for as long as this lives.
class Variable {
public:
    Variable(const char* name, const char* value) : name_(name) {
        if (const char* before = std::getenv(name)) {
            before_ = before;
        }
        value == nullptr ? ::unsetenv(name) : ::setenv(name, value, 1);
    }
    ~Variable() { before_ ? ::setenv(name_, before_->c_str(), 1) : ::unsetenv(name_); }
    Variable(const Variable&) = delete;
    Variable& operator=(const Variable&) = delete;

private:
    const char* name_;
    std::optional<std::string> before_;
};

}  // namespace

TEST_CASE("surgectl.toml: several servers stand in a list or with commas, and each is judged", "[unit]") {
    const TempDir dir;
    CHECK(client_file(dir, "server = [\"https://a:1/\", \"https://b:1\"]\n").server == "https://a:1,https://b:1");
    CHECK(client_file(dir, "server = \"https://a:1, https://b:1/\"\n").server == "https://a:1,https://b:1");
    CHECK(findings(dir, client_file(dir, "server = [\"https://a:1\", \"b:1\"]\n")).starts_with("1:26: error: `server` is "));
    CHECK(findings(dir, client_file(dir, "server = \"https://a:1,,https://b:1\"\n")).starts_with("1:10: error: `server` is "));
    CHECK(findings(dir, client_file(dir, "server = []\n")).starts_with("1:10: error: the list of servers is empty"));
}

TEST_CASE("surgectl.toml: it says server, token, authority and language; paths are of its own folder or of the home", "[unit]") {
    const TempDir dir;
    const Variable home("HOME", dir.path().c_str());
    std::ofstream(dir.file("mine")) << "secret\n";
    REQUIRE(::chmod(dir.file("mine").c_str(), 0600) == 0);
    const auto file = client_file(dir, "server = \"https://surged.example:9847/\"\ntoken_file = \"mine\"\nca_file = \"~/ca.pem\"\nlanguage = \"zh\"\n", 0644);
    CHECK(findings(dir, file).empty());
    CHECK(file.server == "https://surged.example:9847");
    CHECK(file.token_file == dir.file("mine"));
    CHECK(file.ca_file == dir.file("ca.pem"));
    CHECK(file.language == Language::zh);
    CHECK(file.token.empty());
    CHECK(client_file(dir, "token = \"abc\"\n").token == "abc");
    CHECK(findings(dir, client_file(dir, "")).empty());
}

TEST_CASE("surgectl.toml: one that is not there says nothing; one that cannot be read is an error, and a FIFO is not waited for", "[unit]") {
    const TempDir dir;
    CHECK(read_client_file("").diagnostics.empty());
    CHECK(read_client_file(dir.file("none/surgectl.toml")).diagnostics.empty());
    CHECK(read_client_file(dir.file("none/surgectl.toml")).path.empty());
    REQUIRE(::mkdir(dir.file("surgectl.toml").c_str(), 0700) == 0);
    CHECK(read_client_file(dir.file("surgectl.toml")).diagnostics.size() == 1);
    REQUIRE(::rmdir(dir.file("surgectl.toml").c_str()) == 0);
    REQUIRE(::mkfifo(dir.file("surgectl.toml").c_str(), 0600) == 0);
    CHECK(read_client_file(dir.file("surgectl.toml")).diagnostics.at(0).message == "not a regular file");
    REQUIRE(::unlink(dir.file("surgectl.toml").c_str()) == 0);
    CHECK(client_file(dir, std::string(70000, '\n')).diagnostics.at(0).message == "larger than 64 KiB");
}

TEST_CASE("surgectl.toml: one that this user may not read is an error, one in a folder that this user may not look into is none", "[unit]") {
    const TempDir dir;
    const auto folder = dir.path() / "home";
    REQUIRE(::mkdir(folder.c_str(), 0755) == 0);
    const auto path = (folder / "surgectl.toml").string();
    std::ofstream(path) << "language = \"zh\"\n";
    REQUIRE(::chmod(path.c_str(), 0000) == 0);
    REQUIRE(::chmod(dir.path().c_str(), 0755) == 0);
    const bool root = ::geteuid() == 0;  // who may read everything
    REQUIRE((!root || ::seteuid(65534) == 0));
    const auto unread = read_client_file(path);
    REQUIRE((!root || ::seteuid(0) == 0));
    REQUIRE(::chmod(folder.c_str(), 0000) == 0);
    REQUIRE((!root || ::seteuid(65534) == 0));
    const auto unseen = read_client_file(path);
    REQUIRE((!root || ::seteuid(0) == 0));
    REQUIRE(::chmod(folder.c_str(), 0755) == 0);
    REQUIRE(unread.diagnostics.size() == 1);
    CHECK(unread.diagnostics.at(0).message == "cannot read: Permission denied");
    CHECK(unseen.diagnostics.empty());
    CHECK(unseen.path.empty());
}

TEST_CASE("surgectl.toml: every error has its line and column, the nearest key, and nothing of a file with an error counts", "[unit]") {
    const TempDir dir;
    const auto file = client_file(dir, "servre = \"http://a\"\nlanguage = \"de\"\ntoken_file = 3\n");
    const auto said = findings(dir, file);
    INFO(said);
    CHECK(said.find("1:1: error: ") != std::string::npos);
    CHECK(said.find("did you mean \"server\"?") != std::string::npos);
    CHECK(said.find("2:12: error: ") != std::string::npos);
    CHECK(said.find("3:14: error: `token_file` must be a string, not a whole number") != std::string::npos);
    const auto torn = client_file(dir, "server = \"http://a\"\nlanguage = \n");
    CHECK(findings(dir, torn).starts_with("2:"));
    CHECK(torn.server.empty());
    CHECK_FALSE(client_file(dir, "server = \"http://a\"\nlanguage = \"de\"\n").server == "http://a");
    for (const char* server : {"surged.example:9847", "ftp://a", "http://", "http://a/b", "http://me:pw@a", "http://a b"}) {
        INFO(server);
        CHECK(findings(dir, client_file(dir, "\nserver = \"" + std::string(server) + "\"\n")).starts_with("2:10: error: `server` is "));
    }
}

TEST_CASE("surgectl.toml: a token that others could read is an error, at both sides of the limit, and is never shown", "[unit]") {
    const TempDir dir;
    for (const mode_t mode : {0600U, 0400U}) {
        CHECK(findings(dir, client_file(dir, "token = \"hush\"\n", mode)).empty());
    }
    for (const mode_t mode : {0640U, 0604U, 0620U, 0644U, 0601U}) {
        INFO(std::oct << mode);
        const auto file = client_file(dir, "token = \"hush\"\n", mode);
        const auto said = findings(dir, file);
        CHECK(said.starts_with("1:9: error: this file holds a token and others may read or write it: chmod 600"));
        CHECK(said.find("hush") == std::string::npos);
        CHECK(file.token.empty());
    }
    std::ofstream(dir.file("mine")) << "hush\n";
    for (const auto& [mode, good] : std::map<mode_t, bool>{{0600U, true}, {0640U, true}, {0644U, false}, {0660U, false}}) {
        REQUIRE(::chmod(dir.file("mine").c_str(), mode) == 0);
        CHECK(findings(dir, client_file(dir, "token_file = \"mine\"\n")).empty() == good);
    }
    CHECK(findings(dir, client_file(dir, "token_file = \"none\"\n")).starts_with("1:14: error: cannot read "));
    CHECK(findings(dir, client_file(dir, "token = \"a\"\ntoken_file = \"mine\"\n")).find("not both") != std::string::npos);
    CHECK(findings(dir, client_file(dir, "token = \"two words\"\n")).find("two words") == std::string::npos);
    CHECK_FALSE(findings(dir, client_file(dir, "token = \"two words\"\n")).empty());
    CHECK_FALSE(findings(dir, client_file(dir, "token = \"a\\r\\nX: y\"\n")).empty());
}

TEST_CASE("surgectl.toml: it lies below XDG_CONFIG_HOME, without it below the home, and nowhere without both", "[unit]") {
    const Variable home("HOME", "/home/me");
    {
        const Variable config("XDG_CONFIG_HOME", "/cfg");
        CHECK(client_file_path() == "/cfg/surged/surgectl.toml");
    }
    for (const char* none : {static_cast<const char*>(nullptr), "", "relative/folder"}) {
        const Variable config("XDG_CONFIG_HOME", none);
        CHECK(client_file_path() == "/home/me/.config/surged/surgectl.toml");
        const Variable homeless("HOME", nullptr);
        CHECK(client_file_path().empty());
    }
}
