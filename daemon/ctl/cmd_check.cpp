// surgectl check: every finding of the configuration, and what it will cost.
#include <cstdio>
#include <memory>

#include "app/preflight.hpp"
#include "config/memory.hpp"
#include "config/settings.hpp"
#include "ctl/command_line.hpp"
#include "ctl/context.hpp"
#include "io/courier/courier.hpp"

namespace surged {
namespace {

void print_json(const LoadedConfig& config, const std::vector<std::string>& memory) {
    for (const Diagnostic& diagnostic : config.diagnostics) {
        std::string line;
        JsonWriter(line)
            .begin_object()
            .field("type", "diagnostic")
            .field("severity", diagnostic.severity == Severity::error ? "error" : "warning")
            .field("file", diagnostic.file)
            .field("line", diagnostic.line)
            .field("col", diagnostic.col)
            .field("message", diagnostic.message)
            .end_object();
        std::printf("%s\n", line.c_str());
    }
    for (const std::string& text : memory) {
        std::string line;
        JsonWriter(line).begin_object().field("type", "memory").field("text", text).end_object();
        std::printf("%s\n", line.c_str());
    }
}

struct CheckOptions {
    std::string path = "/etc/surged/surged.toml";
    bool strict = false;
};

/// Errors and warnings of everything that was looked at.
struct Found {
    std::size_t errors = 0;
    std::size_t warnings = 0;
    void count(bool error) { ++(error ? errors : warnings); }
};

std::string counted(std::size_t count, const char* word) {
    return std::to_string(count) + " " + word + (count == 1 ? "" : "s");
}

void print_finding(bool json, bool error, const std::string& shown, const std::string& message) {
    if (!json) {
        std::printf("%s\n", shown.c_str());
        return;
    }
    std::string line;
    JsonWriter(line)
        .begin_object()
        .field("type", "diagnostic")
        .field("severity", error ? "error" : "warning")
        .field("message", message)
        .end_object();
    std::printf("%s\n", line.c_str());
}

void check(Context& context, const CheckOptions& options) {
    const LoadedConfig config = load_config(options.path);
    const std::vector<std::string> memory =
        config.ok() ? memory_report(*config.plan, detector_costs()) : std::vector<std::string>{};
    Found found;
    for (const Diagnostic& diagnostic : config.diagnostics) {
        found.count(diagnostic.severity == Severity::error);
    }
    if (context.json) {
        print_json(config, memory);
    } else {
        for (const Diagnostic& diagnostic : config.diagnostics) {
            std::printf("%s\n", diagnostic.text().c_str());
        }
        for (const std::string& line : memory) {
            std::printf("%s\n", line.c_str());
        }
    }
    if (config.ok()) {
        // Secrets that this user may not read are no errors: the daemon reads them as another user.
        for (const ChannelProblem& problem : check_channels(config.plan->channels, config.settings.base_dir, {})) {
            const std::string text = "channel " + problem.channel + ": " + problem.detail;
            print_finding(context.json, false, "warning: " + text, text);
            found.count(false);
        }
        for (const PreflightFinding& finding : preflight(config, {})) {
            print_finding(context.json, finding.error, text_of(finding, config), text_of(finding, config));
            found.count(finding.error);
        }
    }
    const bool good = config.ok() && found.errors == 0;
    const bool refused = good && options.strict && found.warnings > 0;
    context.exit_code = !good ? ctl_usage : refused ? ctl_no : ctl_ok;
    if (context.json) {
        return;
    }
    if (!good) {
        std::printf("%s\n", counted(found.errors, "error").c_str());
    } else if (refused) {
        std::printf("--strict: %s\n", counted(found.warnings, "warning").c_str());
    } else {
        std::printf("ok: %s; %s\n", summary_of(config).c_str(), counted(found.warnings, "warning").c_str());
    }
}

}  // namespace

void add_check(CliCommand app, Context& context) {
    const auto command = app.command(
        "check", "read and check a configuration: every finding with file:line:col, rules that can never fire, memory");
    auto options = std::make_shared<CheckOptions>();
    command.option("--config,config", options->path, "main configuration file").type("FILE").shows_default();
    command.flag("--strict", options->strict, "warnings fail, too: exit 1 when there is any (errors: 2)");
    command.run([options, &context] { check(context, *options); });
}

}  // namespace surged
