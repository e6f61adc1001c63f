// Bugs planted between the desk and its world, to test the reference and the shrinker: each one breaks a promise. Fault::none
// changes nothing.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/record/order.hpp"
#include "core/record/record.hpp"
#include "core/team/plan.hpp"
#include "sim/happening.hpp"

namespace surged::test {

enum class Fault : std::uint8_t {
    none,
    leave_before_commit,  ///< P1: orders leave although their records were lost
    lose_the_end,         ///< P2: the end of a page is not written
    page_twice,           ///< P3: an order leaves twice
    miss_the_clear,       ///< P4: the desk is not told that an alert is over
    lose_closing,         ///< P5: one person's closing messages are made and never leave
    skip_tier,            ///< P6: the desk takes a roster for empty
    rush,                 ///< P6: after a restart the desk takes old alerts for changes and climbs without waiting
    forget_answer,        ///< P7: a confirmed join is gone after a crash
    no_rate,              ///< P8: the desk does not know the limits of its channels
    no_failover,          ///< P9: nobody is called another way when the first has failed
    wrong_policy,         ///< policy: an alert reaches the desk as one of another policy
    one_scope,            ///< policy: all scopes are one
    no_minimum,           ///< require: roles and skills are not looked at
    tell_nobody,          ///< inform: people who are only to be informed are not
    ask_the_told,         ///< inform: people who are only to be informed are called
    forget_override,      ///< roster: an override is gone after a crash
    two_seats,            ///< one seat: a restart does not know who sits in other incidents
    lone_carrier,         ///< riders: pages that left with another one never get its outcome
    no_region,            ///< region: scopes that surge together stay apart
    small_region,         ///< region: one scope is taken for many
    forget_merged,        ///< region: after a crash its parts go on by themselves
    deaf_need,            ///< need: what the queues report is not looked at
    hasty_ratchet,        ///< need: it falls before its time
    do_nothing,           ///< playbook: a step whose time has come is not done
    do_early,             ///< playbook: a step is done before its tier and level
    do_twice,             ///< playbook: a crash forgets what was done
    never_undo,           ///< playbook: nothing is undone
    undo_in_order,        ///< playbook: steps are undone in the order in which they were done
    give_up_silently,     ///< playbook: no note says that a step failed
    hasty_handover,       ///< handover: a seat is free before the other has come
    long_handover,        ///< handover: a seat is kept although nobody comes
    silent_relief,        ///< handover: people who kept a seat for a successor are not told that they may go
    slow_batch,           ///< P11: a batch waits for its people much longer than answer_in
    call_parts_again,     ///< region: a person who was called for a part is called again as the region opens
    // Faults that the desk once had (A1 to A10, A20), planted back.
    call_for_clearing,    ///< A1, P4: a clearing alert opens an incident when a silence ends
    forget_hold,          ///< A2, P4: ended by force under a silence, it opens again when the silence ends
    cancel_handover,      ///< A3, handover: a successor is released because seats are filled
    nameless,             ///< A4, P10: "you may go" to a group, without a name
    first_shift,          ///< A5, P11: the first shift stays on duty for ever
    deaf_override,        ///< A5, P11: an override that is set does not count
    old_rosters,          ///< A5, P11: a reload brings no rosters
    deaf_red,             ///< A5, P11: a further red in an incident that has one is not noticed
    early_dates,          ///< A6, P11: people of a later roster date are on duty already
    blind_restart,        ///< A7, P10: data is said to be gone in the second of a restart
    old_value,            ///< A8, P10: an old value is shown beside the limit to clear
    all_clear,            ///< A9, P10: ended by hand is told as over
    ever_joined,          ///< A10, P10: the closing message counts everybody who ever had a seat
    crosswise,            ///< A20, P10: two incidents call the same person, each with the other
};

class Sabotage {
public:
    explicit Sabotage(Fault fault) : fault_(fault) {}

    /// The plan as the desk gets it; `first`: the one a world begins with.
    Plan spoil(Plan plan, const Plan& first) const;
    /// An alert as the desk gets it.
    AlertEdge spoil(AlertEdge edge) const;
    /// A message as people get it.
    std::vector<SendOrder> spoil(SendOrder order, bool group) const;
    /// Alert edges that only the desk hears, after a command.
    std::vector<AlertEdge> aside(const Command& command, const std::map<AlertKey, AlertEdge>& truth, EngineTime now) const;
    /// The time at which the desk believes that it came back.
    Stamp spoil(Stamp back) const;
    /// True = the desk does not get this command, although it is in force.
    bool hides(const Command& command) const;
    /// True = the reference (and whoever else reads the log) never sees this record.
    bool hides(const Record& record);
    /// What the reference reads now instead of this record.
    std::vector<Record> arrange(const Record& record);
    /// True = a restart does not find this record.
    bool forgets(const Record& record) const;
    bool hides(const AlertEdge& edge) const;
    bool hides(const Reading&) const { return fault_ == Fault::deaf_need; }
    int copies(const SendOrder& order) const;
    bool says_old_news() const { return fault_ == Fault::rush; }
    bool leaves_early() const { return fault_ == Fault::leave_before_commit; }

private:
    void look(const Record& record);
    void spoil_rosters(Plan& plan, const Plan& first) const;
    std::vector<Record> cancelled(const Record& record) const;
    std::vector<Record> called_again(const Record& record) const;
    static std::vector<SendOrder> parted(const SendOrder& order);

    Fault fault_;
    std::set<std::string> hidden_;  ///< pages
    std::vector<Record> held_;      ///< undo pages held back, the latest first
    std::map<std::string, std::set<std::string>> joined_;  ///< incident -> everybody who ever had a seat
    std::map<std::string, std::pair<std::string, std::string>> handing_;  ///< incident -> (holder of a seat, their successor)
    std::map<std::string, SeatChange> asked_;  ///< incident -> the latest request, until the person answers
    std::set<std::string> full_;      ///< incidents
    std::set<std::string> silences_;  ///< in force
};

}  // namespace surged::test
