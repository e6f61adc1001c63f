#include "feed/ami_members.hpp"

#include <algorithm>
#include <array>

namespace surged {

namespace {
constexpr std::int64_t wrapup_max_s = 86400;
}

std::string_view interface_of(const AmiBlock& block) {
    for (const auto* key : {"Interface", "Location", "Member"}) {
        if (const auto found = block.get(key); !found.empty()) {
            return found;
        }
    }
    return {};
}

bool AmiCrew::read(const AmiBlock& block, const SwitchClock& clock, AmiMember& member) {
    const auto before = member;
    if (const auto status = block.number("Status")) {
        member.status = *status >= 0 && *status <= 8 ? static_cast<int>(*status) : 0;
    }
    if (const auto paused = block.number("Paused")) {
        member.paused = *paused != 0;
    }
    if (const auto wrapup = block.number("Wrapuptime")) {
        member.wrapup_ms = std::clamp<std::int64_t>(*wrapup, 0, wrapup_max_s) * 1000;
    }
    // Whole seconds: an AgentComplete has told it better.
    const auto last = block.time_ms("LastCall");
    if (last && clock.known() && clock.of_server(*last) > member.free_from_ms + 1000) {
        member.free_from_ms = clock.of_server(*last);
    }
    return member != before;
}

bool AmiCrew::merge(const AmiListedMember& listed, std::int64_t asked_ms, AmiMember& member) {
    const auto before = member;
    member.status = listed.member.status;
    member.paused = listed.member.paused;
    member.wrapup_ms = listed.member.wrapup_ms;
    if (listed.member.free_from_ms > member.free_from_ms + 1000) {
        member.free_from_ms = listed.member.free_from_ms;
    }
    if (member.call_ms == 0 || member.call_ms < asked_ms) {
        // Older versions do not tell who talks; a free phone does.
        member.in_call = listed.talks.value_or(member.in_call && member.status != 1);
    }
    return member != before;
}

AmiMember* AmiCrew::find(std::string_view interface) {
    const auto at = members_.find(interface);
    return at == members_.end() ? nullptr : &at->second;
}

AmiMember* AmiCrew::add(std::string_view interface, std::size_t room) {
    if (auto* known = find(interface)) {
        return known;
    }
    return room == 0 ? nullptr : &members_.emplace(std::string(interface), AmiMember{}).first->second;
}

bool AmiCrew::remove(std::string_view interface) {
    const auto at = members_.find(interface);
    if (at == members_.end()) {
        return false;
    }
    members_.erase(at);
    return true;
}

std::uint64_t AmiCrew::talking() const {
    return static_cast<std::uint64_t>(
        std::count_if(members_.begin(), members_.end(), [](const auto& member) { return member.second.in_call; }));
}

AmiCrewGauges AmiCrew::gauges(std::int64_t now_ms, std::int64_t wrapup_ms) const {
    AmiCrewGauges out;
    out.wrapup_told = wrapup_ms > 0;
    for (const auto& [interface, member] : members_) {
        const auto wrapup = member.wrapup_ms > 0 ? member.wrapup_ms : wrapup_ms;
        out.wrapup_told = out.wrapup_told || wrapup > 0;
        out.on_call += member.in_call ? 1U : 0U;
        if (!member.staffed()) {
            continue;
        }
        ++out.staffed;
        if (member.in_call) {
            continue;
        }
        if (member.paused) {
            ++out.aux;
        } else if (member.status == 6) {
            ++out.ringing;
        } else if (member.status == 0 || member.status == 1) {
            const auto until = wrapup == 0 || member.free_from_ms == 0 ? 0 : member.free_from_ms + wrapup;
            if (until > now_ms) {
                ++out.wrapup;
                out.next_ms = out.next_ms == 0 ? until : std::min(out.next_ms, until);
            } else {
                ++out.available;
            }
        }
    }
    return out;
}

}  // namespace surged
