#include "ctl/command_line.hpp"

#include <unistd.h>

#include <cstdio>
#include <string>
#include <vector>

#include "support/catch.hpp"

using namespace surged;

namespace {

/// What is written to a descriptor while this lives.
class Caught {
public:
    explicit Caught(int descriptor) : descriptor_(descriptor), kept_(::dup(descriptor)), file_(std::tmpfile()) {
        std::fflush(nullptr);
        ::dup2(::fileno(file_), descriptor_);
    }
    ~Caught() {
        std::fflush(nullptr);
        ::dup2(kept_, descriptor_);
        ::close(kept_);
        std::fclose(file_);
    }
    Caught(const Caught&) = delete;
    Caught& operator=(const Caught&) = delete;
    std::string text() const {
        std::fflush(nullptr);
        std::string out(4096, '\0');
        const auto got = ::pread(::fileno(file_), out.data(), out.size(), 0);
        out.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
        return out;
    }

private:
    int descriptor_;
    int kept_;
    std::FILE* file_;
};

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

namespace {

/// What a program with the commands "status", "show ID --limit N" and "roster show" says of this line, on stderr.
std::string said(std::vector<std::string> words) {
    CommandLine line("prog", "a program", "1.2");
    std::string server, id;
    int limit = 0;
    bool json = false;
    const auto root = line.root();
    root.option("--server", server, "where");
    root.flag("--json", json, "machines");
    root.needs_command();
    root.options_anywhere();
    root.command("status", "s");
    const auto show = root.command("show", "s");
    show.option("id", id, "which").required();
    show.option("--limit", limit, "how many");
    const auto roster = root.command("roster", "r");
    roster.needs_command();
    roster.command("show", "s");
    roster.command("gaps", "g");
    words.insert(words.begin(), "prog");
    std::vector<char*> argv;
    for (auto& word : words) {
        argv.push_back(word.data());
    }
    const Caught caught(2);
    const auto ended = line.parse(static_cast<int>(argv.size()), argv.data());
    return ended == 2 ? caught.text() : std::string();
}

}  // namespace

TEST_CASE("command line: a slip in a command or an option offers the nearest name, wherever it stands", "[unit]") {
    const std::string see = " (see prog --help)\n";
    CHECK(said({"statuss"}) == "prog: no command statuss; did you mean status?" + see);
    CHECK(said({"--server", "http://x", "shwo", "1"}) == "prog: no command shwo; did you mean show?" + see);
    CHECK(said({"--server=http://x", "shwo", "1"}) == "prog: no command shwo; did you mean show?" + see);
    CHECK(said({"--json", "statsu"}) == "prog: no command statsu; did you mean status?" + see);
    CHECK(said({"frobnicate"}) == "prog: no command frobnicate" + see);
    CHECK(said({"roster", "gasp"}) == "prog: no command gasp in roster; did you mean gaps?" + see);
    CHECK(said({"show", "1", "--limti", "3"}) == "prog: no option --limti in show; did you mean --limit?" + see);
    CHECK(said({"status", "--jsno"}) == "prog: no option --jsno in status; did you mean --json?" + see);
    // What is no slip is told as it was: a missing word, a value that is no number, a word too many.
    CHECK(said({"show"}).find("id is required") != std::string::npos);
    CHECK(said({"show", "1", "--limit", "x"}).find("--limit") != std::string::npos);
    CHECK(said({"status", "extra"}).find("extra") != std::string::npos);
    CHECK(said({"show", "statuss"}).empty());
}
