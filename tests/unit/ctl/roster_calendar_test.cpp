// Calendars of the world as rosters: series that begin later, changed occurrences, answers of those asked, names of zones, and
// damaged files. Reference days of series were computed by python-dateutil 2.8.
#include <random>

#include "config/settings.hpp"
#include "config/zones.hpp"
#include "core/team/roster.hpp"
#include "ctl/ical_zone.hpp"
#include "ctl/roster_import.hpp"
#include "support/catch.hpp"

using namespace surged;

namespace {

ImportOptions calendar_options(const std::string& today = "2026-11-29") {
    ImportOptions options;
    options.roster = "leads";
    options.zone = *load_zone("Asia/Shanghai");
    options.today = *parse_date(today);
    options.load_zone = [](const std::string& name) {
        auto loaded = load_zone(name);
        return loaded ? std::optional(std::move(*loaded)) : std::nullopt;
    };
    return options;
}

std::string file_of(const std::string& inside) {
    return "BEGIN:VCALENDAR\n" + inside + "END:VCALENDAR\n";
}

std::string shift_of(const std::string& who, const std::string& more, const std::string& day = "20261201") {
    return "BEGIN:VEVENT\nDTSTART;TZID=Asia/Shanghai:" + day + "T080000\nDTEND;TZID=Asia/Shanghai:" + day +
           "T200000\nSUMMARY:" + who + "\n" + more + "END:VEVENT\n";
}

/// Who is on duty, by the function that pages.
std::string duty(const ImportedRoster& imported, const std::string& civil) {
    Plan plan;
    plan.rosters = {imported.roster};
    plan.zones.emplace("Asia/Shanghai", *load_zone("Asia/Shanghai"));
    std::string out;
    for (const auto& person :
         on_duty(plan, {}, "leads", zone_of(plan, imported.roster.zone).first_instant(*parse_civil(civil)))) {
        out += (out.empty() ? "" : " ") + person;
    }
    return out;
}

std::string days_with_duty(const ImportedRoster& imported) {
    std::string out;
    for (const auto& date : imported.roster.dates) {
        const auto civil = civil_from_days(date.day);
        const auto two = [](int n) { return (n < 10 ? "0" : "") + std::to_string(n); };
        out += (out.empty() ? "" : " ") + std::to_string(civil.year) + "-" + two(civil.month) + "-" + two(civil.day);
    }
    return out;
}

}  // namespace

TEST_CASE("calendar: days of a series are those that python-dateutil computes", "[unit]") {
    const std::pair<const char*, const char*> rules[] = {
        {"FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=TU,SU;COUNT=6",
         "2026-12-01 2026-12-13 2026-12-15 2026-12-27 2026-12-29 2027-01-10"},
        {"FREQ=WEEKLY;INTERVAL=2;WKST=MO;BYDAY=TU,SU;COUNT=6",
         "2026-12-01 2026-12-06 2026-12-15 2026-12-20 2026-12-29 2027-01-03"},
        {"FREQ=MONTHLY;BYDAY=2TU,-1FR;COUNT=6", "2026-12-08 2026-12-25 2027-01-12 2027-01-29 2027-02-09 2027-02-26"},
        {"FREQ=MONTHLY;BYMONTHDAY=31,-2;COUNT=6", "2026-12-30 2026-12-31 2027-01-30 2027-01-31 2027-02-27 2027-03-30"},
        {"FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU;COUNT=4", "2027-03-28 2028-03-26 2029-03-25 2030-03-31"},
        {"FREQ=DAILY;INTERVAL=3;BYMONTH=12;COUNT=5", "2026-12-01 2026-12-04 2026-12-07 2026-12-10 2026-12-13"},
        {"FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13;COUNT=3", "2027-08-13 2028-10-13 2029-04-13"},
        {"FREQ=YEARLY;BYDAY=20MO;COUNT=3", "2027-05-17 2028-05-15 2029-05-14"},
        {"FREQ=MONTHLY;INTERVAL=5;COUNT=4", "2026-12-01 2027-05-01 2027-10-01 2028-03-01"},
        {"FREQ=WEEKLY;INTERVAL=3;WKST=WE;BYDAY=MO,TU,WE,TH;COUNT=9",
         "2026-12-01 2026-12-16 2026-12-17 2026-12-21 2026-12-22 2027-01-06 2027-01-07 2027-01-11 2027-01-12"},
    };
    for (const auto& [rule, days] : rules) {
        INFO(rule);
        const auto imported = import_ical(file_of(shift_of("ann", "RRULE:" + std::string(rule) + "\n")), calendar_options());
        CHECK(imported.errors.empty());
        CHECK(days_with_duty(imported) == days);
    }
}

