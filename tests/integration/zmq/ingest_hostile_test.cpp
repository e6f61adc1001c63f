// Peers that break the rules, and peers that die.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <random>
#include <thread>

#include "io/zmq/socket.hpp"
#include "support/process.hpp"
#include "zmq_kit.hpp"

using namespace surged;
using namespace surged::test;

namespace {

/// Connects to a tcp endpoint and writes bytes, whatever they are. Returns the descriptor.
int raw_connect(const std::string& endpoint, const std::string& bytes) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(endpoint.substr(endpoint.rfind(':') + 1))));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    static_cast<void>(::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL));
    return fd;
}

}  // namespace

TEST_CASE("ingest: a frame of up to twice the limit is delivered to be counted, a larger one cuts its sender off",
          "[integration]") {
    IngestLimits limits;
    limits.message_bytes = 10000;
    IngestSettings settings;
    settings.bind = {"tcp://127.0.0.1:*"};
    const auto ingest = open_ingest(settings, limits);
    std::vector<Received> got;
    {
        const auto large = open_pusher(ingest->endpoints()[0]);
        REQUIRE(large->push(std::string(10000, 'a')));
        REQUIRE(large->push(std::string(10001, 'b')));
        REQUIRE(large->push(std::string(20000, 'c')));
        REQUIRE(receive_count(*ingest, got, 3));
    }
    const auto giant = open_pusher(ingest->endpoints()[0]);
    REQUIRE(giant->push(std::string(20001, 'd')));
    const auto modest = open_pusher(ingest->endpoints()[0]);
    REQUIRE(modest->push("still here"));
    REQUIRE(receive_count(*ingest, got, 4));
    CHECK(got.back().payload == "still here");
    CHECK(got.size() == 4);
}

TEST_CASE("ingest: bytes that are no ZeroMQ at all disturb nobody", "[integration]") {
    IngestSettings settings;
    settings.bind = {"tcp://127.0.0.1:*"};
    const auto ingest = open_ingest(settings);
    std::mt19937_64 random(1);
    std::vector<int> peers;
    const std::string greeting = std::string("\xFF\0\0\0\0\0\0\0\x01\x7F\x03\0NULL", 16) + std::string(48, '\0');
    for (int i = 0; i < 60; ++i) {
        std::string bytes = i % 3 == 0 ? greeting : i % 3 == 1 ? std::string("GET / HTTP/1.1\r\n\r\n") : std::string();
        for (std::size_t n = random() % 2000; n > 0; --n) {
            bytes += static_cast<char>(random());
        }
        peers.push_back(raw_connect(ingest->endpoints()[0], bytes));
    }
    const auto pusher = open_pusher(ingest->endpoints()[0]);
    REQUIRE(pusher->push("still here"));
    std::vector<Received> got;
    const bool arrived = receive_until(*ingest, got, [&got] {
        return std::any_of(got.begin(), got.end(), [](const Received& r) { return r.payload == "still here"; });
    });
    CHECK(arrived);
    for (const int fd : peers) {
        ::close(fd);
    }
}

TEST_CASE("ingest: closing ends within its bound although peers were killed in mid-stream", "[integration]") {
    const TempDir folder;
    std::chrono::milliseconds longest{0};
    for (int round = 0; round < 6; ++round) {
        const bool over_ipc = round % 2 == 0;
        IngestSettings settings;
        settings.bind = {over_ipc ? "ipc://" + folder.file("in.sock") : "tcp://127.0.0.1:*"};
        settings.hwm = 10;
        auto ingest = open_ingest(settings);
        std::vector<std::unique_ptr<Process>> feeders;
        for (int i = 0; i < 3; ++i) {
            feeders.push_back(std::make_unique<Process>(std::string(SURGED_BIN_DIR) + "/zmq_flooder",
                                                        std::vector<std::string>{ingest->endpoints()[0], "300000"},
                                                        folder.file("flooder")));
        }
        std::vector<Received> got;
        REQUIRE(receive_count(*ingest, got, 20));
        // Killed with frames half written and our queues full.
        for (const auto& feeder : feeders) {
            feeder->signal(SIGKILL);
        }
        if (round >= 2) {
            feeders.clear();  // reaped before we close; in the first rounds the kill and the close race
        }
        const auto begin = Clock::now();
        ingest.reset();
        const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
        INFO("round " << round << " took " << took.count() << " ms");
        CHECK(took < 2s);
        longest = std::max(longest, took);
    }
    WARN("closing after kills took at most " << longest.count() << " ms");
}

TEST_CASE("ingest: closing ends within its bound while peers go on flooding", "[integration]") {
    const TempDir folder;
    IngestSettings settings;
    settings.bind = {"ipc://" + folder.file("in.sock"), "tcp://127.0.0.1:*"};
    auto ingest = open_ingest(settings);
    const std::string program = std::string(SURGED_BIN_DIR) + "/zmq_flooder";
    const Process first(program, {ingest->endpoints()[0], "1000"}, folder.file("first"));
    const Process second(program, {ingest->endpoints()[1], "100000"}, folder.file("second"));
    std::vector<Received> got;
    REQUIRE(receive_count(*ingest, got, 2000));
    const auto begin = Clock::now();
    ingest.reset();
    CHECK(Clock::now() - begin < 2s);
}

TEST_CASE("context: closing keeps its bound even when libzmq would wait for ever", "[integration]") {
    auto context = ZmqContext::create();
    REQUIRE(context);
    void* forgotten = zmq_socket(context->raw(), ZMQ_PUSH);  // never closed: zmq_ctx_term() waits for it
    const auto begin = Clock::now();
    CHECK_FALSE(context->close(100ms));
    CHECK(Clock::now() - begin >= 99ms);
    CHECK(Clock::now() - begin < 1s);
    CHECK(context->close(100ms));  // nothing is left to close
    zmq_close(forgotten);
}
