#include "core/incident/state.hpp"

#include <algorithm>

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

DeskState::DeskState(const Plan& plan) : index(std::make_unique<PlanIndex>(plan)) {}

void DeskState::adopt(const Plan& plan) {
    index = std::make_unique<PlanIndex>(plan);
    duty_.clear();
    rebuild();
}

Incident* DeskState::incident(const std::string& id) {
    const auto it = incidents.find(id);
    return it == incidents.end() ? nullptr : &it->second;
}
const Incident* DeskState::incident(const std::string& id) const {
    const auto it = incidents.find(id);
    return it == incidents.end() ? nullptr : &it->second;
}

Incident* DeskState::open_in(const std::string& fold) {
    const auto it = latest.find(fold);
    auto* found = it == latest.end() ? nullptr : incident(it->second);
    return found != nullptr && found->open() ? found : nullptr;
}

void DeskState::set_wake(Incident& inc, EngineTime wake) {
    if (inc.wake == wake) {
        return;
    }
    incident_timers.erase({inc.wake, inc.id});
    inc.wake = wake;
    if (wake != engine_never) {
        incident_timers.insert({wake, inc.id});
    }
}

bool DeskState::covered(const QueueKey& queue, std::string_view group) const {
    return open_count > 0 && std::any_of(shapes_.begin(), shapes_.end(), [&](const OpenShape& shape) {
               return shape.keys.count(fold_key(shape.policy, scope_values(shape.names, queue, group))) > 0;
           });
}

std::string DeskState::place(const AlertEdge& alert) const {
    for (const auto& shape : shapes_) {
        if (shape.policy == alert.policy) {
            auto key = fold_key(shape.policy, scope_values(shape.names, alert.queue, alert.group));
            if (shape.keys.count(key) > 0) {
                return key;
            }
        }
    }
    const auto* policy = index->policy(alert.policy);
    return policy == nullptr ? std::string() : fold_key(policy->id, scope_values(policy->scope, alert.queue, alert.group));
}

AlertBook::Place DeskState::placer() const {
    return [this](const AlertEdge& alert) { return place(alert); };
}

void DeskState::track_page(const std::string& key, const Page& page, int sign) {
    if (ended(page)) {
        return;
    }
    if (!page.carrier.empty()) {
        auto& with = riders[page.carrier];
        sign > 0 ? (void)with.insert(key) : (void)with.erase(key);
        if (with.empty()) {
            riders.erase(page.carrier);
        }
    }
    auto& timers = page_timers;
    if (sign > 0) {
        timers.insert({page.due, key});
    } else {
        timers.erase({page.due, key});
    }
    if (page.state == PageState::accepted) {
        auto& n = awaited[page.channel];
        n = sign > 0 ? n + 1 : n - 1;
    } else if (page.state != PageState::sending) {
        auto& n = waiting[page.channel][priority(page.purpose)];
        n = sign > 0 ? n + 1 : n - 1;
    }
}

void DeskState::track_open(const Incident& inc, bool open) {
    track_people(inc, open);
    const auto same = [&](const OpenShape& s) { return s.policy == inc.policy.id && s.names == inc.policy.scope; };
    auto shape = std::find_if(shapes_.begin(), shapes_.end(), same);
    if (open) {
        if (shape == shapes_.end()) {
            // A region's comes first: it takes the alerts of the scopes within it.
            const bool region = !inc.policy.region.of.empty();
            shape = shapes_.insert(region ? shapes_.begin() : shapes_.end(), {inc.policy.id, inc.policy.scope, {}});
        }
        open_count += shape->keys.insert(inc.fold).second ? 1U : 0U;
        if (!inc.policy.region.of.empty()) {
            book.reindex(placer());
        }
        return;
    }
    if (shape == shapes_.end() || shape->keys.erase(inc.fold) == 0) {
        return;
    }
    --open_count;
    if (shape->keys.empty()) {
        shapes_.erase(shape);
    }
    const auto* live = index->policy(inc.policy.id);
    if (live == nullptr || live->scope != inc.policy.scope) {
        book.reindex(placer());  // its alerts now belong where the configuration in force says
    }
}

/// Every derived index from the folded state. Everything open is looked at once, at the next advance.
void DeskState::rebuild() {
    page_timers.clear();
    incident_timers.clear();
    silence_timers.clear();
    rearm_timers.clear();
    waiting.clear();
    riders.clear();
    messages.clear();
    awaited.clear();
    latest.clear();
    shapes_.clear();
    known_in.clear();
    seated_in.clear();
    dirty.clear();
    dirty_folds.clear();
    open_count = 0;
    for (auto& [id, inc] : incidents) {
        inc.fold = fold_key(inc.policy.id, inc.scope);
        inc.live.clear();
        inc.wake = engine_never;
        auto& newest = latest[inc.fold];
        const auto* other = incident(newest);
        // Of several incidents of one fold only one is open; else the one that ended last may reopen.
        if (other == nullptr || inc.open() || (!other->open() && inc.ending_at >= other->ending_at)) {
            newest = id;
        }
        if (inc.open()) {
            track_open(inc, true);
        }
        if (inc.ending != Ending::closed) {
            dirty.insert(id);
        }
    }
    for (const auto& [key, page] : pages) {
        track_page(key, page, +1);
        if (!page.message.empty()) {
            messages[{page.channel, page.message}].insert(key);
        }
        auto* inc = ended(page) ? nullptr : incident(page.incident);
        if (inc != nullptr) {
            inc->live.insert(key);
        }
    }
    for (const auto& [id, silence] : silences) {
        silence_timers.insert({silence.until, id});
    }
    for (const auto& [fold, rearm] : rearms) {
        rearm_timers.insert({rearm.until, fold});
    }
    book.reindex(placer());
    for (const auto& entry : book.folds()) {
        dirty_folds.insert(entry.first);
    }
}

void DeskState::look_at_all() {
    for (const auto& [id, inc] : incidents) {
        if (inc.ending != Ending::closed) {
            dirty.insert(id);
        }
    }
    for (const auto& entry : book.folds()) {
        dirty_folds.insert(entry.first);
    }
}

std::string reply_key(const std::string& by, const std::string& key) {
    return std::to_string(by.size()) + ":" + by + ":" + key;
}

}  // namespace surged
