// The shipped files of rules/examples/feeds against services that answer as their providers document, with their refusals.
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <set>

#include "core/base/encoding.hpp"
#include "poll_live_kit.hpp"
#include "support/document_server.hpp"

using namespace surged;
using namespace surged::test;

namespace {

const std::filesystem::path examples = std::filesystem::path(SURGED_SOURCE_DIR) / "rules/examples/feeds";
const std::filesystem::path documents = std::filesystem::path(SURGED_SOURCE_DIR) / "tests/support/feed_documents";

const std::map<std::string, std::string> secrets{{"connect.key-id", "AKIDEXAMPLE"},
                                                 {"connect.secret-key", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"},
                                                 {"genesys.client-id", "genesys-id"},
                                                 {"genesys.client-secret", "genesys-secret"},
                                                 {"twilio.sid", "ACaaaa"},
                                                 {"twilio.token", "twilio-token"},
                                                 {"zendesk.token", "zendesk-token"},
                                                 {"finesse.password", "finesse-password"},
                                                 {"3cx.client-id", "3cx-id"},
                                                 {"3cx.client-secret", "3cx-secret"},
                                                 {"vicidial.password", "vici-password"}};

std::string example_text(const std::string& name) {
    return text_of((examples / (name + ".toml")).string());
}

/// The example with its host replaced and asked every second, for otherwise the test takes minutes.
class ExampleRun {
public:
    explicit ExampleRun(const std::string& name) : server_(documents / name, times()) {
        for (const auto& [file, secret] : secrets) {
            std::ofstream(folder_.file(file)) << secret << "\n";
        }
        auto text = std::regex_replace(example_text(name), std::regex("\"https?://[^/\"]+"), "\"" + server_.url());
        text = std::regex_replace(text, std::regex("every = \"[0-9]+s\""), "every = \"1s\"");
        run_ = std::make_unique<RunningPoll>(folder_, text);
    }
    RunningPoll& run() { return *run_; }
    DocumentServer& server() { return server_; }

    void check_end() {
        CHECK(run_->end() == 0);
        CHECK(server_.strays() == std::vector<std::string>{});
        CHECK(server_.unused() == std::vector<std::string>{});
        for (const auto& [file, secret] : secrets) {
            CHECK((file.ends_with("-id") || file.ends_with(".sid") || run_->err().find(secret) == std::string::npos));
        }
    }

private:
    static std::map<std::string, std::string> times() {
        const auto now = wall_now_ms();
        const auto iso = [](std::int64_t ms) {
            return PollTemplate::parse("${now}").value().fill({ms, std::chrono::minutes{30}, nullptr}, {}).value();
        };
        return {{"NOW_S", std::to_string(now / 1000) + ".5"},
                {"NOW", iso(now)},
                {"LONG_AGO", iso(now - 300'000)},
                {"LONG_AGO_MS", std::to_string(now - 300'000)}};
    }

    TempFolder folder_;
    DocumentServer server_;
    std::unique_ptr<RunningPoll> run_;
};

std::string hmac(const std::string& key, const std::string& text) {
    unsigned char out[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         out, &size);
    return {reinterpret_cast<const char*>(out), size};
}

std::string sha256_hex(const std::string& text) {
    unsigned char out[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    EVP_Digest(text.data(), text.size(), out, &size, EVP_sha256(), nullptr);
    return to_hex(std::string_view(reinterpret_cast<const char*>(out), size));
}

std::string between(const std::string& text, const std::string& front, const std::string& back) {
    const auto from = text.find(front) + front.size();
    return text.substr(from, text.find(back, from) - from);
}

/// The signature that AWS computes of such a request (Signature Version 4), by its own account of what was signed.
std::string aws_signature(const SinkRequest& request, const std::string& secret) {
    const auto authorization = request.headers.at("authorization");
    const auto names = between(authorization, "SignedHeaders=", ",");
    const auto scope = between(authorization, "Credential=AKIDEXAMPLE/", ",");
    std::string canonical = request.method + "\n" + request.target + "\n\n";
    std::istringstream list(names);
    for (std::string name; std::getline(list, name, ';');) {
        canonical += name + ":" + request.headers.at(name) + "\n";
    }
    canonical += "\n" + names + "\n" + sha256_hex(request.body);
    const auto to_sign = "AWS4-HMAC-SHA256\n" + request.headers.at("x-amz-date") + "\n" + scope + "\n" + sha256_hex(canonical);
    std::string key = "AWS4" + secret;
    std::istringstream parts(scope);
    for (std::string part; std::getline(parts, part, '/');) {
        key = hmac(key, part);
    }
    return to_hex(std::string_view(hmac(key, to_sign)));
}

}  // namespace

TEST_CASE("feed examples: every shipped file passes its check, and says in its head how sure it is") {
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(examples)) {
        if (entry.path().extension() != ".toml") {
            continue;
        }
        INFO(entry.path().string());
        ++files;
        const auto loaded = load_poll_plan(entry.path().string());
        std::string findings;
        for (const auto& finding : loaded.findings) {
            findings += finding.text() + "\n";
        }
        CHECK(findings == "");
        CHECK(loaded.good);
        const auto text = text_of(entry.path().string());
        CHECK(text.find("# From ") != std::string::npos);
        CHECK(text.starts_with("# "));
    }
    CHECK(files == 9);
}

// They run side by side: each waits for the seconds that its service asks for.
TEST_CASE("feed examples: each service's answers become the metrics of its queues, past its throttles and errors") {
    ExampleRun connect("amazon-connect");
    ExampleRun genesys("genesys-cloud");
    ExampleRun twilio("twilio-taskrouter");
    ExampleRun zendesk("zendesk-talk");
    ExampleRun pbx("3cx");
    ExampleRun finesse("cisco-finesse");
    ExampleRun prometheus("prometheus");

    CHECK(connect.run().says(
        "jinan/general calls_waiting=7 callbacks_pending=1 agents_staffed=12 agents_available=0 agents_on_call=9 agents_wrapup=0 "
        "agents_aux=2 oldest_wait_s=24\n"));
    CHECK(connect.run().says("jinan/complaint calls_waiting=0 callbacks_pending=1 agents_staffed=3"));
    CHECK(connect.run().says("jinan/general calls_waiting=0 callbacks_pending=0 agents_staffed=0"));  // MetricResults = []
    CHECK(connect.run().says("jinan/general offered=0 answered=0 abandoned=0"));
    CHECK(connect.run().tells("event=ask_failed ask=current reason=\"127.0.0.1"));
    CHECK(connect.run().err().find("answers 429: {'message': 'Rate exceeded'}") == std::string::npos);  // quotes became blanks
    CHECK(connect.run().tells("event=ask_answered ask=current"));

    CHECK(genesys.run().says("jinan/general calls_waiting=5 agents_on_call=3 oldest_wait_s=30"));
    CHECK(genesys.run().says("jinan/general/callback calls_waiting=2 agents_on_call=0 oldest_wait_s=0\n"));
    CHECK(genesys.run().says("jinan/complaint calls_waiting=0"));
    CHECK(genesys.run().says("jinan/general agents_available=1 agents_staffed=4 agents_aux=2\n"));
    CHECK(genesys.run().says("jinan/general offered=0 answered=0 abandoned=0 wait_answered_s_sum=0\n"));
    CHECK(genesys.run().tells("answers 429:"));
    CHECK(genesys.run().parts().find("email") == std::string::npos);

    CHECK(twilio.run().says(
        "jinan/general calls_waiting=6 oldest_wait_s=75 agents_ringing=1 agents_on_call=3 agents_wrapup=0 agents_available=2 "
        "agents_aux=2 offered=0 answered=0 abandoned=0 wait_answered_s_sum=0\n"));
    CHECK(twilio.run().says("jinan/complaint calls_waiting=0"));
    CHECK(twilio.run().parts().find("WQff") == std::string::npos);

    CHECK(zendesk.run().says("jinan/talk calls_waiting=5 oldest_wait_s=120 callbacks_pending=2 agents_staffed=12\n"));
    CHECK(zendesk.run().says("jinan/talk offered=0 abandoned=0\n"));
    CHECK(zendesk.run().tells("answers 429: Rate limit exceeded"));

    CHECK(pbx.run().says("jinan/sales calls_waiting=2 oldest_wait_s=30"));
    CHECK(pbx.run().says("jinan/support calls_waiting=0 oldest_wait_s=0\n"));
    CHECK(pbx.run().says("jinan/sales offered=0 answered=0\n"));

    CHECK(
        finesse.run().says("jinan/Sales calls_waiting=3 agents_staffed=14 agents_available=1 agents_on_call=8 agents_wrapup=3 "
                           "agents_aux=2 oldest_wait_s=30"));
    CHECK(finesse.run().says(
        "jinan/Care & Co calls_waiting=0 agents_staffed=14 agents_available=5 agents_on_call=8 agents_wrapup=3 agents_aux=2 "
        "oldest_wait_s=0\n"));
    CHECK(finesse.run().tells("first=\"row 3: calls_waiting /statistics/callsInQueue: '-1' is negative\""));

    CHECK(prometheus.run().says("jinan/sales calls_waiting=4 agents_available=2 agents_staffed=7 offered=0\n"));
    CHECK(prometheus.run().says("jinan/care calls_waiting=0\n"));
    CHECK(prometheus.run().says("jinan/sales calls_waiting=4 offered=7\n"));

    for (auto* each : {&connect, &genesys, &twilio, &zendesk, &pbx, &finesse, &prometheus}) {
        each->check_end();
    }
    std::set<std::string> signatures;
    for (const auto& request : connect.server().requests()) {
        INFO(request.headers.at("authorization"));
        CHECK(between(request.headers.at("authorization") + "$", "Signature=", "$") ==
              aws_signature(request, secrets.at("connect.secret-key")));
        CHECK(request.headers.at("content-type") == "application/json");
    }
}

TEST_CASE("feed examples: --once of an example shows the provider's own sums") {
    DocumentServer server(documents / "zendesk-talk");
    TempFolder folder;
    std::ofstream(folder.file("zendesk.token")) << "zendesk-token\n";
    const auto text = std::regex_replace(example_text("zendesk-talk"), std::regex("\"https?://[^/\"]+"), "\"" + server.url());
    const auto first = poll_once(folder, text);
    CHECK(first.code == 1);  // the second ask was refused
    CHECK(first.parts == "jinan/talk calls_waiting=5 oldest_wait_s=120 callbacks_pending=2 agents_staffed=12\n");
    const auto second = poll_once(folder, text);
    CHECK(second.code == 0);
    CHECK(second.parts.find("jinan/talk offered=310 abandoned=21\n") != std::string::npos);
}

TEST_CASE("feed examples: Avaya CMS, an export that is written again and again") {
    TempFolder folder;
    const auto write = [&](const std::string& calls) {
        std::ofstream(folder.file("skills.new"))
            << "Split/Skill Status\r\n\r\n"
               "Split/Skill;Calls Waiting;Oldest Call Waiting;Agents Staffed;Agents Available;Agents on ACD Calls;Agents in "
               "ACW;Agents in AUX;ACD Calls;Aban Calls\r\n"
               "General Service;3;1:05;20;0;17;1;2;" +
                   calls + ";4\r\nComplaints;0;:00;5;4;1;0;0;12;0\r\n";
        std::filesystem::rename(folder.file("skills.new"), folder.file("skills.csv"));
    };
    write("100");
    auto text = std::regex_replace(example_text("avaya-cms"), std::regex("/srv/cms/skills.csv"), folder.file("skills.csv"));
    text = std::regex_replace(text, std::regex("every = \"10s\""), "every = \"1s\"");
    RunningPoll run(folder, text);
    CHECK(
        run.says("jinan/general calls_waiting=3 agents_staffed=20 agents_available=0 agents_on_call=17 agents_wrapup=1 "
                 "agents_aux=2 answered=0 abandoned=0 "
                 "offered=0 oldest_wait_s=65\n"));
    write("103");
    CHECK(run.says("answered=3 abandoned=0 offered=3 oldest_wait_s=65\n"));
    write("2");  // a new interval
    CHECK(run.says("answered=5 abandoned=0"));
    CHECK(run.end() == 0);
}
