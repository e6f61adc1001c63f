// What is known of each queue's staffing now: written by the detector, read by the desk (how many to call, what a page says), the
// exporter and the API. Entries keep their place, one a queue with a shortfall rule.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.hpp"
#include "core/series/queue_key.hpp"
#include "core/staffing/shortfall.hpp"

namespace surged {

/// One queue. All numbers are meaningless unless `known`.
struct QueueStaffing {
    QueueKey queue;
    std::string group;
    bool known = false;
    EngineTime until{};   ///< the answer is too old after this
    double required = 0;  ///< agents that the queue needs now, the backlog included
    double productive = 0;
    double missing = 0;
    double slack = 0;  ///< agents it can give while keeping its own target; 0 while its handling time is not settled
    EngineTime slack_until = engine_never;  ///< nothing came of it after this: what it could give is not known any more
    double waiting = 0;
    double expected_wait_s = 0;  ///< infinite when nobody works
    double calls_per_s = 0;
    double expected_per_s = std::numeric_limits<double>::quiet_NaN();  ///< by a baseline rule on the same counter; NaN = none
    double aht_s = 0;
    staffing::HandlingFrom aht_from = staffing::HandlingFrom::unknown;
    double aht_calls = 0;        ///< calls handled in the window of the handling time
    double aht_in_progress = 0;  ///< calls in progress; NaN = not known
    double aht_configured_s = 0;
    Span aht_window{0};
    double patience_s = 0;  ///< 0 = nobody gives up
    Span lead{0};
    staffing::Cause cause = staffing::Cause::none;

    bool fresh(EngineTime now) const { return known && now <= until; }
    bool is_short(EngineTime now) const { return fresh(now) && missing > 0; }
    /// Agents it can give now. None of a queue that is short itself, whose feed is silent or whose numbers are not settled.
    double can_give(EngineTime now) const { return fresh(now) && now <= slack_until && missing <= 0 ? slack : 0; }
};

class StaffingBoard {
public:
    /// The entry of this queue; made when it is not there. `id` is the detector's number of the queue.
    QueueStaffing& entry(std::uint32_t id, const QueueKey& key, std::string_view group) {
        if (id < places_.size() && places_[id] != nowhere) {
            return entries_[places_[id]];
        }
        if (id >= places_.size()) {
            places_.resize(id + std::size_t{1}, nowhere);
        }
        places_[id] = static_cast<std::uint32_t>(entries_.size());
        entries_.push_back({});
        entries_.back().queue = key;
        entries_.back().group = group;
        return entries_.back();
    }
    /// Asks for the memory of this queue's entry.
    void prefetch(std::uint32_t id) const {
        if (id < places_.size() && places_[id] != nowhere) {
            constexpr std::size_t line = 64;
            const auto* at = reinterpret_cast<const std::byte*>(&entries_[places_[id]]);
            for (std::size_t offset = 0; offset < sizeof(QueueStaffing); offset += line) {
                __builtin_prefetch(at + offset, 1);
            }
        }
    }
    const QueueStaffing* find(std::uint32_t id) const {
        return id < places_.size() && places_[id] != nowhere ? &entries_[places_[id]] : nullptr;
    }
    const std::vector<QueueStaffing>& entries() const { return entries_; }

private:
    static constexpr std::uint32_t nowhere = 0xFFFFFFFFU;
    std::vector<QueueStaffing> entries_;
    std::vector<std::uint32_t> places_;  ///< by the detector's number of the queue
};

}  // namespace surged
