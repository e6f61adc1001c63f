// `console`: what 200 open pages cost the daemon at 10,000 queues, each of which sends new values every five seconds.
//
// The real daemon, the real HTTP server, 200 real event streams compressed as browsers ask for them. Processor time of the process with
// the pages against the same without, in turns; the floor writes as many bytes to as many sockets and does nothing else. How long the
// engine was away is the longest bucket that a decision fell into, in turns as well.
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <filesystem>
#include <map>
#include <thread>

#include "commands.hpp"
#include "config_text.hpp"
#include "daemon.hpp"
#include "measure.hpp"
#include "sender.hpp"
#include "stream.hpp"
#include "support/http_client.hpp"
#include "support/temp_dir.hpp"

namespace surged::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t console_queues = 10000;
constexpr double goal_percent = 10;

/// Reads whatever comes from many sockets, and counts it.
class PageReaders {
public:
    PageReaders(std::vector<int> sockets, bool greeted) : sockets_(std::move(sockets)), of_each_(sockets_.size(), 0), greeted_(greeted) {
        thread_ = std::thread([this] { run(); });
    }
    ~PageReaders() {
        stopping_ = true;
        thread_.join();
        for (const int fd : sockets_) {
            ::close(fd);
        }
    }
    PageReaders(const PageReaders&) = delete;
    PageReaders& operator=(const PageReaders&) = delete;

