// What is known of each queue's staffing now: written by the detector, read by the desk (how many to call, what a page says), the
// exporter and the API. Entries keep their place, one a queue with a shortfall rule.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/time.hpp"
#include "core/series/queue_key.hpp"
#include "core/staffing/shortfall.hpp"

namespace surged {

/// One queue. All numbers are meaningless unless `known`. What each look writes stands first, in two cache lines.
struct alignas(64) QueueStaffing {
    bool known = false;
    staffing::HandlingFrom aht_from = staffing::HandlingFrom::unknown;
    staffing::Cause cause = staffing::Cause::none;
    std::int32_t required = 0;  ///< agents that the queue needs now, the backlog included
    EngineTime until{};         ///< the answer is too old after this
    EngineTime slack_until = engine_never;  ///< nothing came of it after this: what it could give is not known any more
    double productive = 0;
    double missing = 0;
    double slack = 0;  ///< agents it can give while keeping its own target; 0 while its handling time is not settled
    double waiting = 0;
    double calls_per_s = 0;
    double expected_per_s = std::numeric_limits<double>::quiet_NaN();  ///< by a baseline rule on the same counter; NaN = none
    double aht_s = 0;
    double aht_calls = 0;             ///< calls handled in the window of the handling time
    double aht_in_progress = 0;       ///< calls in progress; NaN = not known
    double patience_s = 0;            ///< 0 = nobody gives up
    double reckoned_patience_s = 0;   ///< the one that staffing went by: it follows the other in steps
    mutable double wait_s = not_asked;  ///< see expected_wait_s()

    // What the rule says, and whose it is.
    double within_s = 0;  ///< of its target
    double aht_configured_s = 0;
    Span aht_window{0};
    Span lead{0};
    QueueKey queue;
    std::string group;

    static constexpr double not_asked = std::numeric_limits<double>::quiet_NaN();
    /// Of a call that arrives now; infinite when nobody works. Worked out when it is asked for, once a look: it can cost more than a look.
    double expected_wait_s() const {
        if (std::isnan(wait_s)) {
            wait_s = staffing::expected_wait_s({{calls_per_s, aht_s, reckoned_patience_s}, waiting, productive}, within_s);
        }
        return wait_s;
    }

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
            __builtin_prefetch(at, 1);
            __builtin_prefetch(at + line, 1);
        }
    }
    QueueStaffing* find(std::uint32_t id) { return const_cast<QueueStaffing*>(std::as_const(*this).find(id)); }  // NOLINT: it is ours
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
