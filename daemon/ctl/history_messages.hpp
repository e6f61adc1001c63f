// Kept history as the messages of a feeder, so that learn, tune, replay and explain read it like any other recording: for every queue
// counters that rise by what each slot had, and gauges as they were.
//
// It knows slots and messages, and not where slots come from. Its hardest rule: a slot of which nothing is known is no zero. Each counter
// is said to be unknown there, and begins anew after it.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/result.hpp"
#include "core/series/message.hpp"
#include "core/series/queue_key.hpp"
#include "core/team/plan.hpp"
#include "io/history_columns.hpp"

namespace surged {

using KeptSlots = std::vector<std::pair<std::int64_t, HistoryValues>>;

struct KeptHistory {
    std::vector<QueueKey> queues;
    std::int64_t from = 0;  ///< slots of five minutes since 1970
    std::int64_t to = 0;
    std::int64_t at_once = 288;  ///< slots that are read of all queues before they are told
    std::function<Result<KeptSlots>(const QueueKey& queue, std::int64_t from, std::int64_t to)> read;
};

/// Calls `each` in order of time until it says false. An error is that of `read`.
Result<void> history_messages(const KeptHistory& kept, const std::function<bool(const Message&)>& each);

/// A file of the daemon's, `<store>.history`: opened to read, while the daemon may write it.
Result<void> history_file_messages(const std::string& path, const std::function<bool(const Message&)>& each);
/// Whether the file is one of SQLite's, which of all recordings only a history is.
bool is_history_file(const std::string& path);
/// Its messages come once in five minutes: nothing is silent in between.
std::unique_ptr<const Plan> patient_for_history(const Plan& plan);

}  // namespace surged
