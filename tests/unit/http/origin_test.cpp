// Who asks and by which name, behind proxies that are trusted and others that are not.
#include "io/http/origin.hpp"

#include "support/catch.hpp"

using namespace surged;

namespace {

const std::vector<Network>& proxies() {
    static const std::vector<Network> all{*parse_network("127.0.0.1"), *parse_network("10.0.0.0/8"), *parse_network("::1")};
    return all;
}

std::string told_client(const std::string& peer, const std::vector<std::string>& forwarded) {
    RequestHead head;
    head.peer = peer;
    for (const auto& value : forwarded) {
        head.add("x-forwarded-for", value);
    }
    const auto address = forwarded_client(head, proxies());
    return address ? to_text(*address) : "-";
}

struct Post {
    std::string peer = "127.0.0.1";
    std::string host = {};
    std::string origin = {};
    std::string forwarded_host = {};
    std::string forwarded_proto = {};
    std::string site = {};
    std::string url = {};
    bool open = false;
    bool link = false;
    std::string method = "POST";
};

bool is_taken(const Post& post) {
    RequestHead head;
    head.method = post.method;
    head.peer = post.peer;
    const auto add = [&](const char* name, const std::string& value) {
        if (!value.empty()) {
            head.add(name, value);
        }
    };
    add("host", post.host);
    add("origin", post.origin);
    add("x-forwarded-host", post.forwarded_host);
    add("x-forwarded-proto", post.forwarded_proto);
    add("sec-fetch-site", post.site);
    return refusal_by_site(head, {proxies(), post.url, post.open}, post.link).empty();
}

}  // namespace

TEST_CASE("origin: the client is the last address that no trusted proxy has", "[unit]") {
    CHECK(told_client("127.0.0.1", {"192.0.2.7"}) == "192.0.2.7");
    CHECK(told_client("::ffff:127.0.0.1", {"192.0.2.7"}) == "192.0.2.7");
    CHECK(told_client("::1", {"6.6.6.6, 192.0.2.7, 10.1.2.3"}) == "192.0.2.7");  // the first was written by the client itself
    CHECK(told_client("10.0.0.9", {"6.6.6.6", "192.0.2.7", "10.1.2.3"}) == "192.0.2.7");  // three headers are one list
    CHECK(told_client("127.0.0.1", {"192.0.2.7:4711, 10.1.2.3:80"}) == "192.0.2.7");
    CHECK(told_client("127.0.0.1", {"[2001:db8::7]:4711"}) == "2001:db8::7");
    CHECK(told_client("127.0.0.1", {"10.1.1.1, 10.1.2.3"}) == "10.1.1.1");  // all trusted: it came from within
}

TEST_CASE("origin: from a peer that is not named, and from a list without an address, nothing is believed", "[unit]") {
    CHECK(told_client("192.0.2.1", {"192.0.2.7"}) == "-");
    CHECK(told_client("11.0.0.1", {"192.0.2.7"}) == "-");
    CHECK(told_client("", {"192.0.2.7"}) == "-");
    CHECK(told_client("127.0.0.1", {}) == "-");
    CHECK(told_client("127.0.0.1", {""}) == "-");
    CHECK(told_client("127.0.0.1", {"unknown"}) == "-");
    CHECK(told_client("127.0.0.1", {"192.0.2.7, unknown, 10.1.2.3"}) == "-");
    CHECK(told_client("127.0.0.1", {"unknown, 192.0.2.7"}) == "192.0.2.7");
    const std::vector<Network> nobody;
    RequestHead head;
    head.peer = "127.0.0.1";
    head.add("x-forwarded-for", "192.0.2.7");
    CHECK_FALSE(forwarded_client(head, nobody));
}

TEST_CASE("origin: of other headers that come twice the first counts", "[unit]") {
    RequestHead head;
    head.add("host", "a.example");
    head.add("host", "b.example");
    head.add("x-forwarded-for", "1.1.1.1");
    head.add("x-forwarded-for", "2.2.2.2");
    CHECK(head.header("host") == "a.example");
    CHECK(head.header("x-forwarded-for") == "1.1.1.1, 2.2.2.2");
}

