// Counts and times as people and programs of many countries write them.
#include "core/base/csv_line.hpp"
#include "core/base/csv_number.hpp"
#include "core/base/csv_time.hpp"

#include "core/base/zone.hpp"
#include "support/catch.hpp"

using namespace surged;

namespace {

/// What is read of `text` in a file whose other counts are `others`.
std::optional<double> read_among(const std::vector<std::string>& others, const std::string& text, char separator = ',') {
    CsvNumbers numbers;
    for (const auto& other : others) {
        numbers.sample(other);
    }
    numbers.sample(text);
    REQUIRE_FALSE(numbers.settle(separator));
    std::string why;
    const auto value = numbers.read(text, why);
    CHECK((value || !why.empty()));
    return value;
}

struct Reads {
    const char* text;
    int year, month, day, hour, minute, second;
    int offset_minutes;  // 9999 = none
};

constexpr int none = 9999;

void check_reads(const Reads& wanted, DateOrder order) {
    CAPTURE(wanted.text);
    const auto time = read_csv_time(wanted.text, order);
    REQUIRE(time);
    CHECK(time->day == days_from_civil(wanted.year, wanted.month, wanted.day));
    CHECK(time->second_of_day == wanted.hour * 3600 + wanted.minute * 60 + wanted.second);
    CHECK(time->utc_offset_s.value_or(none * 60) == wanted.offset_minutes * 60);
}

}  // namespace

TEST_CASE("csv numbers: whole numbers, decimals and thousands are read as they were meant") {
    struct Case {
        const char* text;
        double value;
    };
    for (const auto& [text, value] : {Case{"0", 0},
                                      Case{"950", 950},
                                      Case{" 42 ", 42},
                                      Case{"+7", 7},
                                      Case{"1e3", 1000},
                                      Case{"19.761251902999998", 19.761251902999998},
                                      Case{"94.0", 94},
                                      Case{"0.125", 0.125},
                                      Case{"1,020", 1020},
                                      Case{"12,345,678", 12345678},
                                      Case{"1,234.5", 1234.5},
                                      Case{"950,5", 950.5},
                                      Case{"1.234,5", 1234.5},
                                      Case{"1.234.567", 1234567},
                                      Case{"1 020", 1020},
                                      Case{"1\xC2\xA0"
                                           "020",
                                           1020},
                                      Case{"1\xE2\x80\xAF"
                                           "020",
                                           1020},
                                      Case{"1'020", 1020},
                                      Case{"1 020,5", 1020.5},
                                      Case{"1234.567", 1234.567},
                                      Case{"1000000000", 1e9}}) {
        CAPTURE(text);
        const auto read = read_among({}, text);
        REQUIRE(read);
        CHECK(*read == Approx(value));
    }
}

TEST_CASE("csv numbers: what is no count, or grouped as nobody groups, is refused and never cut short") {
    for (const char* text : {"", "x", "-1", "85.5%", "1,02,000", "10 20", "1 0200", "1.2.3", "1,,020", "12a", "0x10", "nan",
                             "inf", "1e10", "1000000001", "950;5", "1.234,567.8", "=12", "1/2"}) {
        CAPTURE(text);
        CHECK_FALSE(read_among({}, text));
    }
}

TEST_CASE("csv numbers: a number that can be read in two ways is read as the rest of its file is written, else refused") {
    CHECK(read_among({"950,5"}, "1,250", ';') == 1.25);    // decimal commas elsewhere
    CHECK(read_among({"950.5"}, "1,250", ';') == 1250.0);  // decimal points elsewhere
    CHECK(read_among({"950,5"}, "1.250", ';') == 1250.0);
    CHECK(read_among({"950.5"}, "1.250", ';') == 1.25);
    CHECK_FALSE(read_among({"950"}, "1.250", ';'));  // nothing tells
    CHECK_FALSE(read_among({"950"}, "1,250", ';'));
    CHECK(read_among({"950"}, "1,250", ',') == 1250.0);     // quoted between commas: for its thousands
    CHECK_FALSE(read_among({"950", "980"}, "1.020", ','));  // 950, 980, 1.020: thousands by the look of it
    CHECK(read_among({"2.500"}, "1.250", ',') == 1.25);     // every number has its three decimals
    CsvNumbers told(DecimalMark::comma);
    std::string why;
    CHECK(told.read("1.250", why) == 1250.0);
    CHECK(told.read("1,250", why) == 1.25);
    CHECK_FALSE(told.read("1.5", why));
    CHECK(why.find("decimal comma") != std::string::npos);
}

TEST_CASE("csv numbers: a file that writes both ways is refused with an example of each") {
    CsvNumbers numbers;
    numbers.sample("950,5");
    numbers.sample("950.5");
    const auto twofold = numbers.settle(';');
    REQUIRE(twofold);
    CHECK(twofold->find("950,5") != std::string::npos);
    CHECK(twofold->find("--decimal") != std::string::npos);
}

