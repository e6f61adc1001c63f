// Calls of which something was seen a short while ago. A bounded memory, in the order of time.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>
#include <utility>

namespace surged {

class RecentCalls {
public:
    /// Keeps each for `kept_ms`, and at most `most` of them: then the oldest go earlier.
    RecentCalls(std::int64_t kept_ms, std::size_t most) : kept_ms_(kept_ms), most_(most) {}

    /// False: it was there already.
    bool add(const std::string& key, std::int64_t now_ms) {
        expire(now_ms);
        if (!at_.try_emplace(key, now_ms).second) {
            return false;
        }
        order_.emplace_back(now_ms, key);
        while (order_.size() > most_) {
            drop_oldest();
        }
        return true;
    }
    bool contains(const std::string& key) const { return at_.contains(key); }
    void erase(const std::string& key) { at_.erase(key); }
    void clear() {
        at_.clear();
        order_.clear();
    }
    void expire(std::int64_t now_ms) {
        while (!order_.empty() && order_.front().first + kept_ms_ < now_ms) {
            drop_oldest();
        }
    }

private:
    void drop_oldest() {
        const auto found = at_.find(order_.front().second);
        if (found != at_.end() && found->second == order_.front().first) {
            at_.erase(found);
        }
        order_.pop_front();
    }

    std::int64_t kept_ms_;
    std::size_t most_;
    std::unordered_map<std::string, std::int64_t> at_;
    std::deque<std::pair<std::int64_t, std::string>> order_;  // some are erased by now
};

}  // namespace surged
