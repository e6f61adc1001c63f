#include "feed/queue_log_agents.hpp"

#include <vector>

namespace surged {

std::string QueueLogAgents::key(std::string_view queue, std::string_view callid) {
    std::string out;
    out.reserve(queue.size() + callid.size() + 1);
    out += queue;
    out += '\0';
    out += callid;
    return out;
}

QueueLogAgents::Member* QueueLogAgents::member(const std::string& queue, std::string_view agent) {
    auto& members = crews_[queue].members;
    if (const auto at = members.find(agent); at != members.end()) {
        return &at->second;
    }
    if (members_ >= bounds_.agents) {
        return nullptr;
    }
    ++members_;
    return &members.emplace(std::string(agent), Member{}).first->second;
}

bool QueueLogAgents::add_member(const std::string& queue, std::string_view agent, bool paused) {
    auto* found = member(queue, agent);
    if (found == nullptr) {
        return false;
    }
    *found = Member{paused, false};
    crews_[queue].known = true;
    return true;
}

void QueueLogAgents::remove_member(const std::string& queue, std::string_view agent) {
    auto& members = crews_[queue].members;
    if (const auto at = members.find(agent); at != members.end()) {
        members.erase(at);
        --members_;
    }
}

bool QueueLogAgents::pause(const std::string& queue, std::string_view agent, bool paused) {
    if (!queue.empty()) {
        auto* found = member(queue, agent);
        if (found != nullptr) {
            found->paused = paused;
        }
        return found != nullptr;
    }
    for (auto& [name, crew] : crews_) {
        if (const auto at = crew.members.find(agent); at != crew.members.end()) {
            at->second.paused = paused;
        }
    }
    return true;
}

void QueueLogAgents::log_in(std::string_view agent) {
    for (auto& [name, crew] : crews_) {
        if (const auto at = crew.members.find(agent); at != crew.members.end()) {
            at->second = Member{};
            crew.known = true;
        }
    }
}

void QueueLogAgents::log_off(std::string_view agent) {
    for (auto& [name, crew] : crews_) {
        if (const auto at = crew.members.find(agent); at != crew.members.end()) {
            at->second.away = true;
            crew.known = true;
        }
    }
}

void QueueLogAgents::end_talk(const std::string& talk_key) {
    const auto at = talks_.find(talk_key);
    if (at == talks_.end()) {
        return;
    }
    if (const auto mine = talk_of_.find(at->second.agent); mine != talk_of_.end() && mine->second == talk_key) {
        talk_of_.erase(mine);
    }
    --crews_[at->second.queue].talks;
    talks_.erase(at);
}

bool QueueLogAgents::connect(const std::string& queue, std::string_view callid, std::string_view agent, std::int64_t ts_ms) {
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
    auto* found = member(queue, agent);
    if (found != nullptr) {
        found->away = false;
    }
    ++crews_[queue].talks;
    talk_of_[name] = talk_key;
    talks_.emplace(std::move(talk_key), Talk{queue, name, ts_ms});
    return found != nullptr;
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
    // A full walk is dear; a forgotten talk may stand a tenth of the bound longer.
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

AgentGauges QueueLogAgents::gauges(const std::string& queue) const {
    AgentGauges out;
    const auto at = crews_.find(queue);
    if (at == crews_.end()) {
        return out;
    }
    const auto& crew = at->second;
    out.members_known = crew.known;
    out.on_call = crew.talks;
    const auto prefix = key(queue, {});
    for (const auto& [name, member] : crew.members) {
        const auto talk = talk_of_.find(name);
        if (talk != talk_of_.end() && talk->second.compare(0, prefix.size(), prefix) == 0) {
            continue;  // counted with the talks
        }
        if (member.away) {
            continue;
        }
        ++out.staffed;
        if (talk != talk_of_.end()) {
            continue;  // busy for another queue: staffed, neither available nor on a call of this one
        }
        if (member.paused) {
            ++out.aux;
        } else {
            ++out.available;
        }
    }
    // Who talks is staffed, even when removed from the queue in mid-call.
    out.staffed += crew.talks;
    return out;
}

}  // namespace surged
