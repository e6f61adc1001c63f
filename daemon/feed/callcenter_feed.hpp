// What mod_callcenter's queues are known to be -> messages.
#pragma once

#include "feed/callcenter_state.hpp"
#include "feed/switch_feed.hpp"

namespace surged {

struct CallcenterFeedOptions : SwitchFeedOptions {
    CallcenterFeedOptions() : SwitchFeedOptions{"freeswitch", "freeswitch"} {}
};

using CallcenterFeed = SwitchFeed<CallcenterState, CallcenterFeedOptions>;

void add_own_values(Message& message, const CallcenterState&, const CallcenterState::Queue& queue, const CallcenterCrew& crew);

}  // namespace surged
