// surgectl check: every finding of the configuration, and what it will cost.
#include <algorithm>
#include <cstdio>
#include <memory>

#include "app/preflight.hpp"
#include "config/memory.hpp"
#include "config/settings.hpp"
#include "ctl/command_line.hpp"
#include "ctl/context.hpp"

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

void check(Context& context, const std::string& path) {
    const LoadedConfig config = load_config(path);
    const std::vector<std::string> memory =
        config.ok() ? memory_report(*config.plan, detector_costs()) : std::vector<std::string>{};
    const auto found = config.ok() ? preflight(config, {}) : std::vector<PreflightFinding>{};
    std::size_t errors = static_cast<std::size_t>(std::count_if(found.begin(), found.end(), [](const PreflightFinding& f) { return f.error; }));
    context.exit_code = config.ok() && errors == 0 ? ctl_ok : ctl_usage;
    if (context.json) {
        print_json(config, memory);
        for (const PreflightFinding& finding : found) {
            std::string line;
            JsonWriter(line)
                .begin_object()
                .field("type", "diagnostic")
                .field("severity", finding.error ? "error" : "warning")
                .field("message", text_of(finding, config))
                .end_object();
            std::printf("%s\n", line.c_str());
        }
        return;
    }
    for (const Diagnostic& diagnostic : config.diagnostics) {
        std::printf("%s\n", diagnostic.text().c_str());
        errors += diagnostic.severity == Severity::error ? 1U : 0U;
    }
    for (const std::string& line : memory) {
        std::printf("%s\n", line.c_str());
    }
    for (const PreflightFinding& finding : found) {
        std::printf("%s\n", text_of(finding, config).c_str());
    }
    if (config.ok() && errors == 0) {
        const Plan& plan = *config.plan;
        std::printf(
            "ok: %zu files, %zu rules, %zu derived metrics, %zu declared queues, %zu people, %zu policies; %zu warnings\n",
            config.files.size(), plan.rules.size(), plan.derives.size(), plan.expects.size(), plan.people.size(),
            plan.policies.size(), config.diagnostics.size() + found.size());
    } else {
        std::printf("%zu error%s\n", errors, errors == 1 ? "" : "s");
    }
}

}  // namespace

void add_check(CliCommand app, Context& context) {
    const auto command = app.command(
        "check", "read and check a configuration: every finding with file:line:col, rules that can never fire, memory");
    auto path = std::make_shared<std::string>("/etc/surged/surged.toml");
    command.option("--config,config", *path, "main configuration file").type("FILE");
    command.run([path, &context] { check(context, *path); });
}

}  // namespace surged
