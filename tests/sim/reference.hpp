// The model of the promises, written independently of the desk. It reads the durable records in order, and the orders that left,
// and reports which promise was broken. It shares only the record types with the desk.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "core/desk/desk.hpp"
#include "core/record/order.hpp"
#include "core/record/record.hpp"
#include "core/team/plan.hpp"
#include "sim/happening.hpp"

namespace surged::test {

/// Counts of what a run contained, to check that it tested anything.
struct Tally {
    std::size_t incidents = 0;
    std::size_t reopened = 0;
    std::size_t pages = 0;
    std::size_t repeats = 0;
    std::size_t filled = 0;
    std::size_t exhausted = 0;
    std::size_t rises = 0;     ///< a recheck raised the need
    std::size_t noshows = 0;   ///< seats given up
    std::size_t closings = 0;  ///< closing messages taken by a channel
    std::size_t informed = 0;  ///< people who were told and hold no seat
    std::size_t overrides = 0;
    std::size_t elsewhere = 0;  ///< people passed over for a seat they hold in another incident
    std::size_t regions = 0;
    std::size_t merged = 0;  ///< incidents that went into a region's
    std::size_t needs = 0;   ///< changes of a need
    std::size_t riders = 0;  ///< pages that left as part of another's message
    std::size_t done = 0;    ///< steps of a playbook
    std::size_t undone = 0;  ///< ... taken back
    std::size_t handovers = 0;
    std::size_t relieved = 0;
    std::map<std::string, std::size_t> met;  ///< how often each check was applied, by its description
    Tally& operator+=(const Tally& other);
};

/// The checks that a long run must have applied at least once (Tally::met).
std::vector<std::string> promises_to_meet();

class Reference {
public:
    /// The configuration in force for the records that follow; borrowed.
    void configured(const Plan& plan) { plan_ = &plan; }
    /// One durable record, in log order.
    void read(const Record& record);
    /// An order left the process.
    void left(const SendOrder& order);
    /// The value of an alert at a time.
    using ValueOf = std::function<double(const AlertEdge&, EngineTime)>;
    /// All alerts as the detector knows them; borrowed. The values that messages show are checked against it.
    void sees(const std::map<AlertKey, AlertEdge>& truth, ValueOf value = surged::test::value_of) {
        truth_ = &truth;
        value_ = std::move(value);
    }
    /// The wall clock was stepped: the people on duty may have changed without an event.
    void stepped() { stepped_ = true; }
    /// The detector knows this of a queue from now on.
    void reading(const Reading& reading, EngineTime at);
    /// The sender of this command has received this reply.
    void confirmed(const Command& command, const CommandReply& reply, EngineTime at);
    /// What the desk shows must be what the records say.
    void compare(const std::vector<IncidentView>& shown);
    /// The desk was killed and started again before the next record.
    void crashed();
    /// Nothing more will come: every incident must be over and every page at its end.
    void finish();

