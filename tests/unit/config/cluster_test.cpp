// [cluster]: its defaults, its limits from both sides, and what it asks of other sections.
#include "config/cluster.hpp"

#include "config/address.hpp"
#include "config_kit.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace surged::test;

namespace {

const std::string listening = "[http]\nlisten = \"127.0.0.1:9847\"\n";

/// Lines 3 to 6, then `more`.
std::string cluster(const std::string& more, const std::string& etcd = "[\"https://a:2379\", \"https://b:2379\", \"https://c:2379\"]") {
    return listening + "[cluster]\nname = \"shandong\"\nurl = \"https://{host}:9847\"\netcd = " + etcd + "\n" + more;
}

ClusterSettings read(const std::string& text) {
    const auto config = parse_config("t", text);
    INFO(joined(findings(config)));
    REQUIRE(config.ok());
    REQUIRE(config.settings.cluster);
    return *config.settings.cluster;
}

}  // namespace

TEST_CASE("cluster: without the table there is one host; with it the defaults are those that are documented", "[unit]") {
    const auto alone = parse_config("t", listening);
    REQUIRE(alone.ok());
    CHECK_FALSE(alone.settings.cluster);
    CHECK(alone.plan->shard == "0");

    const auto settings = read(cluster(""));
    CHECK(settings.name == "shandong");
    CHECK(settings.shard == "0");
    CHECK(settings.etcd == std::vector<std::string>{"https://a:2379", "https://b:2379", "https://c:2379"});
    CHECK(settings.takeover == Span{2000});
    CHECK(settings.alone_after == Span{10000});
    CHECK(settings.ca_file.empty());
}

TEST_CASE("cluster: the shard reaches the plan; it is 1 to 8 of a-z and 0-9", "[unit]") {
    const auto config = parse_config("t", cluster("shard = \"north7ab\"\n"));
    REQUIRE(config.ok());
    CHECK(config.plan->shard == "north7ab");
    CHECK(config.settings.cluster->shard == "north7ab");
    const auto refused = [](const std::string& shard) {
        return "7:9: error: \"" + shard + "\" is no shard: 1 to 8 of a-z and 0-9; ids of incidents begin with it\n";
    };
    for (const std::string shard : {"", "north7abc", "North", "n-1", "n/1"}) {
        CHECK(check(cluster("shard = \"" + shard + "\"\n")) == refused(shard));
    }
    CHECK(check(cluster("shard = \"n\"\n")).empty());
}

TEST_CASE("cluster: one member of etcd or three, never two; in the clear on loopback only", "[unit]") {
    run({{"one", cluster("", "[\"https://a:2379\"]"), ""},
         {"one alone", cluster("", "\"https://a:2379\""), ""},
         {"two", cluster("", "[\"https://a:2379\", \"https://b:2379\"]"),
          "6:8: error: two members of etcd stop when either of them is away, so they fail more often than one; name three or more, or one for a trial\n"},
         {"five", cluster("", "[\"https://a:1\", \"https://b:1\", \"https://c:1\", \"https://d:1\", \"https://e:1\"]"), ""},
         {"none", cluster("", "[]"), "6:8: error: the list is empty: name the members of etcd, three or more\n"},
         {"twice", cluster("", "[\"https://a:1\", \"https://b:1\", \"https://a:1\"]"), "6:39: error: \"https://a:1\" is given twice\n"},
         {"in the clear", cluster("", "\"http://a:2379\""),
          "6:8: error: \"http://a:2379\" would send the log beyond this host in the clear; write https://\n"},
         {"in the clear on loopback", cluster("", "[\"http://127.0.0.1:2379\", \"http://[::1]:2379\", \"http://localhost:2380\"]"), ""},
         {"a name that only begins like loopback", cluster("", "\"http://127.0.0.1.example:2379\""),
          "6:8: error: \"http://127.0.0.1.example:2379\" would send the log beyond this host in the clear; write https://\n"},
         {"missing", listening + "[cluster]\nname = \"c\"\nurl = \"https://{host}:1\"\n", "3:1: error: [cluster] needs `etcd`\n"}});
    for (const std::string address : {"a:2379", "https://a", "https://a:0", "https://a:65536", "https://a:2379/", "https://me:pw@a:2379", "https://:2379", "ftp://a:1"}) {
        CHECK(check(cluster("", "\"" + address + "\"")) ==
              "6:8: error: \"" + address + "\" is no member of etcd; write scheme, host and port: \"https://a:2379\"\n");
    }
    CHECK(check(cluster("", "\"https://a:65535\"")).empty());
}

