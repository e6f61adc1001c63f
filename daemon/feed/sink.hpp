// Where a feeder's messages go: ZeroMQ sockets, or JSON lines on a stream. The hardest rule: back-pressure is honest. While the only
// daemon is away or slow a PUSH waits, says so once, and nothing is dropped; only `stop` ends the wait. Of several daemons each has a
// socket of its own, for one socket would deal the messages out in turn, some to each; a message is sent when one of them took it, and
// what another one misses meanwhile is counted and told.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "config/settings.hpp"
#include "core/base/result.hpp"
#include "core/series/message.hpp"

namespace surged {

struct FeedOutput {
    std::string endpoint = "tcp://127.0.0.1:5556";  ///< "-" = JSON lines on the output stream
    bool publish = false;                           ///< PUB that binds; false = PUSH that connects
    bool msgpack = false;                           ///< sockets only
    int hwm = 1000;
    CurveSettings curve{};
    /// Source times become the time of sending, so that a live daemon accepts them. Default: on for sockets, off for "-".
    std::optional<bool> shift_to_now{};
    bool shifts() const { return shift_to_now.value_or(endpoint != "-"); }
};

std::vector<FeedOutput> all_outputs(const FeedOutput& first, const std::vector<FeedOutput>& more);
/// Whether times are moved to now: one of the outputs is a daemon that works now.
bool shifts_to_now(const std::vector<FeedOutput>& outputs);

class FeedSink {
public:
    virtual ~FeedSink() = default;
    /// False: stopped, or the stream has failed.
    virtual bool send(const Message& message) = 0;
    /// Gives what is under way up to two seconds to leave. False: something may be lost.
    virtual bool finish() = 0;
    std::uint64_t sent() const { return sent_; }

protected:
    std::uint64_t sent_ = 0;
};

/// Borrows all three until the sink is gone. Errors name the endpoint.
Result<std::unique_ptr<FeedSink>> open_sink(const FeedOutput& output, std::ostream& out, std::ostream& err,
                                            const std::atomic<bool>& stop);

/// The same for several outputs: each is given everything, and nobody waits for one that is away. Waits, as above, while none takes anything.
Result<std::unique_ptr<FeedSink>> open_sinks(const std::vector<FeedOutput>& outputs, std::ostream& out, std::ostream& err,
                                             const std::atomic<bool>& stop);

/// Milliseconds of the wall clock (UTC).
std::int64_t wall_now_ms();
/// Waits until the steady clock shows `due`, looking at `stop` at least every 50 ms. False: stopped.
bool wait_until_ms(std::int64_t due_steady_ms, const std::atomic<bool>& stop);
std::int64_t steady_now_ms();

/// A copy of the message's header and parts with every time moved by `offset_ms`; text and values stay borrowed.
void shift_times(Message& message, std::int64_t offset_ms);

}  // namespace surged