    const std::vector<std::string>& breaches() const { return breaches_; }
    const Tally& tally() const { return tally_; }

private:
    struct Page {
        PageState state = PageState::queued;
        PagePurpose purpose = PagePurpose::first;
        std::string channel;
        std::vector<std::string> people;
        int attempt = 0;
        bool uncertain = false;  ///< an attempt may have arrived
        bool doubted = false;    ///< ... since the last one was made
        bool repeat = false;     ///< the last attempt is labelled
        int left = 0;            ///< attempts that left the process
        int repeats = 0;
        int crashes_at_start = 0;
        int crashes_seen = 0;
        EngineTime deadline{};
        std::map<std::string, int> called;  ///< closing message: by person, number of calls that it closes
        int ending = 0;                     ///< closing message: the number of the ending that it tells
        std::string carrier;                ///< the page whose message it left with ...
        int carried = 0;                    ///< ... and the attempt of that page
        int need = 0;                       ///< when the last attempt was made
        int joined = 0;
        Level level = Level::none;
    };
    /// A step of the playbook and its effect in the world.
    struct Deed {
        bool stands = false;
        bool maybe = false;     ///< the outcome is unknown: it may stand
        bool given_up = false;  ///< the last doing or undoing failed for good
        std::string page;       ///< the latest
        std::size_t done = 0;   ///< ordinal of its doing, over all steps
    };
    struct Handing {
        std::string to;
        EngineTime at{};
        bool cannot = false;  ///< they said no, or no way reached them
    };
    struct Incident {
        PolicySpec policy;  ///< as it was when the incident opened
        std::map<std::string, std::string> scope;
        bool region = false;  ///< it is the incident of a region
        int opened = 0;       ///< ordinal of its opening, over all incidents
        std::string into;     ///< the region's incident that it was merged into
        EngineTime since{};   ///< opened or reopened
        const Plan* opened_under = nullptr;  ///< the configuration at that time
        EngineTime resumed{};
        std::map<std::map<std::string, std::string>, int> shares;  ///< of a region: what each of its scopes wants
        std::map<std::string, int> called;                         ///< person -> messages that called them or told them
        EngineTime need_at{};
        EngineTime given_back{};  ///< a seat, when everybody had been called: those who have not answered may be called again
        EngineTime wanting{};  ///< since when more people are wanted than it asks for
        bool rose = false;     ///< a recheck has raised the need
        int need = 0;
        bool open = true;
        bool resolving = false;
        bool closed = false;
        int endings = 0;
        bool full = false;
        bool exhausted = false;
        Level level = Level::none;
        std::map<std::string, std::pair<SeatState, EngineTime>> seats;
        bool stilled = false;  ///< every alert was silenced or muted, and no loud one has fired since
        int tier = 0;
        EngineTime tier_at{};
        bool pending_empty = false;  ///< the last step was tier_empty with no tier of that moment
        EngineTime empty_at{};
        int empty_crashes = 0;
        std::set<std::string> seated;
        std::map<std::string, bool> answered;
        std::set<std::string> refused;                          ///< declined or left
        std::set<std::string> helped;                           ///< took a seat once
        std::set<std::string> owed;                             ///< paged, not yet told it is over
        std::map<std::string, std::set<std::string>> tried;     ///< person -> channels on which a closing message failed
        std::map<std::string, std::set<std::string>> tried_home;  ///< ... and those on which a message to stand down failed
        std::map<std::string, std::vector<std::string>> calls;  ///< person -> pages since they were last asked
        std::map<std::string, Deed> deeds;                      ///< by action
        std::map<std::string, Handing> handing;                 ///< by the person who keeps the seat until the successor has come
        /// Person who handed a seat over -> since when a message that they may go is owed.
        std::map<std::string, EngineTime> relieved;
        std::set<std::string> named;                            ///< successors that were named by people who left or declined
        /// Person who was owed a closing message -> `called` of the region's incident at the merge.
        std::map<std::string, int> called_there;
        EngineTime paused{};                                    ///< since when it is resolving; its timers stand still meanwhile
        // State of the checks in reference_duty.cpp, reference_over.cpp and reference_words.cpp.
        /// People on duty in a called tier who are wanted and were never asked, and tiers whose batch has room; since when.
        std::map<std::string, EngineTime> unasked;
        std::map<std::string, EngineTime> asked_at;  ///< latest; the time to answer stands still while the incident is resolving
        std::map<AlertKey, std::pair<bool, EngineTime>> reds;  ///< whether it is red and loud now, and when it last was
        std::set<AlertKey> milder;                             ///< alerts that fired below red in this incident
        std::vector<std::pair<AlertKey, EngineTime>> causes;   ///< alerts that turned red and for which nobody was called yet
        EngineTime turned_red{};  ///< when an alert of it did last, loud or not, called for or not
        EngineTime last_call{};
        std::map<std::string, int> asked;   ///< since it (re)opened; for which tier, latest
        std::set<std::string> seen;         ///< said that they have seen it
        std::set<std::string> ended_seated; ///< who had a seat when it ended
        std::string ended_by;
        std::string ended_why;
        std::set<AlertKey> held;            ///< what fired when a person ended it, and has not ended since
        EngineTime held_until{};
        Level held_level = Level::none;
    };
    /// A person was told of an incident in the message of another incident.
    struct Told {
        std::string by;
        EngineTime at{};
        EngineTime asked{};
        bool repeat = false;
    };
    /// All contact methods of a person failed at that moment: in the same step the next one is tried, or the person is given up.
    struct Deaf {
        std::string incident;
        std::string person;
        EngineTime at{};
    };

