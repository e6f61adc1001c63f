// One surged process for a test, with its folder, a configuration with free ports, a scripted sink for its pages, and a feeder.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "io/zmq/pusher.hpp"
#include "support/http_sink.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"

namespace surged::test {

struct DaemonKit {
    /// Writes surged.toml: one rule (calls_waiting > 10 on centre jinan), three leads, two supervisors, one manager, need 2,
    /// every page a webhook to `sink`, and times short enough for a test.
    DaemonKit();

    /// Starts surged and waits until it listens; `program`: another binary than the product's.
    Process& start(const std::string& program = {}, std::map<std::string, std::string> environment = {});
    /// A value of the line event=listening: "http", "metrics", "ingest", "publish".
    std::string address(const std::string& name) const;
    int port(const std::string& name) const;
    /// Sends one message: calls_waiting of jinan/general.
    void feed(double calls_waiting);
    /// Feeds the value every 50 ms until `done` or `within` is over; true = done.
    bool feed_until(double calls_waiting, const std::function<bool()>& done,
                    std::chrono::milliseconds within = std::chrono::seconds{30});
    Finished ctl(std::vector<std::string> arguments);
    /// Requests to the sink whose JSON has this purpose.
    std::vector<SinkRequest> pages(const std::string& purpose) const;
    /// How many records of this type the timeline of the first incident has.
    std::size_t recorded(const std::string& type);
    void write_config(const std::string& extra = {}) const;

    TempDir dir;
    HttpSink sink;
    std::string config;
    std::string ack_url_base;  ///< of the next write_config(); empty = pages have no link
    std::unique_ptr<Process> daemon;
    std::size_t started_at = 0;  ///< where the log of the running daemon begins
    std::unique_ptr<Pusher> pusher;
    std::uint64_t seq = 0;
    std::uint64_t epoch = 0;
};

/// Polls until `done` is true.
bool eventually(const std::function<bool()>& done, std::chrono::milliseconds within = std::chrono::seconds{30});

}  // namespace surged::test
