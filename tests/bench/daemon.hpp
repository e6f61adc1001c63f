// The real surged as a process: its configuration in a folder of its own, ports of its own choice, asked over its own API.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "child.hpp"

namespace surged::bench {

class Daemon {
public:
    /// `config`: what is added to the sockets, the listeners and the store (rules, channels, people, policies).
    /// `before`: words in front of the program's, of one that starts it (strace); pid() is then that one's.
    Daemon(const std::string& folder, const std::string& config, std::vector<std::string> before = {});

    pid_t pid() const { return child_->pid(); }
    std::string ingest() const { return "tcp://127.0.0.1:" + std::to_string(ingest_); }
    int metrics_port() const { return metrics_; }
    int http_port() const { return http_; }

    struct Counts {
        std::uint64_t messages = 0;
        std::uint64_t samples = 0;
        std::uint64_t series = 0;
        std::uint64_t bound = 0;
        std::uint64_t rejected = 0;
        std::uint64_t incidents = 0;
    };
    /// By GET /api/v1/status: a job for the engine thread of a few microseconds.
    Counts counts() const;
    /// Waits until this many series are known.
    bool wait_for_series(std::uint64_t series, std::chrono::milliseconds within) const;
    /// One value of GET /metrics by the start of its line; dear with many series.
    double metric(const std::string& line_start) const;

private:
    std::unique_ptr<Child> child_;
    int ingest_ = 0;
    int http_ = 0;
    int metrics_ = 0;
};

}  // namespace surged::bench
