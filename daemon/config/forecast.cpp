#include "config/forecast.hpp"

#include <algorithm>
#include <filesystem>

#include "config/limits.hpp"
#include "core/base/ranges.hpp"
#include "core/base/text.hpp"

namespace surged {

using namespace std::chrono_literals;

namespace {
constexpr std::size_t dates_max = 4096;  // a calendar's, and days in one range
constexpr std::int64_t range_max = 366;

/// "2026-10-01" or "2026-10-01..2026-10-07", both ends included.
void read_dates(TableReader& table, std::string_view key, CalendarSpec& calendar, const CalendarSpec::Day& kind) {
    std::vector<PlacedText> dates;
    table.text_or_texts(key, dates);
    for (const auto& date : dates) {
        const auto dots = date.text.find("..");
        const auto first = parse_date(std::string_view(date.text).substr(0, dots));
        const auto last = dots == std::string::npos ? first : parse_date(std::string_view(date.text).substr(dots + 2));
        if (!first || !last) {
            table.report().error(date.place,
                                 (first ? last : first).error().message + "; a range is written 2026-10-01..2026-10-07");
            continue;
        }
        if (*last < *first || *last - *first >= range_max || calendar.days.size() >= dates_max) {
            table.report().error(date.place, *last < *first ? "the range ends before it begins"
                                                            : "a range of more than a year, or more dates than a calendar holds");
            continue;
        }
        for (auto day = *first; day <= *last; ++day) {
            const auto [at, fresh] = calendar.days.emplace(day, kind);
            if (!fresh && at->second != kind) {
                table.report().error(date.place, "in " + in_quotes(date.text) +
                                                     " is a date that this calendar lists twice, as "
                                                     "two kinds of day");
                break;
            }
        }
    }
}

void read_special(TableReader& calendar_table, CalendarSpec& calendar) {
    std::uint8_t next = CalendarSpec::class_special;
    for (const auto* node : calendar_table.tables("special")) {
        TableReader table(*node, "[[calendar.special]]", calendar_table.report());
        std::string id;
        table.id("id", id);
        CalendarSpec::Day kind{next, true, false};
        table.flag("working", kind.working);
        table.require("dates");
        if (next >= DayKind::classes_max) {
            table.error("id", "a calendar has at most " + std::to_string(CalendarSpec::special_max) + " kinds of special days");
        } else {
            read_dates(table, "dates", calendar, kind);
        }
        ++next;
        table.finish();
    }
}

void read_closed(TableReader& calendar_table, CalendarSpec& calendar) {
    for (const auto* node : calendar_table.tables("closed")) {
        TableReader table(*node, "closed", calendar_table.report());
        CalendarSpec::Hours hours;
        const auto parsed = [&](std::string_view key, auto parse, auto& out) {
            std::string text;
            if (table.text(key, text)) {
                if (auto value = parse(text)) {
                    out = *value;
                } else {
                    report_in_text(table.report(), *table.any(key), value.error().offset, value.error().message);
                }
            }
        };
        parsed("days", parse_days, hours.days);
        parsed("from", parse_clock, hours.from_min);
        parsed("to", parse_clock, hours.to_min);
        if (table.has("dates")) {
            read_dates(table, "dates", calendar, {0, false, true});
            if (table.has("days") || table.has("from") || table.has("to")) {
                table.error("dates", "dates are closed all day; closed hours of weekdays are an entry of their own");
            }
        } else {
            calendar.closed.push_back(hours);
        }
        table.finish();
    }
}

void read_calendar(const Node& node, Draft& draft) {
    TableReader table(node, "[[calendar]]", draft.report);
    CalendarSpec calendar;
    const bool named = table.id("id", calendar.id);
    read_dates(table, "holidays", calendar, {CalendarSpec::class_holiday, false, false});
    read_dates(table, "worked", calendar, {CalendarSpec::class_worked, true, false});
    read_special(table, calendar);
    read_closed(table, calendar);
    table.finish();
    const auto same = [&](const CalendarSpec& c) { return c.id == calendar.id; };
    if (named && std::ranges::any_of(draft.plan.calendars, same)) {
        table.error("id", "calendar " + in_quotes(calendar.id) + " is already there");
    } else if (named) {
        draft.plan.calendars.push_back(std::move(calendar));
    }
}

}  // namespace

void read_forecast(TableReader& root, Draft& draft) {
    if (const auto* node = root.table("forecast")) {
        TableReader table(*node, "[forecast]", draft.report);
        if (table.text("profiles", draft.settings.forecast.profiles) && draft.settings.forecast.profiles.empty()) {
            table.error("profiles", "`profiles` is empty");
        }
        table.finish();
    }
    for (const auto* node : root.tables("calendar")) {
        read_calendar(*node, draft);
    }
}

std::string profiles_path_of(const Settings& settings, const std::string& store_path) {
    const auto& name = settings.forecast.profiles;
    if (name.empty()) {
        return (std::filesystem::path(store_path).parent_path() / "profiles").string();
    }
    return name.front() == '/' || settings.base_dir.empty() ? name : settings.base_dir + "/" + name;
}

}  // namespace surged
