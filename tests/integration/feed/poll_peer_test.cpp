// Services that misbehave: each costs its own ask only, is told in one line, and is asked again.
#include <csignal>
#include <list>

#include "poll_live_kit.hpp"
#include "support/free_port.hpp"
#include "support/http_sink.hpp"
#include "support/process.hpp"
#include "support/test_certificate.hpp"

using namespace surged;
using namespace surged::test;

namespace {

const std::string good = R"({"q":[{"n":"sales","w":3,"o":100}]})";

std::string ask_of(const HttpSink& sink, const std::string& more = "") {
    return "[feed]\ncentre = \"jinan\"\n[[ask]]\nid = \"a\"\nevery = \"1s\"\ntimeout = \"500ms\"\nurl = \"" + sink.url("/q") +
           "\"\nrows = \"/q\"\nqueue_from = \"/n\"\ngauges = { calls_waiting = \"/w\" }\n" + more;
}

SinkAnswer answer(int status, std::string body, SinkAnswer::Manner manner = SinkAnswer::Manner::normal,
                  std::vector<std::string> headers = {}) {
    SinkAnswer out;
    out.status = status;
    out.body = std::move(body);
    out.manner = manner;
    out.headers = std::move(headers);
    return out;
}

std::size_t lines_with(const std::string& text, const std::string& part) {
    std::size_t n = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
        ++n;
    }
    return n;
}

}  // namespace

// Side by side: each waits for a timeout or a second ask.
TEST_CASE("feed poll: hangs, drips, resets, torn and endless answers: one line, and the feed goes on by itself") {
    using Manner = SinkAnswer::Manner;
    struct Bad {
        const char* what;
        SinkAnswer answer;
        const char* says;
        TempFolder folder{};
        HttpSink sink{};
        std::unique_ptr<RunningPoll> run{};
    };
    std::list<Bad> all;
    const auto add = [&](const char* what, const SinkAnswer& bad, const char* says) {
        auto& it = all.emplace_back(what, bad, says);
        std::ofstream(it.folder.file("token")) << "secret-token\n";
        it.sink.always(answer(200, good));
        it.sink.next(bad);
        it.run = std::make_unique<RunningPoll>(
            it.folder, ask_of(it.sink, "size_max_mib = 1\nheaders = { Authorization = \"Bearer ${file:token}\" }\n"));
    };
    add("hang", answer(200, "", Manner::hang), "no answer");
    add("slow head", answer(200, good, Manner::drip_headers), "no answer");
    add("slow body", answer(200, std::string(200, ' ') + good, Manner::drip), "no answer");
    add("closes", answer(200, "", Manner::close_silently), "no answer");
    add("half", answer(200, good.substr(0, 10), Manner::close_after_headers), "no answer");
    add("reset", answer(200, "", Manner::reset), "no answer");
    add("endless", answer(200, "", Manner::endless), "longer than 1048576 bytes");
    add("torn", answer(200, good.substr(0, 20)), "is not JSON");
    add("html", answer(200, "<html>login</html>"), "is not JSON");
    add("error", answer(500, "token=secret-token of host"), "answers 500: token=*** of host");
    add("moved", answer(302, "", Manner::normal, {"Location: http://elsewhere.example/"}), "redirects are not followed");
    for (auto& it : all) {
        INFO(it.what);
        CHECK(it.run->says("jinan/sales calls_waiting=3\n"));
        CHECK(it.run->tells("event=ask_answered ask=a"));
        CHECK(it.run->end() == 0);
        CHECK(it.run->err().find(it.says) != std::string::npos);
        CHECK(it.run->err().find("secret-token") == std::string::npos);
        CHECK(lines_with(it.run->err(), "event=ask_failed") == 1);
    }
}

TEST_CASE("feed poll: an ask that hangs does not hold another, and a stop does not wait for it") {
    TempFolder folder;
    HttpSink slow;
    slow.always(answer(200, "", SinkAnswer::Manner::hang));
    HttpSink sink;
    sink.always(answer(200, good));
    auto text = ask_of(sink);
    text += "[[ask]]\nid = \"b\"\nevery = \"1s\"\ntimeout = \"1m\"\nurl = \"" + slow.url("/") +
            "\"\nqueue = \"x\"\ngauges = { calls_waiting = \"/w\" }\n";
    RunningPoll run(folder, text);
    CHECK(eventually([&] { return lines_with(run.parts(), "jinan/sales") >= 3; }));
    const auto begin = steady_now_ms();
    CHECK(run.end() == 0);
    CHECK(steady_now_ms() - begin < 5000);
}

TEST_CASE("feed poll: a metric that no row has is told once, for a slip in its path would be zeros for ever") {
    TempFolder folder;
    HttpSink sink;
    sink.always(answer(200, good));
    const auto once = poll_once(
        folder, ask_of(sink, "[[ask.metric]]\nname = \"agents_available\"\nvalue = \"/agents/redy\"\nidle = \"zeros\"\n"));
    CHECK(once.code == 0);
    CHECK(once.err == "event=ask_without ask=a metric=agents_available reason=\"no row has it so far\" path=\"/agents/redy\"\n");
}

