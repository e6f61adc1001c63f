// What every courier test needs: orders, a courier whose outcomes are collected, bounded waits.
#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "io/courier/courier.hpp"
#include "support/catch.hpp"
#include "support/http_sink.hpp"

namespace surged::test {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

inline constexpr std::chrono::seconds patience{30};

SendOrder order_for(const std::string& page, const std::string& channel, milliseconds timeout = 5000ms);
ChannelSpec webhook_spec(const std::string& id, const std::string& url);
ChannelSpec exec_spec(const std::string& id, std::vector<std::string> command);

struct Landed {
    SendOutcome outcome;
    SendTiming timing;
};

/// A courier and what came back from it.
class CourierKit {
public:
    explicit CourierKit(CourierOptions options = {});
    Courier& courier() { return *courier_; }
    std::vector<ChannelProblem> configure(std::vector<ChannelSpec> channels, const std::string& base_dir = "");
    /// Submits and waits for this page's outcome.
    Landed send(const SendOrder& order);
    void submit(const SendOrder& order) { courier_->submit(order); }
    /// All outcomes, once there are `count`.
    std::vector<Landed> wait(std::size_t count);
    std::size_t count() const;

private:
    mutable std::mutex lock_;
    std::condition_variable changed_;
    std::vector<Landed> landed_;
    std::unique_ptr<Courier> courier_;  // last: its thread ends before what it writes to
};

}  // namespace surged::test
