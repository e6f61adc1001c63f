// What both Asterisk feeders write of a queue's counters into a message.
#pragma once

#include "core/series/message.hpp"
#include "feed/queue_log_state.hpp"

namespace surged {

/// Which of the counters mean something.
struct CountsTold {
    bool timeouts = true;
    bool callbacks = true;
    bool blocked = false;
};

/// Appends them to the message's values. `counters` need not live on.
void append_counts(Message& message, const QueueLogCounters& counters, const CountsTold& told);

}  // namespace surged
