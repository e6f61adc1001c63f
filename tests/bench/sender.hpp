// The sending process: the stream over PUSH, flat out or at a steady rate, until it is told to stop.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "child.hpp"

namespace surged::bench {

struct SenderOptions {
    std::string endpoint;
    std::uint64_t from = 0;  ///< number of the first message
    double rate = 0;         ///< messages a second; 0 = flat out
    bool recorded = false;   ///< times of the recording instead of the time of day
    std::size_t queues = 10000;
};

/// A sender in a process of its own.
class Sender {
public:
    explicit Sender(const SenderOptions& options);
    /// Ends it and returns the number of the message it would have sent next.
    std::uint64_t stop();

private:
    Child child_;
    std::uint64_t from_;
};

/// `surged_bench send`: what the process runs.
int run_sender(const std::vector<std::string>& words);

}  // namespace surged::bench
