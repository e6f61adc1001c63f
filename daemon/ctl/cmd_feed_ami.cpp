#include "ctl/cmd_feed_ami.hpp"

#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/text.hpp"
#include "ctl/command_line.hpp"
#include "ctl/context.hpp"
#include "ctl/live_options.hpp"
#include "feed/run_ami.hpp"

namespace surged {
namespace {

constexpr const char* ami_help =
    "Asterisk's manager interface (1.8 to 22), live: callers and agents of every queue within a moment of their event";

/// "15s" for every queue, "sales=15s" for one.
std::optional<std::string> read_wrapup(const std::string& text, std::map<std::string, Span>& wrapup) {
    const auto mark = text.rfind('=');
    const auto span = parse_span(mark == std::string::npos ? text : text.substr(mark + 1));
    if (!span) {
        return "'" + text + "' is no wrap-up time: write 15s for all queues, or sales=15s for one";
    }
    wrapup[mark == std::string::npos ? std::string() : text.substr(0, mark)] = *span;
    return std::nullopt;
}

/// Words of the command line that become options when the line has been read.
struct AmiWords {
    std::string server;
    std::string login = "md5";
    std::vector<std::string> wrapup;
    bool no_causes = false;
};

void add_login(CliCommand command, AmiRunOptions& options, AmiWords& words) {
    command.option("--from", words.server, "where Asterisk listens: HOST, HOST:PORT [port 5038, with --tls 5039]").type("HOST:PORT");
    command.option("--user", options.user, "the account's name in manager.conf").type("NAME");
    command
        .option("--secret-file", options.secret_file,
                "file with the account's secret in one line; a name without a slash is looked for in $CREDENTIALS_DIRECTORY first")
        .type("FILE");
    command
        .option("--login", words.login,
                "md5: only an answer to a challenge goes over the wire; plain: the secret itself, for a switch whose accounts have no "
                "MD5 (use --tls with it)")
        .one_of({"md5", "plain"})
        .shows_default();
    command.flag("--tls", options.peer.tls, "TLS (tlsenable in manager.conf); the certificate is checked");
    command.option("--tls-ca", options.peer.ca_file, "authorities, or the switch's own self-signed certificate [the system's]")
        .type("FILE");
    command.option("--tls-name", options.peer.tls_name, "name that the certificate must have [HOST]").type("NAME");
    command.flag(
        "--no-causes", words.no_causes,
        "do not ask for the classes call and dialplan: every lost caller is then \"abandoned\", and nobody is \"blocked\"");
}

/// Fills in what follows from other options. Empty = well.
std::string complete(AmiRunOptions& options, const AmiWords& words) {
    const auto& server = words.server;
    if (options.replay.empty() == server.empty()) {
        return "feed ami needs --from, or --replay with a recording";
    }
    if (options.summary && options.replay.empty()) {
        return "--summary counts a recording: give --replay";
    }
    if (!server.empty() && !read_server(server, options.peer)) {
        return "'" + server + "' is no server: write pbx1, pbx1:5038 or [2001:db8::7]:5038";
    }
    if (!options.peer.tls && (!options.peer.ca_file.empty() || !options.peer.tls_name.empty())) {
        return "--tls-ca and --tls-name mean nothing without --tls";
    }
    if (options.every < Span{100}) {
        return "--every must be at least 100ms";
    }
    if (options.peer.port.empty()) {
        options.peer.port = options.peer.tls ? "5039" : "5038";
    }
    if (options.live.source.empty()) {
        options.live.source = live_source("ami", options.replay.empty() ? options.peer.host + ":" + options.peer.port : options.replay,
                                          options.feed.centre);
    }
    for (const auto& text : words.wrapup) {
        if (const auto wrong = read_wrapup(text, options.state.wrapup)) {
            return *wrong;
        }
    }
    options.plain_login = words.login == "plain";
    options.causes = !words.no_causes;
    return {};
}

}  // namespace

void add_feed_ami(CliCommand feed, Context& context) {
    const auto command = feed.command("ami", ami_help);
    auto options = std::make_shared<AmiRunOptions>();
    auto words = std::make_shared<AmiWords>();
    add_login(command, *options, *words);
    command.option("--centre", options->feed.centre, "centre of its queues").type("NAME").shows_default();
    add_span(command, "--every", options->every, "between messages of a queue in which only time passes; changes go at once");
    command
        .option("--wrapup", words->wrapup,
                "wrapuptime of queues.conf, which Asterisk does not tell: 15s for all queues, sales=15s for one; may be repeated")
        .type("[QUEUE=]DURATION");
    command
        .option("--replay", options->replay,
                "a session as it was received instead of a switch, - = standard input: JSON lines on standard output")
        .type("FILE");
    command.flag("--summary", options->summary, "with --replay: count what came of the callers and send nothing");
    add_live_output(command, options->live, "host, ami, and a sum of HOST:PORT and the centre");
    command.run([=, &context] {
        const StopOnSignal signals;
        if (const auto wrong = complete(*options, *words); !wrong.empty()) {
            return context.fail(ctl_usage, wrong);
        }
        const auto run = options->replay.empty() ? run_feed_ami : run_feed_ami_replay;
        context.exit_code = run(*options, std::cout, std::cerr, signals.stop());
    });
}

}  // namespace surged