TEST_CASE("calendar: a weekly series that begins later is not on duty before", "[unit]") {
    const auto later = shift_of("bob", "RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR\n", "20270104");
    const auto alone = import_ical(file_of(later), calendar_options());
    CHECK(duty(alone, "2026-11-30T09:00").empty());
    CHECK(duty(alone, "2027-01-01T09:00").empty());
    CHECK(duty(alone, "2027-01-04T09:00") == "bob");
    CHECK(duty(alone, "2028-05-05T09:00") == "bob");
    const auto split = import_ical(
        file_of(shift_of("ann", "RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;UNTIL=20261231T155959Z\n", "20260105") + later),
        calendar_options());
    CHECK(duty(split, "2026-01-05T09:00") == "ann");
    CHECK(duty(split, "2026-12-31T09:00") == "ann");
    CHECK(duty(split, "2027-01-01T09:00").empty());
    CHECK(duty(split, "2027-01-04T09:00") == "bob");
    CHECK(import_ical(file_of(shift_of("bob", "RRULE:FREQ=WEEKLY\n", "20400104")), calendar_options()).unusable);
}

TEST_CASE("calendar: one changed, moved or cancelled occurrence stands for the series' own", "[unit]") {
    const auto master = shift_of("ann", "UID:1\nRRULE:FREQ=WEEKLY;COUNT=4\n");
    const auto with = [&](const std::string& event) { return import_ical(file_of(master + event), calendar_options()); };
    const std::string which = "UID:1\nRECURRENCE-ID;TZID=Asia/Shanghai:20261208T080000\n";
    const auto swapped = with(shift_of("bob", which, "20261208"));
    CHECK(duty(swapped, "2026-12-01T09:00") == "ann");
    CHECK(duty(swapped, "2026-12-08T09:00") == "bob");
    CHECK(duty(swapped, "2026-12-15T09:00") == "ann");
    const auto moved = with(shift_of("ann", which, "20261209"));
    CHECK(duty(moved, "2026-12-08T09:00").empty());
    CHECK(duty(moved, "2026-12-09T09:00") == "ann");
    const auto cancelled = with(shift_of("ann", which + "STATUS:CANCELLED\n", "20261208"));
    CHECK(cancelled.errors.empty());
    CHECK(duty(cancelled, "2026-12-08T09:00").empty());
    const auto rest =
        with(shift_of("bob", "UID:1\nRECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Asia/Shanghai:20261208T080000\n", "20261208"));
    CHECK(rest.errors.size() == 1);
    CHECK_FALSE(rest.unusable);
    CHECK(duty(rest, "2026-12-01T09:00") == "ann");
    CHECK(duty(rest, "2026-12-15T09:00").empty());
}

TEST_CASE("calendar: who declined is not on duty, who has not answered is, and a room is nobody", "[unit]") {
    const auto asked = [](const std::string& lines) { return import_ical(file_of(shift_of("ann", lines)), calendar_options()); };
    const auto declined = asked("ATTENDEE;CN=ann;PARTSTAT=DECLINED:mailto:ann@x.cn\n");
    CHECK(declined.unusable);
    CHECK(declined.errors.at(0).message == "everybody asked declined: nobody is on duty then (event \"ann\")");
    const auto some = asked(
        "ATTENDEE;CUTYPE=ROOM;CN=Room 4:mailto:r@x.cn\nATTENDEE;CN=bob;PARTSTAT=TENTATIVE:mailto:b@x.cn\n"
        "ATTENDEE;CN=cy;PARTSTAT=NEEDS-ACTION:mailto:c@x.cn\nATTENDEE;CN=ann;PARTSTAT=DECLINED:mailto:a@x.cn\n");
    CHECK(duty(some, "2026-12-01T09:00") == "bob cy");
}

