#include "core/base/network.hpp"

#include "support/catch.hpp"

using namespace surged;

namespace {
std::string forwarded(const char* text) {
    const auto address = parse_forwarded_address(text);
    return address ? to_text(*address) : "-";
}
bool holds(const char* network, const char* address) {
    return parse_network(network).value().holds(parse_address(address).value());
}
}  // namespace

TEST_CASE("network: addresses are numeric, and IPv4 inside IPv6 is the IPv4 address", "[unit]") {
    for (const char* text : {"127.0.0.1", "0.0.0.0", "255.255.255.255", "::1", "fe80::1"}) {
        CHECK(to_text(parse_address(text).value()) == text);
    }
    CHECK(to_text(parse_address("::ffff:10.0.0.1").value()) == "10.0.0.1");
    for (const char* text : {"", "localhost", "127.1", "127.0.0.256", "10.0.0.1:80", "[::1]", "fe80::1%eth0", "::g", " 10.0.0.1", "10.0.0.1/8"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_address(text));
    }
    CHECK_FALSE(parse_address(std::string_view("10.0.0.1\0", 9)));
}

TEST_CASE("network: what proxies write into a list is read with ports, brackets and blanks", "[unit]") {
    CHECK(forwarded(" 10.0.0.1 ") == "10.0.0.1");
    CHECK(forwarded("10.0.0.1:4711") == "10.0.0.1");
    CHECK(forwarded("2001:db8::1") == "2001:db8::1");
    CHECK(forwarded("[2001:db8::1]:4711") == "2001:db8::1");
    CHECK(forwarded("[2001:db8::1]") == "2001:db8::1");
    for (const char* text : {"", "unknown", "_hidden", "[2001:db8::1", "10.0.0", "\"10.0.0.1\""}) {
        CHECK(forwarded(text) == "-");
    }
}

TEST_CASE("network: a mask holds its first and last address and no neighbour", "[unit]") {
    CHECK(holds("10.0.0.0/8", "10.0.0.0"));
    CHECK(holds("10.0.0.0/8", "10.255.255.255"));
    CHECK_FALSE(holds("10.0.0.0/8", "9.255.255.255"));
    CHECK_FALSE(holds("10.0.0.0/8", "11.0.0.0"));
    CHECK(holds("10.1.2.3/8", "10.9.9.9"));  // what is beyond the mask does not count
    CHECK(holds("192.168.1.128/25", "192.168.1.128"));
    CHECK_FALSE(holds("192.168.1.128/25", "192.168.1.127"));
    CHECK(holds("127.0.0.1", "::ffff:127.0.0.1"));
    CHECK_FALSE(holds("127.0.0.1", "127.0.0.2"));
    CHECK(holds("::ffff:10.0.0.0/104", "10.1.1.1"));
    CHECK(holds("fd00::/8", "fdff::1"));
    CHECK_FALSE(holds("fd00::/8", "fe00::1"));
    CHECK_FALSE(holds("fd00::/8", "10.0.0.1"));
    for (const char* text : {"", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8x", "::/129", "proxy.example", "10.0.0.0/0008", "/8"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_network(text));
    }
    CHECK(parse_network("0.0.0.0/0")->holds_all_v4());
    CHECK(parse_network("::/0")->holds_all_v4());
    CHECK_FALSE(parse_network("0.0.0.0/1")->holds_all_v4());
    CHECK_FALSE(parse_network("fd00::/8")->holds_all_v4());
}

TEST_CASE("network: of IPv6 one subscriber has 64 bits", "[unit]") {
    CHECK(subscriber_of(*parse_address("2001:db8:1:2:3:4:5:6")) == "2001:db8:1:2::");
    CHECK(subscriber_of(*parse_address("192.0.2.7")) == "192.0.2.7");
}
