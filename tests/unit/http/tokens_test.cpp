#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "io/http/tokens.hpp"
#include "support/catch.hpp"

using namespace surged;

namespace {
const std::string sixteen = "abcdefghijklmnop";

class TokenFile {
public:
    TokenFile(const std::string& text, mode_t mode) : path_("/tmp/surged-tokens-" + std::to_string(::getpid())) {
        std::ofstream(path_) << text;
        ::chmod(path_.c_str(), mode);
    }
    ~TokenFile() { std::remove(path_.c_str()); }
    TokenFile(const TokenFile&) = delete;
    TokenFile& operator=(const TokenFile&) = delete;
    const std::string& path() const { return path_; }

private:
    std::string path_;
};
}  // namespace

TEST_CASE("tokens: a line gives a role, a token and perhaps a person; comments and blank lines are skipped", "[unit]") {
    const auto table = TokenTable::parse(
        "# staff\n\nviewer " + sixteen + "V\n  responder\t" + sixteen + "R zhang \r\nadmin " + sixteen + "A", "f");

    REQUIRE(table.has_value());
    const auto viewer = table->find("Bearer " + sixteen + "V");
    REQUIRE(viewer.has_value());
    CHECK(viewer->role == Role::viewer);
    CHECK(viewer->person.empty());
    CHECK(viewer->name == "viewer");
    const auto zhang = table->find("bearer " + sixteen + "R");
    REQUIRE(zhang.has_value());
    CHECK(zhang->role == Role::responder);
    CHECK(zhang->name == "zhang");
    CHECK(table->find("Bearer " + sixteen + "A")->role == Role::admin);
}

TEST_CASE("tokens: what is not a whole known token is nobody", "[unit]") {
    const auto table = TokenTable::parse("lead " + sixteen, "f");
    REQUIRE(table.has_value());
    for (const std::string& wrong :
         {std::string(), std::string("Bearer "), std::string("Bearer"), "Bearer " + sixteen + "x", "Bearer " + sixteen.substr(1),
          "Basic " + sixteen, sixteen, "Bearer  " + sixteen, "Bearer " + std::string(10000, 'a')}) {
        CHECK_FALSE(table->find(wrong).has_value());
    }
    CHECK(table->find("Bearer " + sixteen).has_value());
}

TEST_CASE("tokens: errors name the line and never the token", "[unit]") {
    for (const std::string& bad : {"root " + sixteen, std::string("viewer short-of-sixtee"), "viewer " + sixteen + " a b",
                                   "viewer " + std::string(257, 'x'), std::string("viewer")}) {
        const auto table = TokenTable::parse("# one\n" + bad + "\n", "tokens");
        REQUIRE_FALSE(table.has_value());
        CHECK(table.error().message.rfind("tokens:2: ", 0) == 0);
        CHECK(table.error().message.find(sixteen) == std::string::npos);
    }
    CHECK(TokenTable::parse("viewer " + std::string(16, 'x'), "f").has_value());
    CHECK_FALSE(TokenTable::parse("viewer " + std::string(15, 'x'), "f").has_value());
    CHECK(TokenTable::parse("viewer " + std::string(256, 'x'), "f").has_value());
    CHECK_FALSE(TokenTable::parse("", "f").has_value());
    CHECK_FALSE(TokenTable::parse("viewer " + sixteen + "\nadmin " + sixteen, "f").has_value());
}

TEST_CASE("tokens: at most 4,096 of them", "[unit]") {
    std::string text;
    for (int i = 0; i < 4096; ++i) {
        text += "viewer " + std::to_string(1'000'000'000'000'000 + i) + "\n";
    }
    CHECK(TokenTable::parse(text, "f").has_value());
    CHECK_FALSE(TokenTable::parse(text + "viewer " + sixteen, "f").has_value());
}

TEST_CASE("token file: others may not read it nor may the group write it", "[unit]") {
    const std::string text = "viewer " + sixteen + "\n";
    CHECK(TokenTable::load(TokenFile(text, 0600).path()).has_value());
    CHECK(TokenTable::load(TokenFile(text, 0440).path()).has_value());
    CHECK_FALSE(TokenTable::load(TokenFile(text, 0644).path()).has_value());
    CHECK_FALSE(TokenTable::load(TokenFile(text, 0604).path()).has_value());
    CHECK_FALSE(TokenTable::load(TokenFile(text, 0660).path()).has_value());
    CHECK_FALSE(TokenTable::load("/nonexistent/tokens").has_value());
    CHECK_FALSE(TokenTable::load("/tmp").has_value());
}

TEST_CASE("token file: 64 KiB and no more", "[unit]") {
    const std::string head = "viewer " + sixteen + "\n#";
    CHECK(TokenTable::load(TokenFile(head + std::string(65536 - head.size(), 'x'), 0600).path()).has_value());
    CHECK_FALSE(TokenTable::load(TokenFile(head + std::string(65537 - head.size(), 'x'), 0600).path()).has_value());
}

TEST_CASE("constant time compare: equal only for equal texts", "[unit]") {
    CHECK(constant_time_equal("", ""));
    CHECK(constant_time_equal("abc", "abc"));
    CHECK_FALSE(constant_time_equal("abc", "abd"));
    CHECK_FALSE(constant_time_equal("abc", "abcd"));
    CHECK_FALSE(constant_time_equal("", "a"));
}
