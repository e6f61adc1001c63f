// The name of a queue as people and records know it.
#pragma once

#include <compare>
#include <string>

namespace surged {

/// (centre, queue, channel). A series aggregated by centre has queue "*"; one aggregated over all has centre "*" as well.
struct QueueKey {
    std::string centre;
    std::string queue;
    std::string channel = "voice";
    auto operator<=>(const QueueKey&) const = default;
    template <typename V>
    void fields(V& v) {
        v("centre", centre), v("queue", queue), v("channel", channel);
    }
};

}  // namespace surged
