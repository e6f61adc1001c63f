// What the check passes starts, and what it refuses does not: the real program with --check and without, for one breakage after the other.
#include <sys/stat.h>

#include <csignal>
#include <fstream>

#include "support/catch.hpp"
#include "support/daemon_kit.hpp"
#include "support/free_port.hpp"
#include "support/test_certificate.hpp"

using namespace surged::test;
using namespace std::chrono_literals;

namespace {

std::string text_in(const std::string& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
}

void put(const std::string& file, const std::string& text, mode_t mode = 0600) {
    std::ofstream(file, std::ios::trunc) << text;
    ::chmod(file.c_str(), mode);
}

struct Ended {
    int code = -1;  ///< -1: it runs
    std::string said;
};

/// Starts surged with these words; -1 when it still runs after it began to listen.
Ended run_surged(const DaemonKit& kit, const std::vector<std::string>& words, const std::string& log) {
    Process process(std::string(SURGED_BIN_DIR) + "/surged", words, kit.dir.file(log.c_str()));
    Ended out;
    REQUIRE(eventually([&] { return !process.running() || process.err().find("event=listening") != std::string::npos; }));
    out.code = process.wait(1ms);
    if (out.code == -1) {
        process.signal(SIGTERM);
        CHECK(process.wait(10s) == 0);
    }
    out.said = process.err() + process.out();
    return out;
}

}  // namespace

TEST_CASE("preflight: check and start agree on every breakage, and the check names key and place", "[integration]") {
    DaemonKit kit;
    const TestCertificate certificate;
    const TestCertificate other;
    const std::string base = text_in(kit.config);
    const auto file = [&](const char* name) { return kit.dir.file(name); };
    put(file("tokens"), "admin 0123456789abcdef0123456789abcdef\n");
    put(file("open-tokens"), "admin 0123456789abcdef0123456789abcdef\n", 0644);
    put(file("short-tokens"), "admin abc\n");
    put(file("short-key"), "too short");
    put(file("curve"), "not a key");
    const auto with_http = [&](const std::string& keys) {
        auto text = base;
        const auto at = text.find("[http]\n");
        REQUIRE(at != std::string::npos);
        return text.insert(at + 7, keys);
    };
    const auto with_ingest = [&](const std::string& keys) {
        auto text = base;
        const auto at = text.find("[ingest]\n");
        REQUIRE(at != std::string::npos);
        return text.insert(at + 9, keys);
    };
    const auto clustered = [&](const std::string& keys) {
        return base + "\n[cluster]\nname = \"c\"\netcd = \"https://127.0.0.1:1\"\nurl = \"http://{host}:9847\"\n" + keys;
    };
    put(file("no-authority"), "no certificate");
    const auto port = std::to_string(free_port());
    const auto publishing = [&](const std::string& rest) {
        auto text = base;
        const std::string now = "[publish]\nbind = [\"tcp://127.0.0.1:*\"]";
        const auto at = text.find(now);
        REQUIRE(at != std::string::npos);
        return text.replace(at, now.size(), "[publish]\nbind = [" + rest);
    };
    int run = 0;
    struct Case {
        const char* what;
        std::string text;
        bool starts;
        const char* key;
    };
    for (const auto& one : {
             Case{"nothing", base, true, ""},
             Case{"good tokens", with_http("token_file = \"tokens\"\n"), true, ""},
             Case{"no token file", with_http("token_file = \"none\"\n"), false, "[http] token_file"},
             Case{"tokens that others read", with_http("token_file = \"open-tokens\"\n"), false, "[http] token_file"},
             Case{"short tokens", with_http("token_file = \"short-tokens\"\n"), false, "[http] token_file"},
             Case{"good certificate", with_http("tls_cert = \"" + certificate.certificate() + "\"\ntls_key = \"" + certificate.key() + "\"\n"), true, ""},
             Case{"no certificate", with_http("tls_cert = \"none.pem\"\ntls_key = \"" + certificate.key() + "\"\n"), false, "[http] tls_cert"},
             Case{"another's key", with_http("tls_cert = \"" + certificate.certificate() + "\"\ntls_key = \"" + other.key() + "\"\n"), false, "[http] tls_cert"},
             Case{"short link key", with_http("link_key_file = \"short-key\"\n"), false, "[http] link_key_file"},
             Case{"no curve key", with_ingest("curve = { secret_key_file = \"none\" }\n"), false, "[ingest] curve"},
             Case{"bad curve key", with_ingest("curve = { secret_key_file = \"curve\" }\n"), false, "[ingest] curve"},
             Case{"two listeners on one address", publishing("\"tcp://127.0.0.1:" + port + "\", \"tcp://0.0.0.0:" + port + "\"]\nallow_unauthenticated = true"), false,
                  "[publish] bind"},
             Case{"no authority", clustered("ca_file = \"none.pem\"\n"), false, "[cluster] ca_file"},
             Case{"an authority that is none", clustered("ca_file = \"no-authority\"\n"), false, "[cluster] ca_file"},
             Case{"no certificate for etcd", clustered("cert_file = \"none.pem\"\nkey_file = \"" + certificate.key() + "\"\n"), false, "[cluster] cert_file"},
             Case{"another's key for etcd", clustered("cert_file = \"" + certificate.certificate() + "\"\nkey_file = \"" + other.key() + "\"\n"), false,
                  "[cluster] cert_file"},
             Case{"two listeners on two ports", publishing("\"tcp://127.0.0.1:" + port + "\", \"tcp://127.0.0.1:*\"]"), true, ""},
         }) {
        CAPTURE(one.what);
        std::ofstream(kit.config, std::ios::trunc) << one.text;
        const auto checked = run_surged(kit, {"--check", "--config", kit.config}, "check" + std::to_string(++run));
        INFO(checked.said);
        CHECK((checked.code == 0) == one.starts);
        if (!one.starts) {
            CHECK(checked.said.find(std::string("error: ") + one.key) != std::string::npos);
            CHECK(checked.said.find(kit.config + ":") != std::string::npos);
        }
        const auto started = run_surged(kit, {"--config", kit.config}, "start" + std::to_string(run));
        INFO(started.said);
        CHECK((started.code == -1) == one.starts);
        CHECK((one.starts || started.code == checked.code));
        CHECK((run_program(std::string(SURGED_BIN_DIR) + "/surgectl", {"check", "--config", kit.config}, kit.dir.path().string()).code == 0) == one.starts);
    }
}

