// The webhook against a real server that behaves as sinks do: well, badly, late, torn, not at all.
#include <arpa/inet.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <ctime>
#include <fstream>
#include <thread>

#include "courier_kit.hpp"
#include "channels/reply.hpp"
#include "channels/signature.hpp"
#include "io/http/http_listener.hpp"
#include "support/temp_dir.hpp"
#include "support/free_port.hpp"
#include "support/test_certificate.hpp"
#include "wire/order_json.hpp"

using namespace surged;
using namespace surged::test;
using Manner = SinkAnswer::Manner;

namespace {

std::string http_date(std::time_t at) {
    std::tm parts{};
    ::gmtime_r(&at, &parts);
    char text[64];
    std::strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    return text;
}

/// A server that takes whatever is posted, and counts it.
struct CountingService final : HttpService {
    Step admit(const RequestHead& /*head*/) override {
        Step step;
        step.admitted.wants_body = true;
        return step;
    }
    HttpResponse handle(const Step& /*step*/, const RequestHead& /*head*/, std::string_view /*body*/) override {
        ++taken;
        return {};
    }
    std::atomic<int> taken{0};
};

SinkAnswer in_manner(Manner manner, int status = 200) {
    SinkAnswer answer;
    answer.manner = manner;
    answer.status = status;
    return answer;
}

struct Sent {
    HttpSink sink;
    CourierKit kit;
    Sent() { kit.configure({webhook_spec("hook", sink.url("/page"))}); }
    SendOutcome send(const std::string& page, milliseconds timeout = 5000ms) {
        return kit.send(order_for(page, "hook", timeout)).outcome;
    }
};

}  // namespace

