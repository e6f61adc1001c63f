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
