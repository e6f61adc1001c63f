// surgectl replay: the same engine on recorded time; prints alerts, incidents, and who would have been called when.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>

#include "config/settings.hpp"
#include "config/zones.hpp"
#include "core/base/text.hpp"
#include "ctl/context.hpp"
#include "ctl/count_messages.hpp"
#include "ctl/player.hpp"
#include "ctl/timeline.hpp"
#include "feed/queue_log_feed.hpp"
#include "feed/recorder.hpp"
#include "wire/record_json.hpp"

namespace surged {
namespace {

struct ReplayOptions {
    std::string config = "/etc/surged/surged.toml";
    std::string input;
    std::string format;  // empty = by the file's first byte
    std::string centre;  // empty = "asterisk" of a queue_log
    std::string queue;
    std::string channel = "voice";
    std::string metric = "offered";
    std::string interval;
    std::string zone;
    std::string from;
    std::string until;
    std::string answers;
    bool all = false;
};

struct RecordedAnswer {
    EngineTime at{};
    std::string person;
    AnswerKind say = AnswerKind::join;
    std::string incident;
};

/// {"ts":ms,"person":"lead-01","say":"join","incident":"0-1"} a line; incident may be left out while one is open.
Result<std::vector<RecordedAnswer>> read_answers(const std::string& path) {
    std::vector<RecordedAnswer> out;
    std::ifstream in(path);
    if (!in) {
        return fail("cannot read " + path);
    }
    std::string line;
    for (int number = 1; std::getline(in, line); ++number) {
        if (line.empty() || line.front() == '#') {
            continue;
        }
        const auto json = parse_json(line);
        const JsonValue* ts = json ? json->find("ts") : nullptr;
        const auto at = ts == nullptr ? std::nullopt : ts->integer();
        const std::string say = json ? json->text_or("say", "join") : "";
        RecordedAnswer answer{engine_time(at.value_or(0)), json ? json->text_or("person", "") : "", AnswerKind::join,
                              json ? json->text_or("incident", "") : ""};
        bool known = false;
        for (const AnswerKind kind :
             {AnswerKind::join, AnswerKind::decline, AnswerKind::ack, AnswerKind::leave, AnswerKind::arrive}) {
            if (to_string(kind) == say) {
                answer.say = kind;
                known = true;
            }
        }
        if (!at || answer.person.empty() || !known) {
            return fail(path + ":" + std::to_string(number) +
                        ": wanted {\"ts\":ms,\"person\":..,\"say\":\"join|decline|ack|leave|arrive\"}");
        }
        out.push_back(std::move(answer));
    }
    std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
    return out;
}

/// "2026-03-02" or "2026-03-02T09:00" in `zone`.
Result<std::optional<WallTime>> instant(const std::string& text, const Zone& zone) {
    if (text.empty()) {
        return std::optional<WallTime>();
    }
    const auto civil = parse_civil(text.size() == 10 ? text + "T00:00" : text);
    if (!civil) {
        return tl::unexpected(civil.error());
    }
    return std::optional(zone.first_instant(*civil));
}

/// What a person wants to read; the rest is in --json and --all.
bool worth_a_line(const Record& record) {
    if (const auto* page = std::get_if<PageChange>(&record.body)) {
        return terminal(page->state) || page->state == PageState::failed_temp;
    }
    if (const auto* edge = std::get_if<AlertEdge>(&record.body)) {
        return edge->stale_changed || edge->to == AlertState::firing || edge->from == AlertState::firing ||
               edge->from == AlertState::clearing;
    }
    if (const auto* seat = std::get_if<SeatChange>(&record.body)) {
        return seat->state != SeatState::asked && seat->state != SeatState::informed;
    }
    return true;
}

class Replay {
public:
    Replay(const ReplayOptions& options, Context& context, std::unique_ptr<const Plan> plan, const Zone& zone)
        : options_(options),
          context_(context),
          zone_(zone),
          player_(std::move(plan),
                  {[this](const Record& record) { tell(record); }, [this](const SendOrder& order) { count(order); }}) {}

    bool prepare() {
        auto from = instant(options_.from, zone_);
        auto until = instant(options_.until, zone_);
        if (!from || !until) {
            context_.fail(ctl_usage, !from ? from.error().message : until.error().message);
            return false;
        }
        from_ = *from;
        until_ = *until;
        if (!options_.answers.empty()) {
            auto answers = read_answers(options_.answers);
            if (!answers) {
                context_.fail(ctl_usage, answers.error().message);
                return false;
            }
            answers_ = std::move(*answers);
        }
        return true;
    }

    bool message(const Message& message) {
        const WallTime at = wall_time(to_ms(message.ts));
        if (from_ && at < *from_) {
            return true;
        }
        if (until_ && at >= *until_) {
            return false;
        }
        if (!started_) {
            player_.start(engine_time(to_ms(at)));
            started_ = true;
        }
        answer_until(engine_time(to_ms(at)));
        player_.message(message);
        return true;
    }

