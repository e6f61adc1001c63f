// A whole queue_log in one answer: totals per queue over all epochs of the file. Text for people, JSON for machines.
#pragma once

#include <istream>
#include <string>

#include "feed/queue_log_reader.hpp"
#include "feed/queue_log_state.hpp"

namespace surged {

struct QueueLogSummary {
    QueueLogState state;
    QueueLogReadStats read;
};

/// Reads to the end. Waiters older than limits.waiter_age_max at the last line's time are not "waiting at end".
QueueLogSummary summarize_queue_log(std::istream& in, const QueueLogLimits& limits = {});

/// {"queues":{"<queue>":{"offered":..,"answered":..,"abandoned":..,"timeouts":..,"waiting_at_end":..,"asa_s":..,"answered_in_20":..,
/// "talk_s_sum":..}},"lines":..,"unknown_events":..}. asa_s is null when nothing was answered. No newline at the end.
std::string summary_json(const QueueLogSummary& summary);
/// A table of the queues, then one line per oddity, then the first malformed lines.
std::string summary_text(const QueueLogSummary& summary);

}  // namespace surged
