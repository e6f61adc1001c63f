// A neighbour with no key who reaches the ports: the engine decides as fast as before, and who knocked is told.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "support/catch.hpp"
#include "support/daemon_kit.hpp"
#include "support/http_client.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {
void throw_garbage(int port, const std::string& bytes) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
        static_cast<void>(::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL));
    }
    ::close(fd);
}
}  // namespace

TEST_CASE("app: garbage at the PUB port while a surge begins holds no page up, and is told", "[integration]") {
    DaemonKit kit;
    kit.start();
    const int port = kit.port("publish");
    std::atomic<bool> over{false};
    std::thread neighbour([&] {
        const std::string subscriptions = std::string("\1\0", 2) + std::string(2000, '\1');
        while (!over) {
            throw_garbage(port, subscriptions);
        }
    });
    std::this_thread::sleep_for(1s);
    const auto began = std::chrono::steady_clock::now();
    CHECK(kit.feed_until(20, [&] { return kit.pages("first").size() == 3; }, 10s));
    const auto took = std::chrono::steady_clock::now() - began;
    CHECK(took < 3s);
    CHECK(http(kit.port("http"), "GET", "/readyz").status == 200);
    over = true;
    neighbour.join();
    CHECK(eventually([&] { return kit.ctl({"status"}).out.find("subscribers refused: not_zmtp") != std::string::npos; }));
    CHECK(kit.daemon->wait_for_err("event=subscriber_refused reason=not_zmtp", 20s));
}

TEST_CASE("app: a web page's bytes at the PULL port are refused and told", "[integration]") {
    DaemonKit kit;
    kit.start();
    throw_garbage(kit.port("ingest"), "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n{}");
    CHECK(kit.daemon->wait_for_err("event=refused reason=not_zmtp", 20s));
    CHECK(eventually([&] { return kit.ctl({"status"}).out.find("refused: 1 not_zmtp") != std::string::npos; }));
}

TEST_CASE("app: a PUB and a REQ of pyzmq at the PULL port are counted, shown, and told in one line a minute", "[integration]") {
    if (std::system("/usr/bin/python3 -c 'import zmq' > /dev/null 2>&1") != 0) {
        WARN("python3-zmq is not installed: skipped");
        return;
    }
    DaemonKit kit;
    kit.start();
    const auto peer = [&](const std::string& type) {
        return std::make_unique<Process>("/usr/bin/python3",
                                         std::vector<std::string>{"-c",
                                                                  "import sys, time, zmq\n"
                                                                  "s = zmq.Context().socket(getattr(zmq, sys.argv[1]))\n"
                                                                  "s.connect(sys.argv[2])\n"
                                                                  "time.sleep(30)\n",
                                                                  type, "tcp://127.0.0.1:" + std::to_string(kit.port("ingest"))},
                                         kit.dir.file("python-" + type));
    };
    const auto pub = peer("PUB");
    CHECK(kit.daemon->wait_for_err("event=refused reason=wrong_socket", 30s));
    const auto req = peer("REQ");
    std::uint64_t counted = 0;
    CHECK(eventually([&] {
        const std::string mark = "surged_ingest_rejected_total{reason=\"wrong_socket\"} ";
        const auto page = http(kit.port("metrics"), "GET", "/metrics").body;
        const auto at = page.find(mark);
        counted = at == std::string::npos ? 0 : std::strtoull(page.c_str() + at + mark.size(), nullptr, 10);
        return counted >= 2;
    }));
    CHECK(kit.ctl({"status"}).out.find(" wrong_socket") != std::string::npos);
    const auto err = kit.daemon->err();
    CHECK(err.find("reason=wrong_socket", err.find("reason=wrong_socket") + 1) == std::string::npos);
    CHECK(kit.feed_until(20, [&] { return kit.pages("first").size() == 3; }, 10s));
}
