// Several servers that stand for each other: dead ones, ones that say no, and TLS with certificates on both sides, on a real etcd.
#include "io/courier/client/server_line.hpp"

#include "io/etcd/standing.hpp"
#include "support/catch.hpp"
#include "support/etcd_peer.hpp"
#include "support/test_certificate.hpp"

using namespace surged;
using namespace surged::test;

namespace {

std::string local(int port, const std::string& scheme = "http") {
    return scheme + "://127.0.0.1:" + std::to_string(port);
}

Result<etcd::Standing, LogFailure> look_by(ServerLine& line) {
    return etcd::look([&](std::string_view path, const std::string& json) { return line.post(path, json); }, etcd::Keys("line", "0"));
}

}  // namespace

TEST_CASE("server line: the next server is asked when one is dead, silent or says no, and stays the first", "[integration]") {
    if (etcd_program().empty()) {
        WARN("etcd is not installed (package etcd-server): skipped");
        return;
    }
    const EtcdPeer peer;
    const BusyPort silent;  // takes connections, and says nothing
    ServerLine line({{local(free_port()), local(silent.port()), local(peer.port())}, {}, {}, {}, Span{300}});
    CHECK(line.server() != local(peer.port()));
    const auto began = std::chrono::steady_clock::now();
    REQUIRE(look_by(line));
    CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds{3});
    CHECK(line.server() == local(peer.port()));
    REQUIRE(look_by(line));
    CHECK(line.post("/v3/no/such/path", "{}").error().message.find("404") != std::string::npos);
}

TEST_CASE("server line: when nobody answers the error names every server", "[integration]") {
    const auto one = local(free_port());
    const auto two = local(free_port());
    ServerLine line({{one, two}, {}, {}, {}, Span{300}});
    const auto failed = line.post("/v3/kv/txn", "{}");
    REQUIRE_FALSE(failed);
    CHECK(failed.error().message.find(one) != std::string::npos);
    CHECK(failed.error().message.find(two) != std::string::npos);
}

TEST_CASE("server line: a server that asks who calls is shown the certificate, and one that is not trusted is told nothing", "[integration]") {
    if (etcd_program().empty()) {
        WARN("etcd is not installed (package etcd-server): skipped");
        return;
    }
    const TestCertificate certificate;
    const EtcdPeer peer(certificate.certificate(), certificate.key());
    const auto with = [&](const std::string& ca, const std::string& cert, const std::string& key) {
        ServerLine line({{local(peer.port(), "https")}, ca, cert, key, Span{2000}});
        return look_by(line).has_value();
    };
    CHECK(with(certificate.certificate(), certificate.certificate(), certificate.key()));
    CHECK_FALSE(with(certificate.certificate(), "", ""));
    const TestCertificate other;
    CHECK_FALSE(with(other.certificate(), certificate.certificate(), certificate.key()));
    CHECK_FALSE(with(certificate.certificate(), other.certificate(), other.key()));
}
