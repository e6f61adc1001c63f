// How long a page took from the message that caused it to its first byte on the wire (surged_page_seconds). The engine's time has
// a grain of a millisecond, which is more than a page takes on an idle host; so the steady moment of arrival is kept here per
// attempt under way.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <unordered_map>

#include "core/record/order.hpp"

namespace surged {

class PageClock {
public:
    using Time = std::chrono::steady_clock::time_point;

    /// Bounded by what the courier has under way: an entry lives from the order to its outcome.
    void started(const SendOrder& order, Time arrived) { under_way_[key(order.page, order.attempt)] = arrived; }
    /// Seconds from arrival to `first_byte`; nullopt when nothing left, or the attempt is not known.
    std::optional<double> finished(const SendOutcome& outcome, Time first_byte) {
        const auto found = under_way_.find(key(outcome.page, outcome.attempt));
        if (found == under_way_.end()) {
            return std::nullopt;
        }
        const Time arrived = found->second;
        under_way_.erase(found);
        return first_byte == Time{} ? std::nullopt : std::optional(std::chrono::duration<double>(first_byte - arrived).count());
    }
    std::size_t under_way() const { return under_way_.size(); }

private:
    static std::string key(const std::string& page, int attempt) { return page + "#" + std::to_string(attempt); }
    std::unordered_map<std::string, Time> under_way_;
};

}  // namespace surged
