// When a way out is used although nobody is paged, so that its connection is there when somebody is: name, TCP and TLS cost the first page
// of a night several round trips. A use is a HEAD for the root of the channel's host: it has no secret, no effect and no price.
//
// Three occasions: a way that was idle for `every`, shortly before servers hang up (60 or 75 s are usual); a connection that ended while it
// was used; and a page that may leave soon (an alert is pending), when the server hung up before. Pure arithmetic on times given; it refuses
// to know requests and channels. Private to this room.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace surged {

class WarmPlan {
public:
    using Time = std::chrono::steady_clock::time_point;
    /// So long after soon() a connection that ends is replaced at once.
    static constexpr std::chrono::minutes eager_for{2};
    /// Between two uses of one way, whatever happens.
    static constexpr std::chrono::milliseconds gap{2000};

    /// The ways to keep warm, and after which time without use. A new one is due at once; one that is not among them is forgotten.
    void offer(const std::map<std::string, std::chrono::milliseconds>& every, Time now);
    /// A page may leave soon.
    void soon(Time now);
    /// A request of this way ended, and its connection or another waits for the next.
    void used(const std::string& way, Time now);
    /// No connection waits any more. `in_use`: the last one, which had carried requests before, ended with a request; else while it was idle.
    void lost(const std::string& way, bool in_use, Time now);

    /// Ways that are due; each counts as being used until ended().
    std::vector<std::string> due(Time now);
    void ended(const std::string& way);
    /// When the next is due; max() = none.
    Time next() const;
    bool empty() const { return ways_.empty(); }

private:
    struct Way {
        std::chrono::milliseconds every{50000};
        Time at{};
        Time tried = Time::min();
        bool under_way = false;
        bool waits = false;
    };
    static Time after_gap(const Way& way, Time now);
    std::map<std::string, Way> ways_;
    Time eager_until_ = Time::min();
};

}  // namespace surged
