#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstring>
#include <fstream>
#include <iostream>
#include <mutex>
#include <thread>

#include "busy_switch.hpp"
#include "child.hpp"
#include "feed/run_ami.hpp"
#include "feed_parts.hpp"
#include "measure.hpp"
#include "os/file.hpp"
#include "socket.hpp"
#include "wire/decode.hpp"

namespace surged::bench {
namespace {

using namespace std::chrono_literals;

std::atomic<bool> feed_stopped{false};

/// When each caller of each queue joined, as the bytes that say so were handed to the kernel.
class JoinTimes {
public:
    void add(std::uint64_t call, Clock::time_point at) {
        const std::lock_guard lock(mutex_);
        times_[call % busy_queues].push_back(at);
    }
    /// Of the n-th caller of a queue, from 1; zero time: nobody has sent him.
    Clock::time_point of(std::size_t queue, std::uint64_t n) const {
        const std::lock_guard lock(mutex_);
        return n <= times_[queue].size() ? times_[queue][n - 1] : Clock::time_point{};
    }

private:
    mutable std::mutex mutex_;
    std::array<std::vector<Clock::time_point>, busy_queues> times_;
};

/// One feeder at a time on a port of 127.0.0.1: logs it in, lists once, then a millisecond's events every millisecond.
class SwitchSocket {
public:
    SwitchSocket() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof at;
        if (::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0 || ::listen(listener_.get(), 1) != 0 ||
            ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&at), &size) != 0) {
            give_up("no port for the switch");
        }
        port_ = ntohs(at.sin_port);
    }
    int port() const { return port_; }
    /// Until `seconds` of calls are over.
    void run(int seconds, BusySwitch& busy, JoinTimes& joins) {
        peer_.reset(::accept(listener_.get(), nullptr, nullptr));
        const int on = 1;
        ::setsockopt(peer_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        say("Asterisk Call Manager/11.0.0\r\n");
        while (!listed_) {
            answer(100);
        }
        auto due = Clock::now() + 200ms;
        for (int ms = 0; ms < seconds * 1000; ++ms, due += 1ms) {
            std::this_thread::sleep_until(due);
            const auto first = busy.joined();
            const auto chunk = busy.millisecond();
            const auto now = Clock::now();
            late_.push_back(std::chrono::duration<double>(now - due).count());
            for (auto call = first; call < busy.joined(); ++call) {
                joins.add(call, now);
            }
            say(chunk);
            answer(0);
        }
    }
    /// How late a millisecond's events left, s: what the machine adds to every delay.
    const std::vector<double>& late() const { return late_; }

private:
    void say(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto sent = ::send(peer_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) {
                give_up("the feeder has closed its connection");
            }
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
    }
    void answer(int wait_ms) {
        pollfd one{peer_.get(), POLLIN, 0};
        if (::poll(&one, 1, wait_ms) <= 0) {
            return;
        }
        std::array<char, 4096> block{};
        const auto got = ::recv(peer_.get(), block.data(), block.size(), 0);
        if (got <= 0) {
            give_up("the feeder has closed its connection");
        }
        const std::string sent(block.data(), static_cast<std::size_t>(got));
        if (const auto id = action_id(sent, "Login"); !id.empty()) {
            say("Response: Success\r\nActionID: " + id + "\r\n\r\nEvent: FullyBooted\r\nUptime: 9\r\n\r\n");
        }
        if (const auto id = action_id(sent, "Ping"); !id.empty()) {
            say("Response: Success\r\nActionID: " + id + "\r\n\r\n");
        }
        if (const auto id = action_id(sent, "QueueStatus"); !id.empty()) {
            // Those after the first are refused: a list of what goes on is not what is measured.
            say(std::string("Response: ") + (listed_ ? "Error" : "Success") + "\r\nActionID: " + id + "\r\n\r\n");
            if (!listed_) {
                say(BusySwitch::list(id));
                listed_ = true;
            }
        }
    }

    Fd listener_;
    Fd peer_;
    int port_ = 0;
    bool listed_ = false;
    std::vector<double> late_;
};

struct DelayTurn {
    std::vector<double> delays;  // s, of each caller that joined
    std::uint64_t messages = 0;
    std::uint64_t offered = 0;
    std::uint64_t resident_half = 0;
    std::uint64_t resident_end = 0;
    double cpu_s = 0;
};

