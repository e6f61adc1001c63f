// surgectl feed watch: what surged refuses of a feeder, as it happens.
#include <iostream>
#include <memory>

#include "ctl/context.hpp"
#include "ctl/feed_commands.hpp"
#include "ctl/live_options.hpp"
#include "feed/run_watch.hpp"

namespace surged {
namespace {

constexpr const char* watch_help = R"(
Reads the PUB socket that surged's configuration names:

  [ingest]
  report = "tcp://127.0.0.1:5558"

One line a second at most for each source and reason: how much was refused since the line before, field, got and want of the latest. --json
prints the messages as they come. With `curve` in [ingest] the keys are those of a feeder. What was refused before: surgectl status.)";

}  // namespace

void add_feed_watch(CliCommand feed, Context& context) {
    const auto command = feed.command("watch", "print what surged refuses of a feeder while it happens: field, got, want");
    auto options = std::make_shared<WatchOptions>();
    command.option("source", options->sources, "names of feeders; without one all; ? = messages that do not tell theirs").type("SOURCE");
    command.option("--listen", options->endpoint, "surged's [ingest] report").type("ENDPOINT").shows_default();
    command.option("--lines", options->lines_max, "end after so many; 0 = until stopped").shows_default();
    add_span(command, "--for", options->duration, "end after so long, 0s = until stopped; exit code 1 when nothing was refused");
    command.option("--curve-secret", options->curve.secret_key_file, "our CURVE secret key").type("FILE");
    command.option("--curve-public", options->curve.public_key_file, "our CURVE public key").type("FILE");
    command.option("--curve-server", options->curve.server_key_file, "surged's CURVE public key").type("FILE");
    command.footer(watch_help);
    command.run([options, &context] {
        const StopOnSignal signals;
        options->json = context.json;
        const Zone zone = context.json ? Zone{} : Api(context).zone();
        context.exit_code = run_feed_watch(*options, zone, std::cout, std::cerr, signals.stop());
    });
}

}  // namespace surged
