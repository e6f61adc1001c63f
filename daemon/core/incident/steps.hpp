// The functions that decide about incidents, by the file they stand in. Each settle_*() makes one decision, writes
// its records and returns true, or finds nothing to decide; the order in which they are asked is the table in settle.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/incident/region.hpp"
#include "core/incident/seats.hpp"
#include "core/incident/step.hpp"

namespace surged {

/// After a restart at most one tier an incident is climbed until an alert moves or this has passed.
inline constexpr Span recovery_hold{10000};
/// Data must have been back for so long before those who were told that it is gone hear it.
inline constexpr Span sight_hold{10000};
/// Closing messages have more time than calls: nobody waits for them.
inline constexpr Span close_deadline{900000};
inline constexpr std::size_t order_alerts_max = 16;

/// The purpose of a message that calls or informs this person now.
PagePurpose call_purpose(const Incident& incident, const std::string& person, const Seat& seat);

namespace incident {

// settle.cpp
/// Where an incident stands, as far as it matters to what may be decided about it.
enum Situation : unsigned {
    resolved = 1,  ///< it is over: people are told, and what was done is undone
    ending = 2,    ///< every alert has cleared, or it is about to be known that they have
    unheard = 4,   ///< open, and every alert is silenced, muted or inhibited
    calm = 8,      ///< open, and nobody is called for it any more: it was silenced, and is clearing (ebbs())
    calling = 16,  ///< open, and people are called
    heard = calm | calling,
    open_ = unheard | heard,
    unresolved = ending | open_
};

Situation situation(const Incident& inc, const AlertGroup* alerts);

/// Decides everything that is dirty or due: scopes, incidents, pages. Ends when nothing more is to be done at now.
void run(Step& step);

// opening.cpp, ending.cpp, blind.cpp: the life of an incident
void settle_group(Step& step, const std::string& key);
void open_incident(Step& step, const std::string& key, const AlertGroup& group);
void resolve(Step& step, Incident& inc, const std::string& reason, std::string_view by);
bool release(Step& step, Incident& inc);
bool settle_closing(Step& step, Incident& inc);
bool settle_blind(Step& step, Incident& inc);
bool settle_sight(Step& step, Incident& inc);

// adoption.cpp: the policy it goes by
/// The policy in force for this incident; or why it cannot go by it.
Result<PolicySpec, std::string> in_force(const Step& step, const Incident& inc);
/// `entered`: how many of its tiers count as called.
void adopt(Step& step, Incident& inc, const PolicySpec& policy, int entered, const std::string& reason, std::string_view by);
/// The text of its policy could not be read: it goes by the one in force.
bool settle_policy(Step& step, Incident& inc);

// need.cpp, region_need.cpp, recheck.cpp, load.cpp: how many people, and whether it helps
ScopeStaffing staffing(const Step& step, const ScopeValues& scope, const std::string& group);
/// `inc`: the incident as it is; null for one that is about to open.
int wanted(const Step& step, const PolicySpec& policy, const ScopeValues& scope, const Incident* inc);
int wanted(const Step& step, const PolicySpec& policy, const ScopeValues& scope, const ScopeStaffing& seen,
           const ScopeSigns& signs, int working);
bool settle_need(Step& step, Incident& inc);
/// Its queues would be short again if its people went home now.
bool still_needed(Step& step, const Incident& inc);
bool settle_region_need(Step& step, Incident& inc);
bool settle_recheck(Step& step, Incident& inc);
bool settle_noshow(Step& step, Incident& inc);
bool settle_load(Step& step, Incident& inc);
void note_last_load(Step& step, Incident& inc);

// arrivals.cpp, elsewhere.cpp, handover.cpp, stand_down.cpp: seats
AgentsSeen agents_in(const Step& step, const Incident& inc);
bool settle_arrivals(Step& step, Incident& inc);
bool settle_elsewhere(Step& step, Incident& inc);
/// Gives up the seat in `other` for one in `inc`.
void leave_for(Step& step, const Incident& other, const Incident& inc, const std::string& person);
bool settle_handovers(Step& step, Incident& inc);
void leave_seat(Step& step, Incident& inc, const std::string& person, const std::string& why, const std::string& owner);
/// The person who was named comes: the seat is free for them. False when nobody named them for a seat.
bool take_over(Step& step, Incident& inc, const std::string& successor);
bool settle_stand_down(Step& step, Incident& inc);
/// It is over for them although it goes on.
bool may_go(const Step& step, const Incident& inc, const std::string& person);
/// By which channel somebody is told that it is over for them; empty: nobody is to be told, it is under way, or no channel is left.
std::string closing_way(const Step& step, const std::string& person, const Paged& paged);

// tier.cpp: which people are asked, and when the next tier is entered
bool settle_filled(Step& step, Incident& inc);
bool settle_seats(Step& step, Incident& inc);
bool settle_tier(Step& step, Incident& inc);
/// What comes next: the tier that is called, and when; or why none is.
struct NextTier {
    enum class Why : std::uint8_t {
        filled,        ///< nobody is missing
        exhausted,     ///< everybody has been called: only the loop at the top goes on
        acknowledged,  ///< somebody has taken it, and the policy says ack_stops
        rising,        ///< filled once, and it did not help
        too_few,       ///< those who were called and may still come are too few: it is called at once
        waits          ///< those who were called still have time to answer
    };
    Why why = Why::filled;
    int tier = 0;     ///< one past the last = the fallback list
    EngineTime at{};  ///< waits: until then
};
NextTier next_tier(const Step& step, const Incident& inc);
/// Enters tiers up to `target`, and further until one is not empty. Nobody anywhere: the fallback list, at once.
void climb(Step& step, Incident& inc, int target, const std::string& why, std::string_view by);
void exhaust(Step& step, Incident& inc, const std::string& why, std::string_view by);
void ask(Step& step, Incident& inc, const std::vector<std::string>& people, int tier, const std::string& why);
/// On duty in this tier and to be asked. `again`: also those who were asked and did not answer; `anybody`: also when only a role is
/// missing.
std::vector<std::string> candidates(const Step& step, const Incident& inc, int tier, bool again, bool anybody = false);
bool askable(const Step& step, const Incident& inc, const std::string& person, bool urgent, bool again);
bool reachable(const Step& step, const Incident& inc, const std::string& person, int tier);

// live_duty.cpp: people who may be called now, or are asked again
bool vacate(Step& step, Incident& inc);
bool settle_off_duty(Step& step, Incident& inc);
bool settle_level(Step& step, Incident& inc);
bool settle_alarm(Step& step, Incident& inc);
bool ask_on_duty(Step& step, Incident& inc);
bool stands(const Step& step, const Incident& inc, const std::string& person, bool told);
bool may_call(const Step& step, const Incident& inc, const std::string& person, int tier);
bool knows_again(Step& step, const Incident& inc);
std::vector<std::string> newcomers(const Step& step, const Incident& inc, int tier);
std::vector<std::string> new_causes(const Step& step, const Incident& inc, const AlertGroup& group);

// reach.cpp, wanted_pages.cpp: contact methods, and which pages
struct Contact {
    std::string person;
    std::string channel;
    PagePurpose purpose = PagePurpose::first;
    int tier = 0;
};
bool settle_reach(Step& step, Incident& inc);
bool probe_dead_ways(Step& step, Incident& inc);
/// A channel that was down has taken a message: those who were unreachable are called again now, not at the next round.
void channel_back(Step& step, const std::string& channel);
void make_pages(Step& step, Incident& inc, const std::vector<Contact>& wanted);
void make_page(Step& step, Incident& inc, const Contact& first, const std::vector<std::string>& people);
/// Cancels what has not left. Returns whether there was any.
bool cancel_waiting(Step& step, Incident& inc, const std::string& reason, bool closing_too, bool actions_too = true);
/// Cancels what calls people and has not left.
bool cancel_calls(Step& step, Incident& inc, const std::string& reason);
/// Cancels what waits for this person alone; in a page to many the others still want it.
void cancel_of(Step& step, Incident& inc, const std::string& person, const std::string& reason);
void cancel_reminders(Step& step, Incident& inc, const std::string& person);

// actions.cpp: the playbook
bool settle_actions(Step& step, Incident& inc);
bool settle_undo(Step& step, Incident& inc);

// region.cpp: many scopes at once
void settle_regions(Step& step);
/// The scopes that fire, of a region's incident; counted once for all pages of a step.
const std::set<ScopeValues>& scopes(const Step& step, const Incident& inc);
/// The incident an answer is about: that of the region, when it went into one.
Incident* gone_into(Step& step, Incident* inc);

// page_facts.cpp
/// "济南/普席"; a region's says how many of its scopes fire.
std::string place_of(const Step& step, const Incident& inc, Language language);

}  // namespace incident

}  // namespace surged
