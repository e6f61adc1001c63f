#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "support/catch.hpp"
#include "support/daemon_kit.hpp"
#include "support/test_certificate.hpp"

using namespace surged::test;
using namespace std::chrono_literals;

namespace {

const char* second_rule =
    "[[rule]]\nid = \"second\"\nkind = \"threshold\"\nmetric = \"oldest_wait_s\"\n"
    "yellow = { raise = \"> 40\", clear = \"< 30\" }\n";

/// Windows on every series of 6,000 queues, with limits of its own: an edit of all.
std::string windows_rule(int limit) {
    std::string out;
    for (const std::string metric : {"m1", "m2", "m3", "m4"}) {
        out += "[[rule]]\nid = \"rate-" + metric + "\"\nkind = \"rate_of_change\"\nmetric = \"" + metric +
               "\"\nwindow = \"1m\"\nversus = \"14m\"\nyellow = { raise = \"> +" + std::to_string(limit) +
               "%\", clear = \"< +50%\" }\n";
    }
    return out;
}

/// One reading of every queue.
void feed_all(DaemonKit& kit) {
    constexpr int queues = 6000;
    constexpr int at_once = 60;
    for (int first = 0; first < queues; first += at_once) {
        const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
        std::string text = R"({"v":1,"source":"many","epoch":1,"seq":)" + std::to_string(++kit.seq) + R"(,"ts":)" + std::to_string(now) +
                           R"(,"queues":[)";
        for (int i = 0; i < at_once; ++i) {
            text += (i > 0 ? "," : "") + (R"({"centre":"north","queue":"q)" + std::to_string(first + i)) +
                    R"(","m":{"m1":1,"m2":2,"m3":3,"m4":4}})";
        }
        REQUIRE(kit.pusher->push(text + "]}"));
    }
}

long resident_kb(const Process& daemon) {
    std::ifstream in("/proc/" + std::to_string(daemon.pid()) + "/status");
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("VmRSS:")) {
            return std::stol(line.substr(6));
        }
    }
    return 0;
}

}  // namespace

TEST_CASE("app: edits of all rules, one after another, take no more memory each time", "[integration]") {
    DaemonKit kit;
    kit.write_config(windows_rule(100));
    Process& daemon = kit.start();
    kit.feed(1);
    feed_all(kit);
    const auto all_there = [&] { return kit.ctl({"status", "--json"}).out.find("\"series\":24001") != std::string::npos; };
    REQUIRE(eventually(all_there));
    long after_three = 0;
    for (int turn = 1; turn <= 8; ++turn) {
        feed_all(kit);
        kit.write_config(windows_rule(100 + turn));
        REQUIRE(kit.ctl({"reload"}).code == 0);
        after_three = turn == 3 ? resident_kb(daemon) : after_three;
    }
    // The answer comes before the memory goes back.
    const bool no_more = eventually([&] { return resident_kb(daemon) < after_three + after_three / 4; });
    CAPTURE(after_three, resident_kb(daemon));
    CHECK(no_more);
}

TEST_CASE("app: SIGHUP with a good configuration takes it; one with an error changes nothing and says why", "[integration]") {
    DaemonKit kit;
    Process& daemon = kit.start();

    kit.write_config(second_rule);
    daemon.signal(SIGHUP);
    REQUIRE(daemon.wait_for_err("event=reloaded", 30s));
    CHECK(kit.ctl({"status", "--json"}).out.find("\"rule\":\"second\"") != std::string::npos);

    kit.write_config("[[rule]]\nid = \"broken\"\n");
    daemon.signal(SIGHUP);
    REQUIRE(daemon.wait_for_err("event=reload_refused", 30s));
    const std::string status = kit.ctl({"status", "--json"}).out;
    CHECK(status.find("\"rule\":\"second\"") != std::string::npos);
    CHECK(status.find("\"reload_ok\":false") != std::string::npos);
    CHECK(status.find("surged.toml:") != std::string::npos);
}

TEST_CASE("app: surgectl reload tells what changed, or every error with exit 1", "[integration]") {
    DaemonKit kit;
    kit.start();
    kit.write_config(second_rule);
    const Finished good = kit.ctl({"reload"});
    CHECK(good.code == 0);
    CHECK(good.out.find("second: new") != std::string::npos);

    kit.write_config("[[rule]]\nid = \"broken\"\n");
    const Finished bad = kit.ctl({"reload"});
    CHECK(bad.code == 1);
    CHECK(bad.err.find("surged.toml:") != std::string::npos);
}

