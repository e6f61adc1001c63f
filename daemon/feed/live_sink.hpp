// Where a live feeder's messages go: one or several daemons at once, or JSON lines on standard output.
//
// The hardest rule: no daemon waits for another, and the feed waits for none. A daemon that is away gets what its socket keeps, then
// misses some, which its sequence numbers show; counters are sums, so nothing is lost for good.
#pragma once

#include <atomic>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/series/message.hpp"
#include "feed/live_health.hpp"
#include "feed/live_log.hpp"
#include "feed/sink.hpp"
#include "io/zmq/pusher.hpp"

namespace surged {

/// What every live feeder is told (ctl/live_options.hpp has their options).
struct LiveOptions {
    std::vector<std::string> to;  ///< [ingest] bind of each daemon, or "-"; empty = tcp://127.0.0.1:5556
    bool msgpack = false;         ///< sockets only
    std::string curve_secret;     ///< files of keys; empty = no CURVE
    std::string curve_public;
    std::vector<std::string> curve_server;  ///< one for all, or one for each of `to`
    bool publish = false;                   ///< bind a PUB socket at each of `to` instead
    int kept = 1000;                        ///< messages that one daemon's socket keeps while it is away
    std::string source;                     ///< this process's own name on the wire
    std::string metrics;                    ///< "127.0.0.1:9850"; empty = no page
};

/// The same for feeders that wait for their daemons (sink.hpp): one output each. Errors name the option.
Result<std::vector<FeedOutput>> outputs_of(const LiveOptions& options);

class LiveSink {
public:
    /// Borrows the last four until the sink is gone. Errors name the endpoint or the option.
    static Result<std::unique_ptr<LiveSink>> open(const LiveOptions& options, std::ostream& out, FeedHealth& health, TroubleLog& log);
    LiveSink(const LiveSink&) = delete;
    LiveSink& operator=(const LiveSink&) = delete;

    /// Never waits. False: standard output has failed (a closed pipe), and the feeder should end.
    bool send(const Message& message, std::int64_t now_ms);
    /// Gives what is under way up to two seconds to leave. False: something may be lost.
    bool finish();
    /// Messages that one daemon at least took.
    std::uint64_t sent() const { return sent_; }

private:
    struct Way {
        std::string endpoint;
        std::unique_ptr<Pusher> pusher;  ///< null: standard output
        std::string trouble;             ///< its word in the log's book of troubles
    };
    LiveSink(std::ostream& out, FeedHealth& health, TroubleLog& log) : out_(out), health_(health), log_(log) {}

    std::ostream& out_;
    FeedHealth& health_;
    TroubleLog& log_;
    bool msgpack_ = false;
    std::vector<Way> ways_;
    std::uint64_t sent_ = 0;
};

/// A name for the source that no other feeder has: this host, the kind, and a sum of what it reads from and the centre. The same
/// after a restart. At most 64 bytes.
std::string live_source(const std::string& kind, const std::string& reads_from, const std::string& centre);

/// Log, health and sink of a live feeder, opened together.
struct LiveFeed {
    LiveFeed(const char* kind, const LiveOptions& options, std::ostream& err);

    FeedHealth health;
    TroubleLog log;
    std::unique_ptr<LiveSink> sink;
    std::unique_ptr<HealthPage> page;  ///< null: none was asked for

    /// Opens sink and page. Errors as theirs.
    Result<void> open(const LiveOptions& options, std::ostream& out);
};

}  // namespace surged
