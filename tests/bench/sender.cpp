#include "sender.hpp"

#include <signal.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "measure.hpp"
#include "socket.hpp"
#include "stream.hpp"

namespace surged::bench {
namespace {

// A signal handler has nothing else to write to.
volatile std::sig_atomic_t stop_asked = 0;  // NOLINT

Child::Options sender_process(const SenderOptions& options) {
    Child::Options out;
    out.argv = {own_path(),
                "send",
                options.endpoint,
                std::to_string(options.from),
                std::to_string(options.rate),
                options.recorded ? "recorded" : "live",
                std::to_string(options.queues)};
    out.pipe = true;
    return out;
}

}  // namespace

Sender::Sender(const SenderOptions& options) : child_(sender_process(options)), from_(options.from) {
    using namespace std::chrono_literals;
    if (child_.read_line(20s) != "ready") {  // the stream is encoded; only now does anybody's time count
        give_up("the sender did not start");
    }
}

std::uint64_t Sender::stop() {
    using namespace std::chrono_literals;
    if (!child_.running()) {
        return from_;
    }
    ::kill(child_.pid(), SIGTERM);
    const std::string last = child_.read_line(5s);
    child_.stop();
    return last.empty() ? from_ : std::strtoull(last.c_str(), nullptr, 10);
}

int run_sender(const std::vector<std::string>& words) {
    if (words.size() != 5) {
        return 2;
    }
    struct sigaction action {};
    action.sa_handler = [](int) { stop_asked = 1; };
    ::sigaction(SIGTERM, &action, nullptr);
    Stream stream(std::strtoull(words[4].c_str(), nullptr, 10));
    PushSocket socket(words[0]);
    std::uint64_t next = std::strtoull(words[1].c_str(), nullptr, 10);
    const double rate = std::strtod(words[2].c_str(), nullptr);
    const bool recorded = words[3] == "recorded";
    std::puts("ready");
    std::fflush(stdout);
    const auto start = Clock::now();
    std::uint64_t sent = 0;
    while (stop_asked == 0) {
        if (rate > 0 && static_cast<double>(sent) >= seconds_since(start) * rate) {
            std::this_thread::sleep_for(std::chrono::microseconds{500});
            continue;
        }
        if (socket.send(stream.message(next, recorded ? stream.recorded_ms(next) : wall_ms()))) {
            ++next;
            ++sent;
        }
    }
    std::printf("%llu\n", static_cast<unsigned long long>(next));
    std::fflush(stdout);
    std::_Exit(0);  // what is still queued is dropped: nobody receives any more
}

}  // namespace surged::bench
