// What the promises mean, written apart from the desk: a small model that reads the durable records in order and nothing else,
// and says which promise was broken. It shares no code with the desk but the record types.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/escalation/record.hpp"
#include "core/plan.hpp"

namespace surged::test {

class Reference {
public:
    explicit Reference(const Plan& plan);

    /// One durable record, in log order.
    void read(const Record& record);
    /// The desk was killed and started again before the next record.
    void crashed() { ++crashes_; }
    /// Nothing more will come: every incident must be over and every page at its end.
    void finish();

    const std::vector<std::string>& breaches() const { return breaches_; }
    std::size_t incidents() const { return incidents_.size(); }
    std::size_t pages() const { return pages_.size(); }
    std::size_t repeats() const { return repeats_; }
    std::size_t filled() const { return filled_; }
    std::size_t exhausted() const { return exhausted_; }
    std::size_t rises() const { return rises_; }      ///< a recheck raised the need
    std::size_t noshows() const { return noshows_; }  ///< seats given up

private:
    struct Page {
        PageState state = PageState::queued;
        PagePurpose purpose = PagePurpose::first;
        std::string channel;
        std::vector<std::string> people;
        int attempt = 0;
        bool uncertain = false;  ///< an attempt may have arrived
        bool doubted = false;    ///< ... since the last one was made
        int repeats = 0;
        int crashes_at_start = 0;
        int crashes_seen = 0;
        EngineTime deadline{};
    };
    struct Incident {
        std::string queue;
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
        std::set<std::string> refused;                       ///< declined or left
        std::set<std::string> owed;                          ///< paged, not yet told it is over
        std::map<std::string, std::set<std::string>> tried;  ///< person -> channels on which a closing message failed
    };

    void breach(const std::string& promise, const std::string& what, const Record& record);
    void alert(const AlertEdge& edge);
    void incident(const IncidentChange& change, const Record& record);
    void tier_step(Incident& inc, const IncidentChange& change, const Record& record);
    void seat(const SeatChange& change, const Record& record);
    void page(const PageChange& change, const Record& record);
    void sending(const PageChange& change, Page& page, const Record& record);
    void answer(const AnswerGiven& answer, const Record& record);
    bool loud(const std::string& queue) const;

    const Plan& plan_;
    std::vector<std::string> breaches_;
    std::map<std::string, Incident> incidents_;
    std::map<std::string, Page> pages_;
    std::map<std::string, std::map<std::string, AlertEdge>> firing_;  ///< queue -> rule
    std::map<std::string, SilenceChange> silences_;
    std::map<std::string, std::deque<EngineTime>> sends_;
    std::map<std::string, std::deque<EngineTime>> person_sends_;
    std::map<std::string, std::string> open_in_;  ///< queue -> incident
    int crashes_ = 0;
    std::size_t repeats_ = 0;
    std::size_t filled_ = 0;
    std::size_t exhausted_ = 0;
    std::size_t rises_ = 0;
    std::size_t noshows_ = 0;
};

}  // namespace surged::test
