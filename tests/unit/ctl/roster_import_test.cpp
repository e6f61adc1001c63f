// Calendars and tables as rosters: the roster has on duty exactly whom the calendar has, checked by the function that pages.
#include "ctl/roster_import.hpp"
#include "config/settings.hpp"
#include "config/zones.hpp"
#include "core/team/roster.hpp"
#include "support/catch.hpp"

using namespace surged;

namespace {

ImportOptions options_in(const std::string& zone) {
    ImportOptions options;
    options.roster = "leads";
    options.zone = *load_zone(zone);
    options.load_zone = [](const std::string& name) {
        auto loaded = load_zone(name);
        return loaded ? std::optional(std::move(*loaded)) : std::nullopt;
    };
    return options;
}

std::string calendar(const std::string& events) {
    std::string out = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n";
    for (const char c : events) {
        out += c == '\n' ? std::string("\r\n") : std::string(1, c);
    }
    return out + "END:VCALENDAR\r\n";
}

std::string event(const std::string& lines) {
    return "BEGIN:VEVENT\n" + lines + "END:VEVENT\n";
}

/// Reads the TOML as the daemon does and asks who is on duty at a civil time.
class Read {
public:
    explicit Read(const ImportedRoster& imported) {
        std::string text = toml_of(imported.roster, "test");
        for (const char* id : {"ann", "bob", "cy"}) {
            text += "[[person]]\nid = \"" + std::string(id) + "\"\nreach = { normal = [{ via = \"log\" }] }\n";
        }
        text += "[[channel]]\nid = \"log\"\ntype = \"log\"\n";
        config_ = parse_config("roster.toml", text);
        for (const auto& diagnostic : config_.diagnostics) {
            UNSCOPED_INFO(diagnostic.text());
        }
        REQUIRE(config_.ok());
    }
    std::string at(const std::string& civil) const {
        const auto& zone = zone_of(*config_.plan, config_.plan->rosters.front().zone);
        std::string out;
        for (const auto& person : on_duty(*config_.plan, {}, "leads", zone.first_instant(*parse_civil(civil)))) {
            out += (out.empty() ? "" : " ") + person;
        }
        return out;
    }

private:
    LoadedConfig config_;
};

std::string first_error(const ImportedRoster& imported) {
    return imported.errors.empty() ? "" : std::to_string(imported.errors[0].line) + ": " + imported.errors[0].message;
}

}  // namespace

TEST_CASE("import: a weekly event over midnight becomes a weekly shift", "[unit]") {
    const auto imported = import_ical(
        calendar(
            event("DTSTART;TZID=Asia/Shanghai:20260302T200000\nDTEND;TZID=Asia/Shanghai:20260303T080000\n"
                  "RRULE:FREQ=WEEKLY;BYDAY=MO,TU\nATTENDEE;CN=\"ann\":mailto:a@x.example\nATTENDEE;CN=bob:mailto:b@x.example\n")),
        options_in("Asia/Shanghai"));
    CHECK(first_error(imported) == "");
    CHECK(imported.roster.dates.empty());
    const Read read(imported);
    CHECK(read.at("2026-03-02T19:59") == "");
    CHECK(read.at("2026-03-02T20:00") == "ann bob");
    CHECK(read.at("2026-03-04T07:59") == "ann bob");
    CHECK(read.at("2026-03-04T08:00") == "");
    CHECK(read.at("2027-03-01T23:00") == "ann bob");
}

TEST_CASE("import: folded lines, UTC times, durations and lists in SUMMARY are understood", "[unit]") {
    const auto imported = import_ical(calendar(event("DTSTART:20260302T000000Z\nDURATION:PT8H30M\nSUMM\n ARY:ann\\, b\n ob\n")),
                                      options_in("Asia/Shanghai"));
    CHECK(first_error(imported) == "");
    const Read read(imported);
    CHECK(read.at("2026-03-02T07:59") == "");
    CHECK(read.at("2026-03-02T08:00") == "ann bob");
    CHECK(read.at("2026-03-02T16:29") == "ann bob");
    CHECK(read.at("2026-03-02T16:30") == "");
    CHECK(read.at("2026-03-09T08:00") == "");
}

