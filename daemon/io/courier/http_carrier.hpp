// Carries HTTP requests by libcurl, many at once on one thread, over kept connections. It knows how far a request got and refuses
// to know what an answer means. Hardest rule: a POST whose body was handed over is never sent a second time by the library on its
// own; the lost answer is reported as `broken_sent`. Private to this room.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "channels/request.hpp"

struct pollfd;

namespace surged {

/// Which connections may carry a request: those to the same host and port, by the same proxy, with the same trust.
std::string way_of(const HttpRequest& request);

/// What happened to the connections of one way.
struct WayNews {
    std::string way{};
    enum class What : std::uint8_t {
        used,         ///< a request ended, and a connection waits for the next
        lost_in_use,  ///< a request ended, and none waits: that of the request had carried others before
        lost_new,     ///< the same: it was a new one, or there was none
        lost_idle     ///< the last one that waited ended
    };
    What what = What::used;
};

class HttpCarrier {
public:
    using Time = std::chrono::steady_clock::time_point;
    /// `first_byte`: when the first byte of the request was handed to the kernel; Time{} = never.
    using Done = std::function<void(std::uint64_t ticket, const HttpReply& reply, Time first_byte)>;

    /// `connections_kept`: connections kept open over all hosts, in use or idle.
    explicit HttpCarrier(std::size_t connections_kept);
    ~HttpCarrier();
    HttpCarrier(const HttpCarrier&) = delete;
    HttpCarrier& operator=(const HttpCarrier&) = delete;

    void start(std::uint64_t ticket, HttpRequest request, std::chrono::milliseconds timeout);
    /// Makes what needs no network. The request leaves by start(ticket), or never, by forget(ticket); its time limit begins when it leaves.
    void make_ready(std::uint64_t ticket, HttpRequest request, std::chrono::milliseconds timeout);
    /// Of a request that is ready.
    void start(std::uint64_t ticket);
    void forget(std::uint64_t ticket);
    /// Moves every transfer on and reports those that ended. `done` may call start().
    void drive(const Done& done);
    /// Sleeps until something happens on a transfer, on one of `extra`, by wake(), or `within` is over.
    void wait(std::span<const pollfd> extra, std::chrono::milliseconds within);
    /// Ends wait(). Any thread.
    void wake();
    /// Ends all transfers, and those that are ready, without reports.
    void abandon();
    /// Since the last call, in order.
    std::vector<WayNews> take_news();

    std::uint64_t connections() const;  ///< opened since start

private:
    struct Multi;
    std::unique_ptr<Multi> multi_;
};

}  // namespace surged
