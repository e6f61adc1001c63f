// Whole files of counts as exports write them: read rightly, or refused with the option that says it.
#include "ctl/csv_file.hpp"

#include <fstream>

#include "core/base/zone.hpp"
#include "ctl/text_file.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace surged;
using namespace surged::test;

namespace {

struct Read {
    std::string problem;
    std::vector<std::string> rows;  ///< "2026-09-21 08:00 queue=count", "?" for a count that could not be read
    std::vector<std::string> bad;   ///< "line: why"
    std::vector<std::string> notes;
};

Read read(const std::string& bytes, const CsvOptions& options = {}) {
    TempDir dir;
    const auto path = dir.file("export.csv");
    std::ofstream(path, std::ios::binary) << bytes;
    Read out;
    const auto file = CsvFile::open(path, options);
    if (!file) {
        out.problem = file.error().message;
        return out;
    }
    out.notes = file->notes();
    const auto row = [&](const CsvRow& in) {
        const auto date = civil_from_days(in.time.day);
        char text[64];
        std::snprintf(text, sizeof text, "%02d-%02d %02d:%02d ", date.month, date.day, in.time.second_of_day / 3600,
                      in.time.second_of_day / 60 % 60);
        char count[32] = "?";
        if (in.count) {
            std::snprintf(count, sizeof count, "%g", *in.count);
        }
        out.rows.push_back(text + std::string(in.queue) + "=" + count);
        return true;
    };
    REQUIRE(file->each(
        row, [&](std::size_t line, const std::string& why) { out.bad.push_back(std::to_string(line) + ": " + why); }, {}));
    return out;
}

using Rows = std::vector<std::string>;
const Rows plain{"09-21 08:00 =950", "09-21 08:30 =1020"};

CsvOptions column(const std::string& name) {
    CsvOptions options;
    options.column = name;
    return options;
}

}  // namespace

TEST_CASE("csv file: the same two rows are read from every dialect") {
    for (const char* text : {
             "timestamp,count\n2026-09-21 08:00,950\n2026-09-21 08:30,1020\n",
             "2026-09-21 08:00,950\n2026-09-21 08:30,1020",  // no header, no last line end
             "\xEF\xBB\xBF"
             "2026-09-21 08:00,950\r\n2026-09-21 08:30,1020\r\n",                                    // a mark and no header
             "Zeit;Anrufe\n2026-09-21 08:00;950\n2026-09-21 08:30;1020\n",                           // semicolons
             "Time\tCalls\n2026-09-21 08:00\t950\n2026-09-21 08:30\t1020\n",                         // tabs
             "timestamp,count\n2026-09-21 08:00,\"950\"\n2026-09-21 08:30,\"1,020\"\n",              // thousands
             "Datum;Volumen\n21.09.2026 08:00;950,0\n21.09.2026 08:30;1.020,0\n",                    // Germany
             "Date,Volume\n9/21/2026 8:00 AM,950\n9/21/2026 8:30 AM,1020\n",                         // America
             "Date,Volume\n21/09/2026 08:00,950\n21/09/2026 08:30,1020\n",                           // Britain
             "Date,Time,Calls\n2026-09-21,08:00,950\n2026-09-21,08:30,1020\n",                       // date and time apart
             "Datum;Uhrzeit;Anrufe\n21.09.2026;08:00 - 08:30;950\n21.09.2026;08:30 - 09:00;1020\n",  // an interval's label
             "rownames,DateTime,Calls\n1,2026-09-21T08:00:00,950\n2,2026-09-21T08:30:00,1020\n",     // a number for each row
             "Report of calls\n\ntimestamp,count\n2026-09-21 08:00,950\n2026-09-21 08:30,1020\nTotal,1970\n",
             "timestamp,count,\n2026-09-21 08:00,950,\n2026-09-21 08:30,1020,\n",  // a separator at the end
             "timestamp,count\r2026-09-21 08:00,950\r2026-09-21 08:30,1020\r",     // old Macs
             "日期时间,话务量\n2026-09-21 08:00,950\n2026-09-21 08:30,1020\n",
             "time,count\n1789977600,950\n1789979400,1020\n",  // seconds since 1970
             "\"timestamp\",\"count\"\n\"2026-09-21 08:00\",\"950\"\n\"2026-09-21 08:30\",\"1020\"\n",
             "timestamp,count\n2026-09-21 08:30,1020\n2026-09-21 08:00,950\n",  // newest first
         }) {
        CAPTURE(text);
        const auto got = read(text);
        CHECK(got.problem.empty());
        CHECK(got.rows == plain);
    }
}