TEST_CASE("cluster: takeover is 1s to 30s, alone_after nothing or at least twice that", "[unit]") {
    run({{"least", cluster("takeover = \"1s\"\n"), ""},
         {"most", cluster("takeover = \"30s\"\n"), ""},
         {"less", cluster("takeover = \"999ms\"\n"), "7:12: error: `takeover` must be from 1s to 30s\n"},
         {"more", cluster("takeover = \"30001ms\"\n"), "7:12: error: `takeover` must be from 1s to 30s\n"},
         {"twice", cluster("takeover = \"3s\"\nalone_after = \"6s\"\n"), ""},
         {"a little less than twice", cluster("takeover = \"3s\"\nalone_after = \"5999ms\"\n"),
          "8:15: error: `alone_after` must be at least twice `takeover`, 6s, or \"0s\" for never: before that another host may have taken over\n"},
         {"never", cluster("alone_after = \"0s\"\n"), ""},
         {"an hour", cluster("alone_after = \"1h\"\n"), ""},
         {"more than that", cluster("alone_after = \"3600001ms\"\n"), "7:15: error: `alone_after` must be from 0s to 1h\n"}});
    CHECK(read(cluster("takeover = \"5s\"\n")).alone_after == Span{10000});
    CHECK(read(cluster("takeover = \"30s\"\n")).alone_after == Span{60000});
    CHECK(read(cluster("alone_after = \"0s\"\n")).alone_after == Span{0});
}

TEST_CASE("cluster: certificate and key go together, and are for https", "[unit]") {
    run({{"both", cluster("ca_file = \"ca.pem\"\ncert_file = \"c.pem\"\nkey_file = \"c.key\"\n"), ""},
         {"no key", cluster("cert_file = \"c.pem\"\n"), "7:13: error: `cert_file` and `key_file` go together\n"},
         {"no certificate", cluster("key_file = \"c.key\"\n"), "7:12: error: `cert_file` and `key_file` go together\n"},
         {"nobody to show it to", cluster("ca_file = \"ca.pem\"\n", "\"http://127.0.0.1:2379\""),
          "7:11: error: `ca_file` is for members of etcd at https://, and there is none\n"}});
}

TEST_CASE("cluster: the url is an address with the host's name in it", "[unit]") {
    const auto settings = read(cluster(""));
    CHECK(cluster_url(settings, "a") == "https://a:9847");
    CHECK(cluster_url(settings, "b.example") == "https://b.example:9847");
    const auto with = [](const std::string& url) {
        return listening + "[cluster]\nname = \"c\"\netcd = \"https://a:2379\"\nurl = \"" + url + "\"\n";
    };
    CHECK(cluster_url(read(with("http://10.0.0.{host}:80/")), "7") == "http://10.0.0.7:80");
    CHECK(check(with("https://surge.example")) ==
          "6:7: warning: without {host} every host has this address: a stand-by would send people to itself\n");
    for (const std::string url : {"{host}:9847", "https://{host}:9847/path", "https://{host}@evil.example", "https://{host}{host}:1", "https://{hos}:1", "https://"}) {
        INFO(url);
        CHECK(check(with(url)).find("6:7: error: ") == 0);
        CHECK(check(with(url)).find("is no address of [http]") != std::string::npos);
    }
    CHECK(check(listening + "[cluster]\nname = \"c\"\netcd = \"https://a:2379\"\n") == "3:1: error: [cluster] needs `url`\n");
}

