// When providers that do not call are asked for what they have for us: receipts, and messages of people. It refuses to know formats
// (the channel's type) and meaning (the desk).
//
// Hardest rule: a provider gives everything once. What an answer holds is handed on before the next is asked for, and an answer
// that cannot be read is said, for what was in it is lost.
#pragma once

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "channels/pulled.hpp"
#include "core/record/order.hpp"

namespace surged {

/// When to ask whom. Pure arithmetic on times given. Private to this room.
class PullPlan {
public:
    using Time = std::chrono::steady_clock::time_point;
    using Key = std::pair<std::string, PullKind>;
    /// A channel nothing is expected of any more is asked for so much longer: receipts and answers may come late.
    static constexpr std::chrono::minutes linger{10};
    /// As many answers in a row with something in them are followed by the next question at once.
    static constexpr int rounds_max = 20;

    /// What may be asked, and how often. What was known and is not any more is forgotten.
    void offer(const std::map<Key, std::chrono::milliseconds>& every);
    /// Word is expected by these channels from now on, until the next call says otherwise.
    void expect(const std::set<std::string>& channels, Time now);
    /// Questions that are due; each counts as asked until ended().
    std::vector<Key> due(Time now);
    /// The next question; max() = none.
    Time next() const;
    void ended(const Key& key, bool something, Time now);

private:
    struct Entry {
        std::chrono::milliseconds every{10000};
        Time until = Time::min();  ///< asked up to here
        Time at{};
        bool expected = false;
        bool asked = false;
        int rounds = 0;
    };
    std::map<Key, Entry> entries_;
};

}  // namespace surged