TEST_CASE("preflight: the check prints a line on the cluster, with the host's name or --host, and refuses a name that fits no address", "[integration]") {
    DaemonKit kit;
    const TestCertificate certificate;
    std::ofstream(kit.config, std::ios::app) << "\n[cluster]\nname = \"c\"\netcd = \"https://127.0.0.1:1\"\nurl = \"http://{host}:9847\"\nca_file = \""
                                             << certificate.certificate() << "\"\ncert_file = \"" << certificate.certificate() << "\"\nkey_file = \""
                                             << certificate.key() << "\"\n";
    const auto named = run_surged(kit, {"--check", "--config", kit.config, "--host", "jn1"}, "named");
    INFO(named.said);
    CHECK(named.code == 0);
    CHECK(named.said.find("cluster: c, shard 0, 1 member of etcd; this host is jn1, at http://jn1:9847; takes over after 2s, ") != std::string::npos);
    const auto machines = run_surged(kit, {"--check", "--config", kit.config}, "machines");
    CHECK(machines.code == 0);
    CHECK(machines.said.find("; this host is ") != std::string::npos);
    const auto refused = run_surged(kit, {"--check", "--config", kit.config, "--host", "a/b"}, "refused");
    CHECK(refused.code == 2);
    CHECK(refused.said.find("the name of this host, \"a/b\", cannot stand for {host}") != std::string::npos);
    const auto checked = run_program(std::string(SURGED_BIN_DIR) + "/surgectl", {"check", "--config", kit.config}, kit.dir.path().string());
    CHECK(checked.code == 0);
    CHECK(checked.out.find("cluster: c, shard 0, ") != std::string::npos);
}