TEST_CASE("import: a single event does not drive out the weekly people of its day", "[unit]") {
    const auto imported = import_ical(
        calendar(
            event("DTSTART:20260302T080000\nDTEND:20260302T200000\nRRULE:FREQ=WEEKLY\nSUMMARY:ann\nEXDATE:20260316T080000\n") +
            event("DTSTART:20260309T100000\nDTEND:20260309T120000\nSUMMARY:bob\n")),
        options_in("Asia/Shanghai"));
    CHECK(first_error(imported) == "");
    const Read read(imported);
    CHECK(read.at("2026-03-09T09:00") == "ann");
    CHECK(read.at("2026-03-09T10:00") == "ann bob");
    CHECK(read.at("2026-03-09T12:00") == "ann");
    CHECK(read.at("2026-03-16T09:00") == "");  // EXDATE
    CHECK(read.at("2026-03-23T09:00") == "ann");
}

TEST_CASE("import: bounded repetitions become dates, and end where they say", "[unit]") {
    const std::string times = "DTSTART:20260302T080000\nDTEND:20260302T200000\nSUMMARY:ann\n";
    SECTION("UNTIL, its own start included") {
        const auto imported = import_ical(calendar(event(times + "RRULE:FREQ=WEEKLY;BYDAY=MO;UNTIL=20260316T000000Z\n")),
                                          options_in("Asia/Shanghai"));
        CHECK(imported.roster.dates.size() == 3);  // until 08:00 on the roster's clock
    }
    SECTION("UNTIL, one second before its start") {
        const auto imported = import_ical(calendar(event(times + "RRULE:FREQ=WEEKLY;BYDAY=MO;UNTIL=20260315T235959Z\n")),
                                          options_in("Asia/Shanghai"));
        CHECK(imported.roster.dates.size() == 2);
    }
    SECTION("COUNT and INTERVAL") {
        const auto imported =
            import_ical(calendar(event(times + "RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=3\n")), options_in("Asia/Shanghai"));
        const Read read(imported);
        CHECK(read.at("2026-03-02T09:00") == "ann");
        CHECK(read.at("2026-03-09T09:00") == "");
        CHECK(read.at("2026-03-30T09:00") == "ann");
        CHECK(read.at("2026-04-13T09:00") == "");
    }
    SECTION("every second week for ever needs a last day") {
        const auto text = calendar(event(times + "RRULE:FREQ=WEEKLY;INTERVAL=2\n"));
        CHECK(first_error(import_ical(text, options_in("Asia/Shanghai"))).find("--until") != std::string::npos);
        auto options = options_in("Asia/Shanghai");
        options.until = *parse_date("2026-03-30");
        CHECK(import_ical(text, options).roster.dates.size() == 3);
        options.until = *parse_date("2026-03-29");
        CHECK(import_ical(text, options).roster.dates.size() == 2);
    }
}

TEST_CASE("import: a weekly event of a zone that changes its clock is no weekly shift of one that does not", "[unit]") {
    const auto text =
        calendar(event("DTSTART;TZID=Europe/Berlin:20260302T080000\nDTEND;TZID=Europe/"
                       "Berlin:20260302T100000\nRRULE:FREQ=WEEKLY\nSUMMARY:ann\n"));
    CHECK(first_error(import_ical(text, options_in("Asia/Shanghai"))).find("--until") != std::string::npos);
    auto options = options_in("Asia/Shanghai");
    options.until = *parse_date("2026-04-06");
    const Read read(import_ical(text, options));
    CHECK(read.at("2026-03-23T15:00") == "ann");
    CHECK(read.at("2026-03-30T15:00") == "ann");  // summer time: 14:00 to 16:00 now
    CHECK(read.at("2026-03-30T14:00") == "ann");
    CHECK(read.at("2026-03-23T14:00") == "");
    CHECK(import_ical(text, options_in("Europe/Berlin")).roster.shifts.size() == 1);
}

TEST_CASE("import: events longer than a day are cut at midnight and cover every minute", "[unit]") {
    const Read read(import_ical(calendar(event("DTSTART:20260302T180000\nDTEND:20260305T090000\nSUMMARY:ann\n")),
                                options_in("Asia/Shanghai")));
    for (const char* inside :
         {"2026-03-02T18:00", "2026-03-02T23:59", "2026-03-03T00:00", "2026-03-04T12:00", "2026-03-05T08:59"}) {
        CHECK(read.at(inside) == "ann");
    }
    CHECK(read.at("2026-03-05T09:00") == "");
    CHECK(read.at("2026-03-02T17:59") == "");
}

