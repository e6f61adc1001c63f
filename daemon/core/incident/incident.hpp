// One incident as its records make it: the people with their seats and what reached them, its pages, what its playbook did.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/incident/group.hpp"
#include "core/paging/page.hpp"
#include "core/team/plan.hpp"
#include "core/record/order.hpp"
#include "core/record/policy_bytes.hpp"
#include "core/record/record.hpp"

namespace surged {

enum class Phase : std::uint8_t { paging, filled, exhausted };
enum class Ending : std::uint8_t { none, resolving, resolved, closed };

/// The latest page of one person on one channel, for one request.
struct ReachMark {
    int count = 0;  ///< pages on this channel since asked
    EngineTime last{};  ///< when the latest was made or, since, left
    std::string page;
    PageState state = PageState::queued;
    bool reached =
        false;  ///< one of them arrived, as far as its channel tells: a later failure does not make the person unreachable
    /// Of a message that closes, while it is owed: it may still arrive, or has been accepted and its receipt is awaited.
    bool under_way() const { return !terminal(state) || state == PageState::accepted; }
    template <typename V>
    void fields(V& v) {
        v(count), v(last), v(page), v(state), v(reached);
    }
};
using Reach = std::map<std::string, ReachMark>;  // by channel

struct Seat {
    int tier = 0;
    SeatState state = SeatState::asked;
    EngineTime asked{};
    EngineTime changed{};
    EngineTime paged{};       ///< last page made for this request or, since, left: reminders count from it
    int asks = 0;             ///< requests since the incident (re)opened
    bool acked = false;       ///< said "seen": no reminders
    bool was_joined = false;  ///< took a seat once: asked first when it reopens
    std::uint64_t order = 0;  ///< of joining; lower = earlier
    SeatCause cause = SeatCause::none;
    std::string reason;  ///< for people
    Reach reach;
    bool was_arrived = false;  ///< came once, and has gone home since
    EngineTime excused{};  ///< joined, and due to arrive while surged was down: no no-show before this
    template <typename V>
    void fields(V& v) {
        v(tier), v(state), v(asked), v(changed), v(paged), v(asks), v(acked), v(was_joined), v(order), v(cause), v(reason),
            v(reach), v(excused), v(was_arrived);
    }
};

/// How many seats are held, and by how many people who are here.
struct SeatCount {
    int taken = 0;
    int arrived = 0;
};

/// Somebody was named to take a seat over, or to be asked instead of a person who declined.
struct HandOver {
    std::string from;
    EngineTime at{};
    bool substitute = false;  ///< no seat goes with it: the person who named them has none
    bool called = false;      ///< asked for it
    template <typename V>
    void fields(V& v) {
        v(from), v(at), v(substitute), v(called);
    }
};

/// Somebody who was paged, and is owed one closing message.
struct Paged {
    bool owed = false;
    std::string channel;  ///< where a page last arrived, else was last sent
    bool accepted = false;
    Reach closing;
    template <typename V>
    void fields(V& v) {
        v(owed), v(channel), v(accepted), v(closing);
    }
};

/// Whether the effect of an action stands in the world, as far as its outcomes tell.
enum class Effect : std::uint8_t { none, maybe, stands };

struct ActionMark {
    Effect effect = Effect::none;
    bool given_up = false;   ///< its last doing or undoing failed for good: not again before the incident ends or reopens
    std::string page;        ///< the latest doing or undoing
    std::uint64_t done = 0;  ///< when it was done among those of its incident; the last is undone first
    template <typename V>
    void fields(V& v) {
        v(effect), v(given_up), v(page), v(done);
    }
};

/// A region's scopes wanted more until then; for a while the drop sends nobody home.
struct Lapse {
    EngineTime until{};
    int need = 0;
    int scopes = 0;
    template <typename V>
    void fields(V& v) {
        v(until), v(need), v(scopes);
    }
};

/// Causes that an incident knows at once: when so many are red everybody has been called, and a storm is one message.
inline constexpr std::size_t causes_max = 32;
inline constexpr std::size_t milder_max = 256;

/// A page younger than this speaks for the next red cause, too: the person who answers sees the values of that moment.
inline constexpr Span alarm_rest{60000};

/// The name of an alert among an incident's causes: "oldest-wait jinan/general/voice".
std::string cause_text(const AlertEdge& alert);

/// What an incident does next by itself, as far as people want to know it. `tier`: the next tier or, past the last, the fallback list
/// is called; `round`: everybody is asked again; `remind`: who has not answered is reminded; `recheck`: whether the help is enough is
/// looked at; `resolve`: it ends, unless an alert fires again.
enum class NextKind : std::uint8_t { none, tier, fallback, round, remind, recheck, resolve };
std::string_view to_string(NextKind v);
struct NextStep {
    NextKind kind = NextKind::none;
    EngineTime at = engine_never;
    int tier = 0;  ///< of `tier`
};

/// Between two notes of what went through an incident's queues.
inline constexpr Span load_pace{60000};

struct Incident {
    std::string id;
    PolicySpec policy;  ///< as it was when the incident opened
    ScopeValues scope;
    Phase phase = Phase::paging;
    Ending ending = Ending::none;
    Level level = Level::none;
    int tier = 0;          ///< entered; 0 = none yet
    int wait_tier = 1;     ///< whose wait is running: the last tier entered that was not empty
    EngineTime tier_at{};  ///< its wait counts from here (paused while resolving)
    EngineTime climbed{};
    bool lost = false;  ///< a candidate was lost since the last tier was entered
    int need = 0;
    EngineTime need_at{};  ///< when it was last set: a recheck of a worked-out need counts from here
    EngineTime mark_at{};  ///< filled, or last rechecked: the next recheck counts from here and compares with
    Level mark_level = Level::none;
    double mark_missing = -1;  ///< agents missing then; below 0 = not known
    EngineTime load_at{};      ///< when what went through its queues was last noted
    bool rising = false;       ///< the last recheck found it filled and not falling
    bool push = false;         ///< ... and the next tier has not been called for it yet
    std::string owner;
    bool blind = false;
    int rounds = 0;  ///< of the loop at the top
    EngineTime round_at{};
    EngineTime opened{};
    WallTime opened_wall{};
    EngineTime since{};  ///< opened or reopened: max_age counts from here
    EngineTime ending_at{};
    std::string ending_reason;
    std::string ended_by;
    std::string down;            ///< "14:02-14:20": surged was down in this incident
    std::uint64_t ordinal = 0;   ///< of pages
    std::uint64_t sequence = 0;  ///< of orders
    std::map<std::string, Seat> seats;
    std::map<std::string, Paged> paged;
    std::deque<std::string> pages;
    std::map<std::string, ActionMark> actions;    ///< by id of the policy's action
    std::map<std::string, HandOver> handovers;    ///< by the person who was named
    std::map<std::string, std::string> relieved;  ///< person who kept a seat until now -> the person it was kept for
    AgentsSeen agents_before;                     ///< when the first seat was taken
    EngineTime agents_at{};
    std::string into;  ///< it goes on as part of this one, of the whole region

