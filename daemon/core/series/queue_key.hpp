// The name of a queue as people and records know it.
#pragma once

#include <compare>
#include <string>
#include <string_view>

namespace surged {

/// The channel of a queue for which none is named.
inline constexpr std::string_view voice_channel = "voice";

/// (centre, queue, channel). A series aggregated by centre has queue "*"; one aggregated over all has centre "*" as well.
struct QueueKey {
    std::string centre;
    std::string queue;
    std::string channel{voice_channel};
    auto operator<=>(const QueueKey&) const = default;
    template <typename V>
    void fields(V& v) {
        v("centre", centre), v("queue", queue), v("channel", channel);
    }
};

}  // namespace surged
