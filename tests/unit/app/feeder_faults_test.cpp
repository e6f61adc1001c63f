// Feeders' faults in the log: at once, then once a minute, never a flood.
#include "app/feeder_faults.hpp"

#include <unistd.h>

#include <fstream>
#include <iterator>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace surged;
using namespace surged::test;

namespace {

/// Lines of the log while it lives: the log writes to stderr.
class Journal {
public:
    Journal() : saved_(::dup(2)) {
        std::FILE* const file = std::fopen(path_.c_str(), "w");
        ::dup2(::fileno(file), 2);
        std::fclose(file);
    }
    ~Journal() {
        ::dup2(saved_, 2);
        ::close(saved_);
    }
    Journal(const Journal&) = delete;
    Journal& operator=(const Journal&) = delete;
    std::vector<std::string> lines() const {
        std::ifstream in(path_);
        std::vector<std::string> out;
        for (std::string line; std::getline(in, line);) {
            out.push_back(line);
        }
        return out;
    }

private:
    TempDir dir_;
    std::string path_ = dir_.file("log");
    int saved_;
};

EngineTime at(int seconds) {
    return engine_time(1'000'000 + seconds * 1000);
}

}  // namespace

TEST_CASE("feeder faults: the first is told at once with its example, the rest counted once a minute") {
    RefusalBook book;
    FeederFaults faults;
    const Log log(false);
    std::vector<std::string> lines;
    {
        const Journal journal;
        const auto wrong = [&](int second) {
            book.add("py", {Refusal::wrong_type, "ts", "1.5x", "milliseconds since 1970"}, 1, at(second));
            faults.turn(book, at(second), log);
        };
        faults.turn(book, at(0), log);
        wrong(1);
        for (int second = 2; second < 61; ++second) {
            wrong(second);
        }
        CHECK(journal.lines().size() == 1);
        wrong(61);
        faults.turn(book, at(130), log);  // nothing new
        lines = journal.lines();
    }
    REQUIRE(lines.size() == 2);
    CHECK(lines[0] == "event=refused source=py reason=wrong_type count=1 field=ts got=1.5x want=\"milliseconds since 1970\"");
    CHECK(lines[1].find("count=60") != std::string::npos);
}

TEST_CASE("feeder faults: what came within a minute of its line is told when the minute is over, though nothing more came") {
    RefusalBook book;
    FeederFaults faults;
    const Log log(false);
    std::size_t lines = 0;
    {
        const Journal journal;
        book.add("py", {Refusal::late, "ts", "", ""}, 1, at(1));
        faults.turn(book, at(1), log);
        book.add("py", {Refusal::late, "ts", "", ""}, 1, at(2));
        faults.turn(book, at(2), log);
        faults.turn(book, at(70), log);
        lines = journal.lines().size();
    }
    CHECK(lines == 2);
}

TEST_CASE("feeder faults: whoever invents names fills no journal") {
    RefusalBook book;
    FeederFaults faults;
    const Log log(false);
    std::vector<std::string> lines;
    {
        const Journal journal;
        for (int i = 0; i < 200; ++i) {
            book.add("s" + std::to_string(i), {}, 1, at(1));
        }
        faults.turn(book, at(1), log);
        faults.turn(book, at(2), log);
        CHECK(journal.lines().size() == FeederFaults::lines_max);
        faults.turn(book, at(62), log);
        lines = journal.lines();
    }
    CHECK(lines.size() == 2 * FeederFaults::lines_max + 1);
    CHECK(lines[FeederFaults::lines_max].find("event=refused_more") != std::string::npos);
}
