// surgectl fairness: how often each person was asked over the incidents of some days, as the log has them. The daemon walks it.
#include <fmt/format.h>

#include <chrono>
#include <memory>

#include "core/base/clock_text.hpp"
#include "core/base/encoding.hpp"
#include "core/base/text.hpp"
#include "ctl/api_json.hpp"
#include "ctl/command_line.hpp"
#include "ctl/context.hpp"
#include "ctl/period_wait.hpp"
#include "report/fairness.hpp"

namespace surged {
namespace {

/// What the daemon counts in one summary (PeriodSources::incidents_max).
constexpr int fairness_incidents_max = 20000;

struct FairnessOptions {
    int days = 31;
    bool csv = false;
    std::string zone;
};

Burden burden_of(const JsonValue& person) {
    const auto count = [&person](const char* name) { return static_cast<int>(count_of(person, name)); };
    Burden out;
    out.person = person.text_or("person", "");
    out.name = person.text_or("name", "");
    out.asked = count("asked");
    out.joined = count("joined");
    out.arrived = count("arrived");
    out.declined = count("declined");
    out.silent = count("silent");
    out.noshow = count("noshow");
    out.night = count("night");
    out.pages = count("pages");
    out.false_alarms = count("false_alarms");
    const auto last = integer_of(person, "last_asked");
    out.last = last && *last > 0 ? std::optional(wall_time(*last)) : std::nullopt;
    return out;
}

void print_people(const std::vector<Burden>& people, const Zone& zone) {
    TextTable table({"PERSON", "ASKED", "JOINED", "ARRIVED", "DECLINED", "SILENT", "NO-SHOW", "AT NIGHT", "PAGES", "LAST ASKED", "FALSE ALARMS"});
    for (const Burden& p : people) {
        table.add({p.name.empty() || p.name == p.person ? p.person : p.name + " (" + p.person + ")", std::to_string(p.asked), std::to_string(p.joined),
                   std::to_string(p.arrived), std::to_string(p.declined), std::to_string(p.silent), std::to_string(p.noshow), std::to_string(p.night),
                   std::to_string(p.pages), p.last ? civil_text(*p.last, zone).substr(0, 16) : "-", std::to_string(p.false_alarms)});
    }
    fmt::print("{}", people.empty() ? std::string() : table.text());
}

/// What the figures are not of.
void warn_of_gaps(const JsonValue& report, const Zone& zone) {
    if (const auto unread = count_of(report, "unread"); unread > 0) {
        fmt::print(stderr, "surgectl: {} incidents are not counted: their opening is not in the log any more, or there are more than {} in this time\n", unread,
                   fairness_incidents_max);
    }
    if (const auto from = integer_of(report, "log_from")) {
        fmt::print(stderr, "surgectl: the log begins at {}: nothing is known of what was before\n", civil_text(wall_time(*from), zone));
    }
}

void fairness(const FairnessOptions& options, Context& context) {
    Api api(context);
    const auto zone = named_zone(context, api, options.zone);
    if (!zone) {
        return;
    }
    const auto now = std::chrono::floor<Span>(std::chrono::system_clock::now());
    constexpr Span day{24 * 3600 * 1000};
    const auto from = date_text(*zone, now - day * (options.days - 1));
    const auto text = awaited_report(api, "/api/v1/report?format=json&from=" + from + "&zone=" + percent_encoded(zone->name()));
    const auto report = text ? parse_json(*text, {std::size_t{64} << 20U, 16, 2000000}) : Result<JsonValue>(tl::unexpected(Error{}));
    if (!text) {
        return;  // the reason was told
    }
    if (!report) {
        return context.fail(ctl_unreachable, "the summary cannot be read: " + report.error().message);
    }
    std::vector<Burden> people;
    for (const JsonValue& person : list_of(*report, "people")) {
        people.push_back(burden_of(person));
    }
    if (context.json) {
        for (const Burden& person : people) {
            fmt::print("{}\n", fairness_json(person));
        }
    } else if (options.csv) {
        fmt::print("{}", fairness_csv(people));
    } else {
        print_people(people, *zone);
        fmt::print("{} incidents since {}; nights and times are of {}\n", count_of(*report, "incidents"), from, zone->name());
    }
    warn_of_gaps(*report, *zone);
    if (people.empty()) {
        context.exit_code = ctl_no;
    }
}

}  // namespace

void add_fairness(CliCommand app, Context& context) {
    const auto command =
        app.command("fairness", "who was asked how often, who came, who was asked at night; exit 1 when nobody was");
    auto options = std::make_shared<FairnessOptions>();
    command.option("--days", options->days, "incidents opened today and on the days before, so many in all; out of the log, at most 20000 incidents")
        .within(1, 400)
        .shows_default();
    command.flag("--csv", options->csv, "as CSV");
    command.option("--zone", options->zone, "nights (22:00 to 06:00) of this zone; default: the daemon's `[defaults] timezone`").type("ZONE");
    command.run([options, &context] { fairness(*options, context); });
}

}  // namespace surged
