// The gate before libzmq, met by raw sockets: what is let through, what is cut, and that nothing grows.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "support/process.hpp"
#include "zmq_kit.hpp"

using namespace surged;
using namespace surged::test;

namespace {

/// A TCP connection that speaks whatever it likes.
class Wire {
public:
    explicit Wire(const std::string& endpoint) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(endpoint.substr(endpoint.rfind(':') + 1))));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        REQUIRE(::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
        const timeval patience{0, 100000};
        ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    }
    ~Wire() { ::close(fd_); }
    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;

    /// False: the other side has closed.
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) {
                return false;
            }
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }
    std::string read(std::size_t count) {
        std::string out;
        char byte = 0;
        for (const auto end = Clock::now() + 5s; out.size() < count && Clock::now() < end;) {
            const auto got = ::recv(fd_, &byte, 1, 0);
            if (got == 0) {
                break;
            }
            out += got == 1 ? std::string(1, byte) : "";
        }
        return out;
    }
    bool closed_within(std::chrono::milliseconds bound) {
        const auto end = Clock::now() + bound;
        char bytes[4096];
        while (Clock::now() < end) {
            const auto got = ::recv(fd_, bytes, sizeof bytes, 0);
            if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
                return true;
            }
        }
        return false;
    }

private:
    int fd_;
};

std::string greeting(const std::string& mechanism = "NULL", char version = 3) {
    std::string out("\xFF\0\0\0\0\0\0\0\x01\x7F", 10);
    out += version;
    out += '\0';
    out += mechanism;
    out.resize(64, '\0');
    return out;
}

std::string frame(unsigned flags, const std::string& body, std::uint64_t claimed = 0) {
    const std::uint64_t size = claimed != 0 ? claimed : body.size();
    std::string out(1, static_cast<char>(flags | 2U));
    for (int shift = 56; shift >= 0; shift -= 8) {
        out += static_cast<char>(size >> static_cast<unsigned>(shift) & 0xFFU);
    }
    return out + body;
}

std::string ready(const std::string& type) {
    std::string body = "\5READY\13Socket-Type";
    body += std::string("\0\0\0", 3) + static_cast<char>(type.size()) + type;
    return std::string("\4") + static_cast<char>(body.size()) + body;
}

/// Through the handshake of NULL.
void shake_hands(Wire& wire, const std::string& type) {
    REQUIRE(wire.send(greeting()));
    REQUIRE(wire.read(64).size() == 64);
    REQUIRE(wire.send(ready(type)));
    const std::string head = wire.read(2);  // READY comes when the doorkeeper has said yes; libzmq takes no message before
    REQUIRE(head.size() == 2);
    REQUIRE(wire.read(static_cast<unsigned char>(head[1])).starts_with("\5READY"));
}

std::uint64_t refusals(Ingest& ingest, Refusal reason, std::uint64_t wanted = 1, std::chrono::milliseconds bound = 3s) {
    std::uint64_t count = 0;
    for (const auto end = Clock::now() + bound; count < wanted && Clock::now() < end;) {
        std::this_thread::sleep_for(10ms);
        const auto all = ingest.take_refused();
        count += all[static_cast<std::size_t>(reason)];
        for (std::size_t i = 0; i < refusal_count; ++i) {
            if (all[i] != 0 && i != static_cast<std::size_t>(reason)) {
                UNSCOPED_INFO("refused for another reason: " << to_string(static_cast<Refusal>(i)));
            }
        }
    }
    return count;
}

std::unique_ptr<Ingest> open_on_loopback(IngestSettings settings = {}) {
    settings.bind = {"tcp://127.0.0.1:*"};
    return open_ingest(settings);
}

}  // namespace

