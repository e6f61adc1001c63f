// surgectl learn: profiles of rules of kind "baseline" from history, into the file that the daemon reads at start and at reload.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>

#include "config/settings.hpp"
#include "config/zones.hpp"
#include "core/base/text.hpp"
#include "core/rule/detector.hpp"
#include "core/rule/kinds.hpp"
#include "ctl/command_line.hpp"
#include "ctl/context.hpp"
#include "ctl/count_input.hpp"
#include "ctl/history_from_server.hpp"
#include "ctl/history_messages.hpp"
#include "ctl/learned_input.hpp"
#include "ctl/learner.hpp"
#include "ctl/recorded_input.hpp"
#include "feed/queue_log_feed.hpp"
#include "feed/recorder.hpp"
#include "io/store/side_file.hpp"

namespace surged {
namespace {

struct LearnCommand {
    std::string config = "/etc/surged/surged.toml";
    std::vector<std::string> inputs;
    std::string format;  // empty = by the file's first byte
    std::string centre;
    std::string queue;
    std::string channel{voice_channel};
    std::string metric = "offered";
    std::string interval;
    std::string zone;
    std::string out;
    bool replace = false;
    CsvOptions csv;
};

/// On a terminal one line that changes about once a second, from the second one on; elsewhere, as in a journal or a file, a line every ten
/// seconds.
class Meter {
public:
    explicit Meter(bool quiet) : quiet_(quiet) {}
    void tell(std::uint64_t count, const char* what, std::uint64_t done = 0, std::uint64_t all = 0) {
        const auto now = std::chrono::steady_clock::now();
        if (quiet_ || now - told_ < std::chrono::seconds(terminal_ ? 1 : 10)) {
            return;
        }
        told_ = now;
        shown_ = terminal_;
        const auto percent = all > 0 ? fmt::format(", {} %", std::min<std::uint64_t>(100, done * 100 / all)) : std::string();
        std::fprintf(stderr, terminal_ ? "\rsurgectl: %llu %s%s " : "surgectl: %llu %s%s\n", static_cast<unsigned long long>(count), what,
                     percent.c_str());
    }
    void end() {
        if (shown_) {
            std::fprintf(stderr, "\n");
            shown_ = false;
        }
    }
    double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count(); }

private:
    bool quiet_;
    bool terminal_ = ::isatty(STDERR_FILENO) != 0;
    bool shown_ = false;
    std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
    std::chrono::steady_clock::time_point told_ = began_;
};

std::string format_of(const LearnCommand& command, const std::string& path) {
    return path == history_server ? "history" : command.format.empty() ? format_of_file(path) : command.format;
}

/// The plan without what a profile does not need: no rule of another kind, nobody to call.
Plan learning_plan(const Plan& plan) {
    Plan out = plan;
    std::erase_if(out.rules, [](const RuleSpec& rule) { return !row_of(rule.kind).learns; });
    out.policies.clear();
    out.rosters.clear();
    out.people.clear();
    out.channels.clear();
    return out;
}

/// Messages through the detector itself: counters, epochs, formulas and groups are its matter.
class MessageLearner {
public:
    explicit MessageLearner(const Plan& plan) : plan_(plan), detector_(plan_) { detector_.only_learn(); }