TEST_CASE("csv file: UTF-16 and GB18030, as Excel writes them, are decoded") {
    const std::string text = "timestamp,count\r\n2026-09-21 08:00,950\r\n2026-09-21 08:30,1020\r\n";
    std::string little = "\xFF\xFE";
    std::string big;
    for (const char c : text) {
        little += {c, '\0'};
        big += {'\0', c};
    }
    CHECK(read(little).rows == plain);
    CHECK(read("\xFE\xFF" + big).rows == plain);
    CHECK(read(big).rows == plain);
    const auto gb =
        read("timestamp,queue,count\n2026-09-21 08:00,\xC6\xD5\xCF\xAF,950\n2026-09-21 08:30,\xC6\xD5\xCF\xAF,1020\n");
    CHECK(gb.rows == Rows{"09-21 08:00 普席=950", "09-21 08:30 普席=1020"});
    CHECK(read("timestamp,count\n2026-09-21 08:00,\xFF\xFF\n").problem.find("neither UTF-8") != std::string::npos);
}

TEST_CASE("csv file: of several columns the count is the one named, by header in any case or by number") {
    const std::string genesys =
        "\xEF\xBB\xBFInterval Start,Interval End,Media Type,Queue Name,Offer,Answer,Abandon\n"
        "\"2026-09-21 08:00\",\"2026-09-21 08:30\",voice,\"Sales, inbound\",950,920,30\n"
        "\"2026-09-21 08:30\",\"2026-09-21 09:00\",voice,\"Sales, inbound\",\"1,020\",990,30\n";
    const auto refused = read(genesys);
    CHECK(refused.problem.find("--column") != std::string::npos);
    CHECK(refused.problem.find("5 Offer, 6 Answer, 7 Abandon") != std::string::npos);
    const Rows wanted{"09-21 08:00 Sales, inbound=950", "09-21 08:30 Sales, inbound=1020"};
    CHECK(read(genesys, column("offer")).rows == wanted);
    CHECK(read(genesys, column("5")).rows == wanted);
    CHECK(read(genesys, column("8")).problem.find("no such column") != std::string::npos);
    CHECK(read(genesys, column("Offered")).problem.find("no such column") != std::string::npos);
    CsvOptions end = column("Offer");
    end.time_column = "interval end";
    CHECK(read(genesys, end).rows.front() == "09-21 08:30 Sales, inbound=950");
    CsvOptions offered;
    offered.metric = "offer";
    CHECK(read(genesys, offered).rows == wanted);
    const auto amazon =
        "Queue,StartInterval,EndInterval,Contacts queued,Service level 60 "
        "seconds\nBasicQueue,2026-09-21T08:00:00.000Z,2026-09-21T08:30:00.000Z,950,85.5%\n";
    CHECK(read(amazon).problem.find("--column") != std::string::npos);
    CHECK(read(amazon, column("contacts queued")).rows == Rows{"09-21 08:00 BasicQueue=950"});
    CHECK(read(amazon, column("service level 60 seconds")).bad ==
          std::vector<std::string>{"2: column 5 (Service level 60 seconds): \"85.5%\" is a percentage, no count"});
}

TEST_CASE("csv file: a bad row costs itself, with its line and column; a wrong number never comes out") {
    const auto got = read(
        "timestamp,queue,count\n2026-09-21 08:00,a,950\n2026-09-21 08:05,a,950,5\n2026-09-21 08:10,,7\n2026-13-21 08:15,a,7\n"
        "2026-09-21 08:20,a,x\n2026-09-21 08:25,\"a,7\n2026-09-21 08:30,a,\"1,02,000\"\n" +
        std::string(70000, 'x') + "\n2026-09-21 08:35,a,8\n");
    CHECK(got.rows == Rows{"09-21 08:00 a=950", "09-21 08:20 a=?", "09-21 08:30 a=?", "09-21 08:35 a=8"});
    CHECK(got.bad == std::vector<std::string>{
                         "3: 4 fields where the header has 3 (a comma inside a number is to be quoted)",
                         "4: column 2 (queue): no queue",
                         "5: column 1 (timestamp): \"2026-13-21 08:15\" is no time",
                         "6: column 3 (count): \"x\" is no count",
                         "7: a quote is not closed",
                         "8: column 3 (count): \"1,02,000\" is no count",
                         "9: longer than 64 KiB",
                     });
}

TEST_CASE("csv file: a first row of data that cannot be read is no header") {
    const auto got = read("2026-13-21 07:30,5\n2026-09-21 08:00,950\n2026-09-21 08:30,1020\n");
    CHECK(got.rows == plain);
    CHECK(got.bad.size() == 1);
}

TEST_CASE("csv file: dates that can be read in two ways are refused until one says which") {
    const std::string text = "Date,Calls\n01/09/2026 08:00,950\n02/09/2026 08:00,1020\n";
    const auto refused = read(text);
    CHECK(refused.problem.find("--date-format") != std::string::npos);
    CsvOptions options;
    options.date_format = "d/m/Y";
    CHECK(read(text, options).rows == Rows{"09-01 08:00 =950", "09-02 08:00 =1020"});
    options.date_format = "m/d/Y";
    CHECK(read(text, options).rows == Rows{"01-09 08:00 =950", "02-09 08:00 =1020"});
    options.date_format = "fortnight";
    CHECK(read(text, options).problem.find("--date-format wants") != std::string::npos);
    CHECK(read("Date,Calls\n13/09/2026 08:00,1\n09/13/2026 08:00,1\n").problem.find("--date-format") != std::string::npos);
}