TEST_CASE("origin: a proxy that rewrites Host is no reason to refuse when it says the name, or ack_url_base does", "[unit]") {
    const Post rewritten{.host = "127.0.0.1:9847", .origin = "https://surge.example"};
    for (const bool link : {false, true}) {
        for (const bool open : {false, true}) {
            CAPTURE(link, open);
            auto post = rewritten;
            post.link = link;
            post.open = open;
            CHECK_FALSE(is_taken(post));
            post.url = "https://surge.example/";
            CHECK(is_taken(post));
            post.url = "https://surge.example:443/surge/";
            CHECK(is_taken(post));
            post.url = "https://SURGE.example";
            CHECK(is_taken(post));
            post.url = "https://other.example";
            CHECK_FALSE(is_taken(post));
            post.url = "https://surge.example.evil";
            CHECK_FALSE(is_taken(post));
            post.url = link ? "" : "http://surge.example";  // another scheme is another site, but to a link
            CHECK_FALSE(is_taken(post));
        }
        auto post = rewritten;
        post.link = link;
        post.forwarded_host = "surge.example";
        CHECK(is_taken(post));
        post.forwarded_proto = "https";
        CHECK(is_taken(post));
        post.forwarded_proto = "http";
        CHECK(is_taken(post) == link);
        post.forwarded_proto = "https";
        post.peer = "192.0.2.1";  // nobody's proxy
        CHECK_FALSE(is_taken(post));
        post.peer = "";
        CHECK_FALSE(is_taken(post));
    }
}

TEST_CASE("origin: a link is taken through a proxy that drops the port of its name", "[unit]") {
    Post post{.host = "surge.example", .origin = "http://surge.example:8080", .link = true};
    CHECK(is_taken(post));
    post.site = "same-site";  // the browser says that it was another port's page
    CHECK_FALSE(is_taken(post));
    post.site = "same-origin";
    CHECK(is_taken(post));
    post.site = "";
    post.link = false;
    CHECK_FALSE(is_taken(post));
    post.origin = "http://surge.example:80";
    CHECK(is_taken(post));
    post.host = "surge.example:443";
    post.origin = "https://surge.example";
    CHECK(is_taken(post));
}

TEST_CASE("origin: without tokens only loopback names and that of ack_url_base are served, whatever the proxy calls us", "[unit]") {
    for (const char* method : {"GET", "POST"}) {
        Post post{.host = "surge.example", .open = true, .method = method};
        CHECK_FALSE(is_taken(post));
        post.url = "https://surge.example/";
        CHECK(is_taken(post));
        post.host = "surge.example:8443";
        CHECK(is_taken(post));
        post.host = "rebound.example";
        CHECK_FALSE(is_taken(post));
        post.host = "127.0.0.1:9847";
        post.forwarded_host = "rebound.example";  // the proxy saw a foreign name
        CHECK_FALSE(is_taken(post));
        post.forwarded_host = "surge.example, rebound.example";
        CHECK_FALSE(is_taken(post));
        post.forwarded_host = "surge.example, localhost:80";
        CHECK(is_taken(post));
        post.forwarded_host = "rebound.example";
        post.peer = "192.0.2.1";  // anybody can write such a header; it neither helps nor harms
        CHECK(is_taken(post));
    }
}

TEST_CASE("origin: a page of another site stays refused behind every proxy", "[unit]") {
    for (const bool open : {false, true}) {
        for (const bool link : {false, true}) {
            Post post{.host = "surge.example",
                      .origin = "https://evil.example",
                      .forwarded_host = "surge.example",
                      .url = "https://surge.example",
                      .open = open,
                      .link = link};
            CHECK_FALSE(is_taken(post));
            post.site = "cross-site";
            CHECK_FALSE(is_taken(post));
            post.origin = "https://surge.example";
            CHECK_FALSE(is_taken(post));
            post.site = "";
            CHECK(is_taken(post));
        }
    }
}
