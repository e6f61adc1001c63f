// A whole queue_log in one answer: totals per queue over all epochs of the file. Text for people, JSON for machines.
#pragma once

#include <istream>
#include <string>
#include <vector>

#include "feed/queue_log_reader.hpp"
#include "feed/queue_log_state.hpp"

namespace surged {

class JsonWriter;

struct QueueLogSummary {
    QueueLogState state;
    QueueLogReadStats read;
};

/// One line of the counts above zero: ", 3 malformed, 1 expired"; empty when all is well.
std::string oddities_text(const QueueLogReadStats& read, const QueueLogOddities& odd, std::uint64_t unknown_events);

/// Reads to the end of all of them, the oldest first. Waiters older than limits.waiter_age_max at the last line's time are not
/// "waiting at end".
QueueLogSummary summarize_queue_log(const std::vector<std::istream*>& files, const QueueLogLimits& limits = {});
QueueLogSummary summarize_queue_log(std::istream& in, const QueueLogLimits& limits = {});

/// One queue's "offered", "answered" ... as fields of the object that is open.
void write_sums(JsonWriter& json, const QueueLogCounters& sum, std::uint64_t waiting);

/// {"queues":{"<queue>":{"offered":..,"answered":..,"abandoned":..,"timeouts":..,"waiting_at_end":..,"asa_s":..,"answered_in_20":..,
/// "talk_s_sum":..,"overflow_out":..,"callbacks_requested":..,"blocked":..}},"lines":..,"unknown_events":..,"malformed":..,
/// "oddities":{"backward":..,...}}. asa_s is null when nothing was answered. No newline at the end.
std::string summary_json(const QueueLogSummary& summary);
/// A table of the queues, then one line per oddity, then the first malformed lines.
std::string summary_text(const QueueLogSummary& summary);

}  // namespace surged
