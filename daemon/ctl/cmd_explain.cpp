// surgectl explain: one rule on one queue, from the daemon as it is now, from its log as it stood, or from a recording as it was.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>

#include "config/settings.hpp"
#include "config/zones.hpp"
#include "core/base/encoding.hpp"
#include "core/base/text.hpp"
#include "ctl/api_json.hpp"
#include "ctl/command_line.hpp"
#include "ctl/context.hpp"
#include "ctl/explain_text.hpp"
#include "ctl/history_curves.hpp"
#include "ctl/learned_input.hpp"
#include "ctl/past.hpp"
#include "ctl/recorded_input.hpp"
#include "ctl/replay_run.hpp"
#include "ctl/read_after_action.hpp"
#include "wire/explain_json.hpp"

namespace surged {
namespace {

struct ExplainOptions {
    std::string rule;
    std::string queue;
    std::string at;
    std::string config = "/etc/surged/surged.toml";
    RecordedInput input;
    LearnedInput learned;
    std::string answers;
};

/// "centre/queue" or "centre/queue/channel".
std::optional<QueueKey> queue_from(const std::string& text) {
    const auto first = text.find('/');
    if (first == std::string::npos || first == 0 || first + 1 >= text.size()) {
        return std::nullopt;
    }
    const auto second = text.find('/', first + 1);
    QueueKey key;
    key.centre = text.substr(0, first);
    key.queue = text.substr(first + 1, second == std::string::npos ? second : second - first - 1);
    if (second != std::string::npos) {
        key.channel = text.substr(second + 1);
    }
    return key.queue.empty() || key.channel.empty() ? std::nullopt : std::optional(std::move(key));
}

void print_explanation(const std::string& json, const Zone& zone, Context& context) {
    if (context.json) {
        std::printf("%s\n", json.c_str());
        return;
    }
    const auto value = parse_json(json, {std::size_t{16} << 20U, 32, 1000000});
    if (!value) {
        return context.fail(ctl_unreachable, "what answers is not surged: " + value.error().message);
    }
    std::printf("%s%s", explain_text(*value, zone, context.look()).c_str(), zone_note(zone, context.look()).c_str());
}

/// What the daemon's history knows of the queue in that minute (or in the five around it, when that is longer ago): text for people, and the
/// API's answer; both empty where it knows nothing.
std::pair<std::string, std::string> kept_values(const QueueKey& queue, WallTime at, Context& context) {
    constexpr std::int64_t slot_ms = 300000;
    Context quiet = context;
    quiet.quiet = true;
    Api api(quiet);
    const std::int64_t from = to_ms(at) / slot_ms * slot_ms;
    const auto body = api.get("/api/v1/history?centre=" + percent_encoded(queue.centre) + "&queue=" + percent_encoded(queue.queue) + "&channel=" +
                              percent_encoded(queue.channel) + "&from=" + std::to_string(from) + "&to=" + std::to_string(from + slot_ms));
    const auto curves = body ? read_history(*body) : fail("");
    const std::string values = curves ? history_at(*curves, at) : std::string();
    if (values.empty()) {
        return {};
    }
    return {(curves->step > Span{60000} ? "in the five minutes: " : "in that minute: ") + values, *body};
}

/// From the log of the newest incident that was open by then and knows of the alert. The daemon keeps what it decided, not what
/// it measured: this says less than a recording.
void from_log(const ExplainOptions& options, const QueueKey& queue, Context& context) {
    Api api(context);
    const Zone zone = api.zone();
    const auto at = civil_instant(options.at, zone);
    if (!at) {
        return context.fail(ctl_usage, at.error().message);
    }
    const PastQuestion question{options.rule, queue, **at};
    if (question.at > std::chrono::time_point_cast<Span>(std::chrono::system_clock::now())) {
        return context.fail(ctl_usage, options.at + " is not over yet: leave out --at for the present");
    }
    const auto list = api.read("/api/v1/incidents");
    const auto* incidents = list && list->find("incidents") != nullptr ? list->find("incidents")->array() : nullptr;
    if (incidents == nullptr) {
        return list ? context.fail(ctl_unreachable, "what answers is not surged") : void();
    }
    std::vector<std::pair<std::int64_t, std::string>> newest_first;
    for (const JsonValue& incident : *incidents) {
        if (const auto ms = integer_of(incident, "opened"); ms && *ms <= to_ms(question.at)) {
            newest_first.emplace_back(*ms, incident.text_or("incident", ""));
        }
    }
    std::sort(newest_first.rbegin(), newest_first.rend());
    constexpr std::size_t asked_max = 100;
    newest_first.resize(std::min(newest_first.size(), asked_max));
    const auto values = kept_values(queue, question.at, context);
    for (const auto& [opened, id] : newest_first) {
        const auto json = api.read("/api/v1/incidents/" + id);
        if (!json) {
            return;
        }
        const auto incident = read_after_action(*json);
        const auto past = incident ? look_back(*incident, question) : std::nullopt;
        if (past) {
            std::printf("%s", context.json ? (past_json(*incident, question, *past, values.second) + "\n").c_str()
                                           : (past_text(*incident, question, *past, zone, values.first) + zone_note(zone, context.look())).c_str());
            return;
        }
    }
    if (!values.first.empty()) {
        std::printf("%s\n", context.json ? values.second.c_str() : ("no incident knows of " + options.rule + " on " + options.queue + " by " + options.at + "\n  values   " + values.first).c_str());
        return;
    }
    context.fail(ctl_no, "no incident that the daemon still shows knows of " + options.rule + " on " + options.queue + " by " +
                             options.at + "; a recording tells more: --config F --input F --at TIME");
}

void from_daemon(const ExplainOptions& options, const QueueKey& queue, Context& context) {
    if (!options.at.empty()) {
        return from_log(options, queue, context);
    }
    Api api(context);
    const auto body = api.get("/api/v1/explain?rule=" + percent_encoded(options.rule) + "&centre=" + percent_encoded(queue.centre) +
                              "&queue=" + percent_encoded(queue.queue) + "&channel=" + percent_encoded(queue.channel));
    if (body) {
        print_explanation(*body, context.json ? Zone{} : api.zone(), context);
    }
}

void from_recording(ExplainOptions options, const QueueKey& queue, Context& context) {
    auto config = load_for_ctl(context, options.config);
    if (!config || !options.learned.load(context, *config)) {
        return;
    }
    const Zone zone = load_zone(config->plan->timezone).value_or(Zone{});
    const auto at = civil_instant(options.at, zone);
    if (!at) {
        return context.fail(ctl_usage, at.error().message);
    }
    std::vector<RecordedAnswer> answers;
    if (!options.answers.empty()) {
        auto read = read_answers(options.answers);
        if (!read) {
            return context.fail(ctl_usage, read.error().message);
        }
        answers = std::move(*read);
    }
    // The sample of that very moment is part of it.
    const auto until = *at ? std::optional(**at + Span{1}) : std::nullopt;
    if (!options.input.prepare(context, config->plan)) {
        return;
    }
    const IngestLimits limits = config->plan->limits;
    ReplayRun run(std::move(config->plan), {}, {std::nullopt, until}, answers, zone);
    run.before_first([&options](Engine& engine, WallTime first) { options.learned.offer(engine, first); });
    if (!options.input.read(context, limits, [&run](const Message& message) { return run.message(message); })) {
        return;
    }
    run.finish();
    if (!run.started()) {
        return context.fail(ctl_no, "no message in this input before " + options.at);
    }
    const auto now = run.player().now();
    const auto explanation = run.player().engine().explain(options.rule, queue, {now, wall_time(to_ms(now))});
    if (!explanation) {
        std::string names;
        for (const RuleSpec& rule : run.player().engine().plan().rules) {
            names += (names.empty() ? "" : ", ") + rule.id;
        }
        return context.fail(ctl_no, "no rule \"" + options.rule + "\"; there are " + names);
    }
    print_explanation(encode(*explanation), zone, context);
}

}  // namespace

void add_explain(CliCommand app, Context& context) {
    const auto command = app.command(
        "explain", "one rule on one queue: inputs, limits in force, holds, mutes, and why each tier was or was not called");
    auto options = std::make_shared<ExplainOptions>();
    command.option("rule", options->rule, "rule id").required().type("RULE");
    command.option("queue", options->queue, "centre/queue or centre/queue/channel; \"jinan/*\" for what is derived by centre")
        .required()
        .type("QUEUE");
    command
        .option("--at", options->at,
                "at this time, 2026-03-02[T09:00[:05]] of the centre's zone: with --input from the recording (default: at its end), else from "
                "the daemon's log")
        .type("TIME");
    command.option("--config", options->config, "with --input: main configuration file").type("FILE").shows_default();
    options->input.add_options(command, false, false);
    options->learned.add_option(command);
    command.option("--answers", options->answers, "with --input: what people say, as for replay").type("FILE");
    command.run([options, &context] {
        const auto queue = queue_from(options->queue);
        if (!queue) {
            return context.fail(ctl_usage, "\"" + options->queue + "\" is no queue: write centre/queue or centre/queue/channel");
        }
        options->input.path.empty() ? from_daemon(*options, *queue, context) : from_recording(*options, *queue, context);
    });
}

}  // namespace surged
