#include "feed/queue_counts.hpp"

namespace surged {

void append_counts(Message& message, const QueueLogCounters& counters, const CountsTold& told) {
    const auto count = [&](std::string_view name, std::uint64_t value) { message.values.push_back({name, static_cast<double>(value)}); };
    const auto seconds = [&](std::string_view name, std::int64_t ms) { message.values.push_back({name, static_cast<double>(ms) / 1000.0}); };
    count("offered", counters.offered);
    count("answered", counters.answered);
    count("abandoned", counters.abandoned);
    if (told.timeouts) {
        count("timeouts", counters.timeouts);
    }
    count("overflow_out", counters.overflow_out);
    if (told.callbacks) {
        count("callbacks_requested", counters.callbacks_requested);
    }
    if (told.blocked) {
        count("blocked", counters.blocked);
    }
    count("handled", counters.handled);
    count("answered_in_15", counters.answered_in_15);
    count("answered_in_20", counters.answered_in_20);
    count("abandoned_in_20", counters.abandoned_in_20);
    seconds("wait_answered_s_sum", counters.wait_answered_ms);
    seconds("wait_abandoned_s_sum", counters.wait_abandoned_ms);
    seconds("talk_s_sum", counters.talk_ms);
}

}  // namespace surged
