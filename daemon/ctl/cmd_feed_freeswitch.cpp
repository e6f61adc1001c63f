#include <iostream>
#include <memory>
#include <string>

#include "ctl/command_line.hpp"
#include "ctl/context.hpp"
#include "ctl/feed_commands.hpp"
#include "ctl/live_options.hpp"
#include "feed/run_freeswitch.hpp"

namespace surged {
namespace {

constexpr const char* freeswitch_help =
    "FreeSWITCH's mod_callcenter by the event socket, live: callers and agents of every queue within a moment of their event";

/// Fills in what follows from other options. Empty = well.
std::string complete_freeswitch(FreeswitchRunOptions& options, const std::string& server) {
    if (server.empty()) {
        return "feed freeswitch needs --from";
    }
    if (!read_server(server, options.peer)) {
        return "'" + server + "' is no server: write pbx1, pbx1:8021 or [2001:db8::7]:8021";
    }
    if (options.every < Span{100}) {
        return "--every must be at least 100ms";
    }
    if (options.peer.port.empty()) {
        options.peer.port = "8021";
    }
    if (options.live.source.empty()) {
        options.live.source = live_source("freeswitch", options.peer.host + ":" + options.peer.port, options.feed.centre);
    }
    return {};
}

}  // namespace

void add_feed_freeswitch(CliCommand feed, Context& context) {
    const auto command = feed.command("freeswitch", freeswitch_help);
    auto options = std::make_shared<FreeswitchRunOptions>();
    auto server = std::make_shared<std::string>();
    command.option("--from", *server, "where mod_event_socket listens: HOST, HOST:PORT [port 8021]").type("HOST:PORT");
    command
        .option("--secret-file", options->secret_file,
                "file with the event socket's password in one line; a name without a slash is looked for in $CREDENTIALS_DIRECTORY first")
        .type("FILE");
    command.option("--user", options->user, "log in as this user of the directory (userauth), and not by the socket's own password")
        .type("NAME@DOMAIN");
    command.option("--centre", options->feed.centre, "centre of its queues").type("NAME").shows_default();
    add_span(command, "--every", options->every, "between messages of a queue in which only time passes; changes go at once");
    add_live_output(command, options->live, "host, freeswitch, and a sum of HOST:PORT and the centre");
    command.run([=, &context] {
        const StopOnSignal signals;
        if (const auto wrong = complete_freeswitch(*options, *server); !wrong.empty()) {
            return context.fail(ctl_usage, wrong);
        }
        context.exit_code = run_feed_freeswitch(*options, std::cout, std::cerr, signals.stop());
    });
}

}  // namespace surged