/// Takes what the feeder sends until nothing has come for a second after the switch is done.
DelayTurn listen_to(PullSocket& pull, const JoinTimes& joins, const std::atomic<bool>& done, pid_t feeder, int seconds) {
    DelayTurn out;
    std::vector<char> buffer(std::size_t{1} << 20U);
    Decoder decoder{IngestLimits{}};
    Message message;
    RefusalCounts dropped{};
    std::array<std::uint64_t, busy_queues> seen{};
    const auto began = Clock::now();
    auto last = began;
    while (!done || Clock::now() - last < 1s) {
        const int size = pull.receive(buffer.data(), buffer.size(), 100);
        const auto now = Clock::now();
        if (size <= 0 || decoder.decode({buffer.data(), static_cast<std::size_t>(size)}, message, dropped)) {
            continue;
        }
        ++out.messages;
        if (out.resident_half == 0 && seconds_since(began) > seconds * 0.5) {
            out.resident_half = resident_bytes(feeder);
        }
        for (const auto& part : message.parts) {
            const auto queue = static_cast<std::size_t>(std::atoi(std::string(part.queue.substr(5)).c_str()));
            for (auto i = part.first; i < part.first + part.count; ++i) {
                if (message.values[i].name != "offered" || queue >= seen.size()) {
                    continue;
                }
                const auto offered = static_cast<std::uint64_t>(message.values[i].value);
                for (; seen[queue] < offered; last = now) {
                    out.delays.push_back(std::chrono::duration<double>(now - joins.of(queue, ++seen[queue])).count());
                }
            }
        }
    }
    out.resident_end = resident_bytes(feeder);
    out.cpu_s = process_cpu_s(feeder);
    for (const auto count : seen) {
        out.offered += count;
    }
    return out;
}

}  // namespace

int run_feed_ami_child(const std::vector<std::string>& words) {
    if (words.size() != 3) {
        return 2;
    }
    std::signal(SIGTERM, [](int) { feed_stopped = true; });
    AmiRunOptions options;
    options.peer.host = "127.0.0.1";
    options.peer.port = words[0];
    options.user = "bench";
    options.secret_file = words[2];
    options.plain_login = true;
    options.live.to = {words[1]};
    options.live.source = "bench";
    return run_feed_ami(options, std::cout, std::cerr, feed_stopped);
}

void feed_delay(const Options& options, Report& report) {
    const int seconds = options.quick ? 3 : 120;  // what is remembered of a call is full after 40
    const std::string secret = options.folder + "/ami.secret";
    std::ofstream(secret) << "secret\n";
    PullSocket pull;
    SwitchSocket wire;
    BusySwitch busy;
    JoinTimes joins;
    Child feeder({{own_path(), "feed-ami", std::to_string(wire.port()), pull.endpoint(), secret}, options.folder + "/ami.log", false, "", {}});
    std::atomic<bool> done{false};
    std::thread calls([&] {
        wire.run(seconds, busy, joins);
        done = true;
    });
    const auto turn = listen_to(pull, joins, done, feeder.pid(), seconds);
    calls.join();
    feeder.stop();
    const auto spread = Spread::of(turn.delays);
    const auto late = Spread::of(wire.late());
    report.table("manager interface at 2,000 calls a second through sockets (" + std::to_string(seconds) + " s, a process of its own)",
                 {"", "p50", "p90", "p99", "max"});
    const auto row = [&](const char* name, const Spread& of) {
        report.row({name, duration_text(of.p50), duration_text(of.p90), duration_text(of.p99), duration_text(of.max)});
    };
    row("floor: how late a thread wakes up here", late);
    row("a caller's event written to his message taken off ZeroMQ", spread);
    const auto growth = static_cast<double>(turn.resident_end) - static_cast<double>(turn.resident_half);
    report.line(std::to_string(busy.events()) + " events in, " + std::to_string(turn.messages) + " messages out, " +
                fixed(100.0 * turn.cpu_s / seconds, 1) + " % of a core; resident " + fixed(static_cast<double>(turn.resident_end) / 1048576, 1) +
                " MiB, " + fixed(growth / 1048576, 2) + " MiB more than at half time; callers " +
                (turn.offered == busy.joined() ? "exact" : "WRONG"));
    report.number("feed.ami.delay_p50_s", spread.p50);
    report.number("feed.ami.delay_p99_s", spread.p99);
    report.number("feed.ami.delay_floor_p99_s", late.p99);
    report.number("feed.ami.socket_cpu_share", turn.cpu_s / seconds);
    report.number("feed.ami.socket_growth_second_half_bytes", growth);
    report.number("feed.ami.socket_exact", turn.offered == busy.joined() ? 1 : 0);
}

}  // namespace surged::bench
