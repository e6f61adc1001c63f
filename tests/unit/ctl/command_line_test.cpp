#include "ctl/command_line.hpp"

#include <string>
#include <vector>

#include "support/catch.hpp"

using namespace surged;

namespace {

/// How the program ends that has one command "go" with what `make` gives it; nullopt: the command ran.
template <typename Make>
std::optional<int> ended(Make&& make, std::vector<std::string> words) {
    CommandLine line("prog", "a program", "1.2");
    const auto go = line.root().command("go", "goes");
    line.root().needs_command();
    make(go);
    words.insert(words.begin(), {"prog", "go"});
    std::vector<char*> argv;
    for (auto& word : words) {
        argv.push_back(word.data());
    }
    return line.parse(static_cast<int>(argv.size()), argv.data());
}

}  // namespace

TEST_CASE("command line: a number at the edge of what is allowed is taken, beyond it the line is refused with 2", "[unit]") {
    double speed = 7;
    const auto not_negative = [&](CliCommand go) { go.option("--speed", speed, "speed").not_negative(); };
    const auto positive = [&](CliCommand go) { go.option("--speed", speed, "speed").positive(); };
    const auto within = [&](CliCommand go) { go.option("--speed", speed, "speed").within(0.0, 1.0); };
    CHECK(ended(not_negative, {"--speed", "0"}) == std::nullopt);
    CHECK(speed == 0);
    CHECK(ended(not_negative, {"--speed", "-0.001"}) == 2);
    CHECK(ended(positive, {"--speed", "0.001"}) == std::nullopt);
    CHECK(ended(positive, {"--speed", "0"}) == 2);
    CHECK(ended(within, {"--speed", "1"}) == std::nullopt);
    CHECK(ended(within, {"--speed", "1.001"}) == 2);
    for (const auto* text : {"inf", "-inf", "nan", "abc", "1x"}) {
        INFO(text);
        CHECK(ended(not_negative, {"--speed", text}) == 2);
        CHECK(ended(positive, {"--speed", text}) == 2);
    }
}

TEST_CASE("command line: the command runs once when the whole line is well, and not at all otherwise", "[unit]") {
    int runs = 0;
    std::string file;
    std::optional<std::uint64_t> seed;
    const auto make = [&](CliCommand go) {
        go.option("file", file, "a file").required();
        go.option("--seed", seed, "a seed");
        go.option_read_by(
            "--wait", [](const std::string& text) { return text == "5s" ? std::nullopt : std::optional(text + "?"); },
            "how long");
        go.run([&] { ++runs; });
    };
    CHECK(ended(make, {}) == 2);
    CHECK(ended(make, {"a", "--wait", "soon"}) == 2);
    CHECK(ended(make, {"a", "--unknown"}) == 2);
    CHECK(ended(make, {"--help"}) == 0);
    CHECK(runs == 0);
    CHECK(ended(make, {"a", "--wait", "5s"}) == std::nullopt);
    CHECK(runs == 1);
    CHECK(file == "a");
    CHECK_FALSE(seed.has_value());
    CHECK(ended(make, {"a", "--seed", "18446744073709551615"}) == std::nullopt);
    CHECK(seed == 18446744073709551615ULL);
}
