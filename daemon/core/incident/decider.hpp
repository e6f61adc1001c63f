// One step of the desk: looks at the state, decides, writes records. Every decision goes through emit(): the record is folded at
// once, so the next decision sees it, and what was decided is what will be folded again after a restart.
//
// The style is reconciliation: settle() compares what is with what should be and emits the difference until there is none. It
// does not matter which event woke it, nor whether a crash cut a step in half: the next settle() finishes it. Each moment that is
// looked at and not yet come is kept (due()), and the earliest is the incident's next timer, so a timer cannot be forgotten.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/incident/region.hpp"
#include "core/incident/seats.hpp"
#include "core/incident/state.hpp"
#include "core/paging/text.hpp"

namespace surged {

/// The desk's answer to a lost outcome: the courier's own time limit and this much more.
inline constexpr Span outcome_grace{5000};
/// After a restart at most one tier an incident is climbed until an alert moves or this has passed.
inline constexpr Span recovery_hold{10000};
/// Data must have been back for so long before those who were told that it is gone hear it.
inline constexpr Span sight_hold{10000};
/// Closing messages have more time than calls: nobody waits for them.
inline constexpr Span close_deadline{900000};
inline constexpr std::size_t order_alerts_max = 16;
/// Repeats of one page of whose attempts nobody knows what became: then the next way is taken.
inline constexpr int repeats_max = 3;

/// What a message is that calls or tells this person now.
PagePurpose call_purpose(const Incident& incident, const std::string& person, const Seat& seat);

class Decider {
public:
    /// `arrived`: arrival of the message that woke the desk; now.at for timers and commands.
    Decider(DeskState& state, Stamp now, EngineTime arrived, Decisions& out)
        : s_(state), index_(*state.index), now_(now), arrived_(arrived), out_(out) {}

    // ---- what woke the desk ---------------------------------------------------------------------------------------------------
    CommandReply answer(const Command& command);  // answers.cpp
    CommandReply order(const Command& command);   // commands.cpp
    void outcome(const SendOutcome& outcome);     // outcome.cpp
    void receipt(const DeliveryReceipt& receipt); // receipts.cpp
    void recovered(EngineTime down_since);        // outcome.cpp
    /// Brings everything that is dirty or due to rest: folds, incidents, pages. Ends when nothing more is to be done at now.
    void run();  // settle.cpp

private:
    // ---- settle.cpp: the life of an incident --------------------------------------------------------------------------------
    void timers();
    void settle_fold(const std::string& key);
    void open(const std::string& key, const Fold& fold);
    void settle(Incident& inc);
    bool settle_once(Incident& inc);
    bool settle_signal(Incident& inc, const Fold* fold);
    bool settle_blind(Incident& inc, const Fold& fold);
    bool settle_sight(Incident& inc);
    void resolve(Incident& inc, const std::string& reason, const std::string& by);
    bool release(Incident& inc);
    bool settle_closing(Incident& inc);

    // ---- need.cpp: how many people
    ScopeStaffing staffing(const ScopeValues& scope, const std::string& fold) const;
    int wanted(const PolicySpec& policy, const ScopeValues& scope, const Incident* inc) const;
    int wanted(const PolicySpec& policy, const ScopeValues& scope, const ScopeStaffing& seen, const ScopeSigns& signs, int working) const;
    double formula_need(const PolicySpec& policy, const ScopeValues& scope, const ScopeStaffing& seen, const ScopeSigns& signs,
                        int working) const;
    bool settle_need(Incident& inc);
    bool settle_recheck(Incident& inc, const Fold& fold);  // recheck.cpp
    bool falling(const Incident& inc, const Fold& fold, const ScopeStaffing& seen) const;
    int could_join(const Incident& inc) const;
    bool settle_load(Incident& inc);  // load.cpp
    void note_last_load(Incident& inc);
    bool note_load(Incident& inc);
    bool settle_noshow(Incident& inc);
    bool settle_arrivals(Incident& inc);  // arrivals.cpp
    AgentsSeen agents_in(const Incident& inc) const;
    int counted_elsewhere(const Incident& inc) const;
    bool vacate(Incident& inc);
    bool settle_elsewhere(Incident& inc);  // elsewhere.cpp
    void leave_for(const Incident& other, const Incident& inc, const std::string& person);

