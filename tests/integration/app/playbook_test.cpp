// The playbook against the real world: a subscriber on the PUB socket, an HTTP sink, a command; done once, undone once, killed
// between.
#include <array>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <fstream>

#include <zmq.h>

#include "support/catch.hpp"
#include "support/daemon_kit.hpp"
#include "support/http_client.hpp"
#include "wire/json_text.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {

/// What the playbook publishes, as (topic, JSON).
class Listener {
public:
    explicit Listener(const std::string& endpoint) : context_(zmq_ctx_new()), socket_(zmq_socket(context_, ZMQ_SUB)) {
        const int linger = 0;
        zmq_setsockopt(socket_, ZMQ_LINGER, &linger, sizeof linger);
        for (const std::string topic : {"action.", "silence."}) {
            zmq_setsockopt(socket_, ZMQ_SUBSCRIBE, topic.data(), topic.size());
        }
        REQUIRE(zmq_connect(socket_, endpoint.c_str()) == 0);
    }
    ~Listener() {
        zmq_close(socket_);
        zmq_ctx_term(context_);
    }
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    /// A subscription takes a moment to reach the publisher: asks for something to be published until it is heard.
    bool connected(DaemonKit& kit) {
        return eventually([&] {
            const auto said = kit.ctl({"silence", "--rule", "other", "--for", "1m", "--reason", "test", "--as", "boss"});
            INFO(said.out << said.err << kit.address("publish"));
            CHECK(said.code == 0);
            heard();
            return silences_ > 0;
        });
    }
    /// What the playbook published so far.
    const std::vector<std::pair<std::string, std::string>>& heard() {
        std::array<char, 65536> bytes{};
        for (int n = 0; (n = zmq_recv(socket_, bytes.data(), bytes.size(), ZMQ_DONTWAIT)) >= 0;) {
            const std::string topic(bytes.data(), static_cast<std::size_t>(n));
            n = zmq_recv(socket_, bytes.data(), bytes.size(), 0);
            REQUIRE(n >= 0);
            if (topic.starts_with("silence.")) {
                ++silences_;
            } else {
                heard_.emplace_back(topic, std::string(bytes.data(), std::min(static_cast<std::size_t>(n), bytes.size())));
            }
        }
        return heard_;
    }

private:
    void* context_;
    void* socket_;
    int silences_ = 0;
    std::vector<std::pair<std::string, std::string>> heard_;
};

JsonValue json_of(const std::string& text) {
    auto value = parse_json(text, {std::size_t{1} << 20U, 16, 100000});
    REQUIRE(value);
    return *value;
}

/// The doings or undoings of one action that the sink got.
std::vector<SinkRequest> steps(const DaemonKit& kit, const std::string& action, bool undo) {
    std::vector<SinkRequest> out;
    const auto head = "\"type\":\"action\",\"action\":\"" + action + "\",\"undo\":" + (undo ? "true" : "false");
    for (SinkRequest& request : kit.sink.requests()) {
        if (request.body.find(head) != std::string::npos) {
            out.push_back(std::move(request));
        }
    }
    return out;
}

std::string file_text(const std::string& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
}

const std::string hook_action = R"([[policy.action]]
id = "campaign"
tier = "leads"
do = "hook"
params = { campaign = "callback-7" }
undo = true
)";

}  // namespace