TEST_CASE("gate: a peer without a greeting, as a web page is one, and peers of ZMTP 1 and 2 are cut and nothing of theirs is taken",
          "[integration]") {
    const auto ingest = open_on_loopback();
    const std::string& endpoint = ingest->endpoints()[0];
    const std::string json = "{}";
    const std::string zmtp1 = std::string("\1\0", 2) + static_cast<char>(json.size() + 1) + '\0' + json;
    for (const std::string& bytes : {zmtp1, std::string("POST / HTTP/1.1\r\nHost: x\r\n\r\n") + zmtp1, greeting("NULL", 1) + zmtp1,
                                     greeting("NULL", 2), greeting("PLAIN"), std::string(64, '\xFF').replace(9, 1, "\x7E")}) {
        CAPTURE(bytes);
        Wire wire(endpoint);
        wire.send(bytes);
        CHECK(wire.closed_within(3s));
        CHECK(refusals(*ingest, Refusal::not_zmtp) == 1);
        CHECK(ingest->take_refused_peer().starts_with("not_zmtp from 127.0.0.1:"));
    }
    std::vector<Received> got;
    CHECK_FALSE(receive_count(*ingest, got, 1, 200ms));
}

TEST_CASE("gate: bytes that come one by one are the same peer", "[integration]") {
    const auto ingest = open_on_loopback();
    Wire wire(ingest->endpoints()[0]);
    for (const char byte : greeting() + ready("PUSH") + frame(0, "one") + frame(1, "q.a.b") + frame(0, "two")) {
        REQUIRE(wire.send(std::string_view(&byte, 1)));
        std::this_thread::sleep_for(1ms);
    }
    std::vector<Received> got;
    REQUIRE(receive_count(*ingest, got, 2));
    CHECK(got == std::vector<Received>{{"one", ""}, {"two", "q.a.b"}});
}

TEST_CASE("gate: a message without an end is cut at its bound, and what it took is given back", "[integration]") {
    const auto ingest = open_on_loopback();
    const std::string& endpoint = ingest->endpoints()[0];
    const std::size_t before = resident_bytes();
    const std::string part = frame(1, std::string(std::size_t{1} << 20U, 'x'));
    for (int peer = 0; peer < 20; ++peer) {
        Wire wire(endpoint);
        shake_hands(wire, "PUSH");
        int sent = 0;
        while (sent < 200 && wire.send(part)) {
            ++sent;
        }
        CHECK(sent < 50);  // 2 MiB and what stands in the kernel
        CHECK(wire.closed_within(3s));
        CHECK(refusals(*ingest, Refusal::message_too_large) == 1);
    }
    // The same in small parts: their number has a bound of its own.
    Wire small(endpoint);
    shake_hands(small, "PUSH");
    std::string parts;
    for (int i = 0; i < 65; ++i) {
        parts += frame(1, "");
    }
    small.send(parts);
    CHECK(small.closed_within(3s));
    CHECK(refusals(*ingest, Refusal::message_too_large) == 1);
    CHECK((!resident_is_real || resident_bytes() < before + (16U << 20U)));
}

TEST_CASE("gate: what is claimed before or in the handshake takes no memory, with CURVE and without", "[integration]") {
    const TempDir folder;
    std::array<char, 41> open{};
    std::array<char, 41> secret{};
    REQUIRE(zmq_curve_keypair(open.data(), secret.data()) == 0);
    std::ofstream(folder.file("key")) << secret.data();
    for (const bool curve : {false, true}) {
        IngestSettings settings;
        settings.curve.secret_key_file = curve ? folder.file("key") : "";
        const auto ingest = open_on_loopback(settings);
        const std::size_t before = resident_bytes();
        std::vector<std::unique_ptr<Wire>> wires;
        for (int i = 0; i < 100; ++i) {
            wires.push_back(std::make_unique<Wire>(ingest->endpoints()[0]));
            wires.back()->send(greeting(curve ? "CURVE" : "NULL") + frame(4, std::string(500000, 'x'), 2000000));
        }
        for (const auto& wire : wires) {
            CHECK(wire->closed_within(3s));
        }
        CHECK((!resident_is_real || resident_bytes() < before + (16U << 20U)));
    }
}

TEST_CASE("gate: a handshake has five seconds", "[integration]") {
    const auto ingest = open_on_loopback();
    Wire silent(ingest->endpoints()[0]);
    Wire half(ingest->endpoints()[0]);
    REQUIRE(half.send(greeting()));
    CHECK_FALSE(silent.closed_within(4s));
    CHECK(silent.closed_within(3s));
    CHECK(half.closed_within(1s));
    CHECK(refusals(*ingest, Refusal::handshake_timeout, 2) == 2);
}