    void finish() {
        if (started_ && until_) {
            answer_until(engine_time(to_ms(*until_)));
            player_.to(engine_time(to_ms(*until_)));
        }
        if (!started_) {
            context_.fail(ctl_no, "no message in this input" + std::string(from_ || until_ ? " between --from and --until" : ""));
        } else if (!context_.json) {
            summary();
        }
    }

private:
    void answer_until(EngineTime at) {
        while (next_answer_ < answers_.size() && answers_[next_answer_].at <= at) {
            const RecordedAnswer& answer = answers_[next_answer_++];
            player_.to(answer.at);
            Command command;
            command.answer = answer.say;
            command.person = command.by = answer.person;
            command.way = "replay";
            command.incident = answer.incident.empty() ? open_incident() : answer.incident;
            const CommandReply reply = player_.command(command);
            if (!reply.ok) {
                std::fprintf(stderr, "surgectl: %s of %s at %s: %s\n", std::string(to_string(answer.say)).c_str(),
                             answer.person.c_str(), civil_text(wall_time(to_ms(answer.at)), zone_).c_str(),
                             reply.message.c_str());
            }
        }
    }
    std::string open_incident() const {
        for (const IncidentView& incident : player_.engine().desk().incidents()) {
            if (incident.state != "closed") {
                return incident.incident;
            }
        }
        return {};
    }
    void tell(const Record& record) {
        if (std::holds_alternative<IncidentChange>(record.body)) {
            const auto& change = std::get<IncidentChange>(record.body);
            incidents_ += change.step == IncidentStep::opened ? 1U : 0U;
        }
        if (const auto* edge = std::get_if<AlertEdge>(&record.body)) {
            raised_ += edge->to == AlertState::firing && edge->from != AlertState::firing && edge->from != AlertState::clearing
                           ? 1U
                           : 0U;
        }
        if (context_.json) {
            std::printf("%s\n", encode(record).c_str());
        } else if (options_.all || worth_a_line(record)) {
            std::printf("%s\n", narrate(record, zone_, true).c_str());
        }
    }
    void count(const SendOrder& order) {
        if (order.purpose != PagePurpose::close && order.purpose != PagePurpose::stand_down) {
            calls_[order.tier] += 1;
        }
    }
    void summary() const {
        const EngineStats stats = player_.engine().stats();
        std::string calls;
        for (const auto& [tier, count] : calls_) {
            calls += fmt::format("{}tier {}: {}", calls.empty() ? "" : ", ", tier, count);
        }
        std::printf(
            "%s\n",
            fmt::format("{} messages, {} samples, {} queues; {} alerts raised, {} incidents; pages that call for help: {}",
                        stats.messages, stats.samples, stats.queues, raised_, incidents_, calls.empty() ? "none" : calls)
                .c_str());
    }