    void breach(const std::string& promise, const std::string& what, EngineTime at);
    void breach(const std::string& promise, const std::string& what, const Record& record) { breach(promise, what, record.at); }
    void alert(const AlertEdge& edge);
    void moment_ends(const Record& record);
    void incident(const IncidentChange& change, const Record& record);
    void opens(Incident& inc, const IncidentChange& change, const Record& record);
    bool known_policy(Incident& inc, const IncidentChange& change, const Record& record);
    void begins(Incident& inc, const IncidentChange& change, const Record& record);
    void fills(Incident& inc, const IncidentChange& change, const Record& record);
    void rechecked(Incident& inc, const IncidentChange& change, const Record& record);
    void resumes(Incident& inc, const Record& record);
    void tier_step(Incident& inc, const IncidentChange& change, const Record& record);
    void seat(const SeatChange& change, const Record& record);
    void page(const PageChange& change, const Record& record);
    void attempted(const PageChange& change, Page& page, const Record& record);
    void sending(const PageChange& change, Page& page, const Record& record);
    void spoken_to(const PageChange& change, Incident& incident, const Record& record);
    void limits(const PageChange& change, const Incident& inc, const Record& record);
    void told(const PageChange& change, const Record& record);
    void failed(const PageChange& change, const Record& record);
    void heard(const std::string& incident, const std::string& person);
    void deaf_ends(const Record& record);
    void deed_begins(Incident& inc, const PageChange& change, const Record& record);
    void deed_changes(const PageChange& change, const Record& record);
    void deed_said(const IncidentChange& change);
    void all_undone(const std::string& id, const Incident& inc, const Record& record);
    void deeds_owed(const Record& record);
    bool under_way(const Deed& deed) const;
    void names(Incident& inc, const AnswerGiven& answer, const Record& record);
    void seat_goes(Incident& inc, const SeatChange& change, const Record& record);
    bool takes_over(const SeatChange& change) const;
    void came(const SeatChange& change);
    void handovers_owed(const Record& record);
    void relief_owed(const Record& record);
    void relieves(Incident& inc, const PageChange& change);
    void pool_handovers(Incident& region, Incident& child);
    void override_set(const OverrideChange& change);
    void asked(Incident& inc, const SeatChange& change, const Record& record,
               std::optional<std::pair<SeatState, EngineTime>> before);
    bool sits_elsewhere(const std::string& incident, const std::string& person) const;
    void one_seat(const Incident& inc, const SeatChange& change, const Record& record);
    void rides(const PageChange& change, Page& page, const Record& record);
    void riders_end(const Record& record);
    Incident& seats_of(const std::string& incident);
    bool goes_on(const Incident& inc) const;
    std::vector<std::string> parts_of(const Incident& region, const PolicySpec& spec) const;
    void region_opens(Incident& inc, const IncidentChange& change, const Record& record);
    void merged(Incident& child, const IncidentChange& change, const Record& record);
    void pool(Incident& region, const Incident& child);
    void parts_owed(const Record& record);
    int wanted(const Incident& inc, EngineTime at) const;
    int count_shares(Incident& inc, const IncidentChange& change) const;
    void need_set(Incident& inc, const IncidentChange& change, const Record& record);
    void need_owed(EngineTime at);
    void to_be_told(const Incident& inc, const IncidentChange& change, const Record& record);
    void held_after_restart(const Incident& inc, const IncidentChange& change, const Record& record);
    void not_skipped(const Incident& inc, const IncidentChange& change, const Record& record);
    void all_told(const Incident& inc, const Record& record);
    void answer(const AnswerGiven& answer, const Record& record);
    // ---- reference_duty.cpp: who is called
    void duty_owed(const Record& record);
    bool wanted_now(const Incident& inc, const std::string& id, const std::string& who, int tier) const;
    bool listed(const Incident& inc, const std::string& who, int tier, WallTime at) const;
    bool on_call(const std::string& id, const Incident& inc, const std::string& who, int tier, WallTime at) const;
    void red(const AlertEdge& edge);
    void reds_heard(EngineTime at);
    void reds_owed(const Record& record);
    std::set<std::string> never_asked(const std::string& id, const Incident& inc, int tier, WallTime at) const;
    std::set<std::string> to_be_asked(const std::string& id, const Incident& inc, EngineTime at, WallTime wall) const;
    int room_in_batch(const std::string& id, const Incident& inc, int tier, EngineTime at) const;
    bool call_under_way(const std::string& id, const std::string& who, bool reminders) const;
    std::string may_ask_again(const std::string& id, const Incident& inc, WallTime at) const;
    bool has_way(const std::string& who) const;
    // ---- reference_over.cpp: nobody for what is over
    void ends_by(Incident& inc, const IncidentChange& change, const Record& record);
    void holds_still(const Incident& inc, const IncidentChange& change, const Record& record);
    void goes_blind(const Incident& inc, const IncidentChange& change, const Record& record);
    // ---- reference_words.cpp: what is read is true
    void words(const SendOrder& order, const Page& page);
    void says_level(const SendOrder& order, const Page& page, const Incident& inc);
    void says_value(const SendOrder& order, const Incident& inc);
    void says_counts(const SendOrder& order, const Page& page);
    void says_names(const SendOrder& order, const Page& page);
    void says_ending(const SendOrder& order, const Incident& inc);
    void says_may_go(const SendOrder& order, const Page& page, const Incident& inc);
    void says_once(const SendOrder& order, const Page& page);
    void untrue(const std::string& what, const SendOrder& order);
    void met(const char* what) { ++tally_.met[what]; }
    Level worst(const Incident& inc, bool clearing) const;

