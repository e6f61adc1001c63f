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

TEST_CASE("count row: in a zone, an offset is turned into civil time and the hour that comes twice is marked") {
    const Zone zone = autumn();
    const auto placed = [&](const char* text, const Zone* in) {
        const auto time = read_csv_time(text, DateOrder::ymd);
        REQUIRE(time);
        CountRow row;
        place_in_zone(row, *time, in);
        return row;
    };
    const auto utc = placed("2015-11-01T10:30:00Z", &zone);
    CHECK(utc.second_of_day == 2 * 3600 + 1800);
    CHECK_FALSE(utc.twice);
    CHECK(placed("2015-11-01T12:30:00+02:00", &zone).second_of_day == 2 * 3600 + 1800);
    CHECK(placed("2015-11-01 01:00", &zone).twice);
    CHECK_FALSE(placed("2015-11-01 02:00", &zone).twice);
    CHECK_FALSE(placed("2015-11-01 01:00", nullptr).twice);
    CHECK(placed("2015-11-01T12:30:00+02:00", nullptr).second_of_day == 12 * 3600 + 1800);
    CHECK(placed("2015-11-01T12:30:00+02:00", nullptr).utc_offset_s == 7200);
}

TEST_CASE("count file: of a file of several queues the one asked for is read; without its name, or with a wrong one, they are named") {
    const std::string text = "Timestamp,Queue,Count\n2026-09-07 00:00,general,1100\n2026-09-07 00:00,support,550\n2026-09-07 00:05,general,1110\n";
    const Scratch file(text);
    const auto support = read_counts(file.path(), nullptr, {}, "support");
    REQUIRE(support);
    CHECK(support->rows.size() == 1);
    CHECK(support->rows[0].count == 550);
    CHECK(read_counts(file.path(), nullptr, {}, "general")->rows.size() == 2);
    for (const char* name : {"", "sales"}) {
        const auto refused = read_counts(file.path(), nullptr, {}, name);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().message.find("general, support") != std::string::npos);
    }
    const Scratch single("Timestamp,Queue,Count\n2026-09-07 00:00,general,1100\n");
    REQUIRE(read_counts(single.path(), nullptr));
    CHECK(read_counts(single.path(), nullptr)->queue == "general");
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
