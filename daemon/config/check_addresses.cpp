// Whether the channels by which people are reached know where to reach them: an SMS needs a mobile number, a mail an address. A
// step that can never arrive is an error of the configuration, found here and not in the surge.
#include <set>

#include "config/channel_types.hpp"
#include "config/draft.hpp"

namespace surged {

namespace {

/// What the person lacks for this channel; empty when nothing.
std::string_view missing(const PersonSpec& person, const ChannelSpec& channel) {
    const auto* type = channel_type(channel.type);
    const auto address = person.address.find(channel.id);
    if (type == nullptr || (address != person.address.end() && !address->second.empty())) {
        return {};
    }
    switch (type->reach) {
        case ReachBy::anything: return {};
        case ReachBy::mobile: return person.mobile.empty() ? "mobile" : "";
        case ReachBy::email: return person.email.empty() ? "email" : "";
    }
    return {};
}

}  // namespace

void check_addresses(Draft& draft) {
    for (std::size_t i = 0; i < draft.plan.people.size(); ++i) {
        const auto& person = draft.plan.people[i];
        std::set<std::string> used;
        for (const auto* steps : {&person.normal, &person.urgent}) {
            for (const auto& step : *steps) {
                used.insert(step.channel);
            }
        }
        for (const auto& channel : draft.plan.channels) {
            const auto what = used.contains(channel.id) ? missing(person, channel) : std::string_view();
            if (!what.empty()) {
                draft.report.error(draft.people[i], "person " + in_quotes(person.id) + " is reached by channel " +
                                                        in_quotes(channel.id) + " (" + channel.type + "), but has neither `" +
                                                        std::string(what) + "` nor an address on it");
            }
        }
    }
}

}  // namespace surged
