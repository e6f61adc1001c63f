// What the promises mean, written apart from the desk: a small model that reads the durable records in order and nothing else,
// and says which promise was broken. It shares no code with the desk but the record types.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/escalation/desk.hpp"
#include "core/escalation/order.hpp"
#include "core/escalation/record.hpp"
#include "core/plan.hpp"

namespace surged::test {

/// What was seen, for who wants to know whether a run tested anything.
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
    Tally& operator+=(const Tally& other);
};

class Reference {
public:
    /// The configuration in force for the records that follow; borrowed.
    void configured(const Plan& plan) { plan_ = &plan; }
    /// One durable record, in log order.
    void read(const Record& record);
    /// An order left the process.
    void left(const SendOrder& order);
    /// Who gave this command has heard this reply.
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
    };
    struct Incident {
        std::string queue;
        PolicySpec policy;  ///< as it was when the incident opened
        int need = 0;
        bool open = true;
        bool resolving = false;
        bool closed = false;
        bool full = false;
        Level level = Level::none;
        std::map<std::string, std::pair<SeatState, EngineTime>> since;
        int tier = 0;
        EngineTime tier_at{};
        bool pending_empty = false;  ///< the last step was tier_empty with no tier of that moment
        EngineTime empty_at{};
        int empty_crashes = 0;
        std::set<std::string> seated;
        std::set<std::string> informed_or_silent;
        std::map<std::string, bool> answered;
        std::set<std::string> refused;                          ///< declined or left
        std::set<std::string> helped;                           ///< took a seat once
        std::set<std::string> owed;                             ///< paged, not yet told it is over
        std::map<std::string, std::set<std::string>> tried;     ///< person -> channels on which a closing message failed
        std::map<std::string, std::vector<std::string>> calls;  ///< person -> pages since they were last asked
    };
    /// Every way to a person failed at that moment: another must be tried, or the person given up, in the same step.
    struct Deaf {
        std::string incident;
        std::string person;
        EngineTime at{};
    };

    void breach(const std::string& promise, const std::string& what, EngineTime at);
    void breach(const std::string& promise, const std::string& what, const Record& record) { breach(promise, what, record.at); }
    void alert(const AlertEdge& edge);
    void incident(const IncidentChange& change, const Record& record);
    void tier_step(Incident& inc, const IncidentChange& change, const Record& record);
    void seat(const SeatChange& change, const Record& record);
    bool sits_elsewhere(const std::string& incident, const std::string& person) const;
    void page(const PageChange& change, const Record& record);
    void sending(const PageChange& change, Page& page, const Record& record);
    void limits(const PageChange& change, const Incident& inc, const Record& record);
    void told(const PageChange& change, const Record& record);
    void failed(const PageChange& change, const Record& record);
    void heard(const std::string& incident, const std::string& person);
    void deaf_ends(const Record& record);
    void held_after_restart(const Incident& inc, const IncidentChange& change, const Record& record);
    void not_skipped(const Incident& inc, const IncidentChange& change, const Record& record);
    void all_told(const Incident& inc, const Record& record);
    void answer(const AnswerGiven& answer, const Record& record);
    bool loud(const std::string& queue) const;
    const PersonSpec* person(const std::string& id) const;
    const ChannelSpec* channel(const std::string& id) const;

    const Plan* plan_ = nullptr;
    std::vector<std::string> breaches_;
    std::map<std::string, Incident> incidents_;
    std::map<std::string, Page> pages_;
    std::map<std::string, std::map<std::string, AlertEdge>> firing_;  ///< queue -> rule
    std::map<std::string, SilenceChange> silences_;
    std::map<std::string, std::deque<EngineTime>> sends_;
    std::map<std::string, std::deque<EngineTime>> person_sends_;
    std::map<std::string, std::string> open_in_;  ///< queue -> incident
    std::vector<Deaf> deaf_;
    std::map<std::string, std::string> replies_;           ///< caller and Idempotency-Key -> what was replied
    std::set<std::pair<std::string, std::string>> given_;  ///< (incident, person): a seat was given, durably
    EngineTime recovered_{};
    EngineTime news_{};
    int crashes_ = 0;
    Tally tally_;
};

}  // namespace surged::test
