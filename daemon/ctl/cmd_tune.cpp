// surgectl tune: limits for this centre from its own history. The history is replayed with the rules as they are, with a ladder of limits
// for each, and with those proposed; the rules are written with them, and beside every limit why.
#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <memory>
#include <set>

#include "config/document.hpp"
#include "config/settings.hpp"
#include "config/zones.hpp"
#include "core/base/clock_text.hpp"
#include "report/after_action.hpp"
#include "ctl/api_json.hpp"
#include "ctl/command_line.hpp"
#include "ctl/context.hpp"
#include "ctl/recorded_input.hpp"
#include "ctl/replay_run.hpp"
#include "ctl/tune.hpp"
#include "ctl/text_file.hpp"
#include "ctl/read_after_action.hpp"

namespace surged {
namespace {

constexpr double days_wanted = 7;

struct TuneCommand {
    std::string config = "/etc/surged/surged.toml";
    RecordedInput input;
    std::string from;
    std::string until;
    std::string out = "tuned.toml";
    double per_day = 0.1;
    bool verdicts = false;
};

/// One replay of the history: what it counted, and how much of it there was.
struct TuneReplay {
    TuneCount count;
    std::optional<WallTime> first;
    WallTime last{};
    std::uint64_t queues = 0;

    double days() const { return first ? static_cast<double>((last - *first).count()) / 86'400'000.0 : 0; }
};

std::optional<TuneReplay> play(const TuneCommand& command, Context& context, std::unique_ptr<const Plan> plan, const ReplayBounds& bounds,
                               const Zone& zone) {
    TuneReplay out;
    TuneCounter counter;
    const std::vector<RecordedAnswer> nobody;
    const IngestLimits limits = plan->limits;
    ReplayRun run(std::move(plan), {[&counter](const Record& r) { counter.record(r); }, [&counter](const SendOrder& o) { counter.order(o); }},
                  bounds, nobody, zone);
    run.before_first([&out](Engine&, WallTime first) { out.first = first; });
    const auto each = [&](const Message& message) {
        const bool more = run.message(message);
        out.last = run.started() ? std::max(out.last, wall_time(to_ms(message.ts))) : out.last;
        return more;
    };
    if (!command.input.read(context, limits, each)) {
        return std::nullopt;
    }
    run.finish();
    out.queues = run.player().engine().stats().queues;
    out.count = counter.finish();
    return out;
}

/// Of each rule, what people said of the incidents that its alerts belonged to. False, and told, when the daemon does not answer.
bool take_verdicts(Context& context, std::vector<TuneChoice>& choices) {
    Api api(context);
    std::string next;
    do {
        const auto list = api.read("/api/v1/incidents?from=0&limit=500" + (next.empty() ? std::string() : "&next=" + next));
        if (!list) {
            return false;
        }
        for (const JsonValue& row : list_of(*list, "incidents")) {
            const auto* verdict = row.find("verdict");
            if (verdict == nullptr || !verdict->is_object()) {
                continue;
            }
            const auto whole = api.read("/api/v1/incidents/" + row.text_or("incident", ""));
            if (!whole) {
                return false;
            }
            const auto word = verdict->text_or("verdict", "");
            std::set<std::string> rules;
            if (const auto facts = read_after_action(*whole)) {
                for (const auto& alert : facts->alerts) {
                    rules.insert(alert.rule);
                }
            }
            for (auto& choice : choices) {
                if (rules.count(choice.rule) > 0) {
                    ++choice.verdicts.judged;
                    choice.verdicts.false_alarms += word == "false" ? 1 : 0;
                    choice.verdicts.late += word == "late" ? 1 : 0;
                }
            }
        }
        next = list->text_or("next", "");
    } while (!next.empty());
    return true;
}

std::string rate(std::uint64_t count, double days) {
    return fmt::format("{:.2f}", days > 0 ? static_cast<double>(count) / days : 0.0);
}

std::string limit_text(const RuleSpec& rule) {
    const auto& raise = rule.levels.front().raise;
    return raise.text() + (rule.surprise > 0 ? fmt::format(", surprise {:g}", rule.surprise) : std::string());
}

void print_table(const std::vector<TuneChoice>& choices, const Plan& plan, const TuneReplay& before, const TuneReplay& after) {
    TextTable table({"rule", "level", "before a day", "after a day", "limit before", "limit after"});
    for (std::size_t i = 0; i < choices.size(); ++i) {
        const auto& rule = plan.rules[i];
        const auto& now = choices[i].rungs.empty() ? rule : choices[i].rungs[choices[i].taken].rule;
        for (const auto& level : rule.levels) {
            const auto at = [&](const TuneCount& count) {
                const auto found = count.raised.find(rule.id);
                return found == count.raised.end() || found->second.count(level.level) == 0 ? std::uint64_t{0} : found->second.at(level.level);
            };
            const bool first = &level == &rule.levels.front();
            table.add({first ? rule.id : "", std::string(to_string(level.level)), rate(at(before.count), before.days()), rate(at(after.count), after.days()),
                       first ? limit_text(rule) : "", first ? (choices[i].rungs.empty() ? "not tuned: " + choices[i].why : limit_text(now)) : ""});
        }
    }
    std::printf("%s", table.text().c_str());
    std::printf("incidents a day: %s before, %s after; pages that call for help a day: %s before, %s after\n",
                rate(before.count.incidents, before.days()).c_str(), rate(after.count.incidents, after.days()).c_str(),
                rate(before.count.calls, before.days()).c_str(), rate(after.count.calls, after.days()).c_str());
}

void print_tune_json(const std::vector<TuneChoice>& choices, const Plan& plan, const TuneReplay& before, const TuneReplay& after, const std::string& out) {
    std::string text;
    JsonWriter json(text);
    const auto side = [&](std::string_view name, const TuneReplay& replay) {
        json.key(name).begin_object().field("incidents_per_day", static_cast<double>(replay.count.incidents) / std::max(replay.days(), 1e-9));
        json.field("pages_per_day", static_cast<double>(replay.count.calls) / std::max(replay.days(), 1e-9)).end_object();
    };
    json.begin_object().field("days", before.days()).field("queues", before.queues);
    side("before", before);
    side("after", after);
    json.key("rules").begin_array();
    for (std::size_t i = 0; i < choices.size(); ++i) {
        const auto& rule = plan.rules[i];
        const auto& now = choices[i].rungs.empty() ? rule : choices[i].rungs[choices[i].taken].rule;
        json.begin_object().field("rule", rule.id).field("tuned", !choices[i].rungs.empty()).field("reason", tune_reason(choices[i]));
        json.field("limit_before", limit_text(rule)).field("limit_after", limit_text(now)).key("levels").begin_array();
        for (const auto& level : rule.levels) {
            const auto of = [&](const TuneReplay& replay) {
                const auto found = replay.count.raised.find(rule.id);
                const bool some = found != replay.count.raised.end() && found->second.count(level.level) > 0;
                return (some ? static_cast<double>(found->second.at(level.level)) : 0.0) / std::max(replay.days(), 1e-9);
            };
            json.begin_object().field("level", to_string(level.level)).field("before_per_day", of(before)).field("after_per_day", of(after)).end_object();
        }
        json.end_array().end_object();
    }
    json.end_array().field("file", out).end_object();
    std::printf("%s\n", text.c_str());
}

/// The packs of the configuration with the limits taken. Error: one cannot be read or is no longer whole with them.
Result<std::string> tuned_rules(const LoadedConfig& config, const std::vector<TuneChoice>& choices, const std::string& history) {
    std::string out = "# surged rule pack of this centre, by `surgectl tune` from its own calls of " + history +
                      ".\n# It stands in the place of the packs it was made from: move those out of rules.d, then `surgectl check` and reload.\n\n";
    for (const auto& path : config.files) {
        const auto text = read_text_file(path, text_bytes_max);
        if (!text) {
            return tl::unexpected(text.error());
        }
        if (text->find("[[rule]]") == std::string::npos) {
            continue;
        }
        std::vector<std::string> missed;
        out += tune_text(*text, choices, history, missed);
        for (const auto& rule : missed) {
            std::fprintf(stderr, "surgectl: %s: the limits of %s do not stand in lines such as `yellow = { ... }`: they were left as they are\n", path.c_str(),
                         rule.c_str());
        }
    }
    return out;
}

void run_tune(TuneCommand command, Context& context) {
    auto config = load_for_ctl(context, command.config);
    if (!config) {
        return;
    }
    if (command.input.path == "-") {
        return context.fail(ctl_usage, "tune reads its input three times: name a file");
    }
    command.input.format = command.input.format.empty() ? format_of_file(command.input.path) : command.input.format;
    const Zone zone = load_zone(config->plan->timezone).value_or(Zone{});
    auto from = civil_instant(command.from, zone);
    auto until = civil_instant(command.until, zone);
    if (!from || !until) {
        return context.fail(ctl_usage, !from ? from.error().message : until.error().message);
    }
    const ReplayBounds bounds{*from, *until};
    if (!command.input.prepare(context, config->plan)) {
        return;
    }
    const Plan& plan = *config->plan;
    auto choices = tune_ladders(plan);
    const auto tell = [&context](const char* what) {
        if (!context.json) {
            std::fprintf(stderr, "surgectl: replays the history %s\n", what);
        }
    };
    tell("with the rules as they are");
    const auto before = play(command, context, std::make_unique<const Plan>(plan), bounds, zone);
    if (!before) {
        return;
    }
    if (!before->first) {
        return context.fail(ctl_no, "no message in this input");
    }
    tell("with a ladder of limits for each rule");
    const auto ladder = play(command, context, tune_plan(plan, choices), bounds, zone);
    if (!ladder) {
        return;
    }
    if (command.verdicts && !take_verdicts(context, choices)) {
        return;
    }
    tune_choose(choices, ladder->count, before->days(), command.per_day);
    tell("with the limits taken");
    const auto after = play(command, context, tuned_plan(plan, choices), bounds, zone);
    if (!after) {
        return;
    }
    const auto date = [&zone](WallTime at) { return civil_text(at, zone).substr(0, std::string_view("2026-03-02").size()); };
    const auto history = fmt::format("{} to {}, {} queue{}", date(*before->first), date(before->last), before->queues, before->queues == 1 ? "" : "s");
    const auto rules = tuned_rules(*config, choices, history);
    if (!rules) {
        return context.fail(ctl_usage, rules.error().message);
    }
    std::ofstream file(command.out, std::ios::binary | std::ios::trunc);
    if (!(file << *rules).flush()) {
        return context.fail(ctl_usage, "cannot write " + command.out);
    }
    if (before->days() < days_wanted) {
        std::fprintf(stderr, "surgectl: %.1f days of history: a week at least tells how often a limit is passed, a month is better\n", before->days());
    }
    if (context.json) {
        print_tune_json(choices, plan, *before, *after, command.out);
    } else {
        print_table(choices, plan, *before, *after);
        std::printf("written to %s, in the place of the rule packs of %s; every limit says why\n", command.out.c_str(), command.config.c_str());
    }
}

}  // namespace

void add_tune(CliCommand app, Context& context) {
    const auto command = app.command("tune", "propose limits for this centre from its own history, and write its rules with them");
    auto options = std::make_shared<TuneCommand>();
    command.option("--config", options->config, "main configuration file, whose rule packs are tuned").type("FILE").shows_default();
    options->input.add_options(command, true, true);
    command.option("--from", options->from, "start here, civil time of the configuration's zone: 2026-03-02[T09:00]").type("TIME");
    command.option("--until", options->until, "end before this").type("TIME");
    command.option("--per-day", options->per_day, "a rule may be raised so often a day beyond what is raised at any limit").within(0.0, 100.0).shows_default();
    command.flag("--verdicts", options->verdicts,
                 "ask the daemon what people said of incidents: rules whose incidents were mostly false are made quieter, those called too late more sensitive");
    command.option("--out", options->out, "file of rules to write").type("FILE").shows_default();
    command.run([options, &context] { run_tune(*options, context); });
}

}  // namespace surged
