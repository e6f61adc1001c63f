// surgectl check: every finding of the configuration, and what it will cost.
#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <set>

#include "app/history_cost.hpp"
#include "app/preflight.hpp"
#include "config/memory.hpp"
#include "config/settings.hpp"
#include "config/zones.hpp"
#include "ctl/chance.hpp"
#include "ctl/command_line.hpp"
#include "ctl/context.hpp"
#include "ctl/learned_input.hpp"
#include "ctl/recorded_input.hpp"
#include "io/courier/courier.hpp"

namespace surged {
namespace {

void print_check_json(const LoadedConfig& config, const std::vector<std::string>& memory, const std::string& cluster) {
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
    if (!cluster.empty()) {
        std::string line;
        JsonWriter(line).begin_object().field("type", "cluster").field("text", cluster).end_object();
        std::printf("%s\n", line.c_str());
    }
}

struct CheckOptions {
    std::string path = "/etc/surged/surged.toml";
    bool strict = false;
    RecordedInput sample;
};

/// Calls an hour by the hour of the day, from a recording, for every counter that a rule of kind rate_of_change looks at.
std::vector<Volume> volumes_of_sample(const CheckOptions& options, Context& context, const LoadedConfig& config) {
    RecordedInput input = options.sample;
    input.format = input.format.empty() ? format_of_file(input.path) : input.format;
    auto plan = std::make_unique<const Plan>(*config.plan);
    if (!input.prepare(context, plan)) {
        return {};
    }
    struct Seen {
        double last = 0;
        std::uint64_t epoch = 0;
        bool any = false;
        std::vector<double> calls = std::vector<double>(24, 0.0);
    };
    const Zone zone = load_zone(plan->timezone).value_or(Zone{});
    std::map<std::pair<QueueKey, std::string>, Seen> seen;
    std::vector<std::set<std::int64_t>> days(24);
    const auto each = [&](const Message& message) {
        for (const auto& part : message.parts) {
            const auto civil = zone.to_civil(wall_time(to_ms(part.ts)));
            const auto hour = static_cast<std::size_t>(civil.second_of_day / 3600);
            days[hour].insert(days_from_civil(civil.year, civil.month, civil.day));
            for (auto i = part.first; i < part.first + part.count; ++i) {
                const auto& value = message.values[i];
                const bool wanted = std::ranges::any_of(plan->rules, [&](const RuleSpec& r) {
                    return r.kind == RuleKind::rate_of_change && r.metric == value.name;
                });
                if (!wanted) {
                    continue;
                }
                auto& its = seen[{QueueKey{std::string(part.centre), std::string(part.queue), std::string(part.channel)}, std::string(value.name)}];
                if (its.any && its.epoch == message.epoch && value.value > its.last) {
                    its.calls[hour] += value.value - its.last;
                }
                its.last = value.value;
                its.epoch = message.epoch;
                its.any = true;
            }
        }
        return true;
    };
    std::vector<Volume> out;
    if (!input.read(context, plan->limits, each)) {
        return out;
    }
    for (auto& [key, its] : seen) {
        for (std::size_t hour = 0; hour < its.calls.size(); ++hour) {
            its.calls[hour] /= std::max<double>(1, static_cast<double>(days[hour].size()));
        }
        out.push_back({key.first, key.second, std::move(its.calls), "the sample"});
    }
    return out;
}

/// What a change in percent means at each queue's own volume, where a sample or a profile tells it.
std::vector<std::string> chances(const CheckOptions& options, Context& context, const LoadedConfig& config) {
    if (!options.sample.path.empty()) {
        return chance_report(*config.plan, volumes_of_sample(options, context, config));
    }
    const auto shelf = read_profile_file(profiles_path_of(config));
    return shelf ? chance_report(*config.plan, volumes_of(*config.plan, *shelf)) : std::vector<std::string>{};
}

/// Errors and warnings of everything that was looked at.
struct Found {
    std::size_t errors = 0;
    std::size_t warnings = 0;
    void count(bool error) { ++(error ? errors : warnings); }
};

void print_finding(const Context& context, bool error, const std::string& shown, const std::string& message) {
    if (!context.json) {
        std::printf("%s\n", context.look().finding(shown).c_str());
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
    const Look look = context.look();
    const LoadedConfig config = load_config(options.path);
    std::vector<std::string> memory = config.ok() ? memory_report(*config.plan, detector_costs()) : std::vector<std::string>{};
    if (config.ok()) {
        memory.push_back(history_cost(config));
    }
    const auto& cluster = config.settings.cluster;
    const std::string several = config.ok() && cluster ? cluster_line(*cluster, cluster_host({})) : std::string();
    Found found;
    for (const Diagnostic& diagnostic : config.diagnostics) {
        found.count(diagnostic.severity == Severity::error);
    }
    if (context.json) {
        print_check_json(config, memory, several);
    } else {
        for (const Diagnostic& diagnostic : config.diagnostics) {
            std::printf("%s\n", look.finding(diagnostic.text()).c_str());
        }
        for (const std::string& line : memory) {
            std::printf("%s\n", line.c_str());
        }
        if (!several.empty()) {
            std::printf("%s\n", several.c_str());
        }
    }
    if (config.ok()) {
        // Secrets that this user may not read are no errors: the daemon reads them as another user.
        for (const ChannelProblem& problem : check_channels(config.plan->channels, config.settings.base_dir, {})) {
            const std::string text = "channel " + problem.channel + ": " + problem.detail;
            print_finding(context, false, "warning: " + text, text);
            found.count(false);
        }
        for (const std::string& text : chances(options, context, config)) {
            print_finding(context, false, "warning: " + text, text);
            found.count(false);
        }
        for (const PreflightFinding& finding : preflight(config, {})) {
            print_finding(context, finding.error, text_of(finding, config), text_of(finding, config));
            found.count(finding.error);
        }
    }
    const bool good = config.ok() && found.errors == 0;
    const bool refused = good && options.strict && found.warnings > 0;
    context.exit_code = !good ? ctl_usage : refused ? ctl_no : ctl_ok;
    if (context.json) {
        return;
    }
    const auto warnings = found.warnings == 1 ? look.say("warning") : look.say("warnings", {{"count", std::to_string(found.warnings)}});
    const auto errors = found.errors == 1 ? look.say("error") : look.say("errors", {{"count", std::to_string(found.errors)}});
    std::printf("%s\n", (!good     ? look.paint(Tone::bad, errors)
                         : refused ? look.paint(Tone::bad, look.say("strict", {{"warnings", warnings}}))
                                   : look.paint(found.warnings > 0 ? Tone::warning : Tone::good,
                                                look.say("check_ok", {{"summary", summary_of(config)}, {"warnings", warnings}})))
                            .c_str());
}

}  // namespace

void add_check(CliCommand app, Context& context) {
    const auto command = app.command(
        "check", "read and check a configuration: every finding with file:line:col, rules that can never fire, memory");
    auto options = std::make_shared<CheckOptions>();
    command.option("--config,config", options->path, "main configuration file").type("FILE").shows_default();
    options->sample.add_options(command, false, true);
    command.flag("--strict", options->strict, "warnings fail, too: exit 1 when there is any (errors: 2)");
    command.run([options, &context] { check(context, *options); });
}

}  // namespace surged
