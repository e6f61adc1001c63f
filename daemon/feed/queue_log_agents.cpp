#include "feed/queue_log_agents.hpp"

#include <algorithm>
#include <vector>

namespace surged {

namespace {
constexpr std::int64_t late_line_ms = 60000;  // what is logged of a phone that rang when its member was removed
}

std::string QueueLogAgents::key(std::string_view queue, std::string_view callid) {
    std::string out;
    out.reserve(queue.size() + callid.size() + 1);
    out += queue;
    out += '\0';
    out += callid;
    return out;
}

void QueueLogAgents::Place::pause(bool paused, std::int64_t ts_ms) const {
    if (member != nullptr) {
        member->paused = paused;
        member->paused_ms = ts_ms;
    } else if (name != nullptr) {
        name->paused = paused;
        name->paused_ms = ts_ms;
    }
}

bool QueueLogAgents::Place::paused_since(std::int64_t ts_ms) const {
    return member != nullptr ? member->paused && member->paused_ms >= ts_ms
                             : name != nullptr && name->paused && name->paused_ms >= ts_ms;
}

void QueueLogAgents::bind(Crew& crew, const std::string& name, const std::string& interface) {
    names_ -= crew.names.count(name);
    crew.bind(name, interface);
    if (interface_.size() < bounds_.agents || interface_.count(name) != 0) {
        interface_[name] = interface;
    }
    if (name_.size() < bounds_.agents || name_.count(interface) != 0) {
        name_[interface] = name;
    }
}

QueueLogAgents::Place QueueLogAgents::place(Crew& crew, std::string_view agent, std::int64_t ts_ms) {
    const std::string name(agent);
    if (const auto at = crew.bound.find(name); at != crew.bound.end()) {
        return {&crew.members[at->second], nullptr};
    }
    const auto known = crew.names.find(name);
    if (known != crew.names.end() && known->second.kind == CrewName::Kind::gone && ts_ms - known->second.seen_ms < late_line_ms) {
        return {};  // it rang while it was removed
    }
    // Bound in another queue, or the only one that fits.
    std::string fit;
    if (const auto alias = interface_.find(name); alias != interface_.end()) {
        const auto member = crew.members.find(alias->second);
        fit = member != crew.members.end() && member->second.name.empty() ? alias->second : std::string{};
    }
    if (fit.empty() && (known == crew.names.end() || known->second.kind != CrewName::Kind::stranger)) {
        fit = crew.fitting(name);
    }
    if (!fit.empty()) {
        bind(crew, name, fit);
        return {&crew.members[fit], nullptr};
    }
    const bool room = crew.free_interfaces() > crew.count(CrewName::Kind::loose) && agent.find('/') == std::string_view::npos;
    if (known != crew.names.end()) {
        known->second.seen_ms = ts_ms;
        if (known->second.kind == CrewName::Kind::gone) {
            if (!room) {
                return {};
            }
            known->second = CrewName{CrewName::Kind::loose, false, 0, ts_ms};
        }
        return {nullptr, &known->second};
    }
    if (names_ >= bounds_.agents) {
        return {};
    }
    ++names_;
    auto& fresh = crew.names[name];
    fresh = CrewName{room ? CrewName::Kind::loose : CrewName::Kind::stranger, false, 0, ts_ms};
    return {nullptr, &fresh};
}

bool QueueLogAgents::add_member(const std::string& queue, std::string_view agent, bool paused) {
    auto& crew = crews_[queue];
    crew.added = true;
    auto at = crew.members.find(agent);
    if (at == crew.members.end()) {
        if (members_ >= bounds_.agents) {
            return false;
        }
        ++members_;
        at = crew.members.emplace(std::string(agent), CrewMember{}).first;
    }
    if (!at->second.name.empty()) {
        crew.bound.erase(at->second.name);
    }
    at->second = CrewMember{paused, false, 0, {}};
    // Name and interface are the same (no name, or log_membername_as_agent): a stranger of this name is a member now.
    if (const auto same = crew.names.find(agent); same != crew.names.end()) {
        crew.names.erase(same);
        --names_;
        bind(crew, at->first, at->first);
    }
    return true;
}

void QueueLogAgents::free_name(Crew& crew, std::int64_t ts_ms) {
    const auto loose = crew.count(CrewName::Kind::loose);
    const bool declared = from_ == MembersFrom::log;
    const auto kind = loose > crew.free_interfaces() ? CrewName::Kind::loose : CrewName::Kind::stranger;
    if (kind == CrewName::Kind::loose || declared) {
        // The member that worked last is the least likely to have left.
        auto leaves = crew.names.end();
        for (auto at = crew.names.begin(); at != crew.names.end(); ++at) {
            if (at->second.kind == kind && talk_of_.count(at->first) == 0 &&
                (leaves == crew.names.end() || at->second.seen_ms < leaves->second.seen_ms)) {
                leaves = at;
            }
        }
        if (leaves != crew.names.end()) {
            leaves->second = CrewName{CrewName::Kind::gone, false, 0, ts_ms};
        }
    }
    for (const auto& [name, one] : crew.names) {
        crew.pauses_unsure = crew.pauses_unsure || (one.kind == CrewName::Kind::loose && one.paused);
    }
}

void QueueLogAgents::remove_member(const std::string& queue, std::string_view agent, std::int64_t ts_ms) {
    auto& crew = crews_[queue];
    crew.added = true;
    auto at = crew.members.find(agent);
    if (at == crew.members.end()) {
        if (const auto by_name = crew.bound.find(agent); by_name != crew.bound.end()) {
            at = crew.members.find(by_name->second);
        }
    }
    if (at == crew.members.end()) {
        // A member that was added before the log began.
        if (const auto same = crew.names.find(agent); same != crew.names.end()) {
            same->second = CrewName{CrewName::Kind::gone, false, 0, ts_ms};
        } else {
            free_name(crew, ts_ms);
        }
        return;
    }
    const std::string name = at->second.name;
    crew.members.erase(at);
    --members_;
    if (name.empty()) {
        free_name(crew, ts_ms);
        return;
    }
    crew.bound.erase(name);
    if (names_ < bounds_.agents) {
        ++names_;
        crew.names[name] = CrewName{CrewName::Kind::gone, false, 0, ts_ms};
    }
}

bool QueueLogAgents::pause(const std::string& queue, std::string_view agent, bool paused, std::int64_t ts_ms) {
    if (queue.empty()) {
        for (auto& [name, crew] : crews_) {
            if (crew.bound.count(agent) != 0 || crew.members.count(agent) != 0 || crew.names.count(agent) != 0) {
                place(crew, agent, ts_ms).pause(paused, ts_ms);
            }
        }
        return true;
    }
    auto& crew = crews_[queue];
    auto found = place(crew, agent, ts_ms);
    if (!paused && found.name != nullptr && !found.name->paused && found.name->kind == CrewName::Kind::loose) {
        // Added as paused, under an interface: it must be one of those.
        for (auto& [interface, member] : crew.members) {
            if (member.name.empty() && member.paused) {
                bind(crew, std::string(agent), interface);
                found = {&member, nullptr};
                break;
            }
        }
    }
    found.pause(paused, ts_ms);
    bool loose_paused = false;
    for (const auto& [name, one] : crew.names) {
        loose_paused = loose_paused || (one.kind == CrewName::Kind::loose && one.paused);
    }
    crew.pauses_unsure = crew.pauses_unsure && loose_paused;
    return found.member != nullptr || found.name != nullptr || crew.names.count(agent) != 0;
}

/// A log-in or log-off makes the agent a known member even where the log has no ADDMEMBER of it.
CrewMember* QueueLogAgents::explain(Crew& crew, std::string_view agent) {
    if (const auto at = crew.bound.find(agent); at != crew.bound.end()) {
        return &crew.members[at->second];
    }
    if (crew.members.count(agent) == 0) {
        const auto at = crew.names.find(agent);
        if (at == crew.names.end() || members_ >= bounds_.agents) {
            return nullptr;
        }
        const bool paused = at->second.paused;
        crew.names.erase(at);
        --names_;
        ++members_;
        crew.members.emplace(std::string(agent), CrewMember{paused, false, 0, {}});
        bind(crew, std::string(agent), std::string(agent));
    }
    crew.served = true;
    return &crew.members.find(agent)->second;
}

void QueueLogAgents::log_in(std::string_view agent) {
    for (auto& [name, crew] : crews_) {
        if (auto* member = explain(crew, agent); member != nullptr) {
            member->away = member->paused = false;
            crew.added = true;
        }
    }
}

void QueueLogAgents::log_off(std::string_view agent) {
    for (auto& [name, crew] : crews_) {
        if (auto* member = explain(crew, agent); member != nullptr) {
            member->away = true;
            crew.added = true;
        }
    }
}

bool QueueLogAgents::rang(const std::string& queue, std::string_view agent, std::int64_t ts_ms) {
    auto& crew = crews_[queue];
    const auto found = place(crew, agent, ts_ms);
    const bool stranger = found.name != nullptr && found.name->kind == CrewName::Kind::stranger;
    crew.served = crew.served || ((found.member != nullptr || found.name != nullptr) && !stranger);
    if (found.member != nullptr) {
        found.member->away = false;
    }
    return found.member != nullptr || found.name != nullptr || crew.names.count(agent) != 0;
}

void QueueLogAgents::end_talk(const std::string& talk_key) {
    const auto at = talks_.find(talk_key);
    if (at == talks_.end()) {
        return;
    }
    if (const auto mine = talk_of_.find(at->second.agent); mine != talk_of_.end() && mine->second == talk_key) {
        talk_of_.erase(mine);
    }
    auto& crew = crews_[at->second.queue];
    --crew.talks;
    talks_.erase(at);
    // Removed in mid-call, and talked to the end.
    if (crew.count(CrewName::Kind::loose) > crew.free_interfaces()) {
        free_name(crew, 0);
    }
}

bool QueueLogAgents::connect(const std::string& queue, std::string_view callid, std::string_view agent, std::int64_t ts_ms,
                             std::int64_t ring_ms) {
    const std::string name(agent);
    if (const auto before = talk_of_.find(name); before != talk_of_.end()) {
        const std::string open_talk = before->second;  // a copy: ending it erases the original
        end_talk(open_talk);
    }
    auto talk_key = key(queue, callid);
    end_talk(talk_key);
    if (talks_.size() >= bounds_.agents) {
        return false;
    }
    const bool fits = rang(queue, agent, ts_ms);
    auto& crew = crews_[queue];
    if (const auto found = place(crew, agent, ts_ms); !found.paused_since(ts_ms - ring_ms - 1000)) {
        found.pause(false, ts_ms);
    }
    ++crew.talks;
    talk_of_[name] = talk_key;
    talks_.emplace(std::move(talk_key), Talk{queue, name, ts_ms});
    return fits;
}

bool QueueLogAgents::complete(const std::string& queue, std::string_view callid) {
    const auto talk_key = key(queue, callid);
    const bool known = talks_.count(talk_key) != 0;
    end_talk(talk_key);
    return known;
}

std::string QueueLogAgents::call_of(const std::string& queue, std::string_view agent) const {
    const auto at = talk_of_.find(std::string(agent));
    const auto prefix = key(queue, {});
    if (at == talk_of_.end() || at->second.compare(0, prefix.size(), prefix) != 0) {
        return {};
    }
    return at->second.substr(prefix.size());
}

void QueueLogAgents::restart() {
    talks_.clear();
    talk_of_.clear();
    for (auto& [name, crew] : crews_) {
        crew.talks = 0;
    }
}

void QueueLogAgents::expire(std::int64_t now_ms) {
    // A full walk is expensive; a forgotten talk may stay a tenth of the bound longer.
    if (now_ms < next_expiry_ms_) {
        return;
    }
    next_expiry_ms_ = now_ms + bounds_.talk_age_max_ms / 10;
    std::vector<std::string> old;
    for (const auto& [talk_key, talk] : talks_) {
        if (now_ms - talk.start_ms > bounds_.talk_age_max_ms) {
            old.push_back(talk_key);
        }
    }
    for (const auto& talk_key : old) {
        end_talk(talk_key);
    }
}

QueueLogAgents::Busy QueueLogAgents::busy(const std::string& agent, const std::string& queue_prefix) const {
    const auto talk = talk_of_.find(agent);
    if (talk == talk_of_.end()) {
        return Busy::no;
    }
    return talk->second.compare(0, queue_prefix.size(), queue_prefix) == 0 ? Busy::here : Busy::elsewhere;
}

/// Somebody talks for another queue and may be one of those here whose name is not known.
bool QueueLogAgents::talks_elsewhere(const Crew& crew, const std::string& queue) const {
    if (crew.free_interfaces() <= crew.count(CrewName::Kind::loose)) {
        return false;
    }
    for (const auto& [talk_key, talk] : talks_) {
        if (talk.queue == queue || interface_.count(talk.agent) != 0 || crew.names.count(talk.agent) != 0) {
            continue;
        }
        const auto other = crews_.find(talk.queue);
        for (const auto& [interface, member] : crew.members) {
            if (member.name.empty() && other != crews_.end() && other->second.members.count(interface) != 0) {
                return true;
            }
        }
    }
    return false;
}

AgentGauges QueueLogAgents::gauges(const std::string& queue) const {
    AgentGauges out;
    const auto at = crews_.find(queue);
    const bool declared = from_ == MembersFrom::log;
    out.members_known = out.pauses_known = declared;
    if (at == crews_.end()) {
        return out;
    }
    const auto& crew = at->second;
    out.on_call = crew.talks;
    const auto prefix = key(queue, {});
    std::uint64_t elsewhere = 0;
    std::uint64_t guests = crew.talks;  // an agent who talks is staffed, even when removed from the queue in mid-call
    const auto count = [&](Busy busy, bool paused, bool place) {
        out.staffed += place ? 1U : 0U;
        guests -= busy == Busy::here && guests > 0 ? 1U : 0U;
        elsewhere += busy == Busy::elsewhere ? 1U : 0U;
        out.aux += busy == Busy::no && paused ? 1U : 0U;
    };
    for (const auto& [interface, member] : crew.members) {
        const auto alias = name_.find(interface);
        const auto& who = !member.name.empty() ? member.name : alias != name_.end() ? alias->second : interface;
        // A loose name of that person is counted below.
        const auto own = crew.names.find(who);
        const bool counted = member.name.empty() && own != crew.names.end() && own->second.kind != CrewName::Kind::gone;
        const auto busy_now = counted ? Busy::no : busy(who, prefix);
        if (!member.away || busy_now == Busy::here) {
            count(busy_now, member.paused, true);
        }
    }
    const auto loose = crew.count(CrewName::Kind::loose);
    auto removed = loose - std::min(loose, crew.free_interfaces());  // while they talked: guests
    std::size_t strangers = 0;
    for (const auto& [name, one] : crew.names) {
        const bool stranger = one.kind == CrewName::Kind::stranger;
        strangers += stranger ? 1U : 0U;
        const auto now = busy(name, prefix);
        if (one.kind == CrewName::Kind::loose && removed > 0 && now == Busy::here) {
            --removed;
        } else if (one.kind != CrewName::Kind::gone) {
            count(now, one.paused, stranger);  // a loose one has its place with the interfaces
        }
    }
    out.staffed += guests;
    const auto taken = out.on_call + elsewhere + out.aux;
    out.available = out.staffed > taken ? out.staffed - taken : 0;
    if (from_ == MembersFrom::inferred) {
        out.members_known = crew.added && crew.served && strangers == 0;
    }
    out.pauses_known = out.members_known && !crew.pauses_unsure && !talks_elsewhere(crew, queue);
    return out;
}

}  // namespace surged
