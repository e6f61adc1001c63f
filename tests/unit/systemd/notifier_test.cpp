#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <string>

#include "io/systemd/notifier.hpp"
#include "support/catch.hpp"

using namespace surged;

namespace {
/// The manager's end: an abstract datagram socket in NOTIFY_SOCKET, as systemd makes it.
class Manager {
public:
    explicit Manager(const char* watchdog_usec) {
        fd_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        const std::string name = "surged-test-" + std::to_string(::getpid());
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path + 1, name.data(), name.size());
        REQUIRE(::bind(fd_, reinterpret_cast<const sockaddr*>(&address),
                       static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size())) == 0);
        ::setenv("NOTIFY_SOCKET", ("@" + name).c_str(), 1);
        ::unsetenv("WATCHDOG_PID");
        if (watchdog_usec != nullptr) {
            ::setenv("WATCHDOG_USEC", watchdog_usec, 1);
        }
    }
    ~Manager() {
        ::close(fd_);
        ::unsetenv("NOTIFY_SOCKET");
        ::unsetenv("WATCHDOG_USEC");
    }
    Manager(const Manager&) = delete;
    Manager& operator=(const Manager&) = delete;
    /// The next message; empty = none is waiting.
    std::string message() const {
        std::array<char, 2048> buffer{};
        const ssize_t n = ::recv(fd_, buffer.data(), buffer.size(), MSG_DONTWAIT);
        return n <= 0 ? "" : std::string(buffer.data(), static_cast<std::size_t>(n));
    }

private:
    int fd_ = -1;
};
}  // namespace

TEST_CASE("notifier: says ready, reloading, status and stopping to the manager", "[unit]") {
    const Manager manager(nullptr);
    Notifier notifier;

    notifier.ready("12 rules");
    CHECK(manager.message() == "READY=1\nSTATUS=12 rules");
    notifier.reloading();
    CHECK(manager.message().rfind("RELOADING=1\n", 0) == 0);
    notifier.status("3 incidents");
    CHECK(manager.message() == "STATUS=3 incidents");
    notifier.stopping();
    CHECK(manager.message().rfind("STOPPING=1\n", 0) == 0);
}

TEST_CASE("notifier: a status with a line break cannot say something else", "[unit]") {
    const Manager manager(nullptr);
    Notifier notifier;

    notifier.status("bad\nMAINPID=1");
    CHECK(manager.message() == "STATUS=bad MAINPID=1");
}

TEST_CASE("notifier: the watchdog is fed by alive() only, once in a quarter of its interval", "[unit]") {
    const Manager manager("10000000");
    Notifier notifier;

    CHECK(notifier.alive_every() == Span{2500});
    CHECK(manager.message().empty());
    notifier.alive(Span{1000});
    CHECK(manager.message() == "WATCHDOG=1");
    notifier.alive(Span{3499});
    CHECK(manager.message().empty());
    notifier.alive(Span{3500});
    CHECK(manager.message() == "WATCHDOG=1");
}

TEST_CASE("notifier: a start after it was ready has the time of a start; ready again, the watchdog is what it was", "[unit]") {
    const Manager manager("10000000");
    Notifier notifier;

    notifier.ready("standing by");
    CHECK(manager.message() == "READY=1\nSTATUS=standing by");
    notifier.starting(Span{180000}, "taking over");
    CHECK(manager.message() == "STATUS=taking over");
    CHECK(manager.message() == "WATCHDOG_USEC=180000000");
    notifier.ready("12 rules");
    CHECK(manager.message() == "READY=1\nSTATUS=12 rules\nWATCHDOG_USEC=10000000");
    notifier.ready("12 rules");
    CHECK(manager.message() == "READY=1\nSTATUS=12 rules");
}

TEST_CASE("notifier: silent without a manager", "[unit]") {
    ::unsetenv("NOTIFY_SOCKET");
    ::unsetenv("WATCHDOG_USEC");
    Notifier notifier;

    CHECK_FALSE(notifier.under_systemd());
    CHECK_FALSE(notifier.alive_every().has_value());
    notifier.ready("x");
    notifier.alive(Span{1});
    notifier.starting(Span{1}, "x");
    notifier.stopping();
}
