#include "core/team/plan_index.hpp"

namespace surged {

namespace {
template <typename Map>
auto find_in(const Map& map, std::string_view id) -> typename Map::mapped_type {
    const auto it = map.find(id);
    return it == map.end() ? nullptr : it->second;
}
}  // namespace

PlanIndex::PlanIndex(const Plan& from) : plan(&from) {
    for (const auto& p : from.people) {
        people.emplace(p.id, &p);
    }
    for (const auto& c : from.channels) {
        channels.emplace(c.id, &c);
    }
    for (const auto& p : from.policies) {
        policies.emplace(p.id, &p);
    }
    for (const auto& r : from.rules) {
        rules.emplace(r.id, &r);
    }
}
const PersonSpec* PlanIndex::person(std::string_view id) const {
    return find_in(people, id);
}
const ChannelSpec* PlanIndex::channel(std::string_view id) const {
    return find_in(channels, id);
}
const PolicySpec* PlanIndex::policy(std::string_view id) const {
    return find_in(policies, id);
}
const RuleSpec* PlanIndex::rule(std::string_view id) const {
    return find_in(rules, id);
}

std::string name_of(const PlanIndex& index, const std::string& id) {
    const auto* person = index.person(id);
    return person == nullptr || person->name.empty() ? id : person->name;
}

const std::vector<ReachStep>& reach_of(const PersonSpec& person, bool urgent) {
    return urgent && !person.urgent.empty() ? person.urgent : person.normal;
}

Language language_for(const PlanIndex& index, const ChannelSpec* channel, const std::vector<std::string>& people) {
    if (channel == nullptr) {
        return index.plan->language;
    }
    const auto* person = channel->kind == ChannelKind::personal && people.size() == 1 ? index.person(people.front()) : nullptr;
    return person != nullptr ? person->language.value_or(channel->language) : channel->language;
}

}  // namespace surged