    std::uint64_t bytes() const { return bytes_; }
    std::size_t closed() const { return closed_; }
    /// Every reader has had more than a head.
    bool all_have_some() const { return had_some_ == sockets_.size(); }

private:
    void run() {
        std::vector<pollfd> waits;
        for (const int fd : sockets_) {
            waits.push_back({fd, POLLIN, 0});
        }
        std::vector<char> buffer(1U << 20U);
        while (!stopping_) {
            ::poll(waits.data(), waits.size(), 50);
            for (std::size_t i = 0; i < waits.size(); ++i) {
                if ((waits[i].revents & (POLLIN | POLLHUP | POLLERR)) == 0) {
                    continue;
                }
                const auto got = ::recv(waits[i].fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
                if (got == 0 || (got < 0 && errno != EAGAIN)) {
                    waits[i].fd = -1;
                    ++closed_;
                } else if (got > 0) {
                    constexpr std::uint64_t head = 2000;
                    const bool had = of_each_[i] > (greeted_ ? head : 0);
                    of_each_[i] += static_cast<std::uint64_t>(got);
                    had_some_ += !had && of_each_[i] > (greeted_ ? head : 0) ? 1U : 0U;
                    bytes_ += static_cast<std::uint64_t>(got);
                }
            }
        }
    }
    std::vector<int> sockets_;
    std::vector<std::uint64_t> of_each_;
    const bool greeted_;
    std::atomic<std::uint64_t> bytes_{0};
    std::atomic<std::size_t> closed_{0};
    std::atomic<std::size_t> had_some_{0};
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

std::vector<int> open_pages(int port, std::size_t pages) {
    std::vector<int> out;
    const std::string ask = "GET /api/v1/events?view=console HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) + "\r\nAccept-Encoding: gzip\r\n\r\n";
    for (std::size_t i = 0; i < pages; ++i) {
        const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(static_cast<std::uint16_t>(port));
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (fd < 0 || ::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0 ||
            ::send(fd, ask.data(), ask.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(ask.size())) {
            give_up("a page cannot be opened");
        }
        out.push_back(fd);
    }
    return out;
}

/// Decisions by the upper limit of their bucket, s.
std::map<double, double> decisions(const Daemon& daemon) {
    std::map<double, double> out;
    const std::string text = test::http(daemon.metrics_port(), "GET", "/metrics").body;
    const std::string name = "\nsurged_decision_seconds_bucket{le=\"";
    for (auto at = text.find(name); at != std::string::npos; at = text.find(name, at + 1)) {
        const char* limit = text.c_str() + at + name.size();
        out[std::strtod(limit, nullptr)] = std::strtod(text.c_str() + text.find(' ', at + name.size()), nullptr);
    }
    return out;
}
double longest_decision(const std::map<double, double>& before, const std::map<double, double>& after) {
    double longest = 0;
    double below = 0;
    for (const auto& [limit, count] : after) {
        const auto then = before.find(limit);
        const double since = count - (then == before.end() ? 0 : then->second);
        longest = since > below ? limit : longest;
        below = since;
    }
    return longest;
}

struct ConsoleTurn {
    double process = 0;  ///< processor seconds a second
    double engine = 0;
    double longest = 0;
    double bytes = 0;  ///< a second, to all pages
};

ConsoleTurn console_turn(const Daemon& daemon, std::size_t pages, double seconds) {
    std::unique_ptr<PageReaders> readers;
    if (pages > 0) {
        readers = std::make_unique<PageReaders>(open_pages(daemon.http_port(), pages), true);
        for (const auto until = Clock::now() + 60s; !readers->all_have_some() && Clock::now() < until;) {
            std::this_thread::sleep_for(50ms);
        }
        if (!readers->all_have_some()) {
            give_up("pages got no snapshot");
        }
    }
    std::this_thread::sleep_for(2s);  // snapshots are over
    const auto before = decisions(daemon);
    std::this_thread::sleep_for(500ms);
    const double process = process_cpu_s(daemon.pid());
    const double engine = main_thread_cpu_s(daemon.pid());
    const auto bytes = readers ? readers->bytes() : 0;
    const auto start = Clock::now();
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
    const double took = seconds_since(start);
    ConsoleTurn out;
    out.process = (process_cpu_s(daemon.pid()) - process) / took;
    out.engine = (main_thread_cpu_s(daemon.pid()) - engine) / took;
    out.bytes = readers ? static_cast<double>(readers->bytes() - bytes) / took : 0;
    out.longest = longest_decision(before, decisions(daemon));
    if (readers && readers->closed() > 0) {
        give_up("the daemon ended a page's stream");
    }
    return out;
}

/// Processor seconds of writing `bytes` a second to this many sockets, one piece to each a second.
double console_floor(std::size_t pages, double bytes, int rounds) {
    std::vector<int> writers;
    std::vector<int> others;
    for (std::size_t i = 0; i < pages; ++i) {
        std::array<int, 2> ends{};
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
            give_up("no socket");
        }
        writers.push_back(ends[0]);
        others.push_back(ends[1]);
    }
    const PageReaders readers(others, false);
    const std::string piece(static_cast<std::size_t>(bytes / static_cast<double>(pages)) + 1, 'x');
    const double cpu = thread_cpu_s();
    for (int round = 0; round < rounds; ++round) {
        for (const int fd : writers) {
            for (std::size_t sent = 0; sent < piece.size();) {
                const auto got = ::send(fd, piece.data() + sent, piece.size() - sent, MSG_NOSIGNAL);
                sent += got > 0 ? static_cast<std::size_t>(got) : piece.size();
            }
        }
    }
    const double used = (thread_cpu_s() - cpu) / rounds;
    for (const int fd : writers) {
        ::close(fd);
    }
    return used;
}

std::string percent_text(double share) {
    return fixed(share * 100, 2) + " %";
}

}  // namespace

void run_console(const Options& options, Report& report) {
    const test::TempDir temporary;
    const std::string folder = (options.folder.empty() ? temporary.path().string() : options.folder) + "/console";
    const std::size_t pages = options.quick ? 10 : 200;
    const std::size_t queues = options.quick ? 500 : console_queues;
    const double seconds = options.quick ? 2 : std::max(10.0, options.seconds);
    const int turns = options.quick ? 1 : options.repetitions;
    const Daemon daemon(folder, channel_text("hook", "http://127.0.0.1:9/") + person_text("ann", "hook") + breach_rule_text("breach", "p") +
                                    policy_text("p", 1, "ann", {{{"ann"}, "1m"}}));
    const double rate = std::ceil(static_cast<double>(queues) / 32) / (static_cast<double>(round_ms) / 1000);
    Sender sender({daemon.ingest(), 0, rate, false, queues});
    if (!daemon.wait_for_series(queues * metrics_per_queue, 60s)) {
        give_up("the queues did not come");
    }
    std::array<std::vector<double>, 2> process;
    std::array<std::vector<double>, 2> engine;
    std::array<double, 2> longest{};
    std::vector<double> floors;
    std::vector<double> bytes;
    for (int turn = 0; turn < turns; ++turn) {
        for (const std::size_t with : {std::size_t{0}, std::size_t{1}}) {
            const auto now = console_turn(daemon, with * pages, seconds);
            process[with].push_back(now.process);
            engine[with].push_back(now.engine);
            longest[with] = std::max(longest[with], now.longest);
            if (with == 1) {
                bytes.push_back(now.bytes);
                floors.push_back(console_floor(pages, now.bytes, 3));
            }
        }
    }
    sender.stop();
    report.table(std::to_string(pages) + " pages at " + std::to_string(queues) + " queues, new values every 5 s", {"", "process", "engine thr.", "longest decision below"});
    for (const std::size_t with : {std::size_t{0}, std::size_t{1}}) {
        report.row({with == 0 ? "without pages" : "with pages", percent_text(median(process[with])), percent_text(median(engine[with])), duration_text(longest[with])});
    }
    const double cost = median(process[1]) - median(process[0]);
    report.row({"floor: the bytes alone", percent_text(median(floors)), "-", "-"});
    report.line("200 pages cost " + percent_text(cost) + " of a core (goal: below " + fixed(goal_percent, 0) + " %), " + ratio_text(cost, median(floors)) +
                " the floor; " + fixed(median(bytes) / static_cast<double>(pages) / 1000, 1) + " kB/s a page");
    report.number("console.percent_of_a_core", cost * 100);
    report.number("console.floor_percent", median(floors) * 100);
    report.number("console.longest_decision_s", longest[1]);
    report.number("console.longest_decision_without_s", longest[0]);
    report.number("console.bytes_a_page_and_s", median(bytes) / static_cast<double>(pages));
}

}  // namespace surged::bench
