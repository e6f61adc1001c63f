// Whether the channels by which people are reached know where to reach them: an SMS needs a mobile number, a mail an address. A
// step that can never arrive is an error of the configuration, found here and not in the surge.
#include <algorithm>
#include <map>
#include <set>

#include "channels/channel_type.hpp"
#include "config/draft.hpp"
#include "core/base/phone_number.hpp"

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

/// A robot of a chat is read by the whole chat even where it is told to send one message a person.
bool read_by_group(const ChannelSpec& channel) {
    const auto* type = channel_type(channel.type);
    return channel.kind == ChannelKind::group || (type != nullptr && type->kind == ChannelKind::group);
}

bool four_digits(const PersonSpec& person) {
    const auto& mobile = person.mobile;
    return mobile.size() >= 4 && mobile.find_first_not_of("0123456789", mobile.size() - 4) == std::string::npos;
}

/// Behind a link that a whole group reads people say who they are by name and the last four digits of their mobile.
void check_group_answer(Draft& draft, std::size_t index, const std::set<std::string>& used) {
    const auto& person = draft.plan.people[index];
    const auto& channels = draft.plan.channels;
    const auto group = std::ranges::find_if(channels, [&](const ChannelSpec& c) { return used.contains(c.id) && read_by_group(c); });
    if (group == channels.end()) {
        return;
    }
    const std::string reached = "person " + in_quotes(person.id) + " is reached by the group of channel " + in_quotes(group->id);
    if (!four_digits(person)) {
        draft.report.warning(draft.people[index], reached + ", but has no `mobile`: they cannot answer by the link in the group's "
                                                            "chat, which asks for its last four digits");
        return;
    }
    const auto twin = std::find_if(draft.plan.people.begin(), draft.plan.people.begin() + static_cast<std::ptrdiff_t>(index),
                                   [&](const PersonSpec& other) {
                                       return !person.name.empty() && other.name == person.name && four_digits(other) &&
                                              other.mobile.ends_with(person.mobile.substr(person.mobile.size() - 4));
                                   });
    if (twin != draft.plan.people.begin() + static_cast<std::ptrdiff_t>(index)) {
        draft.report.warning(draft.people[index], reached + ", with the name and last four digits of person " + in_quotes(twin->id) +
                                                      ": in the group's chat they can answer by their id only");
    }
}

std::string lower_case(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return text;
}

/// What two people should not share: a name (messages and imports of rosters name people by it), a number, an address.
class SharedBetweenPeople {
public:
    explicit SharedBetweenPeople(Draft& draft) : draft_(draft) {}

    void look_at(std::size_t index) {
        const auto& person = draft_.plan.people[index];
        const auto number = national_number(person.mobile);
        tell(index, "name", person.name, "messages, reports and imported rosters name people by it and could mean either");
        tell(index, "mobile", number.empty() ? person.mobile : number, "one telephone rings for both, and its answer by SMS could be either's");
        tell(index, "email", lower_case(person.email), "one mailbox is called for both");
        for (const auto& [channel, address] : person.address) {
            tell(index, "address on channel " + in_quotes(channel), address, "one is called for both");
        }
    }

private:
    void tell(std::size_t index, const std::string& what, const std::string& value, const std::string& effect) {
        if (value.empty()) {
            return;
        }
        const auto [first, fresh] = seen_.emplace(std::pair(what, value), index);
        // One id twice is an error of its own.
        if (!fresh && draft_.plan.people[index].id != draft_.plan.people[first->second].id) {
            draft_.report.warning(draft_.people[index], "person " + in_quotes(draft_.plan.people[index].id) + " has the " + what + " of person " +
                                                            in_quotes(draft_.plan.people[first->second].id) + ": " + effect);
        }
    }

    Draft& draft_;
    std::map<std::pair<std::string, std::string>, std::size_t> seen_;
};

}  // namespace

void check_addresses(Draft& draft) {
    SharedBetweenPeople shared(draft);
    for (std::size_t i = 0; i < draft.plan.people.size(); ++i) {
        const auto& person = draft.plan.people[i];
        shared.look_at(i);
        std::set<std::string> used;
        for (const auto* steps : {&person.normal, &person.urgent}) {
            for (const auto& step : *steps) {
                used.insert(step.channel);
            }
        }
        if (!draft.plan.ack_url_base.empty()) {
            check_group_answer(draft, i, used);
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
