// surgectl report: the after-action report of one incident, which the daemon makes.
#include <cstdio>
#include <fstream>
#include <memory>

#include "core/base/encoding.hpp"
#include "ctl/command_line.hpp"
#include "ctl/context.hpp"

namespace surged {
namespace {

struct ReportOptions {
    std::string incident;
    std::string format = "md";
    std::string language = "en";
    std::string output;
    std::string zone;
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
    return out;
}

void report(const ReportOptions& options, Context& context) {
    const auto query = query_of(options, context);
    if (!query) {
        return;
    }
    Api api(context);
    const auto text = api.get("/api/v1/incidents/" + percent_encoded(options.incident) + "/report?" + *query);
    if (text) {
        put(options, *text + (context.json ? "\n" : ""), context);
    }
}

}  // namespace

void add_report(CliCommand app, Context& context) {
    const auto command = app.command("report", "the after-action report of an incident");
    auto options = std::make_shared<ReportOptions>();
    command.option("incident", options->incident, "incident, e.g. 0-17").required().type("INCIDENT");
    command.option("--format", options->format, "md or html").one_of({"md", "html"}).shows_default();
    command.option("--language", options->language, "zh or en").one_of({"zh", "en"}).shows_default();
    command.option("--zone", options->zone, "times of this zone; default: the daemon's `[defaults] timezone`").type("ZONE");
    command.option("--output", options->output, "into this file; default: standard output").type("FILE");
    command.run([options, &context] { report(*options, context); });
}

}  // namespace surged
