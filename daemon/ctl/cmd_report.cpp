// surgectl report: the after-action report of one incident, from what the daemon's API tells of it.
#include <cstdio>
#include <fstream>
#include <memory>

#include "ctl/command_line.hpp"
#include "ctl/context.hpp"
#include "ctl/read_after_action.hpp"
#include "report/report.hpp"

namespace surged {
namespace {

struct ReportOptions {
    std::string incident;
    std::string format = "md";
    std::string language = "en";
    std::string output;
    std::string zone;
};

void report(const ReportOptions& options, Context& context) {
    Api api(context);
    const auto zone = named_zone(context, api, options.zone);
    if (!zone) {
        return;
    }
    const auto json = api.read("/api/v1/incidents/" + options.incident);
    if (!json) {
        return;
    }
    const auto facts = read_after_action(*json);
    if (!facts) {
        return context.fail(ctl_no, facts.error().message);
    }
    const Language language = options.language == "zh" ? Language::zh : Language::en;
    const std::string text =
        context.json              ? report_json(*facts) + "\n"
        : options.format == "html" ? report_html(*facts, language, *zone) : report_markdown(*facts, language, *zone);
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
