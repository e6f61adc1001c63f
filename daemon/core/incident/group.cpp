#include "core/incident/group.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

namespace surged {

ScopeValues scope_values(const std::vector<std::string>& names, const QueueKey& queue, std::string_view group) {
    ScopeValues values;
    for (const auto& name : names) {
        if (name == "centre") {
            values[name] = queue.centre;
        } else if (name == "group") {
            values[name] = std::string(group);
        } else if (name == "queue") {
            values[name] = queue.queue;
        } else if (name == "channel") {
            values[name] = queue.channel;
        }
    }
    return values;
}

namespace {
void append_part(std::string& key, std::string_view part) {
    key += std::to_string(part.size());
    key += ':';
    key += part;
}
bool fires(const AlertEdge& edge) {
    return edge.to == AlertState::firing || edge.to == AlertState::clearing;
}
}  // namespace

std::string group_key(std::string_view policy, const ScopeValues& scope) {
    std::string key;
    key.reserve(64);
    append_part(key, policy);
    for (const auto& [name, value] : scope) {
        append_part(key, name);
        append_part(key, value);
    }
    return key;
}

Level AlertGroup::level() const {
    for (std::size_t i = loud.size(); i-- > 1;) {
        if (loud[i] > 0 || (lent[i] > 0 && firing())) {
            return static_cast<Level>(i);
        }
    }
    return Level::none;
}

namespace {
Level highest(const std::array<std::size_t, 4>& own, const std::array<std::size_t, 4>& others) {
    for (std::size_t i = own.size(); i-- > 1;) {
        if (own[i] > 0 || others[i] > 0) {
            return static_cast<Level>(i);
        }
    }
    return Level::none;
}
}  // namespace

Level AlertGroup::burns() const {
    return highest(burning, firing() ? burning_lent : std::array<std::size_t, 4>{});
}

bool AlertGroup::calm() const {
    const auto guests_heard = firing() ? std::accumulate(lent.begin(), lent.end(), std::size_t{0}) : std::size_t{0};
    return any_loud() && std::accumulate(loud.begin(), loud.end(), guests_heard) == waning;
}

Level AlertGroup::top() const {
    return std::max(highest(loud, hushed), highest(lent, {}));
}

const AlertGroup* AlertBook::group(const std::string& key) const {
    const auto it = groups_.find(key);
    return it == groups_.end() ? nullptr : &it->second;
}

std::string AlertBook::group_of(const AlertKey& key) const {
    const auto it = places_.find(key);
    return it == places_.end() ? std::string() : it->second.group;
}

bool AlertBook::quiet(const AlertKey& key) const {
    const auto it = places_.find(key);
    return it != places_.end() && it->second.quiet;
}

std::string AlertBook::host_of(const AlertKey& key) const {
    const auto it = places_.find(key);
    return it == places_.end() ? std::string() : it->second.host;
}

/// An inhibited alert is a guest in the group of the alert that inhibits it. If that alert is not here (it has no policy, it is
/// over), it inhibits nothing and the alert counts for itself.
AlertBook::Placed AlertBook::placed(const AlertEdge& alert, std::string group) const {
    Placed out{std::move(group), alert.muted || silenced(alert), {}};
    if (!out.quiet && !alert.folded.rule.empty() && alerts_.count(alert.folded) > 0) {
        const auto host = group_of(alert.folded);
        if (!host.empty() && host != out.group) {
            out.host = host;
            out.quiet = true;
        }
    }
    return out;
}

bool AlertBook::silenced(const AlertEdge& alert) const {
    return std::ranges::any_of(silences_, [&](const auto& entry) { return covers(entry.second, alert); });
}

void AlertBook::count(const AlertKey& key, const AlertEdge& alert, int sign) {
    const auto place = places_.find(key);
    if (place == places_.end() || place->second.group.empty()) {
        return;
    }
    auto& group = groups_[place->second.group];
    const auto step = [sign](std::size_t& n) { n = sign > 0 ? n + 1 : n - 1; };
    const auto level = static_cast<std::size_t>(alert.level);
    const auto note = [&](AlertGroup& of, std::array<std::size_t, 4>& burning) {
        if (alert.to == AlertState::firing) {
            step(burning[level]);
        } else if (!alert.stale) {
            step(of.waning);
        }
    };
    if (place->second.quiet) {
        step(group.quiet);
        step(group.hushed[level]);
    } else {
        step(group.loud[level]);
        note(group, group.burning);
    }
    if (alert.stale) {
        step(group.stale);
    }
    const auto* stored = &alerts_.find(key)->first;
    const auto settle_in = [&](const std::string& name, auto& members) {
        sign > 0 ? static_cast<void>(members.insert(stored)) : static_cast<void>(members.erase(stored));
        if (const auto& left = groups_[name]; left.alerts.empty() && left.guests.empty()) {
            groups_.erase(name);
        }
    };
    settle_in(place->second.group, group.alerts);
    if (!place->second.host.empty()) {
        auto& host = groups_[place->second.host];
        step(host.lent[level]);
        note(host, host.burning_lent);
        settle_in(place->second.host, host.guests);
    }
}

std::string AlertBook::apply(const AlertEdge& made, const Place& place, std::vector<std::string>* hosts) {
    if (made.policy.empty()) {
        return {};
    }
    AlertKey key{made.rule, made.queue};
    const auto known = alerts_.find(key);
    AlertEdge edge = made;
    if (made.flapping && known != alerts_.end() && !(fires(made) && made.level > known->second.level)) {
        // While it flaps, the state last told holds: no end, no new raise. A higher level is told, and so is the state it rests in.
        edge = known->second;
        edge.flapping = true;
        edge.stale = made.stale;
        edge.muted = made.muted;
        edge.folded = made.folded;
    }
    if (known == alerts_.end() && !fires(edge)) {
        return {};
    }
    const auto note_host = [&] {
        if (const auto host = host_of(key); hosts != nullptr && !host.empty()) {
            hosts->push_back(host);
        }
    };
    std::string touched;
    if (known != alerts_.end()) {
        touched = places_[key].group;
        note_host();
        count(key, known->second, -1);
        if (!fires(edge)) {
            places_.erase(key);
            alerts_.erase(known);
            return touched;
        }
        known->second = edge;
        // It stays where it fired: a group may not lose a firing alert because a configuration moved its queue.
        places_[key] = placed(edge, touched);
    } else {
        alerts_.emplace(key, edge);
        touched = place(edge);
        places_[key] = placed(edge, touched);
    }
    alerts_.find(key)->second.incident.clear();  // only the deciding step knows it: a replay of the log must give the same state
    count(key, edge, +1);
    note_host();
    return touched;
}

void AlertBook::set_silence(const Silence& silence) {
    silences_[silence.id] = silence;
    for (const auto& [key, alert] : alerts_) {
        if (covers(silence, alert)) {
            recount(key, alert);
        }
    }
}

void AlertBook::end_silence(const std::string& id) {
    silences_.erase(id);
    for (const auto& [key, alert] : alerts_) {
        recount(key, alert);
    }
}

void AlertBook::recount(const AlertKey& key, const AlertEdge& alert) {
    auto& place = places_[key];
    auto now = placed(alert, place.group);
    if (place.quiet != now.quiet || place.host != now.host) {
        count(key, alert, -1);
        place = std::move(now);
        count(key, alert, +1);
    }
}

void AlertBook::restore(std::map<AlertKey, AlertEdge> alerts, const Place& place) {
    groups_.clear();
    places_.clear();
    alerts_ = std::move(alerts);
    reindex(place);
}

void AlertBook::reindex(const Place& place) {
    groups_.clear();
    places_.clear();
    for (const auto& [key, alert] : alerts_) {
        places_[key].group = place(alert);
    }
    // Only now is it known where every alert above belongs.
    for (const auto& [key, alert] : alerts_) {
        auto& mine = places_[key];
        mine = placed(alert, mine.group);
        count(key, alert, +1);
    }
}

namespace {
struct Ranked {
    const AlertEdge* alert;
    bool quiet;
};

std::vector<AlertEdge> worst_of(std::vector<Ranked> all, std::size_t limit) {
    const auto kept = std::min(limit, all.size());
    std::partial_sort(
        all.begin(), all.begin() + static_cast<std::ptrdiff_t>(kept), all.end(), [](const Ranked& x, const Ranked& y) {
            const auto rank = [](const Ranked& r) {
                return std::tuple(r.quiet, r.alert->to != AlertState::firing, -static_cast<int>(r.alert->level), r.alert->stale,
                                  -to_ms(r.alert->since));
            };
            const auto left = rank(x);
            const auto right = rank(y);
            return left != right ? left < right
                                 : std::tie(x.alert->rule, x.alert->queue) < std::tie(y.alert->rule, y.alert->queue);
        });
    std::vector<AlertEdge> out;
    out.reserve(kept);
    for (std::size_t i = 0; i < kept; ++i) {
        out.push_back(*all[i].alert);
    }
    return out;
}
}  // namespace

std::vector<AlertEdge> AlertBook::worst(const std::string& key, std::size_t limit) const {
    std::vector<Ranked> all;
    if (const auto* found = group(key)) {
        all.reserve(found->alerts.size() + found->guests.size());
        for (const auto* alert : found->alerts) {
            all.push_back({&alerts_.at(*alert), quiet(*alert)});
        }
        for (const auto* alert : found->guests) {
            all.push_back({&alerts_.at(*alert), false});
        }
    }
    return worst_of(std::move(all), limit);
}

std::vector<AlertEdge> AlertBook::worst_where(const std::function<bool(const AlertEdge&)>& concern, std::size_t limit) const {
    std::vector<Ranked> all;
    for (const auto& [key, alert] : alerts_) {
        if (concern(alert)) {
            all.push_back({&alert, !heard(key)});
        }
    }
    return worst_of(std::move(all), limit);
}

}  // namespace surged