    bool message(const Message& message) {
        const auto ms = to_ms(message.ts);
        last_ms_ = std::max(last_ms_, ms);
        // No deadline matters to a profile: time is only told so that the clocks agree.
        detector_.ingest(message, {engine_time(last_ms_), wall_time(ms)});
        detector_.clear_edges();
        return true;
    }
    ProfileShelf finish(LearnSummary& summary) {
        ProfileShelf shelf;
        summary.samples = detector_.samples();
        summary.queues = detector_.queues().size();
        for (std::uint32_t id = 0; id < detector_.queues().size(); ++id) {
            for (std::uint32_t rule = 0; rule < plan_.rules.size(); ++rule) {
                const auto* baseline = detector_.find_baseline(id, rule);
                if (baseline == nullptr) {
                    continue;
                }
                if (baseline->days() == 0) {
                    ++summary.not_learned_count;
                    const auto& key = detector_.queues().key(id);
                    summary.not_learned.push_back(key.centre + "/" + key.queue + ": not one day is finished");
                    continue;
                }
                ByteWriter bytes;
                baseline->detector().save(bytes);
                shelf.insert_or_assign(
                    ProfileKey{detector_.queues().key(id), plan_.rules[rule].profile},
                    LearnedProfile{plan_.rules[rule].metric, baseline->zone().name(), baseline->days(), bytes.take()});
            }
        }
        return shelf;
    }

private:
    Plan plan_;
    Detector detector_;
    std::int64_t last_ms_ = 0;
};

/// "8640 rows", "18655392 samples", or both.
std::string learned_from(const LearnSummary& summary) {
    const auto rows = fmt::format("{} rows", summary.rows);
    const auto samples = fmt::format("{} samples", summary.samples);
    return summary.samples == 0 ? rows : summary.rows == 0 ? samples : rows + " and " + samples;
}

void print_summary(const Context& context, const LearnSummary& summary, const ProfileShelf& learned, std::size_t in_file,
                   const std::string& out, double took_s) {
    std::uint32_t least = 0;
    std::uint32_t most = 0;
    for (const auto& [key, profile] : learned) {
        least = least == 0 ? profile.days : std::min(least, profile.days);
        most = std::max(most, profile.days);
    }
    if (context.json) {
        std::string text;
        JsonWriter json(text);
        json.begin_object()
            .field("profiles", std::uint64_t{learned.size()})
            .field("profiles_in_file", std::uint64_t{in_file})
            .field("queues", summary.queues)
            .field("rows", summary.rows)
            .field("samples", summary.samples)
            .field("days_min", std::uint64_t{least})
            .field("days_max", std::uint64_t{most})
            .field("bad_lines", summary.bad_lines)
            .field("not_learned", summary.not_learned_count)
            .field("seconds", took_s)
            .field("file", out)
            .end_object();
        std::printf("%s\n", text.c_str());
        return;
    }
    std::printf("%zu profiles of %llu queues, %u to %u days each, from %s (%llu bad lines) in %.1f s; %zu profiles in %s\n", learned.size(),
                static_cast<unsigned long long>(summary.queues), least, most, learned_from(summary).c_str(),
                static_cast<unsigned long long>(summary.bad_lines), took_s, in_file, out.c_str());
    if (!learned.empty()) {
        std::printf("the daemon takes them at its next start or reload, where its own profile knows fewer days\n");
    }
}

void tell_trouble(const LearnSummary& summary) {
    for (const auto& note : summary.notes) {
        std::fprintf(stderr, "surgectl: %s\n", note.c_str());
    }
    for (const auto& [number, why] : summary.told) {
        std::fprintf(stderr, "surgectl: line %llu: %s\n", static_cast<unsigned long long>(number), why.c_str());
    }
    for (const auto& line : summary.not_learned) {
        std::fprintf(stderr, "surgectl: not learned: %s\n", line.c_str());
    }
}

/// A history, of a file or of the daemon.
Result<void> learn_history(Context& context, const std::string& path, const std::function<bool(const Message&)>& each) {
    if (path != history_server) {
        return history_file_messages(path, each);
    }
    return history_server_messages(context, each) ? Result<void>() : fail("the daemon's history was not read");
}

/// Learns every input by its format; error: what cannot be read.
Result<ProfileShelf> learn_all(const LearnCommand& command, Context& context, const Plan& plan, LearnOptions options, LearnSummary& summary,
                               Meter& meter) {
    const auto cores = std::max(2U, std::thread::hardware_concurrency());
    CountLearner counts(plan, options, cores - 1);
    MessageLearner messages(plan);
    bool any_messages = false;
    for (const auto& path : command.inputs) {
        const auto format = format_of(command, path);
        if (format == "csv") {
            const auto progress = [&](std::uint64_t done, std::uint64_t all, std::uint64_t rows) { meter.tell(rows, "rows", done, all); };
            if (auto read = counts.read(path, progress); !read) {
                return tl::unexpected(read.error());
            }
            continue;
        }
        any_messages = true;
        std::uint64_t seen = 0;
        const auto each = [&](const Message& message) {
            if (++seen % 4096 == 0) {
                meter.tell(seen, "messages");
            }
            return messages.message(message);
        };
        if (format == "history") {
            if (auto read = learn_history(context, path, each); !read) {
                return tl::unexpected(read.error());
            }
            continue;
        }
        std::ifstream in(path, std::ios::binary);  // message by message: a year of them does not fit into memory
        if (!in) {
            return fail("cannot read " + path);
        }
        if (format == "jsonl") {
            const auto report = message_lines(in, each, plan.limits);
            summary.bad_lines += report.refused_lines;
            meter.end();
            tell_refusals(path, report);
        } else {
            QueueLogFeedOptions feed;
            feed.centre = command.centre.empty() ? "asterisk" : command.centre;
            const auto replay = queue_log_messages(in, feed, each);
            summary.bad_lines += replay.read.malformed;
            meter.end();
            tell_faults(path, replay);
        }
    }
    auto learned = counts.finish();
    LearnSummary of_messages;
    if (any_messages) {
        learned.merge(messages.finish(of_messages));
    }
    const auto bad_lines = summary.bad_lines;
    summary = counts.summary();
    summary.bad_lines += bad_lines;
    summary.samples = of_messages.samples;
    summary.queues += of_messages.queues;
    summary.not_learned_count += of_messages.not_learned_count;
    summary.not_learned.insert(summary.not_learned.end(), of_messages.not_learned.begin(), of_messages.not_learned.end());
    summary.not_learned.resize(std::min(summary.not_learned.size(), CountLearner::told_max));
    return learned;
}

/// What is in the file stays, but for what was learned anew.
Result<std::size_t> write_out(const std::string& path, const ProfileShelf& learned, bool replace) {
    ProfileShelf all = learned;
    if (!replace) {
        const auto content = read_checked_file(path);
        if (!content) {
            return fail(path + ": " + content.error().message + " (--replace begins anew)");
        }
        if (*content) {
            auto old = read_profiles(**content);
            if (!old) {
                return fail(path + ": " + old.error().message + " (--replace begins anew)");
            }
            all.merge(*old);
        }
    }
    if (auto written = write_file_atomically(path, write_profiles(all)); !written) {
        return tl::unexpected(written.error());
    }
    return all.size();
}

void run_learn(const LearnCommand& command, Context& context) {
    LoadedConfig config = load_config(command.config);
    for (const Diagnostic& diagnostic : config.diagnostics) {
        if (diagnostic.severity == Severity::error) {
            std::fprintf(stderr, "%s\n", diagnostic.text().c_str());
        }
    }
    if (!config.ok()) {
        return context.fail(ctl_usage, command.config + " has errors");
    }
    const Plan plan = learning_plan(*config.plan);
    if (plan.rules.empty()) {
        return context.fail(ctl_no, command.config + " has no rule of kind baseline");
    }
    LearnOptions options;
    options.queue = {command.centre, command.queue, command.channel};
    options.metric = command.metric;
    options.csv = command.csv;
    Zone zone;
    if (!command.zone.empty()) {
        auto loaded = load_zone(command.zone);
        if (!loaded) {
            return context.fail(ctl_usage, loaded.error().message);
        }
        zone = std::move(*loaded);
        options.zone = &zone;
    }
    if (!command.interval.empty()) {
        options.interval = parse_span(command.interval);
        if (!options.interval || *options.interval < Span{60000} || *options.interval > Span{3600000}) {
            return context.fail(ctl_usage, "--interval wants a span of 1m to 1h, as 5m");
        }
    }
    Meter meter(context.json);
    LearnSummary summary;
    const auto learned = learn_all(command, context, plan, options, summary, meter);
    meter.end();
    if (!learned) {
        return context.exit_code != ctl_ok ? void() : context.fail(ctl_usage, learned.error().message);
    }
    tell_trouble(summary);
    const auto out = !command.out.empty() ? command.out : profiles_path_of(config);
    const auto in_file = learned->empty() ? Result<std::size_t>(0) : write_out(out, *learned, command.replace);
    if (!in_file) {
        return context.fail(ctl_usage, in_file.error().message);
    }
    context.exit_code = learned->empty() ? ctl_no : ctl_ok;
    print_summary(context, summary, *learned, *in_file, out, meter.seconds());
}

}  // namespace