    std::vector<const AlertEdge*> alerts_of(const Incident& inc) const;
    bool loud(const Incident& inc) const;
    /// An alert is loud and fires (or is stale), so people may be called.
    bool burns(const Incident& inc) const;
    /// It was silenced or muted, and all its alerts have been clearing since.
    bool ebbs(const Incident& inc) const { return inc.stilled && !burns(inc); }
    void listen();
    bool silenced(const AlertEdge& alert) const;
    bool filled(const Incident& inc) const;
    /// Number of people who are missing for the minimums of role or skill of tiers 1 to `tier`.
    int lacking(const Incident& inc, int tier) const;
    bool fits_lacking(const Incident& inc, const std::string& who, int tier) const;
    std::vector<std::string> on_duty(const std::string& roster, WallTime at) const;
    bool rostered(const Incident& inc, int tier, const std::string& who, bool seats, WallTime at) const;
    const PolicySpec* policy(const std::string& id, const Plan& plan) const;
    const PolicySpec* policy(const std::string& id) const { return policy(id, *plan_); }
    const PersonSpec* person(const std::string& id) const;
    const ChannelSpec* channel(const std::string& id) const;

    const Plan* plan_ = nullptr;
    const std::map<AlertKey, AlertEdge>* truth_ = nullptr;
    ValueOf value_;
    bool stepped_ = false;
    std::map<std::tuple<std::string, std::string, std::string>, Told> told_of_;  ///< (person, channel, incident)
    std::size_t deeds_ = 0;  ///< steps of a playbook that were done or may have been done
    std::vector<std::string> breaches_;
    std::map<std::string, Incident> incidents_;
    std::map<std::string, Page> pages_;
    std::map<AlertKey, AlertEdge> firing_;
    std::map<std::string, SilenceChange> silences_;
    std::vector<OverrideChange> overrides_;  ///< in the order they were set
    std::map<std::string, std::deque<EngineTime>> sends_;
    std::map<std::string, std::deque<EngineTime>> person_sends_;
    std::vector<Deaf> deaf_;
    std::set<std::pair<std::string, std::string>> untold_;  ///< (incident, person): must be informed in this moment
    /// Caller and Idempotency-Key -> what was asked and replied.
    std::map<std::string, std::pair<std::string, std::string>> replies_;
    std::set<std::pair<std::string, std::string>> given_;  ///< (incident, person): a seat was given, durably
    EngineTime recovered_{};
    EngineTime news_{};
    EngineTime moment_{};  ///< time of the last record
    WallTime moment_wall_{};
    const Plan* moment_plan_ = nullptr;  ///< ... and the configuration at that time
    int opened_ = 0;       ///< openings and reopenings so far
    EngineTime cut_{};     ///< after a kill: what was owed before this time may come later
    std::map<QueueKey, Reading> readings_;
    std::map<std::pair<std::string, std::string>, Handing> leaving_;  ///< (incident, person): seats given up in this moment
    /// Incidents that must be merged in this moment -> the region's incident.
    std::map<std::string, std::string> joining_;
    std::set<std::string> riding_;                                    ///< pages that leave with the message of another page
    std::set<std::pair<std::string, std::string>> unsaid_;  ///< (incident, action): given up; a note is owed in this moment
    int crashes_ = 0;
    bool down_ = false;  ///< killed and not recovered yet: deadlines of what is owed at once begin at the recovery
    Tally tally_;
};

}  // namespace surged::test