TEST_CASE("gate: n connections are let in, one more is refused while all of them speak, and idle ones shut nobody out",
          "[integration]") {
    IngestSettings settings;
    settings.connections = 3;
    const auto ingest = open_on_loopback(settings);
    const std::string& endpoint = ingest->endpoints()[0];
    std::vector<std::unique_ptr<Wire>> wires;
    std::vector<Received> got;
    for (std::size_t i = 1; i <= 3; ++i) {
        wires.push_back(std::make_unique<Wire>(endpoint));
        shake_hands(*wires.back(), "PUSH");
        REQUIRE(wires.back()->send(frame(0, "x")));
        REQUIRE(receive_count(*ingest, got, i));
    }
    std::this_thread::sleep_for(1100ms);
    {
        Wire fourth(endpoint);
        CHECK(fourth.closed_within(3s));
        CHECK(refusals(*ingest, Refusal::connection_limit) == 1);
    }
    for (const auto& wire : wires) {
        CHECK(wire->send(frame(0, "y")));
    }
    REQUIRE(receive_count(*ingest, got, 6));
    wires.clear();
    for (int i = 0; i < 300 && ingest->connections() > 0; ++i) {
        std::this_thread::sleep_for(10ms);
    }
    CHECK(ingest->connections() == 0);
    for (int i = 0; i < 3; ++i) {
        wires.push_back(std::make_unique<Wire>(endpoint));
        shake_hands(*wires.back(), "PUSH");
        std::this_thread::sleep_for(20ms);
    }
    std::this_thread::sleep_for(1100ms);
    const auto pusher = open_pusher(endpoint);
    REQUIRE(pusher->push("a feeder"));
    REQUIRE(receive_count(*ingest, got, 7));
    CHECK(wires[0]->closed_within(3s));
    CHECK(ingest->connections() == 3);
}

TEST_CASE("gate: who holds the memory of all in messages without an end is cut, and feeders go on", "[integration]") {
    IngestSettings settings;
    settings.memory = std::size_t{16} << 20U;
    const auto ingest = open_on_loopback(settings);
    const std::string& endpoint = ingest->endpoints()[0];
    std::vector<std::unique_ptr<Wire>> wires;
    for (int i = 0; i < 20; ++i) {  // 1.5 MiB each: within the bound of a message, beyond that of all
        wires.push_back(std::make_unique<Wire>(endpoint));
        shake_hands(*wires.back(), "PUSH");
        std::thread([&wire = *wires.back()] { wire.send(frame(1, std::string(std::size_t{3} << 19U, 'x'))); }).join();
    }
    const auto pusher = open_pusher(endpoint);
    REQUIRE(pusher->push("still heard"));
    std::vector<Received> got;
    CHECK(receive_count(*ingest, got, 1, 30s));
    // On a busy machine the feeder is heard before all that was sent is read. The cut comes while somebody asks for messages.
    std::uint64_t cut = 0;
    for (int i = 0; i < 200 && cut == 0; ++i) {
        static_cast<void>(receive_count(*ingest, got, 2, 100ms));
        cut = refusals(*ingest, Refusal::memory_limit, 1, 1ms);
    }
    CHECK(cut > 0);
}

TEST_CASE("gate: more than the memory of all, sent by feeders that end their messages, is held back and all of it arrives",
          "[integration]") {
    IngestSettings settings;
    settings.memory = std::size_t{8} << 20U;
    const auto ingest = open_on_loopback(settings);
    const std::string message(std::size_t{1} << 20U, 'm');
    constexpr std::size_t each = 40;
    std::vector<std::thread> feeders;
    for (int i = 0; i < 3; ++i) {
        feeders.emplace_back([&] {
            PusherSettings to;
            to.endpoint = ingest->endpoints()[0];
            auto pusher = Pusher::open(to).value();
            for (std::size_t k = 0; k < each; ++k) {
                pusher->push(message, {}, 60s);
            }
            pusher->flush(60s);
        });
    }
    std::this_thread::sleep_for(1500ms);  // nobody takes anything
    std::size_t got = 0;
    for (const auto end = Clock::now() + 30s; got < 3 * each && Clock::now() < end;) {
        if (ingest->wait(20ms).messages) {
            ingest->receive(10, [&](std::string_view payload, std::string_view) { got += payload.size() == message.size() ? 1U : 0U; });
        }
    }
    CHECK(got == 3 * each);
    for (auto& feeder : feeders) {
        feeder.join();
    }
    CHECK(ingest->take_refused() == RefusalCounts{});
}

