#include "ctl/count_file.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "support/catch.hpp"

using namespace surged;

namespace {

/// A file that is gone with the test.
class Scratch {
public:
    explicit Scratch(const std::string& text)
        : path_(std::filesystem::temp_directory_path() / ("count_file_" + std::to_string(std::hash<std::string>{}(text)))) {
        std::ofstream(path_, std::ios::binary) << text;
    }
    ~Scratch() { std::filesystem::remove(path_); }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    std::string path() const { return path_.string(); }

private:
    std::filesystem::path path_;
};

/// One hour back at 2015-11-01 09:00 UTC, as in Los Angeles.
Zone autumn() {
    return Zone("autumn", -7 * 3600, {{1446368400, -8 * 3600}});
}

}  // namespace

TEST_CASE("count row: the timestamp may be in any column and any of the usual forms, the count is the last column") {
    for (const char* line : {"2003-03-03T07:05,113", "2003-03-03 07:05:00,113", "2,2003-03-03T07:05:00Z,113",
                             "\"2003-03-03 07:05:00.000000\", \"113\"\r"}) {
        CAPTURE(line);
        const auto row = read_count_row(line, nullptr);
        REQUIRE(row);
        CHECK(row->day == days_from_civil(2003, 3, 3));
        CHECK(row->second_of_day == 7 * 3600 + 300);
        CHECK(row->count == 113.0);
        CHECK_FALSE(row->unreadable);
    }
    CHECK(read_count_row("2014-04-01 00:00:00,19.761251902999998", nullptr)->count == Approx(19.76125));
}

TEST_CASE("count row: what is no timestamp is refused, what is no count is marked") {
    for (const char* line : {"", ",", "timestamp,count", "2003-13-03 07:05,1", "2003-02-30 07:05,1", "2003-03-03 25:05,1",
                             "2003-03-03 07:05:00.x,1"}) {
        CAPTURE(line);
        CHECK_FALSE(read_count_row(line, nullptr));
    }
    for (const char* line : {"2003-03-03 07:05,", "2003-03-03 07:05", "2003-03-03 07:05,x", "2003-03-03 07:05,-1",
                             "2003-03-03 07:05,nan", "2003-03-03 07:05,1e10"}) {
        CAPTURE(line);
        REQUIRE(read_count_row(line, nullptr));
        CHECK(read_count_row(line, nullptr)->unreadable);
    }
}

TEST_CASE("count row: in a zone, Z is turned into civil time and the hour that comes twice is marked") {
    const Zone zone = autumn();
    const auto utc = read_count_row("2015-11-01T10:30:00Z,5", &zone);
    REQUIRE(utc);
    CHECK(utc->second_of_day == 2 * 3600 + 1800);
    CHECK_FALSE(utc->twice);
    CHECK(read_count_row("2015-11-01 01:00,43", &zone)->twice);
    CHECK_FALSE(read_count_row("2015-11-01 02:00,43", &zone)->twice);
    CHECK_FALSE(read_count_row("2015-11-01 01:00,43", nullptr)->twice);
}

TEST_CASE("count file: a header is no bad line, bad lines cost themselves only and are told by number") {
    const Scratch file("timestamp,count\n2003-03-03 07:00,1\n\nrubbish\n2003-03-03 07:05,x\n2003-03-03 07:10,3\n" +
                       std::string(70000, 'x') + "\n");
    const auto read = read_counts(file.path(), nullptr);
    REQUIRE(read);
    CHECK(read->rows.size() == 3);
    CHECK(read->rows[1].unreadable);
    CHECK(read->rows[2].count == 3.0);
    CHECK(read->bad_lines == 3);
    REQUIRE(read->told.size() == 3);
    CHECK(read->told[0].first == 4);
    CHECK(read->told[1].first == 5);
    CHECK(read->told[2].first == 7);
    CHECK(read->interval_minutes() == 5.0);
}

TEST_CASE("count file: the interval is the commonest step, jitter and gaps or not") {
    const Scratch file(
        "2015-02-26 21:42:53,1\n2015-02-26 21:47:53,1\n2015-02-26 21:52:50,1\n2015-02-26 23:00:00,1\n2015-02-26 23:05:02,1\n");
    CHECK(read_counts(file.path(), nullptr)->interval_minutes() == 5.0);
    const Scratch one("2015-02-26 21:42:53,1\n");
    CHECK(read_counts(one.path(), nullptr)->interval_minutes() == 5.0);
}

TEST_CASE("count file: of many bad lines only the first are told, all are counted; a file without rows is an error") {
    std::string text = "2003-03-03 07:00,1\n";
    for (int line = 0; line < 100; ++line) {
        text += "bad\n";
    }
    const Scratch file(text);
    const auto read = read_counts(file.path(), nullptr);
    REQUIRE(read);
    CHECK(read->bad_lines == 100);
    CHECK(read->told.size() == CountFile::told_max);

    const Scratch empty("a,b\nc,d\n");
    CHECK_FALSE(read_counts(empty.path(), nullptr));
    CHECK_FALSE(read_counts("/nonexistent/counts.csv", nullptr));
}
