#include "feed/ami_feed.hpp"

namespace surged {

void add_own_values(Message& message, const AmiState& state, const AmiState::Queue& queue, const AmiCrewGauges& crew) {
    if (crew.wrapup_told) {
        message.values.push_back({"agents_wrapup", static_cast<double>(crew.wrapup)});
    }
    const auto& told = state.told();
    append_counts(message, queue.counters, {told.any(), false, told.dialplan});
    message.values.push_back({"transferred", static_cast<double>(queue.transferred)});
}

}  // namespace surged
