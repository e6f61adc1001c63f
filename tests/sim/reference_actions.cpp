// The reference's playbook: a step is done when the incident has come so far, once while it stands; what was or may have been
// done is undone when the incident is over, the last first; what is given up is said.
#include <algorithm>

#include "sim/reference.hpp"

namespace surged::test {

namespace {
bool over(PageState s) {
    return s == PageState::accepted || s == PageState::delivered || s == PageState::failed_perm || s == PageState::expired ||
           s == PageState::cancelled;
}

const ActionSpec* find(const PolicySpec& policy, const std::string& id) {
    const auto it = std::find_if(policy.actions.begin(), policy.actions.end(), [&](const ActionSpec& a) { return a.id == id; });
    return it == policy.actions.end() ? nullptr : &*it;
}
}  // namespace

bool Reference::under_way(const Deed& deed) const {
    const auto page = pages_.find(deed.page);
    return page != pages_.end() && !over(page->second.state);
}

void Reference::deed_begins(Incident& inc, const PageChange& c, const Record& r) {
    const auto* spec = find(inc.policy, c.action);
    if (spec == nullptr) {
        breach("playbook", c.page + " is no step of the policy", r);
        return;
    }
    auto& deed = inc.deeds[c.action];
    if (under_way(deed)) {
        breach("playbook", c.page + " begins while " + deed.page + " is under way", r);
    }
    deed.page = c.page;
    if (c.purpose == PagePurpose::act) {
        const bool last = spec->tier > static_cast<int>(inc.policy.tiers.size());
        // After a reopening those who helped are asked first: the tier is theirs.
        const bool called = last ? inc.exhausted : inc.tier >= spec->tier || (inc.tier == 0 && c.tier >= spec->tier);
        if (deed.stands) {
            breach("playbook", c.page + " does what stands", r);
        }
        if (!inc.open || inc.resolving || !called || inc.level < spec->level || deed.given_up) {
            breach("playbook", c.page + " is done and its time has not come, or is over", r);
        }
        return;
    }
    if (inc.open || goes_on(inc) || !spec->undo || (!deed.stands && !deed.maybe)) {
        breach("playbook", c.page + " undoes what does not stand, or is wanted", r);
    }
    for (const auto& [id, other] : inc.deeds) {
        const auto* later = find(inc.policy, id);
        const bool waits = later != nullptr && later->undo && (other.stands || other.maybe) && !other.given_up &&
                           !under_way(other) && other.done > deed.done;
        if (waits) {
            breach("playbook", c.page + " is undone before " + id + ", which was done later", r);
        }
    }
}

void Reference::deed_changes(const PageChange& c, const Record& r) {
    auto& deed = incidents_[c.incident].deeds[c.action];
    switch (c.state) {
        case PageState::accepted:
        case PageState::delivered:
            deed.stands = c.purpose == PagePurpose::act;
            deed.maybe = deed.given_up = false;
            deed.done = deed.stands ? ++deeds_ : 0;
            ++(deed.stands ? tally_.done : tally_.undone);
            break;
        case PageState::unknown:
            deed.stands = false;
            deed.maybe = true;
            deed.done = c.purpose == PagePurpose::act ? ++deeds_ : deed.done;
            break;
        case PageState::failed_perm:
        case PageState::expired:
            deed.given_up = true;
            unsaid_.insert({c.incident, c.action});
            break;
        case PageState::queued:
        case PageState::held:
        case PageState::sending:
        case PageState::failed_temp:
        case PageState::cancelled: break;
    }
    if (deed.page != c.page) {
        breach("playbook", c.page + " goes on although " + deed.page + " has followed", r);
    }
}

void Reference::deed_said(const IncidentChange& c) {
    std::erase_if(unsaid_, [&](const auto& entry) {
        return entry.first == c.incident && c.reason.find("action " + entry.second + " ") != std::string::npos;
    });
}

void Reference::all_undone(const std::string& id, const Incident& inc, const Record& r) {
    for (const auto& [action, deed] : inc.deeds) {
        const auto* spec = find(inc.policy, action);
        if (spec != nullptr && spec->undo && (deed.stands || deed.maybe) && !deed.given_up) {
            breach("playbook", id + " closes and " + action + " stands", r);
        }
    }
}

/// An incident that calls for people has done what it has come to.
void Reference::deeds_owed(const Record& r) {
    for (const auto& [id, inc] : incidents_) {
        if (!inc.open || inc.resolving || inc.policy.actions.empty() || !loud(inc) || ebbs(inc)) {
            continue;
        }
        for (const auto& spec : inc.policy.actions) {
            const bool last = spec.tier > static_cast<int>(inc.policy.tiers.size());
            const bool reached = (last ? inc.exhausted : inc.tier >= spec.tier) && inc.level >= spec.level;
            const auto deed = inc.deeds.find(spec.id);
            const bool settled =
                deed != inc.deeds.end() && (deed->second.stands || deed->second.given_up || under_way(deed->second));
            if (reached && !settled) {
                breach("playbook", spec.id + " of " + id + " is due and not done", r);
            }
        }
    }
}

}  // namespace surged::test