TEST_CASE("calendar: an event that is refused or has no length costs itself alone", "[unit]") {
    const auto imported =
        import_ical(file_of(shift_of("ann", "") + shift_of("bob", "RRULE:FREQ=WEEKLY;BYSETPOS=1\n") +
                            "BEGIN:VEVENT\nDTSTART:20261201T080000Z\nDTEND:20261201T080000Z\nSUMMARY:reminder\nEND:VEVENT\n" +
                            shift_of("cy", "RDATE;TZID=Asia/Shanghai:20261203T090000\n")),
                    calendar_options());
    REQUIRE(imported.errors.size() == 1);
    CHECK(imported.errors[0].line == 11);
    CHECK(imported.errors[0].message == "repeats with BYSETPOS=1, which is not understood (event \"bob\")");
    CHECK(imported.notes.size() == 1);
    CHECK(duty(imported, "2026-12-01T09:00") == "ann cy");
    CHECK(duty(imported, "2026-12-03T20:59") == "cy");
    CHECK(duty(imported, "2026-12-03T21:00").empty());
}

TEST_CASE("calendar: every zone of Windows is one of the tz database", "[unit]") {
    const auto zones = zones_of_windows();
    CHECK(zones.size() >= 139);
    for (const auto& zone : zones) {
        INFO(zone);
        CHECK(load_zone(zone));
    }
}

TEST_CASE("calendar: zones by Windows' names, display names, prefixes, any case and rules in the file", "[unit]") {
    const std::vector<IcalTimezone> none;
    const auto load = calendar_options().load_zone;
    IcalZones zones(none, load);
    const auto name = [&](const std::string& id) { return zones.find(id) == nullptr ? "" : zones.find(id)->name(); };
    CHECK(name("Taipei Standard Time") == "Asia/Taipei");
    CHECK(name("Romance Standard Time") == "Europe/Paris");
    CHECK(name("(UTC+08:00) Beijing, Chongqing, Hong Kong, Urumqi") == "Asia/Shanghai");
    CHECK(name("/freeassociation.sourceforge.net/Asia/Shanghai") == "Asia/Shanghai");
    CHECK(name("/freeassociation.sourceforge.net/Tzfile/America/New_York") == "America/New_York");
    CHECK(name("asia/shanghai") == "Asia/Shanghai");
    CHECK(name("PDT").empty());
    CHECK(name("Customized Time Zone").empty());
    const std::string rules =
        "BEGIN:VTIMEZONE\nTZID:Customized Time "
        "Zone\nBEGIN:STANDARD\nDTSTART:16010101T030000\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\n"
        "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\nEND:STANDARD\nBEGIN:DAYLIGHT\nDTSTART:16010101T020000\nTZOFFSETFROM:+0100\n"
        "TZOFFSETTO:+0200\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\nEND:DAYLIGHT\nEND:VTIMEZONE\n";
    const auto at = [&](const std::string& day) {
        return import_ical(file_of(rules + "BEGIN:VEVENT\nDTSTART;TZID=Customized Time Zone:" + day +
                                   "T080000\nDURATION:PT1H\nSUMMARY:ann\nEND:VEVENT\n"),
                           calendar_options());
    };
    CHECK(duty(at("20260328"), "2026-03-28T15:00") == "ann");  // +1
    CHECK(duty(at("20260329"), "2026-03-29T14:00") == "ann");  // +2
    CHECK(duty(at("20260329"), "2026-03-29T15:00").empty());
    CHECK(duty(at("20261025"), "2026-10-25T15:00") == "ann");
}

TEST_CASE("calendar: damaged files end, are refused or read, and stay bounded", "[unit]") {
    const std::string good = file_of(
        "BEGIN:VTIMEZONE\nTZID:X\nBEGIN:STANDARD\nDTSTART:16010101T030000\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\n"
        "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\nEND:STANDARD\nEND:VTIMEZONE\n" +
        shift_of("ann", "UID:1\nRRULE:FREQ=MONTHLY;BYDAY=2TU;COUNT=9\nEXDATE:20270101T000000Z\n") +
        shift_of("bob", "UID:1\nRECURRENCE-ID;TZID=X:20261208T080000\nRDATE:20261230T080000\n"));
    std::mt19937 random(7);
    for (int round = 0; round < 400; ++round) {
        std::string text = good;
        for (int k = 0; k < 4; ++k) {
            const auto at = random() % text.size();
            switch (random() % 4) {
                case 0: text[at] = static_cast<char>(random() % 256); break;
                case 1: text.erase(at, random() % 30); break;
                case 2: text.insert(at, text.substr(random() % text.size(), random() % 60)); break;
                default: text[at] = static_cast<char>('0' + random() % 10); break;
            }
        }
        const auto imported = import_ical(text, calendar_options());
        CHECK(imported.roster.dates.size() < 5000);
        CHECK((!imported.unusable || !imported.errors.empty()));
    }
}

