// surgectl report: the after-action report of one incident, from what the daemon's API tells of it.
#include <CLI/CLI.hpp>

#include <cstdio>
#include <fstream>

#include "ctl/context.hpp"
#include "ctl/report_text.hpp"

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
    const auto zone = named_zone(context, options.zone);
    if (!zone) {
        return;
    }
    Api api(context);
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
        options.format == "html" ? report_html(*facts, language, *zone) : report_markdown(*facts, language, *zone);
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

void add_report(CLI::App& app, Context& context) {
    auto* command = app.add_subcommand("report", "the after-action report of an incident");
    auto options = std::make_shared<ReportOptions>();
    command->add_option("incident", options->incident, "incident, e.g. 0-17")->required()->type_name("ID");
    command->add_option("--format", options->format, "md or html")->check(CLI::IsMember({"md", "html"}))->capture_default_str();
    command->add_option("--language", options->language, "zh or en")->check(CLI::IsMember({"zh", "en"}))->capture_default_str();
    command->add_option("--zone", options->zone, "times of this zone; default: yours")->type_name("ZONE");
    command->add_option("--output", options->output, "into this file; default: standard output")->type_name("FILE");
    command->callback([options, &context] { report(*options, context); });
}

}  // namespace surged
