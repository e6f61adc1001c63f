#include "core/base/network.hpp"

#include <arpa/inet.h>

#include <algorithm>

#include "core/base/text.hpp"

namespace surged {
namespace {

constexpr AddressBytes v4_inside_v6{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0};

bool is_v4(const AddressBytes& address) {
    return std::equal(address.begin(), address.begin() + 12, v4_inside_v6.begin());
}

std::string_view without_blanks(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
        text.remove_prefix(1);
    }
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) {
        text.remove_suffix(1);
    }
    return text;
}

}  // namespace

std::optional<AddressBytes> parse_address(std::string_view text) {
    if (text.size() >= INET6_ADDRSTRLEN || text.find('\0') != std::string_view::npos) {
        return std::nullopt;
    }
    const std::string whole(text);
    AddressBytes out = v4_inside_v6;
    if (inet_pton(AF_INET, whole.c_str(), out.data() + 12) == 1) {
        return out;
    }
    if (inet_pton(AF_INET6, whole.c_str(), out.data()) == 1) {
        return out;
    }
    return std::nullopt;
}

std::optional<AddressBytes> parse_forwarded_address(std::string_view text) {
    text = without_blanks(text);
    if (text.starts_with('[')) {
        const auto end = text.find(']');
        return end == std::string_view::npos ? std::nullopt : parse_address(text.substr(1, end - 1));
    }
    const auto colon = text.find(':');
    if (colon != std::string_view::npos && text.find(':', colon + 1) == std::string_view::npos) {
        text = text.substr(0, colon);
    }
    return parse_address(text);
}

std::string to_text(const AddressBytes& address) {
    std::array<char, INET6_ADDRSTRLEN> out{};
    const bool v4 = is_v4(address);
    inet_ntop(v4 ? AF_INET : AF_INET6, address.data() + (v4 ? 12 : 0), out.data(), out.size());
    return out.data();
}

std::string subscriber_of(const AddressBytes& address) {
    AddressBytes whose = address;
    if (!is_v4(address)) {
        std::fill(whose.begin() + 8, whose.end(), std::uint8_t{0});
    }
    return to_text(whose);
}

bool Network::holds(const AddressBytes& other) const {
    for (int i = 0; i < 16; ++i) {
        const int here = std::clamp(bits - 8 * i, 0, 8);
        const auto mask = static_cast<std::uint8_t>(0xff00 >> here);
        const auto at = static_cast<std::size_t>(i);
        if (((address[at] ^ other[at]) & mask) != 0) {
            return false;
        }
    }
    return true;
}

std::optional<Network> parse_network(std::string_view text) {
    const auto slash = text.find('/');
    const auto address = parse_address(text.substr(0, slash));
    if (!address) {
        return std::nullopt;
    }
    Network out{*address, 128};
    if (slash != std::string_view::npos) {
        const auto digits = text.substr(slash + 1);
        const int most = is_v4(*address) && text.find(':') == std::string_view::npos ? 32 : 128;
        if (digits.empty() || digits.size() > 3 || digits.find_first_not_of("0123456789") != std::string_view::npos) {
            return std::nullopt;
        }
        const int length = static_cast<int>(*parse_number(digits));
        if (length > most) {
            return std::nullopt;
        }
        out.bits = 128 - most + length;
    }
    return out;
}

}  // namespace surged
