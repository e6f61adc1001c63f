// The courier: carries pages to the world and brings back what became of each, on its own thread. It knows channels (README.md),
// time limits and classes of outcome; it refuses to know incidents, retries and rosters: whether a page is tried
// again is the desk's decision.
//
// Hardest rules: every order gets exactly one outcome; one dead channel never delays another (each has its own queue and its own
// share of what is under way); an order that may have reached its sink is `unknown`, never silently sent twice.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "channels/pulled.hpp"
#include "core/record/order.hpp"
#include "core/team/spec.hpp"

namespace surged {

/// When things happened to one order, on the host's steady clock.
struct SendTiming {
    using Time = std::chrono::steady_clock::time_point;
    Time submitted{};
    Time first_byte{};  ///< first byte handed to the wire (or to the command's stdin, or the log line); Time{} = none was
    Time finished{};
};

/// Why a channel cannot work as configured: for the log, `--check` and the API. Never contains a secret.
struct ChannelProblem {
    std::string channel;
    std::string detail;
};

struct CourierOptions {
    /// Called on the courier's thread (or on the caller's, when submit() refuses), once for every order. Keep it short (post,
    /// wake).
    std::function<void(SendOutcome, SendTiming)> on_outcome;
    /// Called on the courier's thread for every question to a provider. Without it nobody is asked.
    std::function<void(Pulled)> on_pulled;
    /// Called on the courier's thread when a way that is kept warm cannot be used, for each channel that goes by it, and with "" when it can
    /// again.
    std::function<void(const ChannelProblem&)> on_warmth;
    std::size_t queue_max = 10000;    ///< orders waiting, all channels; beyond: outcome retry "courier queue full"
    std::size_t in_flight_max = 1280;  ///< under way, all channels; a channel with nothing under way may always start one
    std::size_t channel_in_flight_max = 320;  ///< a region of 300 people leaves in one round trip to its provider
    std::chrono::milliseconds kill_grace{1000};  ///< exec: between SIGTERM and SIGKILL
    std::string credentials_dir;                 ///< systemd's $CREDENTIALS_DIRECTORY; "" = none
    std::string installation;                    ///< of the store: in front of every key that leaves; "" = none
    /// One line of text without newline, for channel type "log". Default: stderr.
    std::function<void(const std::string& line)> log_line;
    /// One message for the PUB socket, for channel type "publish", on the courier's thread. Without it such orders are
    /// config_error.
    std::function<void(std::string topic, std::string json)> publish;
    /// Whether anything may be started now, an order or a question to a provider; asked on the courier's thread before each. While it
    /// says no, orders wait; one that has waited longer than its own time limit ends as `retry`, unsent. Without it everything may.
    std::function<bool()> may_start;
    /// Crash points for tests, on the courier's thread: "before_send", "after_send" (before on_outcome).
    std::function<void(const char* step)> at_step;
};

struct CourierStats {
    std::uint64_t submitted = 0;
    std::uint64_t refused = 0;      ///< queue full
    std::uint64_t queued = 0;       ///< gauge
    std::uint64_t in_flight = 0;    ///< gauge
    std::uint64_t held_back = 0;    ///< ended unsent, since nothing was allowed to start for too long
    std::uint64_t ready = 0;        ///< left with the request that was made beforehand
    std::uint64_t warm_ups = 0;     ///< uses of a way that no order was sent by
    std::uint64_t connections = 0;  ///< opened since start; requests beyond it went over kept ones
    std::map<std::string, std::map<std::string, std::uint64_t>> outcomes;  ///< channel -> outcome word -> count
};

class Courier {
public:
    explicit Courier(CourierOptions options);
    ~Courier();  ///< stop(0)
    Courier(const Courier&) = delete;
    Courier& operator=(const Courier&) = delete;

    /// Swaps the channels; what is under way ends as it began. Reads secrets on the caller's thread. A channel with a problem
    /// stays known: its orders get config_error with that detail. Callable at any time from one thread.
    std::vector<ChannelProblem> configure(const std::vector<ChannelSpec>& channels, const std::string& base_dir);

    /// Never blocks. An unknown channel is config_error. Any thread.
    void submit(SendOrder order);
    /// The same for those that may leave at one moment: they leave together.
    void submit(std::vector<SendOrder> orders);

    /// These are being written down, and will be submitted once that is done, or never: requests are made ready meanwhile. Of more than
    /// `ready_max` the rest is made when it is submitted. Never blocks. Any thread.
    void make_ready(std::vector<SendOrder> orders);
    static constexpr std::size_t ready_max = 16;

    /// Word is expected by these channels, receipts or messages of people, until the next call says otherwise. Any thread.
    void expect(std::set<std::string> channels);

    /// A page may leave soon: ways whose server hung up are opened again now. Never blocks, costs nothing when they are warm. Any thread.
    void soon();

    CourierStats stats() const;

    /// Waits up to `within` for what is queued and under way, then ends the rest: unsent orders as `retry`, those under way as
    /// `unknown` (their outcome is still delivered). Returns how many it had to end. No order is accepted afterwards.
    std::size_t stop(std::chrono::milliseconds within);

private:
    struct Loop;
    std::unique_ptr<Loop> loop_;
};

/// Problems of these channels without starting anything: unknown type, missing url, unreadable secret. For `--check`.
std::vector<ChannelProblem> check_channels(const std::vector<ChannelSpec>& channels, const std::string& base_dir,
                                           const std::string& credentials_dir);

}  // namespace surged