TEST_CASE("csv file: intervals written as 08:00-08:30 are not taken for offsets, offsets of summer and winter are") {
    std::string labels = "interval,calls\n";
    std::string offsets = "time,calls\n";
    for (int hour = 8; hour < 14; ++hour) {
        char row[64];
        std::snprintf(row, sizeof row, "2026-09-21 %02d:00-%02d:30,%d\n", hour, hour, hour);
        labels += row;
        std::snprintf(row, sizeof row, "2026-09-21 %02d:00+0%d:00,%d\n", hour, hour % 2 + 1, hour);
        offsets += row;
    }
    CHECK(read(labels).rows.front() == "09-21 08:00 =8");
    TempDir dir;
    for (const auto& [text, has] : {std::pair(labels, false), std::pair(offsets, true)}) {
        std::ofstream(dir.file("x.csv")) << text;
        const auto file = CsvFile::open(dir.file("x.csv"), {});
        REQUIRE(file);
        std::size_t rows = 0;
        std::size_t with_offset = 0;
        const auto count = [&](const CsvRow& row) {
            ++rows;
            with_offset += row.time.utc_offset_s ? 1U : 0U;
            return true;
        };
        REQUIRE(file->each(count, {}, {}));
        CHECK(rows == 6);
        CHECK(with_offset == (has ? 6U : 0U));
    }
}

TEST_CASE("csv file: newest first is turned round, and said; one queue after the other is not") {
    const auto turned =
        read("timestamp,queue,count\n2026-09-21 08:30,a,3\n2026-09-21 08:30,b,4\n2026-09-21 08:00,a,1\n2026-09-21 08:00,b,2\n");
    CHECK(turned.rows == Rows{"09-21 08:00 b=2", "09-21 08:00 a=1", "09-21 08:30 b=4", "09-21 08:30 a=3"});
    CHECK(turned.notes.size() == 1);
    const auto blocks =
        read("timestamp,queue,count\n2026-09-21 08:00,a,1\n2026-09-21 08:30,a,3\n2026-09-21 08:00,b,2\n2026-09-21 08:30,b,4\n");
    CHECK(blocks.rows == Rows{"09-21 08:00 a=1", "09-21 08:30 a=3", "09-21 08:00 b=2", "09-21 08:30 b=4"});
    CHECK(blocks.notes.empty());
}

TEST_CASE("csv file: a decimal comma without quotes, and files that are none, are refused in words") {
    const auto comma = read("timestamp,count\n2026-09-21 08:00,950,5\n2026-09-21 08:30,980,5\n");
    CHECK(comma.rows.empty());
    CHECK(comma.bad.size() == 2);
    CHECK(read("").problem.find("empty") != std::string::npos);
    CHECK(read("a,b\nc,d\n").problem.find("no row with a time") != std::string::npos);
    CHECK(read("a,b\nc,d\n").problem.find("line 1 is: a,b") != std::string::npos);
    CHECK(read("day,calls\n2026-09-21,950\n2026-09-22,1\n").problem.find("no time of day") != std::string::npos);
    CHECK(read("timestamp\n2026-09-21 08:00\n").problem.find("no column of counts") != std::string::npos);
    CHECK_FALSE(CsvFile::open("/nonexistent/x.csv", {}));
}

TEST_CASE("csv file: what is streamed and what is held in memory give the same rows") {
    std::string text = "timestamp,queue,count\n";
    for (int row = 0; row < 60000; ++row) {
        const auto date = civil_from_days(20000 + row / 1440);
        char line[80];
        std::snprintf(line, sizeof line, "%04d-%02d-%02d %02d:%02d,q%d,\"%d,%03d\"\n", date.year, date.month, date.day,
                      row / 60 % 24, row % 60, row % 7, 1 + row % 9, row % 1000);
        text += line;
    }
    REQUIRE(text.size() > (1U << 20U));
    const auto streamed = read(text);
    const auto held = read("\xEF\xBB\xBF" + text);
    CHECK(streamed.rows.size() == 60000);
    CHECK(streamed.rows == held.rows);
    CHECK(streamed.bad.empty());
}

TEST_CASE("text file: exactly the bound is read, a byte more is refused, and what cannot be read comes with the system's reason") {
    TempDir dir;
    constexpr std::size_t bound = std::size_t{2} << 20U;
    std::ofstream(dir.file("full"), std::ios::binary) << std::string(bound, 'x');
    std::ofstream(dir.file("more"), std::ios::binary) << std::string(bound + 1, 'x');
    CHECK(read_text_file(dir.file("full"), bound).value().size() == bound);
    CHECK(read_text_file(dir.file("more"), bound).error().message == dir.file("more") + ": larger than 2 MiB");
    CHECK(read_text_file(dir.file("none"), bound).error().message == "cannot read " + dir.file("none") + ": No such file or directory");
    CHECK(read_text_file(dir.path().string(), bound).error().message == "cannot read " + dir.path().string() + ": Is a directory");
}