TEST_CASE("signature: RFC 4231 and a vector made by the openssl command", "[integration]") {
    CHECK(hmac_sha256_hex(Secret("Jefe"), "what do ya want for nothing?") ==
          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    // printf '%s' '1795330800.{"v":1,"text":"班组长"}' | openssl dgst -sha256 -hmac 'k3y with blanks'
    CHECK(hmac_sha256_hex(Secret("k3y with blanks"), "1795330800.{\"v\":1,\"text\":\"班组长\"}") ==
          "2c8bd6f1e934ff6f8d7a9c647ad6ba26c27d053f7e80eb88989b230b0a389fa9");
}

TEST_CASE("webhook: a page arrives whole, with key, attempt, time and signature", "[integration]") {
    const TempDir dir;
    std::ofstream(dir.file("hook.key")) << "top secret key\n";
    HttpSink sink;
    CourierKit kit;
    auto spec = webhook_spec("hook", sink.url("/page?x=1"));
    spec.settings["secret_file"] = "hook.key";
    REQUIRE(kit.configure({spec}, dir.path().string()).empty());
    auto order = order_for("0-17/1/lead-01/hook/first/1", "hook");
    order.attempt = 3;

    const auto landed = kit.send(order);

    CHECK(landed.outcome.outcome == OutcomeClass::ok);
    CHECK(landed.outcome.page == order.page);
    CHECK(landed.outcome.attempt == 3);
    CHECK(landed.outcome.detail == "HTTP 200");
    REQUIRE(sink.count() == 1);
    const auto request = sink.requests().front();
    CHECK(request.method == "POST");
    CHECK(request.target == "/page?x=1");
    CHECK(request.body == encode(order));
    CHECK(request.headers.at("content-type") == "application/json; charset=utf-8");
    CHECK(request.headers.at("idempotency-key") == order.page);
    CHECK(request.headers.at("x-surged-attempt") == "3");
    CHECK(request.headers.count("expect") == 0);
    const std::string stamp = request.headers.at("x-surged-timestamp");
    CHECK(std::abs(std::stoll(stamp) - static_cast<long long>(std::time(nullptr))) <= 5);
    CHECK(request.headers.at("x-surged-signature") ==
          "sha256=" + hmac_sha256_hex(Secret("top secret key"), stamp + "." + request.body));
    // The first byte left after it was submitted and before it was seen.
    CHECK(landed.timing.first_byte >= landed.timing.submitted);
    CHECK(landed.timing.first_byte <= landed.timing.finished);
    CHECK(landed.timing.first_byte - request.first_byte < 50ms);
}

TEST_CASE("webhook: a page key of any bytes is one header and nothing more", "[integration]") {
    Sent sent;
    sent.send("0-1/1/班组长/hook\r\nX-Evil: 1/first/1 %");
    const auto request = sent.sink.requests().front();
    CHECK(request.headers.count("x-evil") == 0);
    CHECK(request.headers.at("idempotency-key") == "0-1/1/%E7%8F%AD%E7%BB%84%E9%95%BF/hook%0D%0AX-Evil:%201/first/1%20%25");
    CHECK(request.headers.count("x-surged-signature") == 0);  // no secret, no signature
}

TEST_CASE("webhook: every status has its class", "[integration]") {
    const std::map<OutcomeClass, std::vector<int>> expected = {
        {OutcomeClass::ok, {200, 201, 202, 204, 299}},
        {OutcomeClass::retry, {408, 425, 429, 500, 502, 503, 504, 520, 599}},
        {OutcomeClass::config_error, {300, 301, 302, 307, 308, 399, 401, 403, 404, 405, 407, 410, 421, 501, 505, 511}},
        {OutcomeClass::reject, {400, 402, 406, 409, 413, 415, 422, 451, 499}},
        {OutcomeClass::unknown, {600, 999}},
    };
    Sent sent;
    for (const auto& [outcome, statuses] : expected) {
        for (const int status : statuses) {
            auto answer = in_manner(Manner::normal, status);
            answer.headers = {"Location: " + sent.sink.url("/elsewhere")};
            answer.body = status == 204 ? "" : "because";
            sent.sink.next(answer);
            const auto got = sent.send("p" + std::to_string(status));
            INFO("status " << status << ": " << to_string(got.outcome) << ", " << got.detail);
            CHECK(got.outcome == outcome);
            CHECK(got.detail.find("HTTP " + std::to_string(status)) == 0);
        }
    }
    for (const auto& request : sent.sink.requests()) {
        CHECK(request.target == "/page");  // no redirect was followed
    }
}

TEST_CASE("webhook: Retry-After is honoured in both forms and bounded", "[integration]") {
    Sent sent;
    const auto asked = [&](const std::string& value, int status = 503) {
        auto answer = in_manner(Manner::normal, status);
        answer.headers = {"Retry-After: " + value};
        sent.sink.next(answer);
        return sent.send("p").retry_after;
    };
    CHECK(asked("7") == Span{7000});
    CHECK(asked("7", 429) == Span{7000});
    CHECK(asked("600") == Span{600000});
    CHECK(asked("601") == Span{600000});
    CHECK(asked("99999999999999") == Span{600000});
    CHECK(asked("0") == Span{0});
    CHECK(asked("-5") == Span{0});
    CHECK(asked("soon") == Span{0});
    const auto dated = asked(http_date(std::time(nullptr) + 60));
    CHECK(dated > Span{50000});
    CHECK(dated <= Span{61000});
    CHECK(asked(http_date(std::time(nullptr) - 60)) == Span{0});
    CHECK(asked(http_date(std::time(nullptr) + 86400)) == Span{600000});
    CHECK(asked("7", 200) == Span{0});
    CHECK(asked("7", 404) == Span{0});
}

TEST_CASE("webhook: a sink that was never reached is channel_down, and no byte left", "[integration]") {
    CourierKit kit;
    kit.configure({webhook_spec("refused", "http://127.0.0.1:" + std::to_string(free_port()) + "/"),
                   webhook_spec("nameless", "http://no-such-host.invalid/")});
    for (const std::string channel : {"refused", "nameless"}) {
        const auto landed = kit.send(order_for("p-" + channel, channel, 3000ms));
        INFO(landed.outcome.detail);
        CHECK(landed.outcome.outcome == OutcomeClass::channel_down);
        CHECK(landed.timing.first_byte == SendTiming::Time{});
    }
}

TEST_CASE("webhook: silence or loss after the whole page was sent is unknown", "[integration]") {
    Sent sent;
    SECTION("hang") {
        sent.sink.next(in_manner(Manner::hang));
        const auto got = sent.send("p", 150ms);
        CHECK(got.outcome == OutcomeClass::unknown);
        CHECK(got.detail.find("timeout after") == 0);
    }
    SECTION("an answer that comes too late") {
        auto late = in_manner(Manner::normal);
        late.delay = 2s;
        sent.sink.next(late);
        CHECK(sent.send("p", 150ms).outcome == OutcomeClass::unknown);
    }
    SECTION("a status line that drips") {
        sent.sink.next(in_manner(Manner::drip_headers));
        CHECK(sent.send("p", 150ms).outcome == OutcomeClass::unknown);
    }
    SECTION("closed without a word") {
        sent.sink.next(in_manner(Manner::close_silently));
        CHECK(sent.send("p").outcome == OutcomeClass::unknown);
    }
    SECTION("reset") {
        sent.sink.next(in_manner(Manner::reset));
        CHECK(sent.send("p").outcome == OutcomeClass::unknown);
    }
    SECTION("lost on a kept connection: the library must not send it again by itself") {
        for (const Manner manner : {Manner::reset, Manner::close_silently}) {
            CHECK(sent.send("before").outcome == OutcomeClass::ok);
            sent.sink.next(in_manner(manner));
            const std::size_t seen = sent.sink.count();
            CHECK(sent.send("p").outcome == OutcomeClass::unknown);
            CHECK(sent.sink.count() == seen + 1);
            CHECK(sent.sink.requests().back().connection == sent.sink.requests()[seen - 1].connection);
        }
    }
    CHECK(sent.send("next one").outcome == OutcomeClass::ok);
}

TEST_CASE("webhook: a page of which only a part left is channel_down: the sink cannot have acted on it", "[integration]") {
    Sent sent;
    auto order = order_for("p", "hook");
    order.text.assign(std::size_t{24} << 20U, 'x');  // more than any socket buffer takes
    SECTION("reset in the middle") {
        sent.sink.next(in_manner(Manner::reset_early));
        const auto landed = sent.kit.send(order);
        INFO(landed.outcome.detail);
        CHECK(landed.outcome.outcome == OutcomeClass::channel_down);
        CHECK(landed.timing.first_byte != SendTiming::Time{});
    }
    SECTION("large pages pass whole otherwise") {
        order.timeout = 20s;
        CHECK(sent.kit.send(order).outcome.outcome == OutcomeClass::ok);
        CHECK((sent.sink.requests().back().body == encode(order)));
    }
}

TEST_CASE("webhook: the status line is the sink's word, whatever becomes of the body", "[integration]") {
    Sent sent;
    SECTION("closed before the promised body") {
        sent.sink.next(in_manner(Manner::close_after_headers, 200));
        CHECK(sent.send("p").outcome == OutcomeClass::ok);
        sent.sink.next(in_manner(Manner::close_after_headers, 503));
        CHECK(sent.send("q").outcome == OutcomeClass::retry);
    }
    SECTION("a body that drips beyond the time limit") {
        auto drip = in_manner(Manner::drip, 202);
        drip.body.assign(1000, 'x');
        sent.sink.next(drip);
        CHECK(sent.send("p", 200ms).outcome == OutcomeClass::ok);
    }
    SECTION("a body without end is cut at 64 KiB") {
        sent.sink.next(in_manner(Manner::endless, 400));
        const auto got = sent.send("p");
        CHECK(got.outcome == OutcomeClass::reject);
        CHECK(got.detail.size() < 1000);
    }
    SECTION("hostile bytes in the answer stay out of the detail") {
        auto answer = in_manner(Manner::normal, 422);
        answer.body = std::string("bad\r\nevent=fake\0\x1b[31m \xff\xfe", 27);
        sent.sink.next(answer);
        const auto detail = sent.send("p").detail;
        CHECK(detail.find('\n') == std::string::npos);
        CHECK(detail.find('\x1b') == std::string::npos);
        CHECK(detail.find("bad event=fake") != std::string::npos);
    }
}

TEST_CASE("webhook: TLS that cannot be agreed is a configuration error", "[integration]") {
    HttpSink sink;
    sink.script([](const SinkRequest&) { return SinkAnswer{}; });
    CourierKit kit;
    // The sink speaks no TLS: what it gets is no request line, so it waits; it hangs up when we do.
    auto plain = webhook_spec("plain", "https://127.0.0.1:" + std::to_string(sink.port()) + "/");
    auto trust = webhook_spec("trust", "https://127.0.0.1:" + std::to_string(sink.port()) + "/");
    trust.settings["ca_file"] = "/nonexistent/ca.pem";
    kit.configure({plain, trust});
    CHECK(kit.send(order_for("q", "trust", 300ms)).outcome.outcome == OutcomeClass::config_error);
    // A handshake that hangs is a sink that is down, not a page that may have arrived.
    const auto hanging = kit.send(order_for("p", "plain", 300ms));
    INFO(hanging.outcome.detail);
    CHECK(hanging.outcome.outcome == OutcomeClass::channel_down);
    CHECK(hanging.timing.first_byte == SendTiming::Time{});
}

TEST_CASE("webhook: over TLS a page arrives when the authority is trusted, and not one byte of it when it is not", "[integration]") {
    const TestCertificate certificate;
    CountingService service;
    auto credentials = load_credentials({"", certificate.certificate(), certificate.key()});
    REQUIRE(credentials);
    const auto listener = HttpListener::start({}, credentials->tls, service, nullptr);
    REQUIRE(listener);
    const std::string url = "https://127.0.0.1:" + std::to_string((*listener)->port()) + "/hook";
    CourierKit kit;
    auto trusting = webhook_spec("trusting", url);
    trusting.settings["ca_file"] = certificate.certificate();
    kit.configure({trusting, webhook_spec("strict", url)});

    const auto refused = kit.send(order_for("p", "strict"));
    INFO(refused.outcome.detail);
    CHECK(refused.outcome.outcome == OutcomeClass::config_error);
    CHECK(service.taken == 0);
    CHECK(kit.send(order_for("q", "trusting")).outcome.outcome == OutcomeClass::ok);
    CHECK(service.taken == 1);
}

TEST_CASE("webhook: a kept connection serves one order after the other, and a dead one is replaced", "[integration]") {
    Sent sent;
    for (int i = 0; i < 20; ++i) {
        REQUIRE(sent.send("p" + std::to_string(i)).outcome == OutcomeClass::ok);
    }
    CHECK(sent.sink.connections() == 1);
    CHECK(sent.kit.courier().stats().connections == 1);
    sent.sink.drop_connections();
    sent.sink.next(in_manner(Manner::close_politely));
    CHECK(sent.send("after a restart of the sink").outcome == OutcomeClass::ok);
    CHECK(sent.send("after a polite close").outcome == OutcomeClass::ok);
    CHECK(sent.sink.count() == 22);
    CHECK(sent.sink.connections() == 3);
}

TEST_CASE("webhook: head and body leave in one piece", "[integration]") {
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(::bind(listener, reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(::listen(listener, 1) == 0);
    REQUIRE(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    std::string taken;
    tcp_info info{};
    std::thread sink([&] {
        const int peer = ::accept(listener, nullptr, nullptr);
        char piece[16384];
        while (taken.find("\r\n\r\n{") == std::string::npos) {
            const auto got = ::recv(peer, piece, sizeof piece, 0);
            if (got <= 0) {
                break;
            }
            taken.append(piece, static_cast<std::size_t>(got));
        }
        socklen_t length = sizeof info;
        ::getsockopt(peer, IPPROTO_TCP, TCP_INFO, &info, &length);
        constexpr std::string_view answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        [[maybe_unused]] const auto sent = ::send(peer, answer.data(), answer.size(), MSG_NOSIGNAL);
        ::close(peer);
    });
    CourierKit kit;
    kit.configure({webhook_spec("hook", "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/page")});
    const auto order = order_for("p", "hook");
    CHECK(kit.send(order).outcome.outcome == OutcomeClass::ok);
    sink.join();
    ::close(listener);
    CHECK(taken.find(encode(order)) != std::string::npos);
    CHECK(info.tcpi_data_segs_in == 1);
}

TEST_CASE("webhook: the installation stands before the page's key, and in no other place", "[integration]") {
    HttpSink sink;
    CourierOptions options;
    options.installation = "00112233aabbccdd";
    CourierKit kit(std::move(options));
    kit.configure({webhook_spec("hook", sink.url("/page"))});
    const auto order = order_for("0-1/1/lead-01/hook/first/1", "hook");
    CHECK(kit.send(order).outcome.outcome == OutcomeClass::ok);
    CHECK(sink.requests().front().headers.at("idempotency-key") == "00112233aabbccdd:0-1/1/lead-01/hook/first/1");
    CHECK(sink.requests().front().body == encode(order));
}
