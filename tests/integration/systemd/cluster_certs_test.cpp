// systemd/cluster-certs: what it makes is taken by a real etcd, from member and client alike, and its gateway answers.
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "support/catch.hpp"
#include "support/http_client.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"

using namespace surged::test;
using namespace std::chrono_literals;

namespace {

Finished make_certificates(const TempDir& dir, const std::vector<std::string>& hosts) {
    std::vector<std::string> words{dir.file("certs")};
    words.insert(words.end(), hosts.begin(), hosts.end());
    return run_program(std::string(SURGED_SOURCE_DIR) + "/systemd/cluster-certs", words, dir.path().string());
}

std::string told_of(const std::string& certificate, const TempDir& dir) {
    return run_program("/usr/bin/openssl", {"x509", "-in", certificate, "-noout", "-ext", "extendedKeyUsage,subjectAltName"}, dir.path().string()).out;
}

mode_t mode_of(const std::string& file) {
    struct stat found {};
    return ::stat(file.c_str(), &found) == 0 ? found.st_mode & 0777U : 0;
}

std::string text_of(const std::string& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
}

int free_address() {
    const BusyPort port;
    return port.port();
}

}  // namespace

TEST_CASE("cluster-certs: a pair for each host, for server and client, and keys that nobody else reads", "[integration]") {
    const TempDir dir;
    const auto made = make_certificates(dir, {"a,10.0.0.1", "b"});
    INFO(made.err);
    REQUIRE(made.code == 0);
    const auto certs = dir.file("certs");
    CHECK(told_of(certs + "/a.pem", dir).find("TLS Web Server Authentication, TLS Web Client Authentication") != std::string::npos);
    CHECK(told_of(certs + "/a.pem", dir).find("DNS:a, DNS:localhost, IP Address:127.0.0.1, IP Address:10.0.0.1") != std::string::npos);
    CHECK(told_of(certs + "/b.pem", dir).find("10.0.0.1") == std::string::npos);
    for (const char* key : {"/a.key", "/b.key", "/etcd-ca.key"}) {
        CHECK(mode_of(certs + key) == 0600);
    }
    CHECK(mode_of(certs + "/etcd-ca.pem") == 0644);
    CHECK(run_program("/usr/bin/openssl", {"verify", "-CAfile", certs + "/etcd-ca.pem", certs + "/a.pem", certs + "/b.pem"}, dir.path().string()).code == 0);

    // A further host joins the same authority; what is there stays.
    const auto before = text_of(certs + "/a.pem") + text_of(certs + "/etcd-ca.pem");
    REQUIRE(make_certificates(dir, {"a", "c"}).code == 0);
    CHECK(text_of(certs + "/a.pem") + text_of(certs + "/etcd-ca.pem") == before);
    CHECK(run_program("/usr/bin/openssl", {"verify", "-CAfile", certs + "/etcd-ca.pem", certs + "/c.pem"}, dir.path().string()).code == 0);

    CHECK(make_certificates(dir, {}).code == 2);
    CHECK(make_certificates(dir, {"../x"}).code == 2);
}

TEST_CASE("cluster-certs: a real etcd with the flags of the README takes them, and its gateway answers whoever shows one", "[integration]") {
    if (!std::ifstream("/usr/bin/etcd").good()) {
        WARN("etcd-server is not installed: skipped");
        return;
    }
    const TempDir dir;
    REQUIRE(make_certificates(dir, {"a", "b"}).code == 0);
    const auto certs = dir.file("certs");
    const auto client = "https://127.0.0.1:" + std::to_string(free_address());
    const auto peer = "https://127.0.0.1:" + std::to_string(free_address());
    const Process etcd("/usr/bin/etcd",
                       {"--name", "a", "--data-dir", dir.file("data"), "--listen-client-urls", client, "--advertise-client-urls", client,
                        "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", "a=" + peer,
                        "--cert-file", certs + "/a.pem", "--key-file", certs + "/a.key", "--trusted-ca-file", certs + "/etcd-ca.pem", "--client-cert-auth",
                        "--peer-cert-file", certs + "/a.pem", "--peer-key-file", certs + "/a.key", "--peer-trusted-ca-file", certs + "/etcd-ca.pem",
                        "--peer-client-cert-auth", "--heartbeat-interval", "50", "--election-timeout", "500", "--pre-vote", "--auto-compaction-mode",
                        "periodic", "--auto-compaction-retention", "30m", "--quota-backend-bytes", "4294967296"},
                       dir.file("etcd"));
    const auto ask = [&](const std::vector<std::string>& shown) {
        std::vector<std::string> words{"-s", "--max-time", "5", "--cacert", certs + "/etcd-ca.pem", "-X", "POST", "-d", "{}", client + "/v3/kv/txn"};
        words.insert(words.end(), shown.begin(), shown.end());
        return run_program("/usr/bin/curl", words, dir.path().string()).out;
    };
    const std::vector<std::string> ours{"--cert", certs + "/b.pem", "--key", certs + "/b.key"};
    std::string answered;
    for (int i = 0; i < 100 && answered.find("\"succeeded\":true") == std::string::npos; ++i) {
        std::this_thread::sleep_for(100ms);
        answered = ask(ours);
    }
    INFO(etcd.err());
    CHECK(answered.find("\"succeeded\":true") != std::string::npos);
    CHECK(ask({}).find("succeeded") == std::string::npos);  // without a certificate nothing is answered
}
