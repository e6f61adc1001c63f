// Addresses and networks as text: "10.0.0.0/8", "::1". IPv4 and IPv4 inside IPv6 ("::ffff:10.0.0.1") are one and the same.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace surged {

/// An IPv6 address, or an IPv4 one mapped into IPv6. In network order.
using AddressBytes = std::array<std::uint8_t, 16>;

/// Numeric only; nullopt for names, ports, zones ("fe80::1%eth0").
std::optional<AddressBytes> parse_address(std::string_view text);

/// The address of a proxy's list: also with a port ("10.0.0.1:80", "[::1]:80") or in brackets, blanks around it.
std::optional<AddressBytes> parse_forwarded_address(std::string_view text);

/// "10.0.0.1", "::1".
std::string to_text(const AddressBytes& address);

/// What counts as one client: an IPv4 address; of IPv6 the 64 bits that one subscriber holds.
std::string subscriber_of(const AddressBytes& address);

struct Network {
    AddressBytes address{};
    int bits = 128;  ///< 0..128; of IPv4 96 and more

    bool holds(const AddressBytes& other) const;
    bool holds_all_v4() const { return bits <= 96 && holds(*parse_address("0.0.0.0")); }
    bool operator==(const Network& other) const { return bits == other.bits && holds(other.address); }
};

/// "10.0.0.0/8", "fd00::/8", or one address. nullopt for anything else; bits beyond the mask are ignored.
std::optional<Network> parse_network(std::string_view text);

}  // namespace surged