    const ReplayOptions& options_;
    Context& context_;
    const Zone& zone_;
    std::optional<WallTime> from_;
    std::optional<WallTime> until_;
    std::vector<RecordedAnswer> answers_;
    std::size_t next_answer_ = 0;
    bool started_ = false;
    std::uint64_t incidents_ = 0;
    std::uint64_t raised_ = 0;
    std::map<int, std::uint64_t> calls_;
    Player player_;
};

void tell_refusals(const MessageLinesReport& report) {
    for (const auto& [line, reason] : report.first_refusals) {
        std::fprintf(stderr, "surgectl: line %llu: %s\n", static_cast<unsigned long long>(line), reason.c_str());
    }
    for (std::size_t i = 0; i < refusal_count; ++i) {
        if (report.dropped[i] > 0) {
            std::fprintf(stderr, "surgectl: %llu parts or values refused: %s\n",
                         static_cast<unsigned long long>(report.dropped[i]),
                         std::string(to_string(static_cast<Refusal>(i))).c_str());
        }
    }
}

void tell_faults(const QueueLogReplay& replay) {
    for (const auto& [line, fault] : replay.read.first_faults) {
        std::fprintf(stderr, "surgectl: line %llu: %s\n", static_cast<unsigned long long>(line),
                     std::string(to_string(fault)).c_str());
    }
}

struct CountReplay {
    CountFile file;
    CountMessageOptions options;
    Zone zone;
};

Result<CountReplay> prepare_counts(const ReplayOptions& options, const Plan& plan) {
    if (options.queue.empty()) {
        return fail("a csv holds the counts of one queue: name it with --queue");
    }
    CountReplay out;
    auto zone = load_zone(options.zone.empty() ? plan.timezone : options.zone);
    auto file = read_counts(options.input, nullptr);
    if (!zone || !file) {
        return tl::unexpected(!zone ? zone.error() : file.error());
    }
    out.zone = std::move(*zone);
    out.file = std::move(*file);
    for (const auto& [number, why] : out.file.told) {
        std::fprintf(stderr, "surgectl: %s:%zu: %s\n", options.input.c_str(), number, why.c_str());
    }
    out.options.queue = {options.centre.empty() ? "centre" : options.centre, options.queue, options.channel};
    out.options.metric = options.metric;
    out.options.counter = std::any_of(plan.metrics.begin(), plan.metrics.end(), [&](const MetricSpec& m) {
        return m.name == options.metric && m.kind == MetricKind::counter;
    });
    out.options.interval = Span{static_cast<std::int64_t>(out.file.interval_minutes() * 60000.0)};
    if (!options.interval.empty()) {
        const auto span = parse_span(options.interval);
        if (!span || *span < Span{60000} || *span > Span{86400000}) {
            return fail("--interval wants a span of 1m to 24h, as 5m");
        }
        out.options.interval = *span;
    }
    return out;
}

/// A feeder that speaks once in an interval is not silent in between.
std::unique_ptr<const Plan> patient(const Plan& plan, Span interval) {
    auto out = std::make_unique<Plan>(plan);
    out->stale_after = std::max(out->stale_after, 3 * interval);
    return out;
}

void run(const ReplayOptions& options, Context& context) {
    LoadedConfig config = load_config(options.config);
    for (const Diagnostic& diagnostic : config.diagnostics) {
        if (diagnostic.severity == Severity::error) {
            std::fprintf(stderr, "%s\n", diagnostic.text().c_str());
        }
    }
    if (!config.ok()) {
        return context.fail(ctl_usage, options.config + " has errors");
    }
    const Zone zone = load_zone(config.plan->timezone).value_or(Zone{});
    const IngestLimits limits = config.plan->limits;
    std::ifstream file;
    if (options.input != "-") {
        file.open(options.input, std::ios::binary);
        if (!file) {
            return context.fail(ctl_usage, "cannot read " + options.input);
        }
    }
    std::istream& in = options.input == "-" ? std::cin : file;
    std::string format = options.format;
    if (format.empty()) {
        const int first = in.peek();
        format = first == '{' || first == '#' ? "jsonl" : "queue_log";
    }
    std::optional<CountReplay> counts;
    if (format == "csv") {
        auto prepared = prepare_counts(options, *config.plan);
        if (!prepared) {
            return context.fail(ctl_usage, prepared.error().message);
        }
        counts = std::move(*prepared);
        config.plan = patient(*config.plan, counts->options.interval);
    }
    Replay replay(options, context, std::move(config.plan), zone);
    if (!replay.prepare()) {
        return;
    }
    const auto each = [&replay](const Message& message) { return replay.message(message); };
    if (counts) {
        counts->options.zone = &counts->zone;
        if (const auto back = count_messages(counts->file, counts->options, each); back > 0) {
            std::fprintf(stderr, "surgectl: %zu rows go back in time and were left out\n", back);
        }
    } else if (format == "jsonl") {
        tell_refusals(message_lines(in, each, limits));
    } else {
        QueueLogFeedOptions feed;
        feed.centre = options.centre.empty() ? "asterisk" : options.centre;
        tell_faults(queue_log_messages(in, feed, each));
    }
    replay.finish();
}

}  // namespace

void add_replay(CLI::App& app, Context& context) {
    auto* command =
        app.add_subcommand("replay", "run the engine on a recording and print alerts, incidents and pages on its own time");
    auto options = std::make_shared<ReplayOptions>();
    command->add_option("--config", options->config, "main configuration file")->type_name("FILE")->capture_default_str();
    command->add_option("--input,input", options->input, "recording; - = standard input")->required()->type_name("FILE");
    command
        ->add_option(
            "--format", options->format,
            "jsonl (messages as on the wire), queue_log (Asterisk) or csv (timestamp,count); default: jsonl or queue_log, "
            "by the first byte")
        ->check(CLI::IsMember({"jsonl", "queue_log", "csv"}));
    command->add_option("--centre", options->centre, "centre of a queue_log's or csv's queues; default asterisk")
        ->type_name("NAME");
    command->add_option("--queue", options->queue, "queue of a csv")->type_name("NAME");
    command->add_option("--channel", options->channel, "channel of a csv")->type_name("NAME")->capture_default_str();
    command->add_option("--metric", options->metric, "metric whose counts a csv holds")->type_name("NAME")->capture_default_str();
    command->add_option("--interval", options->interval, "length of a csv's rows, as 5m; default: the commonest step")
        ->type_name("SPAN");
    command->add_option("--zone", options->zone, "zone of a csv's times; default: the configuration's")->type_name("ZONE");
    command->add_option("--from", options->from, "start here, civil time of the configuration's zone: 2026-03-02[T09:00]")
        ->type_name("TIME");
    command->add_option("--until", options->until, "end before this")->type_name("TIME");
    command->add_option("--answers", options->answers, "what people say: {\"ts\":ms,\"person\":..,\"say\":\"join\"} a line")
        ->type_name("FILE");
    command->add_flag("--all", options->all, "every record, not only what people read");
    command->callback([options, &context] { run(*options, context); });
}

}  // namespace surged