TEST_CASE("gate: garbage at the PUB port stops nobody and grows nothing", "[integration]") {
    PublishSettings settings;
    settings.bind = {"tcp://127.0.0.1:*"};
    auto publisher = Publisher::open(settings).value();
    const std::string& endpoint = publisher->endpoints()[0];
    const std::size_t before = resident_bytes();
    for (int i = 0; i < 2000; ++i) {
        Wire wire(endpoint);
        wire.send(i % 2 == 0 ? std::string(2000, 'G') : std::string("\1\0", 2) + std::string(1000, '\1'));
    }
    auto longest = Clock::duration::zero();
    for (int i = 0; i < 100; ++i) {
        const auto begin = Clock::now();
        CHECK(publisher->publish("x", "y"));
        longest = std::max(longest, Clock::now() - begin);
    }
    CHECK(longest < 100ms);
    std::this_thread::sleep_for(1s);  // until the last of them is gone
    // A frame of a subscriber that claims gigabytes, and subscriptions without end.
    Wire claims(endpoint);
    shake_hands(claims, "SUB");
    claims.send(frame(0, std::string(100000, '\1'), std::uint64_t{8} << 30U));
    CHECK(claims.closed_within(3s));
    Wire many(endpoint);
    shake_hands(many, "SUB");
    bool cut = false;
    for (int i = 0; i < 2000 && !cut; ++i) {
        cut = !many.send(frame(0, "\1" + std::to_string(i) + std::string(100, 't')));
    }
    CHECK((cut || many.closed_within(3s)));
    CHECK((!resident_is_real || resident_bytes() < before + (24U << 20U)));
    const auto stats = publisher->stats();
    CHECK(stats.refused[static_cast<std::size_t>(Refusal::not_zmtp)] +
              stats.refused[static_cast<std::size_t>(Refusal::connection_limit)] ==
          2000);
    CHECK(stats.refused[static_cast<std::size_t>(Refusal::message_too_large)] == 2);
}

TEST_CASE("gate: nobody but this process reaches libzmq behind it", "[integration]") {
    const auto ingest = open_on_loopback();
    std::ifstream sockets("/proc/net/unix");
    std::string line;
    std::string inner;
    while (std::getline(sockets, line)) {
        if (const auto at = line.find("@surged-"); at != std::string::npos) {
            inner = line.substr(at);
        }
    }
    REQUIRE_FALSE(inner.empty());
    const TempDir folder;
    const std::string program = "import zmq,sys\ns=zmq.Context().socket(zmq.PUSH)\ns.setsockopt(zmq.LINGER,300)\ns.connect('ipc://" + inner +
                                "')\ns.send(b'round the gate')\ns.close()\n";
    Process peer("/usr/bin/python3", {"-c", program}, folder.file("peer"));
    std::vector<Received> got;
    CHECK_FALSE(receive_count(*ingest, got, 1, 1500ms));
}