    // ---- tier.cpp: who is asked -----------------------------------------------------------------------------------------------
    bool settle_filled(Incident& inc);
    bool settle_seats(Incident& inc);
    bool settle_tier(Incident& inc);
    bool settle_calls(Incident& inc, const Fold& fold);
    bool settle_round(Incident& inc);
    bool may_climb(const Incident& inc);
    void climb(Incident& inc, int target, const std::string& why, const std::string& by);
    void enter(Incident& inc, int tier, const std::vector<std::string>& candidates, const std::string& why,
               const std::string& by);
    void inform(Incident& inc, int tier);
    void exhaust(Incident& inc, const std::string& why, const std::string& by);
    void ask(Incident& inc, const std::vector<std::string>& people, int tier, const std::string& why);
    bool ask_spares(Incident& inc);
    bool fill_batch(Incident& inc);
    bool time_out_batch(Incident& inc);
    void ask_again(Incident& inc);
    std::vector<std::string> candidates(const Incident& inc, int tier, bool again, bool anybody = false) const;
    std::vector<std::string> who_may_come(const Incident& inc) const;
    int next_with_people(const Incident& inc) const;
    bool askable(const Incident& inc, const std::string& person, bool urgent, bool again) const;

    // ---- live_duty.cpp: who may be called now, and who is asked again
    bool stands(const Incident& inc, const std::string& person, bool told) const;
    bool may_call(const Incident& inc, const std::string& person, int tier) const;
    bool knows_again(const Incident& inc);
    bool settle_off_duty(Incident& inc);
    bool unasked(const Incident& inc, const std::string& person) const;
    std::vector<std::string> newcomers(const Incident& inc, int tier) const;
    bool ask_on_duty(Incident& inc);
    std::vector<std::string> new_causes(const Incident& inc, const Fold& fold) const;
    bool settle_level(Incident& inc, const Fold& fold);
    bool settle_alarm(Incident& inc);
    bool reachable_by(const std::string& person, bool urgent) const;
    bool reachable(const Incident& inc, const std::string& person, int tier) const;

    // ---- handover.cpp: seats that go from one to another
    std::optional<CommandReply> unfit_successor(const Incident& inc, const Command& command) const;
    bool settle_handovers(Incident& inc);
    void leave_seat(Incident& inc, const std::string& person, const std::string& why, const std::string& owner);
    bool take_over(Incident& inc, const std::string& successor);

    // ---- reach.cpp: by which way
    // --------------------------------------------------------------------------------------------------
    struct Contact {
        std::string person;
        std::string channel;
        PagePurpose purpose = PagePurpose::first;
        int tier = 0;
    };
    bool settle_reach(Incident& inc, bool calm);
    void reach_person(Incident& inc, const std::string& id, std::vector<Contact>& wanted);
    void remind_person(Incident& inc, const std::string& id, std::vector<Contact>& wanted);
    void make_pages(Incident& inc, const std::vector<Contact>& wanted);
    void make_page(Incident& inc, const Contact& first, const std::vector<std::string>& people);
    bool cancel_waiting(Incident& inc, const std::string& reason, bool closing_too, bool actions_too = true);
    void cancel_of(Incident& inc, const std::string& person, const std::string& reason);
    bool cancel_calls(Incident& inc, const std::string& reason);
    void cancel_reminders(Incident& inc, const std::string& person);
    bool probe_dead_ways(Incident& inc);
    void channel_back(const std::string& channel);

    // ---- actions.cpp: the playbook
    bool settle_actions(Incident& inc);
    bool settle_undo(Incident& inc);
    void make_action(Incident& inc, const ActionSpec& spec, PagePurpose purpose);
    std::string untrue_action(const Page& page) const;
    Span patience(const std::string& key) const;

    // ---- region.cpp: many scopes at once
    void settle_regions();
    void merge(const PolicySpec& policy, const std::vector<Incident*>& children);
    void keep_one_handover(Incident& child, std::set<std::string>& successors);
    const std::set<ScopeValues>& scopes(const Incident& inc) const;
    bool settle_region_need(Incident& inc);  // region_need.cpp
    Incident* gone_into(Incident* inc);

    // ---- stand_down.cpp: fewer are wanted
    bool settle_stand_down(Incident& inc);
    bool release_surplus(Incident& inc);
    bool release_unanswered(Incident& inc);
    bool may_go(const Incident& inc, const std::string& id) const;
    std::string closing_way(const std::string& id, const Paged& paged) const;