TEST_CASE("csv times: the usual forms, with offsets") {
    for (const auto& wanted :
         {Reads{"2026-09-21 08:05", 2026, 9, 21, 8, 5, 0, none}, Reads{"2026-09-21T08:05:30", 2026, 9, 21, 8, 5, 30, none},
          Reads{"2026-09-21T08:05:30.123Z", 2026, 9, 21, 8, 5, 30, 0}, Reads{"2026-09-21 08:05:30 UTC", 2026, 9, 21, 8, 5, 30, 0},
          Reads{"2026-09-21T08:05:00+08:00", 2026, 9, 21, 8, 5, 0, 480},
          Reads{"2026-09-21T08:05:00-0500", 2026, 9, 21, 8, 5, 0, -300},
          Reads{"2026-09-21 08:05:00+01", 2026, 9, 21, 8, 5, 0, 60},
          Reads{"2026-09-21T08:05:00 +05:45", 2026, 9, 21, 8, 5, 0, 345}, Reads{"2026/9/1 8:05", 2026, 9, 1, 8, 5, 0, none},
          Reads{"2026年9月21日 08:05", 2026, 9, 21, 8, 5, 0, none}, Reads{"2026-09-21 08:00 - 08:30", 2026, 9, 21, 8, 0, 0, none},
          Reads{"2026-09-21 下午 2:05", 2026, 9, 21, 14, 5, 0, none}, Reads{"21.09.2026 08:05", 2026, 9, 21, 8, 5, 0, none}}) {
        check_reads(wanted, DateOrder::unknown);
    }
    check_reads({"21/09/2026 8:05", 2026, 9, 21, 8, 5, 0, none}, DateOrder::dmy);
    check_reads({"9/1/2026 1:05 PM", 2026, 9, 1, 13, 5, 0, none}, DateOrder::mdy);
    check_reads({"9/1/2026 12:05 am", 2026, 9, 1, 0, 5, 0, none}, DateOrder::mdy);
    check_reads({"9/1/2026, 12:05:07 PM", 2026, 9, 1, 12, 5, 7, none}, DateOrder::mdy);
    check_reads({"01-09-2026 08:05", 2026, 9, 1, 8, 5, 0, none}, DateOrder::dmy);
}

TEST_CASE("csv times: what is no time, or could be two, is refused") {
    for (const char* text :
         {"", "2026-09-21", "2026-13-21 08:00", "2026-02-30 08:00", "2026-09-21 24:00", "2026-09-21 08:60", "2026-09-21 08:00:61",
          "2026-09-21 13:00 PM", "2026-09-21 0:00 AM", "2026-09-21 08:00+15:00", "2026-09-21 08:00 x", "2026-09/21 08:00",
          "01/09/2026 08:00", "21-09-26 08:00", "20260921 0800", "2026-09-2108:00", "2026-09-21 08", "2026-09-21 08:5:00x"}) {
        CAPTURE(text);
        CHECK_FALSE(read_csv_time(text, DateOrder::unknown));
    }
    CHECK_FALSE(read_csv_time("13/13/2026 08:00", DateOrder::dmy));
    CHECK_FALSE(read_csv_time("21/09/2026 08:00", DateOrder::mdy));
}

TEST_CASE("csv times: seconds and milliseconds since 1970 are UTC") {
    for (const char* text : {"1795330800", "1795330800123", "1795330800.5"}) {
        CAPTURE(text);
        const auto time = read_csv_epoch(text);
        REQUIRE(time);
        CHECK(time->day * 86400 + time->second_of_day == 1795330800);
        CHECK(time->utc_offset_s == 0);
    }
    for (const char* text : {"179533080", "17953308001", "x", "", "1795330800x"}) {
        CHECK_FALSE(read_csv_epoch(text));
    }
}

TEST_CASE("csv date order: any way of writing it") {
    CHECK(parse_date_order("d.m.Y") == DateOrder::dmy);
    CHECK(parse_date_order("%m/%d/%Y") == DateOrder::mdy);
    CHECK(parse_date_order("DD/MM/YYYY HH:mm") == DateOrder::dmy);
    CHECK(parse_date_order("yyyy-MM-dd") == DateOrder::ymd);
    CHECK_FALSE(parse_date_order("d.m"));
    CHECK_FALSE(parse_date_order(""));
}

TEST_CASE("csv fields: quotes hold separators and doubled quotes; a quote that is not closed is told") {
    std::vector<std::string_view> fields;
    std::string unquoted;
    REQUIRE(csv_split(R"(2026-09-21 08:00,"Sales, inbound", "say ""hi""" ,,"1,020")", ',', fields, unquoted));
    CHECK(fields == std::vector<std::string_view>{"2026-09-21 08:00", "Sales, inbound", "say \"hi\"", "", "1,020"});
    CHECK_FALSE(csv_split(R"(a,"b)", ',', fields, unquoted));
    CHECK_FALSE(csv_split(R"(a,"b"c)", ',', fields, unquoted));
    REQUIRE(csv_split("a;b;", ';', fields, unquoted));
    CHECK(fields == std::vector<std::string_view>{"a", "b", ""});
    REQUIRE(csv_split("\"a\"\t\"\"", '\t', fields, unquoted));
    CHECK(fields == std::vector<std::string_view>{"a", ""});
}
