#include "config/address.hpp"

#include <arpa/inet.h>

#include <algorithm>

#include "core/base/text.hpp"

namespace surged {

bool loopback_host(std::string_view host) {
    const auto quads = [&] {
        in_addr address{};
        return host.starts_with("127.") && inet_pton(AF_INET, std::string(host).c_str(), &address) == 1;
    };
    return host == "localhost" || host == "::1" || host == "[::1]" || host == "lo" || quads();
}

std::optional<std::pair<std::string_view, std::string_view>> split_port(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) {
        return std::nullopt;
    }
    return std::pair(text.substr(0, colon), text.substr(colon + 1));
}

bool port_valid(std::string_view port, bool zero) {
    const auto number = parse_number(port);
    return number && port.find_first_not_of("0123456789") == std::string_view::npos && *number <= 65535 && (zero || *number >= 1);
}

std::optional<ServerAddress> parse_server(std::string_view text) {
    ServerAddress out;
    if (text.starts_with("https://")) {
        out.tls = true;
    } else if (!text.starts_with("http://")) {
        return std::nullopt;
    }
    text.remove_prefix(out.tls ? 8 : 7);
    out.host = text;
    // The colons of an IPv6 address stand in brackets; the port's stands behind them.
    const auto bracket = text.rfind(']');
    const auto colon = text.rfind(':');
    if (colon != std::string_view::npos && (bracket == std::string_view::npos || bracket < colon)) {
        out.host = text.substr(0, colon);
        out.port = text.substr(colon + 1);
        if (!port_valid(out.port, false)) {
            return std::nullopt;
        }
    }
    const bool six = out.host.starts_with('[') && out.host.ends_with(']');
    const std::string_view name = six ? out.host.substr(1, out.host.size() - 2) : out.host;
    const auto fits = [six](char c) {
        const bool word = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.';
        return word || (six ? c == ':' : c == '-' || c == '_');
    };
    if (name.empty() || name.size() > 253 || !std::ranges::all_of(name, fits)) {
        return std::nullopt;
    }
    return out;
}

}  // namespace surged
