#include "feed/callcenter_feed.hpp"

namespace surged {

void add_own_values(Message& message, const CallcenterState&, const CallcenterState::Queue& queue, const CallcenterCrew& crew) {
    message.values.push_back({"agents_wrapup", static_cast<double>(crew.wrapup)});
    append_counts(message, queue.counters, {true, false, false});
}

}  // namespace surged
