#include "ctl/count_queue_log.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "core/base/clock_text.hpp"

namespace surged {

namespace {
constexpr std::size_t queues_told_max = 10;
/// Names a queue or a metric may be called by, for an error.
std::string list_of(const std::set<std::string>& names) {
    std::string out;
    std::size_t told = 0;
    for (const auto& name : names) {
        if (told++ == queues_told_max) {
            return out + ", ...";
        }
        out += (out.empty() ? "" : ", ") + name;
    }
    return out;
}

/// The counter of one queue, cut into rows by the times of the messages.
class RowCounter {
public:
    RowCounter(std::string metric, std::string queue, Span interval)
        : metric_(std::move(metric)), queue_(std::move(queue)), interval_ms_(interval.count()) {}

    bool message(const Message& message) {
        const auto ms = to_ms(message.ts);
        if (first_ms_ == 0) {
            first_ms_ = ms;
        }
        last_ms_ = std::max(last_ms_, ms);
        // A message holds what came before its time.
        const auto row = (ms - 1) / interval_ms_;
        if (rows_.size() < CountFile::rows_max) {
            rows_.try_emplace(row, 0.0);
        }
        for (const auto& part : message.parts) {
            queues_.emplace(part.queue);
            if (queue_.empty() || part.queue == queue_) {
                count(message, part, row);
            }
        }
        return true;
    }

    const std::set<std::string>& queues() const { return queues_; }
    const std::set<std::string>& metrics() const { return metrics_; }
    bool counted() const { return counted_; }
    bool falls() const { return falls_; }  ///< it is no counter
    /// Calls by the number of the row since 1970, of rows that the log covers whole.
    std::map<std::int64_t, double> whole_rows() const {
        std::map<std::int64_t, double> out;
        for (const auto& [row, count] : rows_) {
            if (row * interval_ms_ >= first_ms_ - interval_ms_ / 60 && (row + 1) * interval_ms_ <= last_ms_) {
                out.emplace(row, count);
            }
        }
        return out;
    }

private:
    void count(const Message& message, const QueuePart& part, std::int64_t row) {
        for (std::size_t i = part.first; i < part.first + std::size_t{part.count}; ++i) {
            const auto& value = message.values[i];
            metrics_.emplace(value.name);
            if (value.name != metric_) {
                continue;
            }
            counted_ = true;
            const bool anew = message.epoch != epoch_;
            falls_ = falls_ || (!anew && value.value < total_);
            if (const auto at = rows_.find(row); at != rows_.end()) {
                at->second += anew ? value.value : value.value - total_;
            }
            epoch_ = message.epoch;
            total_ = value.value;
        }
    }

    std::string metric_;
    std::string queue_;
    std::int64_t interval_ms_;
    std::int64_t first_ms_ = 0;
    std::int64_t last_ms_ = 0;
    std::map<std::int64_t, double> rows_;
    std::set<std::string> queues_;
    std::set<std::string> metrics_;
    std::uint64_t epoch_ = 0;
    double total_ = 0;
    bool counted_ = false;
    bool falls_ = false;
};
}  // namespace

Result<CountFile> queue_log_counts(std::istream& in, const std::string& path, const QueueLogCounts& options, QueueLogReplay& read) {
    RowCounter counter(options.metric, options.queue, options.interval);
    read = queue_log_messages(in, QueueLogFeedOptions{}, [&](const Message& message) { return counter.message(message); });
    const auto& queues = counter.queues();
    if (queues.empty()) {
        return fail(path + ": no queue in it");
    }
    if (options.queue.empty() ? queues.size() > 1 : !queues.contains(options.queue)) {
        return fail(path + ": holds " + std::to_string(queues.size()) + " queues" +
                    (options.queue.empty() ? "" : ", none of them " + options.queue) + ": name one with --queue, of " + list_of(queues));
    }
    if (!counter.counted()) {
        return fail(path + ": a queue_log tells nothing of " + options.metric + "; --metric is one of " + list_of(counter.metrics()));
    }
    if (counter.falls()) {
        return fail(path + ": " + options.metric + " is a level, which cannot be counted");
    }
    CountFile out;
    out.queue = options.queue.empty() ? *queues.begin() : options.queue;
    out.bad_lines = read.read.malformed;
    const auto step_s = options.interval.count() / 1000;
    for (const auto& [number, count] : counter.whole_rows()) {
        const auto second = number * step_s;
        CountRow row;
        place_in_zone(row, {second / 86400, static_cast<std::int32_t>(second % 86400), options.zone != nullptr ? std::optional(0) : std::nullopt},
                      options.zone);
        auto civil = civil_from_days(row.day);
        civil.second_of_day = row.second_of_day;
        row.stamp = civil_text(civil);
        row.count = count;
        out.rows.push_back(std::move(row));
    }
    if (out.rows.empty()) {
        return fail(path + ": not one whole row");
    }
    return out;
}

}  // namespace surged
