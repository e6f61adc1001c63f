// A configuration is text from outside: whatever it is, it ends in diagnostics, never in an exception or a crash.
#include <filesystem>
#include <fstream>
#include <random>

#include "config_kit.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace surged::test;

namespace {
std::string read(const std::string& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}
/// Everything that ships, as one text.
std::string sample() {
    const std::string source = SURGED_SOURCE_DIR;
    std::string text =
        read(source + "/rules/voice.toml") + read(source + "/rules/staffing.toml") + read(source + "/systemd/etc/surged.toml") + read(source + "/systemd/etc/team.toml");
    const auto include = text.find("include = ");
    return text.replace(include, text.find('\n', include) - include, "");
}
/// The invariant: a plan, or at least one error; every place lies inside the text.
void survives(const std::string& text) {
    const auto config = parse_config("t", text);
    bool errors = false;
    for (const auto& diagnostic : config.diagnostics) {
        errors = errors || diagnostic.severity == Severity::error;
        REQUIRE(diagnostic.line >= 0);
        REQUIRE_FALSE(diagnostic.message.empty());
    }
    REQUIRE(config.ok() != errors);
}
}  // namespace

TEST_CASE("hostile: the sample is clean before it is spoiled", "[unit]") {
    CHECK(check(sample()).empty());
}

TEST_CASE("hostile: every truncation of the sample ends in diagnostics", "[unit]") {
    const auto text = sample();
    for (std::size_t i = 0; i < text.size(); i += 23) {
        survives(text.substr(0, i));
    }
}

TEST_CASE("hostile: flipped, dropped and doubled bytes end in diagnostics", "[unit]") {
    const auto text = sample();
    std::mt19937 random(20260302);
    for (int i = 0; i < 1500; ++i) {
        auto spoiled = text;
        const auto at = random() % spoiled.size();
        switch (random() % 4) {
            case 0: spoiled[at] = static_cast<char>(spoiled[at] ^ (1 << (random() % 8))); break;
            case 1: spoiled.erase(at, 1 + random() % 8); break;
            case 2: spoiled.insert(at, spoiled.substr(at, 1 + random() % 16)); break;
            default: spoiled[at] = "\"'[]{}=#.,\n\\0-+>< "[random() % 19]; break;
        }
        INFO("round " << i);
        survives(spoiled);
    }
}

TEST_CASE("hostile: values of every type in every key end in diagnostics", "[unit]") {
    const auto text = sample();
    const std::vector<std::string> values{"1",
                                          "-9223372036854775808",
                                          "nan",
                                          "inf",
                                          "true",
                                          "\"\"",
                                          "\"\\u0000\"",
                                          "[]",
                                          "{}",
                                          "[[]]",
                                          "1979-05-27T07:32:00Z",
                                          "\"" + std::string(5000, 'x') + "\"",
                                          "[1, \"a\", {}]",
                                          "\"> 1e308\"",
                                          "\"9999999d\"",
                                          "\"((((((((\""};
    std::size_t value = 0;
    for (auto at = text.find(" = "); at != std::string::npos; at = text.find(" = ", at + 1)) {
        // Only whole lines: the value ends with the line, so the text stays TOML more often.
        const auto end = text.find('\n', at);
        survives(text.substr(0, at + 3) + values[value++ % values.size()] + text.substr(end));
    }
}

TEST_CASE("hostile: a corpus of bad files, each refused with an error", "[unit]") {
    std::size_t files = 0;
    for (const auto& entry :
         std::filesystem::directory_iterator(std::string(SURGED_SOURCE_DIR) + "/tests/unit/config/data/bad")) {
        INFO(entry.path());
        const auto text = read(entry.path().string());
        survives(text);
        CHECK_FALSE(parse_config("t", text).ok());
        ++files;
    }
    CHECK(files >= 12);
}
