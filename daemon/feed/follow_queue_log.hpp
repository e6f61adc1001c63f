// `surgectl feed queue-log --follow`: a live log, for years beside a daemon and an Asterisk that come and go. What is there gives the state,
// messages begin now.
//
// The hardest rule: nothing but `stop` ends it, once it has begun. A log that is away, unreadable or cut short is a trouble, and so is a
// daemon that is away; the counters it sends are sums, so what was missed meanwhile is in the next message.
#pragma once

#include <atomic>
#include <istream>
#include <ostream>
#include <vector>

#include "feed/queue_log_reader.hpp"
#include "feed/run_queue_log.hpp"

namespace surged {

/// `earlier`: logs before the one that is followed, the oldest first. Exit code: 0 stopped, 2 the log (a folder, no permission), an endpoint
/// or an option cannot be used, 1 standard output has failed, or no line at all could be used.
int follow_queue_log(const QueueLogOptions& options, const std::vector<std::istream*>& earlier, std::ostream& out, std::ostream& err,
                     const std::atomic<bool>& stop);

/// The first line that could not be used, with its text and what was wanted; nothing when there was none.
void tell_first_fault(const QueueLogReadStats& read, std::ostream& err);
/// The first of them by their numbers.
void tell_faults(const QueueLogReadStats& read, std::ostream& err);

}  // namespace surged
