// Addresses as a configuration writes them: hosts, ports, the servers of others. It looks at texts and asks no network.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace surged {

/// 127.0.0.0/8, ::1 (also in brackets), localhost, and ZeroMQ's interface lo.
bool loopback_host(std::string_view host);

/// Splits "host:port" at the last colon; nullopt when there is none.
std::optional<std::pair<std::string_view, std::string_view>> split_port(std::string_view text);

/// Decimal digits, 1 to 65535; 0 too when `zero`.
bool port_valid(std::string_view port, bool zero);

/// What an http or https address of a server is made of.
struct ServerAddress {
    bool tls = false;
    std::string_view host;  ///< with its brackets, when it is IPv6
    std::string_view port;  ///< empty = not given
};
/// scheme://host[:port] and nothing before, between or behind; nullopt for anything else. The parts point into `text`.
std::optional<ServerAddress> parse_server(std::string_view text);

}  // namespace surged