TEST_CASE("app: the playbook is published, posted and run when its moment comes, and undone when the surge is over",
          "[integration]") {
    DaemonKit kit;
    const auto written = kit.dir.file("written");
    const auto script = kit.dir.file("script");
    std::ofstream(script) << "#!/bin/sh\n{ echo \"$SURGED_ACTION undo=$SURGED_UNDO key=$SURGED_PAGE\"; cat; } >> " << written
                          << "\n";
    REQUIRE(::system(("chmod +x " + script).c_str()) == 0);
    kit.write_config(
        "[[policy.action]]\nid = \"announce\"\nlevel = \"yellow\"\ndo = \"publish\"\nparams = { announcement = \"A17\" }\n"
        "undo = { announcement = \"A01\" }\n" +
        hook_action +
        "[[policy.action]]\nid = \"overflow\"\ntier = \"supervisors\"\ndo = \"script\"\nparams = { centre = \"qingdao\" }\nundo "
        "= true\n"
        "[[channel]]\nid = \"script\"\ntype = \"exec\"\ncommand = [\"" +
        script + "\"]\n");
    kit.start();
    Listener listener(kit.address("publish"));
    REQUIRE(listener.connected(kit));

    REQUIRE(kit.feed_until(20, [&] { return steps(kit, "campaign", false).size() == 1; }));
    REQUIRE(eventually([&] { return listener.heard().size() == 1; }));
    CHECK(listener.heard()[0].first == "action.announce");
    const auto done = json_of(listener.heard()[0].second);
    CHECK(done.text_or("type", "") == "action");
    CHECK(done.find("params")->text_or("announcement", "") == "A17");
    CHECK_FALSE(*done.find("undo")->boolean());
    CHECK(file_text(written).empty());  // the supervisors have not been called

    REQUIRE(kit.ctl({"escalate", "0-1", "--reason", "test"}).code == 0);
    REQUIRE(kit.feed_until(20, [&] { return file_text(written).find("overflow undo=0") != std::string::npos; }));
    CHECK(eventually([&] { return file_text(written).find("\"params\":{\"centre\":\"qingdao\"}") != std::string::npos; }));
    // announce, campaign and overflow, each with what became of it.
    CHECK(eventually([&] {
        const auto shown = kit.ctl({"show", "0-1"}).out;
        std::size_t done_steps = 0;
        for (auto at = shown.find("do done"); at != std::string::npos; at = shown.find("do done", at + 1)) {
            ++done_steps;
        }
        return shown.find("overflow") != std::string::npos && done_steps == 3;
    }));
    std::string page;
    CHECK(eventually([&] {
        page = http(kit.port("metrics"), "GET", "/metrics").body;
        return page.find("surged_actions_total{policy=\"surge\",action=\"overflow\",step=\"do\",outcome=\"done\"} 1") !=
               std::string::npos;
    }));

    REQUIRE(kit.feed_until(1, [&] {
        return listener.heard().size() == 2 && steps(kit, "campaign", true).size() == 1 &&
               file_text(written).find("overflow undo=1") != std::string::npos;
    }));
    const auto undone = json_of(listener.heard()[1].second);
    CHECK(*undone.find("undo")->boolean());
    CHECK(undone.find("params")->text_or("announcement", "") == "A01");
    CHECK(undone.text_or("key", "x") != done.text_or("key", "x"));
    const auto posted = steps(kit, "campaign", false)[0];
    const auto taken_back = steps(kit, "campaign", true)[0];
    CHECK(posted.headers.at("idempotency-key") != taken_back.headers.at("idempotency-key"));
    CHECK(eventually([&] { return kit.ctl({"incidents"}).out == "no open incidents\n"; }));

    const auto told = kit.ctl({"show", "0-1", "--timeline", "--json"}).out;
    for (const char* type : {"\"type\":\"action.queued\"", "\"type\":\"action.sending\"", "\"type\":\"action.done\""}) {
        CHECK(told.find(type) != std::string::npos);
    }
    CHECK(steps(kit, "campaign", false).size() == 1);
    CHECK(steps(kit, "campaign", true).size() == 1);
}

TEST_CASE("app: killed while the sink hangs on a doing, it is done again under the same key and undone once", "[integration]") {
    std::atomic<bool> hang = true;  // before the kit: its sink's threads read it to the end
    DaemonKit kit;
    kit.write_config(hook_action);
    SinkAnswer hung;
    hung.manner = SinkAnswer::Manner::hang;
    kit.sink.script([&hang, hung](const SinkRequest& request) {
        return hang && request.body.find("\"type\":\"action\"") != std::string::npos ? hung : SinkAnswer{};
    });
    kit.start();
    REQUIRE(kit.feed_until(20, [&] { return steps(kit, "campaign", false).size() == 1; }));
    kit.daemon->signal(SIGKILL);
    REQUIRE(kit.daemon->wait(5s) == 128 + SIGKILL);
    hang = false;
    kit.start();
    REQUIRE(kit.feed_until(20, [&] { return steps(kit, "campaign", false).size() == 2; }));
    const auto done = steps(kit, "campaign", false);
    CHECK(done[0].headers.at("idempotency-key") == done[1].headers.at("idempotency-key"));
    CHECK(done[1].body.find("\"repeat\":true") != std::string::npos);
    REQUIRE(kit.feed_until(1, [&] { return kit.ctl({"incidents"}).out == "no open incidents\n"; }));
    CHECK(steps(kit, "campaign", true).size() == 1);
}