void add_learn(CliCommand app, Context& context) {
    const auto command = app.command("learn", "learn the profiles of rules of kind baseline from history");
    auto options = std::make_shared<LearnCommand>();
    command.option("--config", options->config, "main configuration file").type("FILE").shows_default();
    command
        .option("--input,--from-history,input", options->inputs,
                "history, one or more files; <store>.history is what the daemon keeps, \"server\" the same over its API")
        .required()
        .type("FILE");
    command
        .option("--format", options->format,
                "jsonl (messages as on the wire), queue_log (Asterisk), history (the daemon's) or csv (a column of times, one of counts, "
                "perhaps queue and centre); default: by the first line")
        .one_of({"jsonl", "queue_log", "csv", "history"});
    command.option("--centre", options->centre, "centre of the queues of a csv or queue_log that names none").type("NAME");
    command.option("--queue", options->queue, "queue of a csv of one queue").type("NAME");
    command.option("--channel", options->channel, "channel of a csv").type("NAME").shows_default();
    command.option("--metric", options->metric, "metric whose counts a csv holds").type("NAME").shows_default();
    command.option("--interval", options->interval, "length of a csv's rows, as 5m; default: the commonest step").type("SPAN");
    command.option("--zone", options->zone, "zone of a csv's times; default: the queue's own; times with Z or an offset say it themselves")
        .type("ZONE");
    add_csv_options(command, options->csv);
    command.option("--out", options->out, "file of profiles; default: [forecast] profiles of the configuration").type("FILE");
    command.flag("--replace", options->replace, "begin the file anew; else other queues' profiles in it stay");
    command.run([options, &context] { run_learn(*options, context); });
}

}  // namespace surged
