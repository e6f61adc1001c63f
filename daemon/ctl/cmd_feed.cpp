// surgectl feed: programs that send samples (a simulated contact centre, a script's lines), record them, or answer pages as simulated people.
// Live feeders have a file each (feed_commands.hpp).
#include <cstdio>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ctl/cmd_feed_ami.hpp"
#include "ctl/command_line.hpp"
#include "ctl/context.hpp"
#include "ctl/feed_commands.hpp"
#include "ctl/live_options.hpp"
#include "ctl/recorded_input.hpp"
#include "feed/run_recording.hpp"
#include "feed/run_sim.hpp"

namespace surged {
namespace {

void add_output(CliCommand command, LiveOptions& output) {
    command
        .option("--to", output.to,
                "where surged listens ([ingest] bind); again for each further host: each has a socket of its own and gets everything, what one that "
                "is away misses is told, and nobody waits for it; - = JSON lines on standard output [tcp://127.0.0.1:5556]")
        .type("ENDPOINT");
    command.flag("--pub", output.publish, "bind a PUB socket there instead, for [ingest] subscribe");
    command.flag("--msgpack", output.msgpack, "MessagePack instead of JSON");
    command.option("--curve-secret", output.curve_secret, "our CURVE secret key").type("FILE");
    command.option("--curve-public", output.curve_public, "our CURVE public key").type("FILE");
    command.option("--curve-server", output.curve_server, "surged's CURVE public key; one for all, or one for each --to").type("FILE");
}

/// The first output and the further ones; false, and told, when the options do not fit together.
bool take_outputs(const LiveOptions& words, FeedOutput& first, std::vector<FeedOutput>& more, Context& context) {
    auto outputs = outputs_of(words);
    if (!outputs) {
        context.fail(ctl_usage, outputs.error().message);
        return false;
    }
    first = outputs->front();
    more.assign(outputs->begin() + 1, outputs->end());
    return true;
}

void add_sim(CliCommand feed, Context& context) {
    const auto command = feed.command("sim", "a simulated contact centre: calls, agents, surges; people who join become agents");
    auto options = std::make_shared<SimOptions>();
    auto output = std::make_shared<LiveOptions>();
    command.option("--scenario", options->scenario, "scenario file; default: the built-in quickstart scenario").type("FILE");
    command.option("--seed", options->seed, "instead of the scenario's seed");
    add_span(command, "--every", options->period, "simulated time between messages");
    command.option("--speed", options->speed, "simulated seconds per second; 0 = as fast as possible")
        .not_negative()
        .shows_default();
    add_span(command, "--for", options->duration, "simulated time, 0s = until stopped");
    command.option("--source", options->source, "beginning of the sources' names").shows_default();
    command.option("--react", options->react, "surged's PUB endpoint: who joins there becomes an agent here; again for each further host").type("ENDPOINT");
    add_span(command, "--react-delay", options->react_delay, "simulated time from joining to the first call");
    command.flag("--quiet", options->quiet, "no progress on standard error");
    add_output(command, *output);
    command.run([options, output, &context] {
        if (!take_outputs(*output, options->output, options->more, context)) {
            return;
        }
        const StopOnSignal signals;
        context.exit_code = run_feed_sim(*options, std::cout, std::cerr, signals.stop());
    });
}

void add_record(CliCommand feed, Context& context) {
    const auto command = feed.command("record", "write what feeders send as JSON lines, for surgectl replay");
    auto options = std::make_shared<RecordOptions>();
    command.option("--bind", options->ingest.bind, "PULL here, in surged's place").type("ENDPOINT");
    command.option("--subscribe", options->ingest.subscribe, "SUB to a feeder's PUB, beside surged").type("ENDPOINT");
    command.option("--messages", options->messages_max, "end after so many; 0 = until stopped");
    command.flag("--lenient", options->ingest.lenient, "as [ingest] lenient: numbers in texts are taken");
    command.run([options, &context] {
        if (options->ingest.bind.empty() && options->ingest.subscribe.empty()) {
            return context.fail(ctl_usage, "feed record needs --bind or --subscribe");
        }
        const StopOnSignal signals;
        context.exit_code = run_feed_record(*options, std::cout, std::cerr, signals.stop());
    });
}

void add_send(CliCommand feed, Context& context) {
    const auto command = feed.command("send", "send JSON lines as they come: a recording, or what a script of yours prints");
    auto options = std::make_shared<SendOptions>();
    auto output = std::make_shared<LiveOptions>();
    command.option("file", options->file, "one message a line, as on the wire; - = standard input").type("FILE").shows_default();
    command.option("--speed", options->speed, "source seconds per second; 0 = each line as it comes")
        .not_negative()
        .shows_default();
    add_output(command, *output);
    command.run([options, output, &context] {
        if (!take_outputs(*output, options->output, options->more, context)) {
            return;
        }
        const StopOnSignal signals;
        context.exit_code = run_feed_send(*options, std::cout, std::cerr, signals.stop());
    });
}

/// One simulated person's answer through the API, as a real one's would come.
void post_answer(Api& api, Context& context, const SimulatedAnswer& answer) {
    std::string body;
    JsonWriter(body).begin_object().field("person", answer.person).field("way", "cli").end_object();
    const auto reply = api.post("/api/v1/incidents/" + answer.incident + "/" + std::string(to_string(answer.kind)), body);
    if (reply) {
        std::printf("%s\n", reply->text_or("message", "").c_str());
        std::fflush(stdout);
    }
    context.exit_code = ctl_ok;  // an answer that came too late is life, no failure of this program
}

void add_respond(CliCommand feed, Context& context) {
    const auto command = feed.command("respond", "simulated people: hear of pages on PUB and answer over the API");
    auto run = std::make_shared<RespondersRun>();
    auto listen = std::make_shared<std::vector<std::string>>();
    command.option("--listen", *listen, "surged's PUB endpoint; again for each further host [tcp://127.0.0.1:5557]").type("ENDPOINT");
    command.option("--seed", run->options.seed, "seed of their decisions").shows_default();
    command.option("--join", run->options.join, "probability that somebody joins").within(0.0, 1.0).shows_default();
    command.option("--decline", run->options.decline, "probability that somebody declines; the rest stays silent")
        .within(0.0, 1.0)
        .shows_default();
    add_span(command, "--delay-min", run->options.delay_min, "from page to answer, at least");
    add_span(command, "--delay-max", run->options.delay_max, "from page to answer, at most");
    command.run([run, listen, &context] {
        run->endpoints = listen->empty() ? run->endpoints : *listen;
        if (run->options.join + run->options.decline > 1 || run->options.delay_min > run->options.delay_max) {
            return context.fail(ctl_usage, "--join and --decline must not exceed 1 together, nor --delay-min --delay-max");
        }
        const StopOnSignal signals;
        Api api(context);
        context.exit_code = run_responders(
            *run, [&](const SimulatedAnswer& answer) { post_answer(api, context, answer); }, std::cerr, signals.stop());
    });
}

}  // namespace

void add_feed(CliCommand app, Context& context) {
    const auto feed = app.command("feed", "send, record or simulate samples");
    feed.needs_command();
    feed.options_anywhere();
    add_sim(feed, context);
    add_feed_queue_log(feed, context);
    add_feed_ami(feed, context);
    add_feed_freeswitch(feed, context);
    add_feed_poll(feed, context);
    add_feed_csv(feed, context);
    add_feed_check(feed, context);
    add_feed_watch(feed, context);
    add_record(feed, context);
    add_send(feed, context);
    add_respond(feed, context);
}

}  // namespace surged
