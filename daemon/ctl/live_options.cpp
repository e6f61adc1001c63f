#include "ctl/live_options.hpp"

#include <charconv>
#include <optional>

#include "core/base/text.hpp"

namespace surged {

void add_span(CliCommand command, const std::string& name, Span& out, const std::string& help) {
    const auto read = [&out](const std::string& text) -> std::optional<std::string> {
        const auto span = parse_span(text);
        if (!span) {
            return "'" + text + "' is no duration: write 500ms, 30s, 2m";
        }
        out = *span;
        return std::nullopt;
    };
    command.option_read_by(name, read, help + " [" + format_span(out) + "]").type("DURATION");
}

void add_live_output(CliCommand command, LiveOptions& options, const std::string& source_help) {
    command
        .option("--to", options.to,
                "where surged listens ([ingest] bind); several for several daemons, each gets everything; - = JSON lines on standard "
                "output [tcp://127.0.0.1:5556]")
        .type("ENDPOINT");
    command.flag("--msgpack", options.msgpack, "MessagePack instead of JSON");
    command.option("--curve-secret", options.curve_secret, "our CURVE secret key").type("FILE");
    command.option("--curve-public", options.curve_public, "our CURVE public key").type("FILE");
    command.option("--curve-server", options.curve_server, "surged's CURVE public key; one for all, or one for each --to").type("FILE");
    command
        .option("--source", options.source,
                "source's name, one process's own: two feeders of one name hide each other's counters [" + source_help + "]")
        .type("NAME");
    command
        .option("--metrics", options.metrics,
                "serve this feeder's own health there, /metrics and /healthz; loopback only, port 0 = any free one")
        .type("ADDR:PORT");
}

bool read_server(const std::string& text, StreamPeer& peer) {
    const bool bracketed = !text.empty() && text.front() == '[';
    const auto close = bracketed ? text.find(']') : std::string::npos;
    if (bracketed && close == std::string::npos) {
        return false;
    }
    const auto colon = text.find(':', bracketed ? close : 0);
    peer.host = bracketed ? text.substr(1, close - 1) : text.substr(0, colon);
    peer.port = colon == std::string::npos ? std::string() : text.substr(colon + 1);
    unsigned port = 0;
    const auto [end, error] = std::from_chars(peer.port.data(), peer.port.data() + peer.port.size(), port);
    const bool port_well = colon == std::string::npos ||
                           (error == std::errc{} && end == peer.port.data() + peer.port.size() && port > 0 && port < 65536);
    return !peer.host.empty() && port_well && (!bracketed || colon == std::string::npos || colon == close + 1);
}

}  // namespace surged