TEST_CASE("feed poll: Retry-After is kept, and a trouble that lasts is told once a minute") {
    TempFolder folder;
    HttpSink sink;
    sink.always(answer(503, "later", SinkAnswer::Manner::normal, {"Retry-After: 3"}));
    RunningPoll run(folder, ask_of(sink));
    REQUIRE(sink.wait_for(2, std::chrono::seconds{10}));
    const auto requests = sink.requests();
    CHECK(requests[1].first_byte - requests[0].whole >= std::chrono::milliseconds{2900});
    run.end();
    CHECK(lines_with(run.err(), "event=ask_failed") == 1);
    CHECK(run.parts().empty());
}

TEST_CASE("feed poll: pages end at their bound, at a page named twice, and at another host") {
    TempFolder folder;
    HttpSink sink;
    const auto page = [&](const std::string& next) { return answer(200, R"({"q":[{"n":"s","w":1}],"next":")" + next + "\"}"); };
    sink.always(page("same"));
    auto once = poll_once(folder, ask_of(sink, "page = { next = \"/next\", query = \"p\" }\n"));
    CHECK(once.err.find("names the same next page twice") != std::string::npos);
    CHECK(once.parts.empty());
    CHECK(sink.requests().at(1).target == "/q?p=same");

    sink.script([n = 0, &page](const SinkRequest&) mutable { return page("a b" + std::to_string(++n)); });
    once = poll_once(folder, ask_of(sink, "page = { next = \"/next\", query = \"p\", max = 3 }\n"));
    CHECK(once.err.find("more than 3 pages") != std::string::npos);
    CHECK(sink.requests().back().target == "/q?p=a%20b2");

    sink.always(page("http://evil.example/q"));
    once = poll_once(folder, ask_of(sink, "page = { next = \"/next\" }\n"));
    CHECK(once.err.find("the next page is on another host: evil.example") != std::string::npos);

    sink.script([&page](const SinkRequest& request) {
        return request.target == "/q" ? page("/q2") : answer(200, R"({"q":[{"n":"t","w":2}],"next":null})");
    });
    once = poll_once(folder, ask_of(sink, "page = { next = \"/next\" }\n"));
    CHECK(once.code == 0);
    CHECK(once.parts == "jinan/s calls_waiting=1\njinan/t calls_waiting=2\n");
}

TEST_CASE(
    "feed poll: OAuth: one token for all asks, a new one when it ends, a refusal in the server's words without the secret") {
    TempFolder folder;
    std::ofstream(folder.file("id")) << "me\n";
    std::ofstream(folder.file("secret")) << "s3cret-value\n";
    HttpSink sink;
    std::atomic<int> tokens{0};
    sink.script([&](const SinkRequest& request) {
        if (request.target == "/token") {
            ++tokens;
            return answer(200, R"({"access_token":"t)" + std::to_string(tokens) + R"(","expires_in":2})");
        }
        return answer(request.headers.at("authorization").starts_with("Bearer t") ? 200 : 401, good);
    });
    const auto oauth = "[oauth.x]\nurl = \"" + sink.url("/token") +
                       "\"\nclient_id_file = \"id\"\nclient_secret_file = \"secret\"\nscope = \"a b\"\n";
    {
        RunningPoll run(folder, oauth + ask_of(sink, "oauth = \"x\"\n"));
        CHECK(eventually([&] { return lines_with(run.parts(), "jinan/sales") >= 4; }));
        CHECK(run.end() == 0);
    }
    CHECK(tokens.load() >= 2);
    CHECK(tokens.load() <= 3);
    const auto first = sink.requests().at(0);
    CHECK(first.body == "grant_type=client_credentials&scope=a%20b");
    CHECK(first.headers.at("authorization") == "Basic bWU6czNjcmV0LXZhbHVl");
    sink.always(answer(401, R"({"error":"invalid_client","sent":"s3cret-value"})"));
    const auto once = poll_once(folder, oauth + ask_of(sink, "oauth = \"x\"\n"));
    CHECK(once.err.find("no token: 127.0.0.1") != std::string::npos);
    CHECK(once.err.find("invalid_client") != std::string::npos);
    CHECK(once.err.find("s3cret-value") == std::string::npos);
}