TEST_CASE("app: a reload in the middle of an incident keeps it and its people", "[integration]") {
    DaemonKit kit;
    Process& daemon = kit.start();
    REQUIRE(kit.feed_until(20, [&] { return kit.pages("first").size() == 3; }));
    REQUIRE(kit.ctl({"join", "--as", "lead-01"}).code == 0);

    kit.write_config(second_rule);
    daemon.signal(SIGHUP);
    REQUIRE(daemon.wait_for_err("event=reloaded", 30s));

    REQUIRE(kit.ctl({"join", "--as", "lead-02"}).code == 0);
    CHECK(kit.ctl({"incidents"}).out.find("filled") != std::string::npos);
    CHECK(kit.pages("first").size() == 3);
}

TEST_CASE("app: a changed listener is said to need a restart", "[integration]") {
    DaemonKit kit;
    Process& daemon = kit.start();
    kit.write_config("[ingest.limits]\nskew = \"30s\"\n");
    daemon.signal(SIGHUP);
    REQUIRE(daemon.wait_for_err("event=reloaded", 30s));
    CHECK(daemon.err().find("needs a restart") == std::string::npos);

    kit.write_config("[ingest.curve]\nsecret_key_file = \"none\"\n");
    daemon.signal(SIGHUP);
    REQUIRE(daemon.wait_for_err("needs a restart: [ingest]", 30s));
}

TEST_CASE("app: a change made while a reload is under way is taken, however close its signal follows", "[integration]") {
    DaemonKit kit;
    Process& daemon = kit.start();
    for (int delay_us : {0, 200, 500, 1000, 2000, 4000, 8000, 16000}) {
        for (int turn = 0; turn < 4; ++turn) {
            CAPTURE(delay_us, turn);
            kit.write_config(second_rule);
            daemon.signal(SIGHUP);
            std::this_thread::sleep_for(std::chrono::microseconds{delay_us});
            const auto from = daemon.err().size();
            kit.write_config("[ingest.curve]\nsecret_key_file = \"none\"\n");
            daemon.signal(SIGHUP);
            REQUIRE(daemon.wait_for_err("needs a restart: [ingest]", 30s, from));
        }
    }
}

TEST_CASE("app: reload takes new tokens and a new certificate, and one that cannot be read changes nothing", "[integration]") {
    DaemonKit kit;
    const TestCertificate first;
    const TestCertificate second;
    const auto copy = [&](const TestCertificate& from) {
        std::filesystem::copy_file(from.certificate(), kit.dir.file("cert.pem"), std::filesystem::copy_options::overwrite_existing);
        std::filesystem::copy_file(from.key(), kit.dir.file("key.pem"), std::filesystem::copy_options::overwrite_existing);
    };
    const auto tokens = [&](const std::string& text) {
        std::ofstream(kit.dir.file("tokens"), std::ios::trunc) << text;
        ::chmod(kit.dir.file("tokens").c_str(), 0600);
    };
    const std::string old_token = "dismissed-token-0001";
    const std::string new_token = "newcomers-token-0002";
    copy(first);
    tokens("admin " + old_token + "\n");
    std::string text = (std::ostringstream() << std::ifstream(kit.config).rdbuf()).str();
    text.replace(text.find("[http]\n"), 7, "[http]\ntoken_file = \"tokens\"\ntls_cert = \"cert.pem\"\ntls_key = \"key.pem\"\n");
    std::ofstream(kit.config, std::ios::trunc) << text;
    Process& daemon = kit.start();
    const auto status = [&](const std::string& token, const TestCertificate& trusted) {
        return run_program("/bin/sh", {"-c", "curl -s -o /dev/null -m 5 -w %{http_code} --cacert " + trusted.certificate() +
                                                 " -H 'Authorization: Bearer " + token + "' https://127.0.0.1:" +
                                                 std::to_string(kit.port("http")) + "/api/v1/status"},
                           kit.dir.path().string())
            .out;
    };
    CHECK(status(old_token, first) == "200");

    copy(second);
    tokens("admin " + new_token + "\n");
    daemon.signal(SIGHUP);
    REQUIRE(daemon.wait_for_err("event=reloaded", 30s));
    CHECK(daemon.err().find("needs a restart") == std::string::npos);
    CHECK(status(old_token, second) == "401");
    CHECK(status(new_token, second) == "200");
    CHECK(status(new_token, first) == "000");  // the old certificate is not shown any more

    tokens("admin " + old_token + "\n");
    std::filesystem::copy_file(first.key(), kit.dir.file("key.pem"), std::filesystem::copy_options::overwrite_existing);
    daemon.signal(SIGHUP);  // a key that is not the certificate's
    REQUIRE(daemon.wait_for_err("is not the key of tls_cert", 30s));
    CHECK(status(new_token, second) == "200");
    CHECK(status(old_token, second) == "401");

    copy(second);
    ::chmod(kit.dir.file("tokens").c_str(), 0644);
    daemon.signal(SIGHUP);
    REQUIRE(daemon.wait_for_err("others may read or write it", 30s));
    CHECK(status(new_token, second) == "200");
}
