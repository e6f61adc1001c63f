#include "feed/queue_log_crew.hpp"

#include <algorithm>

namespace surged {

std::string_view extension_of(std::string_view agent) {
    if (const auto slash = agent.find('/'); slash != std::string_view::npos) {
        agent.remove_prefix(slash + 1);
        agent = agent.substr(0, agent.find_first_of("@/"));
    }
    return agent;
}

std::size_t Crew::count(CrewName::Kind kind) const {
    return static_cast<std::size_t>(
        std::count_if(names.begin(), names.end(), [kind](const auto& one) { return one.second.kind == kind; }));
}

std::size_t Crew::free_interfaces() const {
    return members.size() - bound.size();
}

bool Crew::paused(std::string_view name) const {
    if (const auto at = bound.find(name); at != bound.end()) {
        return members.find(at->second)->second.paused;
    }
    const auto at = names.find(name);
    return at != names.end() && at->second.kind != CrewName::Kind::gone && at->second.paused;
}

void Crew::bind(const std::string& name, const std::string& interface) {
    auto& member = members[interface];
    if (const auto at = names.find(name); at != names.end()) {
        if (at->second.kind != CrewName::Kind::gone && at->second.paused) {
            member.paused = true;
            member.paused_ms = at->second.paused_ms;
        }
        names.erase(at);
    }
    member.name = name;
    bound[name] = interface;
}

std::string Crew::fitting(std::string_view name) const {
    std::string found;
    std::size_t same = 0;
    std::size_t free = 0;
    std::string last;
    for (const auto& [interface, member] : members) {
        if (!member.name.empty()) {
            continue;
        }
        if (interface == name) {
            return interface;
        }
        ++free;
        last = interface;
        if (extension_of(interface) == extension_of(name)) {
            ++same;
            found = interface;
        }
    }
    if (same == 1) {
        return found;
    }
    // What looks like an interface is no name that somebody gave to another interface.
    const bool alone = free == 1 && name.find('/') == std::string_view::npos;
    const auto loose = count(CrewName::Kind::loose);
    const auto at = names.find(name);
    const bool is_loose = at != names.end() && at->second.kind == CrewName::Kind::loose;
    return alone && loose == (is_loose ? 1U : 0U) ? last : std::string{};
}

}  // namespace surged