    // ---- pump.cpp: when it may leave
    // ----------------------------------------------------------------------------------------------
    bool pump();
    void pump_channel(const std::string& channel, std::vector<std::string> due);
    bool hold(const std::string& key, EngineTime until, const std::string& why);
    const ChannelState& channel_now(const std::string& channel) const;
    EngineTime person_slot(const Page& page) const;
    bool other_way(const Page& page) const;
    std::string untrue(const std::string& key, std::vector<std::string>& still) const;
    Language language_for(const ChannelSpec* channel, const std::vector<std::string>& people) const;
    std::string place_of(const Incident& inc, Language language) const;

    // ---- page_facts.cpp: what a message says
    std::string name_of(const std::string& id) const;
    const Zone& zone_at(const Incident* inc) const;
    void put_cause(PageFacts& facts, const Incident& inc, Language language) const;
    void put_people(PageFacts& facts, const Incident& inc, const std::vector<std::string>& people) const;
    void put_ending(PageFacts& facts, const Incident& inc, const std::vector<std::string>& people) const;
    PageFacts facts(const Incident* inc, const Page& page, const std::vector<std::string>& people, Language language) const;
    std::vector<AlertEdge> alerts_now(const Incident& inc) const;
    SendOrder make_order(const std::string& key, const Page& page, const std::vector<std::string>& people,
                         std::vector<AlsoCalled> also) const;

    // ---- riders.cpp: one message for several incidents
    struct Departure {
        std::string page;
        std::vector<std::string> people;  ///< whom it still concerns
    };
    bool rides(const std::string& key, const Page& with, std::vector<std::string>& still) const;
    std::vector<std::string> call_with(const Page& page);
    std::vector<Departure> departures(const std::string& key, std::vector<std::string> people, bool crowded) const;
    std::vector<AlsoCalled> also_called(const Page& page, const std::vector<Departure>& leaving) const;
    void send(const std::vector<Departure>& leaving);

    // ---- outcome.cpp
    // ----------------------------------------------------------------------------------------------------------------
    void end_attempt(const std::string& key, const SendOutcome& o, const std::string& why);
    void try_again(const std::string& key, const std::string& why, Span retry_after);
    void unknown_outcome(const std::string& key, const std::string& why, bool once);
    void channel_failed(const std::string& channel, const std::string& why);
    std::string down_text(EngineTime down_since) const;

    // ---- receipts.cpp
    PageChange accepted(const std::string& key, const SendOutcome& outcome) const;
    std::vector<std::string> people_of(const std::set<std::string>& pages, const std::string& number) const;
    bool word_came(const std::string& key, const DeliveryReceipt& receipt, const std::vector<std::string>& whose);
    bool late_receipt(const std::string& key, const DeliveryReceipt& receipt, const std::vector<std::string>& whose);
    void receipts_missing(const std::string& key);
    void end_wait(PageChange change);

    // ---- commands.cpp
    // -----------------------------------------------------------------------------------------------------------------
    CommandReply escalate(const Command& command);
    CommandReply resolve_by_hand(const Command& command);
    CommandReply silence(const Command& command);
    CommandReply unsilence(const Command& command);
    CommandReply override_roster(const Command& command);
    CommandReply test_page(const Command& command);          // drill.cpp
    CommandReply answer_drill(const Command& command);       // drill.cpp
    CommandReply adopt_policy(const Command& command);       // adopt_policy.cpp
    CommandReply reply(const Incident* inc, bool ok, std::string code, std::string message) const;
    CommandReply finish(const Command& command, CommandReply reply);
    /// The reply once given to this key; `refused` when the key was used for something else. nullptr code = no such key.
    bool repeated(const Command& command, const std::string& request, CommandReply& reply) const;

    // ---- records
    // ------------------------------------------------------------------------------------------------------------------------
    void emit(RecordBody body);
    void note(std::string what, std::string detail);
    IncidentChange change(const Incident& inc, IncidentStep step, std::string reason = {}, std::string by = "engine") const;
    void seat(const Incident& inc, const std::string& person, int tier, SeatState state, const std::string& reason,
              SeatCause cause = SeatCause::none);
    PageChange page_change(const std::string& key, PageState state, std::string reason = {}) const;

    /// True when `t` has come; else remembers it as a time to look again.
    bool due(EngineTime t) {
        if (t <= now_.at) {
            return true;
        }
        wake_ = std::min(wake_, t);
        return false;
    }

    DeskState& s_;
    const PlanIndex& index_;
    Stamp now_;
    EngineTime arrived_;
    Decisions& out_;
    EngineTime wake_ = engine_never;
    mutable std::map<std::string, std::set<ScopeValues>> scopes_;  ///< by region's incident; while only pages and seats change
    std::set<std::string> opened_of_;                              ///< policies that opened or reopened an incident in this step
};

}  // namespace surged