TEST_CASE("import: what is not understood is an error at its line and nothing is guessed", "[unit]") {
    const std::string times = "DTSTART:20260302T080000\nDTEND:20260302T200000\nSUMMARY:ann\n";
    const auto error_of = [](const std::string& text) { return first_error(import_ical(text, options_in("Asia/Shanghai"))); };
    CHECK(error_of("hello\n").find("1: this is no iCalendar file") == 0);
    CHECK(error_of(calendar(event(times + "RRULE:FREQ=HOURLY\n"))).find("7: repeats by FREQ=HOURLY") == 0);
    CHECK(error_of(calendar(event(times + "RRULE:FREQ=WEEKLY;BYDAY=1MO\n"))).find("7: BYDAY with a number") == 0);
    CHECK(error_of(calendar(event(times + "RRULE:FREQ=WEEKLY;BYSETPOS=1\n"))).find("7: repeats with BYSETPOS") == 0);
    CHECK(error_of(calendar(event(times + "RDATE;VALUE=PERIOD:20260305T080000/PT1H\n"))).find("7: RDATE") == 0);
    CHECK(error_of(calendar(event("SUMMARY:ann\n"))).find("3: this event has no DTSTART") == 0);
    CHECK(error_of(calendar(event("DTSTART:20260231T080000\nSUMMARY:ann\n"))).find("4: DTSTART") == 0);
    CHECK(error_of(calendar(event("DTSTART:20260302T080000\nDTEND:20260302T070000\nSUMMARY:ann\n"))).find("3: ") == 0);
    CHECK(error_of(calendar(event("DTSTART;TZID=Mars/Base:20260302T080000\nDURATION:PT1H\nSUMMARY:ann\n")))
              .find("3: unknown time zone") == 0);
    CHECK(error_of("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:20260302T080000\r\n").find("cut off") != std::string::npos);
    CHECK(error_of(calendar("")).find("no event") != std::string::npos);
    CHECK(error_of(calendar(event(times + "STATUS:CANCELLED\n"))).find("no event") != std::string::npos);
}

TEST_CASE("import: people are looked up, and an unknown one is an error", "[unit]") {
    auto options = options_in("Asia/Shanghai");
    options.person = [](const std::string& word) {
        return word == "张三" || word == "z@x.example" ? std::string("ann") : std::string();
    };
    const std::string times = "DTSTART:20260302T080000\nDTEND:20260302T200000\n";
    CHECK(Read(import_ical(calendar(event(times + "ATTENDEE;CN=Z:MAILTO:z@x.example\n")), options)).at("2026-03-02T09:00") ==
          "ann");
    CHECK(Read(import_ical(calendar(event(times + "SUMMARY:张三\n")), options)).at("2026-03-02T09:00") == "ann");
    CHECK(first_error(import_ical(calendar(event(times + "SUMMARY:李四\n")), options)) ==
          "3: nobody of the configuration is \"李四\"");
}

TEST_CASE("import: a table has dates and weekdays, and its errors name the line", "[unit]") {
    const Read read(
        import_csv("\xEF\xBB\xBF"
                   "date,from,to,people\r\n# night\r\nmon-fri,20:00,08:00,ann;bob\r\n\r\n2026-03-04,08:00,24:00,\"cy, ann\"\r\n",
                   options_in("Asia/Shanghai")));
    CHECK(read.at("2026-03-03T23:00") == "ann bob");
    CHECK(read.at("2026-03-04T08:00") == "cy ann");
    CHECK(read.at("2026-03-04T23:59") == "cy ann bob");
    CHECK(read.at("2026-03-05T00:00") == "ann bob");
    const auto error_of = [](const std::string& text) { return first_error(import_csv(text, options_in("Asia/Shanghai"))); };
    CHECK(error_of("date,from,to,people\n2026-02-30,08:00,20:00,ann\n").find("2: \"2026-02-30\" is neither") == 0);
    CHECK(error_of("mon,8,20:00,ann\n").find("1: \"8\" is no time of day") == 0);
    CHECK(error_of("mon,24:00,20:00,ann\n").find("1: \"24:00\" is no time of day") == 0);
    CHECK(error_of("mon,08:00,20:00,\n").find("1: this names nobody") == 0);
    CHECK(error_of("mon,08:00\n").find("1: a line is") == 0);
    CHECK(error_of("").find("1: there is no line") == 0);
}
