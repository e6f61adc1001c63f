// What the manager interface knows of Asterisk's queues -> messages.
#pragma once

#include "feed/ami_state.hpp"
#include "feed/switch_feed.hpp"

namespace surged {

struct AmiFeedOptions : SwitchFeedOptions {
    AmiFeedOptions() : SwitchFeedOptions{"asterisk", "ami", 1000, 0} {}
};

using AmiFeed = SwitchFeed<AmiState, AmiFeedOptions>;

void add_own_values(Message& message, const AmiState& state, const AmiState::Queue& queue, const AmiCrewGauges& crew);

}  // namespace surged