TEST_CASE("gate: real pyzmq peers come in with NULL and with CURVE, and their sources are bound to their keys", "[integration]") {
    const TempDir folder;
    std::array<char, 41> server_open{};
    std::array<char, 41> server_secret{};
    std::array<char, 41> one_open{};
    std::array<char, 41> one_secret{};
    std::array<char, 41> two_open{};
    std::array<char, 41> two_secret{};
    REQUIRE(zmq_curve_keypair(server_open.data(), server_secret.data()) == 0);
    REQUIRE(zmq_curve_keypair(one_open.data(), one_secret.data()) == 0);
    REQUIRE(zmq_curve_keypair(two_open.data(), two_secret.data()) == 0);
    std::ofstream(folder.file("key")) << server_secret.data();
    for (const bool curve : {false, true}) {
        IngestSettings settings;
        if (curve) {
            settings.curve.secret_key_file = folder.file("key");
            settings.curve.allowed_keys = {two_open.data()};
            settings.clients = {{"jinan", one_open.data(), {"acd-jinan-*"}}};
        }
        const auto ingest = open_on_loopback(settings);
        const auto send = [&](const char* open, const char* secret, const std::string& text) {
            std::string program = "import zmq\nc=zmq.Context()\ns=c.socket(zmq.PUSH)\ns.setsockopt(zmq.LINGER,5000)\n";
            if (curve) {
                program += "s.curve_serverkey=rb'''" + std::string(server_open.data()) + "'''\ns.curve_publickey=rb'''" + open +
                           "'''\ns.curve_secretkey=rb'''" + secret + "'''\n";
            }
            program += "s.connect('" + ingest->endpoints()[0] + "')\ns.send(b'" + text + "')\ns.close()\nc.term()\n";
            Process peer("/usr/bin/python3", {"-c", program}, folder.file("peer"));
            std::vector<std::string> may;
            const auto end = Clock::now() + 10s;
            while (may.empty() && Clock::now() < end) {
                ingest->wait(20ms);
                ingest->receive(10, [&](std::string_view payload, std::string_view) {
                    REQUIRE(payload == text);
                    for (const char* source : {"acd-jinan-1", "acd-qingdao-1"}) {
                        if (ingest->may_speak_for(source)) {
                            may.emplace_back(source);
                        }
                    }
                    may.emplace_back("end");
                });
            }
            INFO(peer.err());
            CHECK_FALSE(may.empty());
            return may;
        };
        using Names = std::vector<std::string>;
        CHECK(send(one_open.data(), one_secret.data(), "one") ==
              (curve ? Names{"acd-jinan-1", "end"} : Names{"acd-jinan-1", "acd-qingdao-1", "end"}));
        if (curve) {
            CHECK(send(two_open.data(), two_secret.data(), "two") == Names{"acd-qingdao-1", "end"});
        }
    }
}

TEST_CASE("gate: who leaves before the handshake is over is refused only when it has seen what it cannot talk to", "[integration]") {
    const auto ingest = open_on_loopback();
    const std::string& endpoint = ingest->endpoints()[0];
    {
        Wire looks_in(endpoint);  // a port scan, a health check
    }
    {
        Wire half(endpoint);
        REQUIRE(half.send(greeting().substr(0, 10)));
        REQUIRE(half.read(10).size() == 10);
    }
    std::this_thread::sleep_for(200ms);
    CHECK(ingest->take_refused() == RefusalCounts{});
    {
        Wire other_mechanism(endpoint);
        REQUIRE(other_mechanism.send(greeting().substr(0, 11)));
        REQUIRE(other_mechanism.read(64).size() == 64);
    }
    CHECK(refusals(*ingest, Refusal::not_zmtp) == 1);
    CHECK(ingest->take_refused_peer().ends_with(": it wants another mechanism than NULL"));
    {
        Wire other_kind(endpoint);
        REQUIRE(other_kind.send(greeting()));
        const std::string seen = other_kind.read(64 + 2);
        REQUIRE(seen.size() == 66);
        REQUIRE(other_kind.read(static_cast<unsigned char>(seen[65])).starts_with("\5READY"));
    }
    CHECK(refusals(*ingest, Refusal::wrong_socket) == 1);
    for (const std::string& bytes : {greeting() + ready("push"), greeting() + ready("PUB\n\x1b[31m")}) {
        Wire odd(endpoint);
        odd.send(bytes);
        CHECK(odd.closed_within(3s));
    }
    CHECK(refusals(*ingest, Refusal::wrong_socket, 2) >= 2);
    CHECK(ingest->take_refused_peer().find('\n') == std::string::npos);
    std::vector<Received> got;
    const auto pusher = open_pusher(endpoint);
    REQUIRE(pusher->push("a feeder"));
    CHECK(receive_count(*ingest, got, 1));
}
