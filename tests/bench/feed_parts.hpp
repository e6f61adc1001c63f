// The parts of `surged_bench feed` that need processes of their own.
#pragma once

#include <string>
#include <vector>

#include "commands.hpp"

namespace surged::bench {

/// `surgectl feed ami` beside a switch of 2,000 calls a second, both with real sockets: from an event's bytes to the message that has it.
void feed_delay(const Options& options, Report& report);
/// A queue_log of --gigabytes, replayed as fast as it goes on one core.
void feed_log(const Options& options, Report& report);

/// The helper processes, as `surgectl feed ami` and `surgectl feed queue-log` are run: port, endpoint, file of the secret; and the log's file.
int run_feed_ami_child(const std::vector<std::string>& words);
int run_feed_log_child(const std::vector<std::string>& words);

}  // namespace surged::bench
