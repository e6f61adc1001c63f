// A live feeder's own health: numbers by name, as text for Prometheus, on a page of its own (--metrics ADDR:PORT).
//
// The hardest rule: whoever reads the page cannot delay the feed. The page has a thread of its own, which takes one reader at a time
// and gives each a second.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "core/base/result.hpp"
#include "os/file.hpp"

namespace surged {

/// From any thread. Names go out as surged_feed_<name>; each has at most one label besides `source`.
class FeedHealth {
public:
    struct Label {
        std::string_view name;
        std::string_view value;
    };
    /// `kind`: "ami", "poll" ...
    FeedHealth(std::string kind, std::string source) : kind_(std::move(kind)), source_(std::move(source)) {}

    /// A gauge: what it is now.
    void set(std::string_view name, double value, Label label = {});
    /// A counter: `name` ends in _total.
    void add(std::string_view name, std::uint64_t n = 1, Label label = {});
    /// A counter that somebody else counts: what it has come to by now.
    void total(std::string_view name, std::uint64_t value, Label label = {});
    /// What it is now; 0 = never set. For tests.
    double value(std::string_view name, std::string_view label_value = {}) const;
    /// What /healthz answers: 200 while the feeder reaches what it reads from, else 503 and why.
    void healthy(bool well, std::string_view why);
    bool is_healthy(std::string& why) const;

    /// The page: text format 0.0.4.
    std::string page() const;

private:
    struct Family {
        bool counter = false;
        std::map<std::string, double, std::less<>> cells;  // by `name="value"`, escaped; "" = no label
    };
    static constexpr std::size_t cells_max = 1000;  // of a family: labels may come from outside
    double* cell(std::string_view name, bool counter, Label label);

    std::string kind_;
    std::string source_;
    mutable std::mutex mutex_;
    std::map<std::string, Family, std::less<>> families_;
    bool well_ = false;
    std::string why_ = "starting";
};

/// GET /metrics and /healthz of a FeedHealth, on loopback only: nobody is asked who they are.
class HealthPage {
public:
    /// `listen`: "127.0.0.1:9850", "[::1]:9850", "localhost:0" (any free port). Borrows `health`.
    static Result<std::unique_ptr<HealthPage>> open(const std::string& listen, const FeedHealth& health);
    ~HealthPage();
    HealthPage(const HealthPage&) = delete;
    HealthPage& operator=(const HealthPage&) = delete;
    /// "127.0.0.1:41234": with its real port.
    const std::string& address() const { return address_; }

private:
    HealthPage(Fd socket, std::string address, const FeedHealth& health)
        : socket_(std::move(socket)), address_(std::move(address)), health_(health) {}
    void run();
    void serve(const Fd& peer) const;

    Fd socket_;
    std::string address_;
    const FeedHealth& health_;
    std::atomic<bool> stop_{false};
    std::thread thread_;
};

}  // namespace surged
