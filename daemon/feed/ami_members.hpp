// The members of one queue as the manager interface tells them, and what they add up to.
//
// The hardest rule: whether a member talks for this queue (InCall) is told by no event of its own. It follows from AgentConnect and
// AgentComplete; the list of QueueStatus says it too, for members whom no such event has touched since it was asked for.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "feed/ami_parser.hpp"
#include "feed/switch_clock.hpp"
#include "feed/switch_state.hpp"

namespace surged {

struct AmiMember {
    int status = 0;  ///< Asterisk's device state: 0 unknown, 1 free, 2 in use, 3 busy, 4 invalid, 5 gone, 6 rings, 7 rings in use, 8 on hold
    bool paused = false;
    bool in_call = false;         ///< talks for this queue
    std::int64_t call_ms = 0;     ///< our time of the event that said so; 0: a list said it
    std::int64_t wrapup_ms = 0;   ///< his own; 0: none, or that of the queue, which is not told
    std::int64_t free_from_ms = 0;  ///< our time his last call of this queue ended; 0: none is known

    bool staffed() const { return status != 4 && status != 5; }
    bool operator==(const AmiMember&) const = default;
};

/// A member as a list tells him.
struct AmiListedMember {
    std::string interface;
    AmiMember member;
    std::optional<bool> talks;  ///< nullopt: this version does not tell
};

/// What a queue's members add up to at one moment.
struct AmiCrewGauges : SwitchCrew {
    bool wrapup_told = false;  ///< some member or the user gave a time
    std::int64_t next_ms = 0;  ///< when the first wrap-up ends; 0: none is under way
};

class AmiCrew {
public:
    using Members = std::map<std::string, AmiMember, std::less<>>;  // by interface

    /// Takes what an event or a list entry says of a member, all but InCall: only the fields it has. True: something changed.
    static bool read(const AmiBlock& block, const SwitchClock& clock, AmiMember& member);
    /// Takes a list entry, asked for at `asked_ms`, over what is known. True: something changed.
    static bool merge(const AmiListedMember& listed, std::int64_t asked_ms, AmiMember& member);

    AmiMember* find(std::string_view interface);
    /// nullptr: `room` members are there already.
    AmiMember* add(std::string_view interface, std::size_t room);
    bool remove(std::string_view interface);
    void clear() { members_.clear(); }
    Members& members() { return members_; }
    const Members& members() const { return members_; }
    std::uint64_t talking() const;
    /// `wrapup_ms` of the queue, as the user says.
    AmiCrewGauges gauges(std::int64_t now_ms, std::int64_t wrapup_ms) const;

private:
    Members members_;
};

/// The interface of a member, under the name that this version gives it.
std::string_view interface_of(const AmiBlock& block);

}  // namespace surged
