// surgectl report: the after-action report of one incident, or the summary of a week, a month, or some days. The daemon makes both.
#include <cstdio>
#include <fstream>
#include <memory>

#include "core/base/encoding.hpp"
#include "ctl/api_json.hpp"
#include "ctl/command_line.hpp"
#include "ctl/context.hpp"
#include "ctl/period_wait.hpp"

namespace surged {
namespace {

struct ReportOptions {
    std::string incident;
    std::string from;
    std::string to;
    std::string month;
    std::string week;
    std::string format = "md";
    std::string language = "en";
    std::string output;
    std::string zone;

    bool of_period() const { return !from.empty() || !to.empty() || !month.empty() || !week.empty(); }
};

void put(const ReportOptions& options, const std::string& text, Context& context) {
    if (options.output.empty()) {
        std::fputs(text.c_str(), stdout);
        return;
    }
    std::ofstream out(options.output, std::ios::binary | std::ios::trunc);
    out << text;
    out.close();
    if (!out) {
        context.fail(ctl_usage, "cannot write " + options.output);
    }
}

/// What the daemon is asked for, behind the `?`; nullopt, and told, when there is no such zone.
std::optional<std::string> query_of(const ReportOptions& options, Context& context) {
    std::string out = "format=" + (context.json ? std::string("json") : options.format) + "&language=" + options.language;
    if (!options.zone.empty()) {
        const auto zone = named_zone(context, options.zone);
        if (!zone) {
            return std::nullopt;
        }
        out += "&zone=" + percent_encoded(zone->name());
    }
    for (const auto& [name, text] : {std::pair("from", &options.from), std::pair("to", &options.to), std::pair("month", &options.month), std::pair("week", &options.week)}) {
        out += text->empty() ? "" : "&" + std::string(name) + "=" + percent_encoded(*text);
    }
    return out;
}

void report(const ReportOptions& options, Context& context) {
    if (options.incident.empty() != options.of_period()) {
        return context.fail(ctl_usage, "report needs an incident, or a period: --from and --to, --month, or --week (see surgectl report --help)");
    }
    const auto query = query_of(options, context);
    if (!query) {
        return;
    }
    Api api(context);
    const auto text = options.of_period() ? awaited_report(api, "/api/v1/report?" + *query)
                                          : api.get("/api/v1/incidents/" + percent_encoded(options.incident) + "/report?" + *query);
    if (text) {
        put(options, *text + (context.json ? "\n" : ""), context);
    }
}

}  // namespace

void add_report(CliCommand app, Context& context) {
    const auto command = app.command("report", "the after-action report of an incident, or the summary of a week or a month");
    auto options = std::make_shared<ReportOptions>();
    command.option("incident", options->incident, "incident, e.g. 0-17; without one a period").type("INCIDENT");
    command.option("--from", options->from, "first day of the period, 2026-10-01").type("DAY");
    command.option("--to", options->to, "its last day; default: today").type("DAY");
    command.option("--month", options->month, "2026-10, this or last").type("MONTH");
    command.option("--week", options->week, "2026-W41 (ISO 8601, from Monday), this or last").type("WEEK");
    command.option("--format", options->format, "md (text), or html: one page that prints on A4").one_of({"md", "html"}).shows_default();
    command.option("--language", options->language, "zh or en").one_of({"zh", "en"}).shows_default();
    command.option("--zone", options->zone, "days and times of this zone; default: the daemon's `[defaults] timezone`").type("ZONE");
    command.option("--output", options->output, "into this file; default: standard output").type("FILE");
    command.run([options, &context] { report(*options, context); });
}

}  // namespace surged
