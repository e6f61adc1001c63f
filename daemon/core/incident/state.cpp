#include "core/incident/state.hpp"

#include <algorithm>

#include "core/incident/seats.hpp"
#include "core/record/policy_bytes.hpp"

namespace surged {

std::string_view to_string(NextKind v) {
    switch (v) {
        case NextKind::none: break;
        case NextKind::tier: return "tier";
        case NextKind::fallback: return "fallback";
        case NextKind::round: return "round";
        case NextKind::remind: return "remind";
        case NextKind::recheck: return "recheck";
        case NextKind::resolve: return "resolve";
    }
    return "none";
}

DeskState::DeskState(const Plan& plan) : index(std::make_unique<PlanIndex>(plan)) {}

namespace {
/// An alert belongs where it did: what is made of incidents and alerts goes by the plan in this only.
bool same_scopes(const Plan& a, const Plan& b) {
    return std::ranges::equal(a.policies, b.policies, [](const PolicySpec& x, const PolicySpec& y) { return x.id == y.id && x.scope == y.scope; });
}
}  // namespace

void DeskState::adopt(const Plan& plan) {
    const bool stays = same_scopes(*index->plan, plan);
    index = std::make_unique<PlanIndex>(plan);
    policy_texts_.clear();
    duty_.clear();
    if (!stays) {
        rebuild();
    }
}

const std::string& DeskState::policy_text(const PolicySpec& policy) const {
    auto& text = policy_texts_[policy.id];
    if (text.empty()) {
        text = encode_policy(policy);
    }
    return text;
}

Incident* DeskState::incident(const std::string& id) {
    const auto it = incidents.find(id);
    return it == incidents.end() ? nullptr : &it->second;
}
const Incident* DeskState::incident(const std::string& id) const {
    const auto it = incidents.find(id);
    return it == incidents.end() ? nullptr : &it->second;
}

Incident* DeskState::open_in(const std::string& group) {
    const auto it = latest.find(group);
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
    return open_count > 0 && std::ranges::any_of(shapes_, [&](const OpenShape& shape) {
               return shape.keys.count(group_key(shape.policy, scope_values(shape.names, queue, group))) > 0;
           });
}

std::string DeskState::place(const AlertEdge& alert) const {
    // A region takes the alerts of the scopes within it. A reload that changes `region.by` can make two that overlap: the one that
    // opened first keeps its alerts, else it would end while they fire.
    std::string whole;
    auto whole_since = engine_never;
    for (const auto& shape : shapes_) {
        if (shape.policy != alert.policy || (!shape.region && !whole.empty())) {
            continue;
        }
        auto key = group_key(shape.policy, scope_values(shape.names, alert.queue, alert.group));
        const auto open = shape.keys.find(key);
        if (open == shape.keys.end()) {
            continue;
        }
        if (!shape.region) {
            return key;
        }
        if (open->second <= whole_since) {
            whole_since = open->second;
            whole = std::move(key);
        }
    }
    if (!whole.empty()) {
        return whole;
    }
    const auto* policy = index->policy(alert.policy);
    return policy == nullptr ? std::string() : group_key(policy->id, scope_values(policy->scope, alert.queue, alert.group));
}

AlertBook::Place DeskState::placer() const {
    return [this](const AlertEdge& alert) { return place(alert); };
}

void DeskState::track_open(const Incident& inc, bool open) {
    track_people(inc, open);
    const auto same = [&](const OpenShape& s) { return s.policy == inc.policy.id && s.names == inc.policy.scope; };
    auto shape = std::ranges::find_if(shapes_, same);
    if (open) {
        if (shape == shapes_.end()) {
            // place() asks the regions first.
            const bool region = !inc.policy.region.of.empty();
            shape = shapes_.insert(region ? shapes_.begin() : shapes_.end(), {inc.policy.id, inc.policy.scope, region, {}});
        }
        open_count += shape->keys.emplace(inc.group, inc.since).second ? 1U : 0U;
        if (!inc.policy.region.of.empty()) {
            book.reindex(placer());
        }
        return;
    }
    if (shape == shapes_.end() || shape->keys.erase(inc.group) == 0) {
        return;
    }
    --open_count;
    if (shape->keys.empty()) {
        shapes_.erase(shape);
    }
    const auto* live = index->policy(inc.policy.id);
    if (live == nullptr || live->scope != inc.policy.scope) {
        book.reindex(placer());  // its alerts now belong where the configuration in force says, or to a region that overlaps it
        for (const auto& other : shapes_) {
            if (other.region) {
                std::ranges::for_each(other.keys, [&](const auto& entry) { dirty_groups.insert(entry.first); });
            }
        }
    }
}

void DeskState::rebuild() {
    incident_timers.clear();
    silence_timers.clear();
    group_timers.clear();
    looks = {};
    outbox.rebuild();
    latest.clear();
    shapes_.clear();
    known_in.clear();
    seated_in.clear();
    dirty.clear();
    dirty_groups.clear();
    open_count = 0;
    for (auto& [id, inc] : incidents) {
        inc.group = group_key(inc.policy.id, inc.scope);
        count_seats(inc);
        inc.live.clear();
        inc.wake = engine_never;
        auto& newest = latest[inc.group];
        const auto* other = incident(newest);
        // Of several incidents of one group only one is open; else the one that ended last may reopen.
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
    for (const auto& [key, page] : outbox.pages) {
        auto* inc = ended(page) ? nullptr : incident(page.incident);
        if (inc != nullptr) {
            inc->live.insert(key);
        }
    }
    for (const auto& [id, silence] : silences) {
        silence_timers.insert({silence.until, id});
    }
    for (const auto& [group, rearm] : rearms) {
        group_timers.insert({rearm.until, group});
    }
    book.reindex(placer());
    for (const auto& entry : book.groups()) {
        dirty_groups.insert(entry.first);
    }
}

void DeskState::look_at_all() {
    for (const auto& [id, inc] : incidents) {
        if (inc.ending != Ending::closed) {
            dirty.insert(id);
        }
    }
    for (const auto& entry : book.groups()) {
        dirty_groups.insert(entry.first);
    }
}

void DeskState::look_at_all(EngineTime now) {
    dirty.clear();
    dirty_groups.clear();
    looks = {now, false, {}};
}

void DeskState::look_at_next(EngineTime now) {
    if (looks.next > now) {
        return;
    }
    std::size_t marked = 0;
    std::size_t steps = 0;
    const auto pause = [&] { return marked >= LookRound::at_once || ++steps > LookRound::steps_at_once; };
    const auto behind = [this](const auto& all) { return looks.after.empty() ? all.begin() : all.upper_bound(looks.after); };
    looks.next = now + LookRound::spacing;
    if (!looks.groups) {
        for (auto it = behind(incidents); it != incidents.end(); ++it) {
            if (pause()) {
                return;
            }
            looks.after = it->first;
            if (it->second.ending != Ending::closed) {
                dirty.insert(it->first);
                dirty_groups.insert(it->second.group);
                ++marked;
            }
        }
        looks.groups = true;
        looks.after.clear();
    }
    for (auto it = behind(book.groups()); it != book.groups().end(); ++it) {
        if (pause()) {
            return;
        }
        looks.after = it->first;
        if (open_in(it->first) == nullptr) {
            dirty_groups.insert(it->first);
            ++marked;
        }
    }
    looks = {};
}

std::string reply_key(const std::string& by, const std::string& key) {
    return std::to_string(by.size()) + ":" + by + ":" + key;
}

std::string next_incident_id(const DeskState& state) {
    return state.index->plan->shard + "-" + std::to_string(state.incidents_made + 1);
}

}  // namespace surged