TEST_CASE("cluster: what would fail at the first take-over is refused: no listener, a key of links of each host's own", "[unit]") {
    const std::string table = "[cluster]\nname = \"c\"\nurl = \"https://{host}:9847\"\netcd = \"https://a:2379\"\n";
    const std::string needs = "error: [cluster] needs [http] `listen`: stand-bys answer there who is at work, and an owner that lost etcd asks them\n";
    run({{"no [http]", table, "1:1: " + needs},
         {"off", table + "[http]\nlisten = \"off\"\n", "6:10: " + needs},
         {"any port", table + "[http]\nlisten = \"127.0.0.1:0\"\n", ""}});
    const std::string links =
        "error: `ack_url_base` with [cluster] needs [http] `link_key_file`, the same on every host: a key made by each host for itself would void the "
        "links of its pages when the host dies\n";
    run({{"of [http]", table + listening + "ack_url_base = \"https://s\"\n", "7:16: " + links},
         {"of [defaults]", table + listening + "[defaults]\nack_url_base = \"https://s\"\n", "8:16: " + links},
         {"with a key", table + listening + "ack_url_base = \"https://s\"\nlink_key_file = \"k\"\n", ""}});
    CHECK(check(listening + "ack_url_base = \"https://s\"\n").empty());
}

TEST_CASE("cluster: unknown keys are told with the nearest, secrets belong in a file", "[unit]") {
    run({{"near", cluster("takover = \"2s\"\n"), "7:1: error: unknown key \"takover\" in [cluster]; did you mean \"takeover\"?\n"},
         {"a key in the text", cluster("key = \"x\"\n"),
          "7:1: error: `key`: secrets do not belong in the configuration text; put it in a file and name that with `key_file`\n"},
         {"no name", listening + "[cluster]\nurl = \"https://{host}:1\"\netcd = \"https://a:1\"\n", "3:1: error: [cluster] needs `name`\n"},
         {"a name with a stroke", listening + "[cluster]\nname = \"a/b\"\nurl = \"https://{host}:1\"\netcd = \"https://a:1\"\n",
          "4:8: error: \"a/b\" is no id: a letter or digit, then letters, digits and _ . @ - (64 bytes at most)\n"}});
}

TEST_CASE("cluster: a host's name fits a URL and a key of etcd, and the given one goes before the machine's", "[unit]") {
    CHECK(cluster_host("a") == "a");
    CHECK_FALSE(cluster_host("").empty());
    for (const std::string name : {"a", "surged-1.example", "10.0.0.7", "n_1"}) {
        CHECK(cluster_host_valid(name));
    }
    CHECK(cluster_host_valid(std::string(64, 'a')));
    CHECK_FALSE(cluster_host_valid(std::string(65, 'a')));
    for (const std::string name : {"", "-a", "a/b", "a@b", "a:1", "a b", "主机"}) {
        INFO(name);
        CHECK_FALSE(cluster_host_valid(name));
    }
}

TEST_CASE("cluster: the line of the check says who, where and when", "[unit]") {
    CHECK(cluster_line(read(cluster("")), "a") ==
          "cluster: shandong, shard 0, 3 members of etcd; this host is a, at https://a:9847; takes over after 2s, alone without etcd after 10s");
    CHECK(cluster_line(read(cluster("alone_after = \"0s\"\nshard = \"n\"\n", "\"https://a:1\"")), "b").ends_with("takes over after 2s, alone without etcd never"));
}

TEST_CASE("server: an address is scheme, host and port, and nothing else", "[unit]") {
    const auto six = parse_server("https://[fd00::1]:9847");
    REQUIRE(six);
    CHECK(six->tls);
    CHECK(six->host == "[fd00::1]");
    CHECK(six->port == "9847");
    const auto bare = parse_server("http://[::1]");
    REQUIRE(bare);
    CHECK_FALSE(bare->tls);
    CHECK(bare->host == "[::1]");
    CHECK(bare->port.empty());
    for (const std::string text : {"", "https://", "HTTPS://a", "https://a b", "https://a?x", "https://a#x", "https://[::1", "https://a:", "https://[]:1", "//a"}) {
        INFO(text);
        CHECK_FALSE(parse_server(text));
    }
}