TEST_CASE("feed poll: HTTPS: a certificate is checked against `ca_file`, and one that has expired is refused") {
    if (!std::filesystem::exists("/usr/bin/openssl")) {
        WARN("no openssl here: TLS is not tried");
        return;
    }
    TempFolder folder;
    std::ofstream(folder.file("q")) << good;
    const auto serve = [&](const TestCertificate& certificate, int port) {
        // The web server of s_server gives out the files of the folder it stands in.
        const auto command = "cd " + folder.file("") + " && exec openssl s_server -accept 127.0.0.1:" + std::to_string(port) +
                             " -cert " + certificate.certificate() + " -key " + certificate.key() + " -WWW";
        return std::make_unique<Process>("/bin/sh", std::vector<std::string>{"-c", command}, folder.file("tls"));
    };
    const auto ask = [&](int port, const std::string& more) {
        return "[[ask]]\nid = \"a\"\nurl = \"https://127.0.0.1:" + std::to_string(port) +
               "/q\"\nrows = \"/q\"\nqueue_from = \"/n\"\ngauges = { calls_waiting = \"/w\" }\n" + more;
    };
    const TestCertificate valid;
    const TestCertificate expired(-7200, -3600);
    const int port = free_port();
    auto server = serve(valid, port);
    const auto trusting = ask(port, "ca_file = \"" + valid.certificate() + "\"\n");
    CHECK(eventually([&] { return poll_once(folder, trusting).parts == "main/sales calls_waiting=3\n"; }));
    CHECK(poll_once(folder, ask(port, "")).err.find("certificate") != std::string::npos);
    const int other = free_port();
    server = serve(expired, other);
    const auto told = [&] { return poll_once(folder, ask(other, "ca_file = \"" + expired.certificate() + "\"\n")).err; };
    CHECK(eventually([&] { return told().find("expired") != std::string::npos; }));
}

TEST_CASE("feed poll: two daemons get the same messages, of one source, epoch and sequence") {
    TempFolder folder;
    HttpSink sink;
    sink.always(answer(200, good));
    Receiver one;
    Receiver two;
    PollOptions options;
    options.file = folder.file("feed.toml");
    options.live.to = {one.endpoint(), two.endpoint()};
    std::ofstream(options.file) << ask_of(sink);
    std::atomic<bool> stop{false};
    std::ostringstream out;
    std::ostringstream err;
    int code = -1;
    std::thread thread([&] { code = run_feed_poll(options, out, err, stop); });
    for (auto* daemon : {&one, &two}) {
        CHECK(daemon->until([](const auto& got) { return got.size() >= 2; }));
        CHECK(daemon->refused == 0);
    }
    stop = true;
    thread.join();
    CHECK(code == 0);
    CHECK(one.got[0].m.at("calls_waiting") == 3);
    CHECK(one.got[1].seq == one.got[0].seq + 1);
    CHECK(one.got[0].epoch == two.got[0].epoch);
    CHECK(one.got[0].seq == two.got[0].seq);
    CHECK(one.got[0].source == two.got[0].source);
    CHECK(std::abs(one.got[0].ts_ms - one.got[0].arrival_ms) < 3000);
}

TEST_CASE("feed poll: counters go on over a kill -9, and an old state begins a new epoch") {
    TempFolder folder;
    HttpSink sink;
    std::atomic<int> offered{100};
    sink.script(
        [&](const SinkRequest&) { return answer(200, R"({"q":[{"n":"s","o":)" + std::to_string(offered.load()) + "}]}"); });
    const auto text =
        "[feed]\ncentre = \"jinan\"\nsource = \"x\"\nstate = \"state\"\nresume_within = \"5s\"\n[[ask]]\nid = \"a\"\nevery = "
        "\"1s\"\nurl = \"" +
        sink.url("/q") + "\"\nrows = \"/q\"\nqueue_from = \"/n\"\ncounters = { offered = \"/o\" }\n";
    std::ofstream(folder.file("feed.toml")) << text;
    const auto start = [&](const char* log) {
        return std::make_unique<Process>(std::string(SURGED_BIN_DIR) + "/surgectl",
                                         std::vector<std::string>{"feed", "poll", folder.file("feed.toml"), "--to", "-"},
                                         folder.file(log));
    };
    const auto epoch_of = [](const Process& run) { return run.out().substr(0, run.out().find("\"seq\"")); };
    const auto one = start("one");
    CHECK(eventually([&] { return one->out().find("\"offered\":0") != std::string::npos; }));
    offered = 107;
    CHECK(eventually([&] { return one->out().find("\"offered\":7") != std::string::npos; }));
    std::this_thread::sleep_for(std::chrono::milliseconds{300});  // the state is written after the line
    one->signal(SIGKILL);
    CHECK(one->wait(std::chrono::seconds{5}) == 128 + SIGKILL);
    offered = 110;
    const auto two = start("two");
    CHECK(eventually([&] { return two->out().find("\"offered\":10") != std::string::npos; }));
    CHECK(epoch_of(*one) == epoch_of(*two));
    two->signal(SIGTERM);
    CHECK(two->wait(std::chrono::seconds{5}) == 0);
    std::this_thread::sleep_for(std::chrono::milliseconds{5200});
    const auto three = start("three");
    CHECK(eventually([&] { return three->out().find("\"offered\":0") != std::string::npos; }));
    CHECK(epoch_of(*three) != epoch_of(*one));
    CHECK(three->err().find("counters begin anew") != std::string::npos);
}