    std::map<std::string, int> shares;  ///< a region's: what each scope that fires wants, at the most so far
    std::vector<Lapse> lapses;          ///< ... and what they wanted together not long ago: the most first, the oldest first

    /// What turned red and was called for, and since when it is red no more ({} = it is). Red again within the policy's
    /// reopen_window it is the same cause: a rule that flaps calls nobody again.
    std::map<std::string, EngineTime> causes;
    std::set<std::string> milder;      ///< alerts that fired below red while it was open: they turn red, and are no further ones
    EngineTime alarmed{};              ///< since then those who have not answered are to be asked again; {} = they are not
    bool stilled = false;              ///< nobody was to hear of it, and no loud alert of it has fired since
    std::set<std::string> told_blind;  ///< people who got a blind page and have not heard that data is back
    EngineTime sighted{};              ///< data came back then
    std::uint64_t deeds = 0;           ///< steps of the playbook that were done
    Level worst = Level::none;         ///< highest level since it opened; its level is none once it has ended
    IncidentVerdict verdict = IncidentVerdict::none;   ///< what people said of it last
    std::string verdict_by;
    WallTime verdict_at{};
    bool unread = false;               ///< the text of its policy could not be read: `policy` has its name and scope only


    // derived
    std::string group;
    SeatCount held;              ///< of `seats`, kept as they change
    std::set<std::string> live;  ///< pages that have not ended
    EngineTime wake{};           ///< next timer; engine_never = none
    NextStep next;               ///< the earliest of its timers that people want to know of
    EngineTime fresh{};          ///< last alert edge, this process
    std::string turned;          ///< what turned red while seats were filled, in this step
    EngineTime looked{};         ///< when its causes were last looked through, this process
    EngineTime counted{};        ///< a region's: its scopes were last counted for the need, this process
    bool lack_told = false;      ///< unread, and nothing is configured that it could go by: this was told, this process
    std::vector<std::string> unknown_keys;  ///< of its policy's text, which this release does not know; until they are told

    bool open() const { return ending == Ending::none || ending == Ending::resolving; }
    template <typename V>
    void fields(V& v) {
        PolicyInState by_name{policy, unknown_keys};
        v(id), v(by_name), v(scope), v(phase), v(ending), v(level), v(tier), v(wait_tier), v(tier_at), v(climbed), v(lost),
            v(need), v(need_at), v(mark_at), v(mark_level), v(mark_missing), v(load_at), v(rising), v(push), v(owner), v(blind),
            v(rounds), v(round_at), v(opened), v(opened_wall), v(since), v(ending_at), v(ending_reason), v(ended_by), v(down),
            v(ordinal), v(sequence), v(seats), v(paged), v(pages), v(actions), v(handovers), v(relieved), v(agents_before),
            v(agents_at), v(into), v(shares), v(lapses), v(causes), v(milder), v(alarmed), v(stilled), v(told_blind), v(sighted),
            v(deeds), v(worst), v(unread), v(verdict), v(verdict_by), v(verdict_at);
    }
};

/// A silence or a mute has ended, and all of it is on its way back by then: nobody is called for what was not to be heard of and
/// is as good as over. What was heard of goes on being called for until its hold to clear is over.
inline bool ebbs(const Incident& incident, const AlertGroup& group) {
    return incident.stilled && group.calm();
}

}  // namespace surged
