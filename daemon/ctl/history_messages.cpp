#include "ctl/history_messages.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <limits>
#include <memory>

#include "io/store/history/sqlite_history.hpp"

namespace surged {
namespace {

constexpr std::int64_t slot_ms = history_slot_minutes * 60000;
constexpr std::size_t queues_a_message = 1000;
constexpr double not_known = -1;  // what a feeder says where it does not know; the counter begins anew after it

struct KeptMetric {
    std::size_t column = 0;
    const char* name = "";
    bool counter = false;
};
constexpr std::array kept_metrics{
    KeptMetric{column_offered, "offered", true},        KeptMetric{column_answered, "answered", true},
    KeptMetric{column_abandoned, "abandoned", true},    KeptMetric{column_handled, "handled", true},
    KeptMetric{column_handling_s, "talk_s_sum", true},  KeptMetric{column_waiting, "calls_waiting", false},
    KeptMetric{column_oldest_wait, "oldest_wait_s", false}, KeptMetric{column_staffed, "agents_staffed", false},
    KeptMetric{column_on_call, "agents_on_call", false}, KeptMetric{column_available, "agents_available", false},
};

/// One queue on its way through time.
struct Told {
    std::array<double, kept_metrics.size()> totals{};
    std::array<bool, kept_metrics.size()> known{};  ///< in the slot before
};

class HistoryTeller {
public:
    HistoryTeller(const std::vector<QueueKey>& queues, const std::function<bool(const Message&)>& each)
        : queues_(queues), each_(each), told_(queues.size()) {}

    /// What all queues had in `slot`: nullptr where nothing is known. False = nobody listens any more.
    bool slot(std::int64_t slot, const std::vector<const HistoryValues*>& values) {
        const auto anew = [&](std::size_t queue, std::size_t metric) {
            return begins(queue, metric, values[queue]) ? std::optional(not_known) : std::nullopt;
        };
        const auto from_here = [&](std::size_t queue, std::size_t metric) {
            return begins(queue, metric, values[queue]) ? std::optional(told_[queue].totals[metric] = 0) : std::nullopt;
        };
        const auto had = [&](std::size_t queue, std::size_t metric) { return ends(queue, metric, values[queue]); };
        return say(slot, anew) && say(slot, from_here) && say(slot + 1, had);
    }

    /// Slots went by of which nothing is known.
    void gap() {
        for (Told& queue : told_) {
            queue.known = {};
        }
    }

private:
    bool known(std::size_t metric, const HistoryValues* values) const {
        return values != nullptr && !std::isnan((*values)[kept_metrics[metric].column]);
    }
    bool begins(std::size_t queue, std::size_t metric, const HistoryValues* values) const {
        return kept_metrics[metric].counter && !told_[queue].known[metric] && known(metric, values);
    }
    std::optional<double> ends(std::size_t queue, std::size_t metric, const HistoryValues* values) {
        const bool is = known(metric, values);
        told_[queue].known[metric] = is;
        if (!is) {
            return std::nullopt;
        }
        const auto value = static_cast<double>((*values)[kept_metrics[metric].column]);
        return kept_metrics[metric].counter ? told_[queue].totals[metric] += value : value;
    }
    template <typename ValueOf>
    bool say(std::int64_t slot, ValueOf value_of) {
        bool more = true;
        begin(slot);
        for (std::size_t queue = 0; queue < queues_.size() && more; ++queue) {
            const auto first = static_cast<std::uint32_t>(message_.values.size());
            for (std::size_t metric = 0; metric < kept_metrics.size(); ++metric) {
                if (const std::optional<double> value = value_of(queue, metric)) {
                    message_.values.push_back({kept_metrics[metric].name, *value});
                }
            }
            const auto count = static_cast<std::uint32_t>(message_.values.size()) - first;
            if (count > 0) {
                const QueueKey& key = queues_[queue];
                message_.parts.push_back({key.centre, key.queue, key.channel, message_.ts, first, count});
            }
            if (message_.parts.size() >= queues_a_message || (queue + 1 == queues_.size() && !message_.parts.empty())) {
                message_.seq = ++seq_;
                more = each_(message_);
                begin(slot);
            }
        }
        return more;
    }
    void begin(std::int64_t slot) {
        message_.clear();
        message_.source = "history";
        message_.has_epoch = true;
        message_.epoch = 1;
        message_.ts = source_time(slot * slot_ms);
    }

    const std::vector<QueueKey>& queues_;
    const std::function<bool(const Message&)>& each_;
    std::vector<Told> told_;
    Message message_;
    std::uint64_t seq_ = 0;
};

}  // namespace

Result<void> history_messages(const KeptHistory& kept, const std::function<bool(const Message&)>& each) {
    HistoryTeller teller(kept.queues, each);
    std::vector<const HistoryValues*> values(kept.queues.size());
    for (std::int64_t begin = kept.from; begin < kept.to; begin += kept.at_once) {
        const std::int64_t end = std::min(begin + kept.at_once, kept.to);
        std::vector<KeptSlots> slots;
        bool any = false;
        for (const QueueKey& queue : kept.queues) {
            auto read = kept.read(queue, begin, end);
            if (!read) {
                return tl::unexpected(read.error());
            }
            any = any || !read->empty();
            slots.push_back(*std::move(read));
        }
        if (!any) {
            teller.gap();
            continue;
        }
        std::vector<std::size_t> next(slots.size());
        for (std::int64_t slot = begin; slot < end; ++slot) {
            for (std::size_t queue = 0; queue < slots.size(); ++queue) {
                const bool there = next[queue] < slots[queue].size() && slots[queue][next[queue]].first == slot;
                values[queue] = there ? &slots[queue][next[queue]++].second : nullptr;
            }
            if (!teller.slot(slot, values)) {
                return {};
            }
        }
    }
    return {};
}

Result<void> history_file_messages(const std::string& path, const std::function<bool(const Message&)>& each) {
    auto file = read_sqlite_history(path);
    if (!file) {
        return fail(path + ": " + file.error().message);
    }
    KeptHistory kept;
    const auto queues = (*file)->queues();
    const auto span = (*file)->span();
    if (!queues || !span) {
        return fail(path + ": " + (queues ? span.error() : queues.error()).message);
    }
    kept.queues = *queues;
    kept.from = span->first;
    kept.to = span->second;
    kept.read = [&file, &path](const QueueKey& queue, std::int64_t from, std::int64_t to) -> Result<KeptSlots> {
        KeptSlots out;
        const auto read = (*file)->read(queue, from, to, [&out](std::int64_t slot, const HistoryValues& values) { out.emplace_back(slot, values); });
        return read ? Result<KeptSlots>(std::move(out)) : fail(path + ": " + read.error().message);
    };
    return history_messages(kept, each);
}

bool is_history_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::string head(15, '\0');
    in.read(head.data(), static_cast<std::streamsize>(head.size()));
    return in.gcount() == static_cast<std::streamsize>(head.size()) && head == "SQLite format 3";
}

std::unique_ptr<const Plan> patient_for_history(const Plan& plan) {
    auto out = std::make_unique<Plan>(plan);
    out->stale_after = std::max(out->stale_after, Span{3 * slot_ms});
    return out;
}

}  // namespace surged
