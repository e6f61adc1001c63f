#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "ctl/command_line.hpp"
#include "ctl/context.hpp"
#include "ctl/feed_commands.hpp"
#include "ctl/live_options.hpp"
#include "ctl/recorded_input.hpp"
#include "feed/run_queue_log.hpp"

namespace surged {
namespace {

/// Fills in what follows from other options. Empty = well.
std::string complete_queue_log(QueueLogOptions& options, const std::vector<std::string>& files) {
    options.file = files.back();
    options.earlier.assign(files.begin(), files.end() - 1);
    if (options.live.source.empty()) {
        options.live.source = default_source(options.file, options.feed.centre);
    }
    options.feed.source = options.live.source;
    if (options.feed.limits.waiter_age_max <= Span{0}) {
        return "--waiter-max must be longer than nothing";
    }
    if (!options.live.metrics.empty() && (!options.follow || options.summary)) {
        return "--metrics is the health of a live feeder: give --follow";
    }
    return {};
}

}  // namespace

void add_feed_queue_log(CliCommand feed, Context& context) {
    const auto command = feed.command("queue-log", "an Asterisk queue_log: replay, follow, or sum up");
    auto options = std::make_shared<QueueLogOptions>();
    auto files = std::make_shared<std::vector<std::string>>();
    command
        .option(
            "file", *files,
            "queue_log; - = standard input. Several are read as one, the oldest first (queue_log.1 queue_log): after a rotation "
            "only the older one says who is a member and who waits")
        .required()
        .type("FILE");
    command.flag("--follow", options->follow, "as tail -F of the last FILE: messages begin now, and no daemon is waited for");
    command.option("--speed", options->speed, "source seconds per second; 0 = as fast as possible")
        .not_negative()
        .shows_default();
    command.flag("--summary", options->summary, "count what is in the file and send nothing");
    command.option("--centre", options->feed.centre, "centre of its queues").type("NAME").shows_default();
    add_span(command, "--every", options->feed.period, "source time between messages");
    add_span(command, "--talk-cap", options->feed.limits.talk_cap, "longest talk that counts (hidden transfers), 0s = no cap");
    add_span(command, "--waiter-max", options->feed.limits.waiter_age_max,
             "a caller whose exit line was lost is forgotten after this");
    add_members(command, options->feed.limits.members);
    command.option("--callback-key", options->feed.limits.callback_keys, "EXITWITHKEY keys that mean \"call me back\"")
        .type("KEY");
    add_live_output(command, options->live, "host, file, and a sum of its path and the centre");
    command.flag("--pub", options->live.publish, "bind a PUB socket at each --to instead, for [ingest] subscribe");
    command.run([options, files, &context] {
        const StopOnSignal signals;
        options->json = context.json;
        if (const auto wrong = complete_queue_log(*options, *files); !wrong.empty()) {
            return context.fail(ctl_usage, wrong);
        }
        context.exit_code = run_feed_queue_log(*options, std::cout, std::cerr, signals.stop());
    });
}

}  // namespace surged
