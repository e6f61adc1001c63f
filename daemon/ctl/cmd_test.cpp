// surgectl test: runs the time-line tests of rules.
#include <algorithm>
#include <cstdio>
#include <memory>

#include "config/zones.hpp"
#include "ctl/command_line.hpp"
#include "ctl/context.hpp"
#include "ctl/learned_input.hpp"
#include "ruletest/coverage.hpp"
#include "ruletest/format.hpp"
#include "ruletest/report.hpp"
#include "ruletest/run.hpp"

namespace surged {
namespace {

struct Tally {
    std::size_t passed = 0;
    std::size_t failed = 0;
    std::size_t unlearned = 0;  ///< tests that expect something of a baseline rule which was taught nothing
    Coverage coverage;
};

/// Prints the errors among the findings; false when there are any.
bool good(const std::vector<Diagnostic>& diagnostics) {
    bool errors = false;
    for (const Diagnostic& diagnostic : diagnostics) {
        if (diagnostic.severity == Severity::error) {
            std::fprintf(stderr, "%s\n", diagnostic.text().c_str());
            errors = true;
        }
    }
    return !errors;
}

/// Expects something of a rule of kind baseline, and brings no history.
bool wants_history(const RuleTest& test, const Plan& plan) {
    return test.histories.empty() && std::ranges::any_of(test.expects, [&](const TestExpect& expect) {
               return std::ranges::any_of(plan.rules, [&](const RuleSpec& rule) {
                   return rule.kind == RuleKind::baseline && rule.id == expect.rule;
               });
           });
}

void run_file(Context& context, const std::string& path, const std::string& only, const ProfileShelf& learned, Tally& tally) {
    const TestFile file = load_test_file(path);
    if (!good(file.diagnostics)) {
        context.exit_code = ctl_usage;
        return;
    }
    const LoadedConfig config = load_configs(file.configs, path + " (extra)", file.extra);
    if (!good(config.diagnostics) || !config.ok()) {
        context.fail(ctl_usage, path + ": its configuration has errors");
        return;
    }
    tally.coverage.expect(*config.plan, file.configs.empty() ? path : file.configs.front());
    for (const RuleTest& test : file.tests) {
        if (!only.empty() && test.name.find(only) == std::string::npos) {
            continue;
        }
        const auto zone = load_zone(test.timezone);
        if (!zone) {
            context.fail(ctl_usage, path + ":" + std::to_string(test.line) + ": " + zone.error().message);
            continue;
        }
        // The engine eats its plan; formulas are shared, so a copy is cheap.
        const TestVerdict verdict = run_rule_test(test, path, std::make_unique<const Plan>(*config.plan), *zone, learned);
        tally.unlearned += learned.empty() && wants_history(test, *config.plan) ? 1U : 0U;
        (verdict.passed() ? tally.passed : tally.failed) += 1;
        tally.coverage.add(*config.plan, verdict.raised);
        std::printf("%s", context.json ? (verdict_json(path, test.name, verdict) + "\n").c_str()
                                       : verdict_text(path, test.name, verdict).c_str());
    }
}

struct TestOptions {
    std::vector<std::string> paths;
    std::string only;
    bool coverage = false;
    bool require_coverage = false;
    std::string profiles = "off";
};

void test(Context& context, const TestOptions& options) {
    Tally tally;
    ProfileShelf learned;
    if (options.profiles != "off") {
        auto read = read_profile_file(options.profiles);
        if (!read) {
            return context.fail(ctl_usage, read.error().message);
        }
        learned = std::move(*read);
    }
    for (const std::string& path : options.paths) {
        run_file(context, path, options.only, learned, tally);
    }
    if (tally.unlearned > 0) {
        std::fprintf(stderr,
                     "surgectl: %zu tests expect something of a rule of kind baseline that was taught nothing: a test takes no learned "
                     "profiles, so that it says the same on every host; give it a [[test.history]], or name a file with --profiles\n",
                     tally.unlearned);
    }
    if (options.coverage || options.require_coverage) {
        std::printf("%s", context.json ? (coverage_json(tally.coverage) + "\n").c_str() : coverage_text(tally.coverage).c_str());
    }
    if (!context.json) {
        const std::string sum = std::to_string(tally.passed) + " passed, " + std::to_string(tally.failed) + " failed";
        std::printf("%s\n", context.look().paint(tally.failed > 0 ? Tone::bad : Tone::good, sum).c_str());
    }
    if (context.exit_code == ctl_ok && options.require_coverage && !tally.coverage.missing().empty()) {
        context.exit_code = ctl_no;
    }
    if (context.exit_code == ctl_ok && (tally.failed > 0 || tally.passed == 0)) {
        context.exit_code = ctl_no;
    }
}

}  // namespace

void add_test(CliCommand app, Context& context) {
    const auto command = app.command("test", "run time-line tests of rules: samples in, expected alerts and pages out");
    auto options = std::make_shared<TestOptions>();
    command.option("files", options->paths, "test files (rules/*.test.toml)").required().type("FILE");
    command.option("--only", options->only, "only tests whose name contains this").type("TEXT");
    command.option("--profiles", options->profiles, "what `learn` wrote, offered beside each test's own [[test.history]]; default: off, so that a test says the same on every host").type("FILE|off");
    command.flag("--coverage", options->coverage, "name the rules and levels that no test raised");
    command.flag("--require-coverage", options->require_coverage, "the same, and exit 1 when there are any");
    command.run([options, &context] { test(context, *options); });
}

}  // namespace surged