TEST_CASE("table: Excel's hours, dates, heads, separators and names of days are read", "[unit]") {
    const auto read = [](const std::string& text, const std::string& format = "") {
        auto options = calendar_options();
        options.date_format = format;
        return import_csv(text, options);
    };
    CHECK(duty(read("Date,From,To,People\n2026-12-01,8:00,20:00,ann\n"), "2026-12-01T08:00") == "ann");
    CHECK(duty(read("date;from;to;people\n2026/12/1;8:00;20:00;ann\n"), "2026-12-01T19:59") == "ann");
    CHECK(duty(read("Date\tFrom\tTo\tPeople\n31.12.2026\t8:00\t20:00\tann\n"), "2026-12-31T19:59") == "ann");
    const auto chinese =
        read("人员,日期,开始,结束\n张伟；王芳，李娜、ann,2026年12月1日,8：00,20：00\n张伟,周一至周五,08:00,20:00\n");
    CHECK(chinese.errors.empty());
    CHECK(duty(chinese, "2026-12-01T09:00") == "张伟 王芳 李娜 ann");
    CHECK(duty(chinese, "2026-12-04T09:00") == "张伟");
    CHECK(duty(chinese, "2026-12-05T09:00").empty());
    CHECK(duty(read("Mon-Fri,8:00,20:00,ann\n"), "2026-12-04T09:00") == "ann");
    CHECK(read("12/1/2026,08:00,20:00,ann\n").unusable);
    CHECK(duty(read("12/1/2026,08:00,20:00,ann\n", "mdy"), "2026-12-01T09:00") == "ann");
    CHECK(duty(read("12/1/2026,08:00,20:00,ann\n", "dmy"), "2026-01-12T09:00") == "ann");
    CHECK(duty(read("12/31/2026,08:00,20:00,ann\n"), "2026-12-31T09:00") == "ann");
    const auto half = read("2026-12-01,08:00,20:00,ann\n2026-12-01,25:00,20:00,bob\n");
    CHECK(half.errors.size() == 1);
    CHECK_FALSE(half.unusable);
    CHECK(duty(half, "2026-12-01T09:00") == "ann");
}

TEST_CASE("table: the export of Teams Shifts names people by mail, ends on its own day and has no time off", "[unit]") {
    auto options = calendar_options();
    options.person = [](const std::string& word) { return word == "ann@x.cn" ? std::string("ann") : word == "Bob" ? "bob" : ""; };
    const std::string head =
        "Member,Work Email,Group,Start Date,Start Time,End Date,End Time,Theme Color,Custom Label,Unpaid Break,Notes,Shared\n";
    const auto shifts =
        import_csv(head +
                       "Ann Lee,ann@x.cn,Leads,12/1/2026,20:00,12/2/2026,08:00,1. White,,60,\"two\nlines\",1. Shared\n"
                       "Bob,b@x.cn,Leads,12/2/2026,8:00 AM,12/2/2026,8:00 PM,1. White,,,,1. Shared\n"
                       "Zed,z@x.cn,Leads,12/2/2026,8:00,12/2/2026,20:00,1. White,,,,1. Shared\n",
                   options);
    CHECK(duty(shifts, "2026-12-02T07:59") == "ann");
    CHECK(duty(shifts, "2026-12-02T19:59") == "bob");
    REQUIRE(shifts.errors.size() == 1);
    CHECK(shifts.errors[0].line == 5);
    const auto off = import_csv(
        "Member,Work Email,Start Date,Start Time,End Date,End Time,Time Off Reason,Theme Color\n"
        "Ann,ann@x.cn,12/1/2026,00:00,12/2/2026,00:00,Vacation,1. White\n",
        options);
    CHECK(off.unusable);
}

TEST_CASE("calendar: a fold within a character is joined before the text is decoded", "[unit]") {
    CHECK(unfold_ical_bytes("SUMMARY:\xE5\xBC\r\n \xA0\r\nUID:1\n") == "SUMMARY:\xE5\xBC\xA0\n\nUID:1\n");
}