TEST_CASE("preflight: a certificate that is over or not yet valid fails the check, one that soon ends is warned of, and pages go on with all", "[integration]") {
    constexpr long day = 86400;
    DaemonKit kit;
    const std::string base = text_in(kit.config);
    int run = 0;
    struct Case {
        long from_s;
        long until_s;
        int checked;
        const char* said;
    };
    for (const auto& one : {
             Case{-60 * day, -2 * day, 2, "error: [http] tls_cert: "},
             Case{2 * day, 60 * day, 2, "error: [http] tls_cert: "},
             Case{-60, 13 * day + 60, 0, "expires in 13 days, on "},
             Case{-60, 14 * day + 60, 0, ""},
         }) {
        CAPTURE(one.from_s, one.until_s);
        const TestCertificate certificate(one.from_s, one.until_s);
        auto text = base;
        text.insert(text.find("[http]\n") + 7, "tls_cert = \"" + certificate.certificate() + "\"\ntls_key = \"" + certificate.key() + "\"\n");
        std::ofstream(kit.config, std::ios::trunc) << text;
        const auto checked = run_surged(kit, {"--check", "--config", kit.config}, "until" + std::to_string(++run));
        INFO(checked.said);
        CHECK(checked.code == one.checked);
        CHECK(checked.said.find(one.said) != std::string::npos);
        CHECK((checked.said.find("[http] tls_cert") != std::string::npos) == (*one.said != '\0'));
        const auto started = run_surged(kit, {"--config", kit.config}, "begun" + std::to_string(run));
        CHECK(started.code == -1);
        CHECK((started.said.find("tls_cert") != std::string::npos) == (*one.said != '\0'));
    }
}

TEST_CASE("check: --strict fails on warnings with 1, on errors as ever with 2, and passes what has neither", "[integration]") {
    const TempDir dir;
    const auto file = dir.file("surged.toml");
    const std::string head = "[ingest]\nbind = [\"tcp://127.0.0.1:5556\"]\n[store]\npath = \"" + dir.file("s.db") + "\"\n";
    const auto rule = [](const char* metric, const char* clear) {
        return std::string("[[rule]]\nid = \"r\"\nkind = \"threshold\"\nmetric = \"") + metric + "\"\nyellow = { raise = \"> 40\", clear = \"" + clear + "\" }\n";
    };
    const auto check = [&](const std::string& text, std::vector<std::string> words) {
        put(file, text);
        words.insert(words.begin(), {"check", "--config", file});
        return run_program(std::string(SURGED_BIN_DIR) + "/surgectl", words, dir.path().string());
    };
    const auto good = head + rule("oldest_wait_s", "< 30");
    const auto typo = head + rule("oldest_wait", "< 30");
    const auto wrong = head + rule("oldest_wait", "> 50");
    CHECK(check(good, {}).code == 0);
    CHECK(check(good, {"--strict"}).code == 0);
    CHECK(check(good, {}).out.find("ok: 1 file, 1 rule, 0 derived metrics, ") != std::string::npos);
    CHECK(check(good, {}).out.find("; 0 warnings\n") != std::string::npos);
    CHECK(check(typo, {}).code == 0);
    CHECK(check(typo, {}).out.find("; 1 warning\n") != std::string::npos);
    CHECK(check(typo, {"--strict"}).code == 1);
    CHECK(check(typo, {"--strict"}).out.find("--strict: 1 warning\n") != std::string::npos);
    CHECK(check(wrong, {}).code == 2);
    CHECK(check(wrong, {"--strict"}).code == 2);
    // What the configuration alone does not show counts as well: a secret that a channel names and nobody can read.
    CHECK(check(good + "[[channel]]\nid = \"c\"\ntype = \"slack\"\nurl_file = \"none\"\n", {"--strict"}).code == 1);
}

TEST_CASE("preflight: secrets that everybody on the host may read are warned of by key and file, others are not", "[integration]") {
    DaemonKit kit;
    const std::string base = text_in(kit.config);
    const auto file = [&](const char* name) { return kit.dir.file(name); };
    put(file("hook.url"), "https://hooks.slack.com/services/T/B/x\n", 0644);
    put(file("kept.url"), "https://hooks.slack.com/services/T/B/y\n", 0640);
    put(file("link.key"), std::string(32, 'k') + "\n", 0644);
    auto text = base;
    text.insert(text.find("[http]\n") + 7, "link_key_file = \"link.key\"\n");
    std::ofstream(kit.config, std::ios::trunc) << text << "[[channel]]\nid = \"open\"\ntype = \"slack\"\nurl_file = \"hook.url\"\n"
                                               << "[[channel]]\nid = \"kept\"\ntype = \"slack\"\nurl_file = \"kept.url\"\n";
    const auto checked = run_surged(kit, {"--check", "--config", kit.config}, "modes");
    INFO(checked.said);
    CHECK(checked.code == 0);
    CHECK(checked.said.find(file("hook.url") + " can be read by everybody on this host: chmod o-r") != std::string::npos);
    CHECK(checked.said.find(file("link.key") + " can be read by everybody on this host: chmod o-r") != std::string::npos);
    CHECK(checked.said.find("kept.url can be read") == std::string::npos);
}
