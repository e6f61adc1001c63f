// Time lines for the desk on a virtual clock: at(10s), fire a rule, expect pages. Every page that is not expected fails the test,
// and after every event a second desk that only replays the records must hold the same bytes (house law 3).
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/desk/desk.hpp"

namespace surged::test {

/// A team of four leads, three supervisors, one boss and a duty desk; channels sms (personal), ding (group), voice (personal).
/// need 3; tiers leads 2 m, supervisors 3 m, management 5 m; everybody is on duty all day and reached by sms.
Plan team_plan();
PersonSpec make_person(const std::string& id, const std::vector<std::string>& ways);

class DeskLine {
public:
    explicit DeskLine(Plan plan = team_plan());

    /// Goes to `t` after the start; every timer on the way runs at its own moment. Fails when a page was sent that was not
    /// expected.
    DeskLine& at(Span t);
    DeskLine& fire(const std::string& rule, const std::string& queue, Level level);
    DeskLine& clear(const std::string& rule, const std::string& queue);
    DeskLine& stale(const std::string& rule, const std::string& queue, bool stale = true);
    DeskLine& edge(AlertEdge edge) { return edges({std::move(edge)}); }
    DeskLine& edges(std::vector<AlertEdge> edges);  ///< all from one message
    /// The edge that fire() would send.
    AlertEdge firing(const std::string& rule, const std::string& queue, Level level);
    /// The staffing of this queue as the detector reports it from now on, for `life`.
    DeskLine& staffed(const std::string& centre, const std::string& queue, double missing, double slack = 0,
                      staffing::Cause cause = staffing::Cause::none, Span life = Span{3600000});
    /// Last value of a metric of this queue (group 普席) from now on.
    DeskLine& knows(const std::string& centre, const std::string& queue, const std::string& metric, double value);
    CommandReply answer(AnswerKind kind, const std::string& person, const std::string& key = {});
    CommandReply command(Command command);
    /// The outcomes of the next attempts on a channel, in order; then ok. `silent`: no outcome ever comes.
    DeskLine& says(const std::string& channel, std::vector<OutcomeClass> outcomes);
    DeskLine& silent(const std::string& channel, bool silent = true);
    DeskLine& outcome(const SendOutcome& outcome);
    /// A delivery receipt from the provider of the channel. On channels with receipts the scripted courier names a message
    /// "<page>#<attempt>".
    DeskLine& receipt(const std::string& channel, const std::string& message, bool delivered, const std::string& number = {});
    /// kill -9 and start again: state from the last snapshot and the log, after `down`.
    DeskLine& crash(Span down = Span{0});
    /// kill -9 and start again from the log alone, after `spoil` had every record of it.
    DeskLine& crash_to_log(const std::function<void(Record&)>& spoil, Span down = Span{0});
    DeskLine& reload(Plan plan);
    /// Steps the wall clock; engine time is not affected.
    DeskLine& wall_step(Span by);

    /// The pages sent since the last look, exactly: "<channel> <purpose> <person>+<person>[ repeat]", in any order; of the playbook
    /// "<channel> do <action>[ repeat]".
    DeskLine& expect(std::vector<std::string> pages);
    DeskLine& quiet() { return expect({}); }
    /// Accepts whatever was sent since the last look; the test reads orders() itself.
    DeskLine& any() { return looked_ = orders_.size(), *this; }

    IncidentView incident() const;  ///< the newest
    std::string state() const { return incident().state; }
    std::size_t count() const { return desk_->incidents().size(); }
    Desk& desk() { return *desk_; }
    Stamp now() const { return now_; }
    const std::vector<Record>& records() const { return records_; }
    const std::deque<SendOrder>& orders() const { return orders_; }  ///< all so far
    std::vector<std::string> types() const;                          ///< record_type of all so far
    std::size_t count_type(const std::string& type) const;
    SeatState seat(const std::string& person) const;

    Plan& plan() { return *plan_; }

private:
    void settle();
    void check_fold(const Decisions& decisions);

    struct Values : LiveValues {
        void each(std::span<const std::string> metrics, const Wanted& wanted, const Visit& visit) const override;
        std::map<QueueKey, std::map<std::string, double>> known;
    };

    StaffingBoard board_;
    Values values_;
    std::map<std::string, std::uint32_t> queue_numbers_;  ///< of the queues on the board
    std::unique_ptr<Plan> plan_;
    std::vector<std::unique_ptr<Plan>> old_plans_;
    std::unique_ptr<Desk> desk_;
    std::unique_ptr<Desk> mirror_;
    Stamp start_;
    Stamp now_;
    Decisions out_;
    std::vector<Record> records_;
    std::deque<SendOrder> orders_;
    std::size_t looked_ = 0;
    std::map<std::string, std::deque<OutcomeClass>> script_;
    std::map<std::string, bool> silent_;
    std::map<std::string, EngineTime> firing_;
};

}  // namespace surged::test
