// The simulated contact centre: a next-event simulation of all queues of a scenario. Pure: no clock, no thread, no socket; the
// same scenario and seed give the same messages, byte for byte.
//
// Arrivals are a Poisson process whose rate follows profile, surges and ramps, in slices of one second; talk times lognormal or
// exponential, patience exponential, callers first come first served. The hardest rule: common random numbers. Every queue and
// purpose has its own random stream, so that people who join change who is answered, never who calls.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <queue>
#include <string>
#include <string_view>
#include <vector>

#include "core/series/message.hpp"
#include "feed/random.hpp"
#include "feed/scenario.hpp"
#include "feed/sim_queue.hpp"

namespace surged {

/// Where a person who joined may be put: globs over the queues.
struct SimScope {
    std::string centre = "*";
    std::string group = "*";
    std::string queue = "*";
};

class Simulator {
public:
    /// `start` is the source time of second zero. `scenario` must come from parse_scenario (its names are consistent).
    Simulator(Scenario scenario, SourceTime start);
    Simulator(const Simulator&) = delete;
    Simulator& operator=(const Simulator&) = delete;

    /// Runs all events up to and including `t` after the start. Never back.
    void run_until(Span t);
    Span now() const { return Span{now_ / 1000}; }

    /// After `delay` the person starts to take calls in the queue of the scope that is worst off then (most waiting per agent).
    /// One person sits in one place: a second join while seated or on the way changes nothing. False: that, or no queue matches.
    bool join(const std::string& person, const SimScope& scope, Span delay);
    /// The person leaves: at once when idle, else after the call. False: not here.
    bool release(const std::string& person);
    /// `n` nameless agents come to (or, when negative, leave) every queue of the scope now.
    void add_agents(const SimScope& scope, int n);
    std::size_t joined() const { return people_.size(); }

    /// One message per centre, as it would be sent now; `seq` rises with each. A centre whose feed is out is counted in seq and
    /// not handed over. The message and its text live until the call returns.
    void messages(const std::string& source_prefix, std::uint64_t epoch, const std::function<void(const Message&)>& each);

    std::size_t size() const { return cells_.size(); }
    const SimQueueSpec& spec(std::size_t i) const { return cells_[i].spec; }
    const SimQueue& queue(std::size_t i) const { return cells_[i].queue; }
    /// Callers of queue i who gave up and do not call again.
    std::uint64_t lost(std::size_t i) const { return cells_[i].lost; }
    /// Arrivals per hour at queue i now.
    double rate_per_h(std::size_t i, Span t) const;

private:
    enum class Kind : std::uint8_t {
        arrival,
        call_again,
        look_again,
        abandon,
        overflow,
        end_talk,
        end_wrapup,
        end_break,
        start_break,
        step_on,
        step_off,
        seat
    };
    struct Event {
        SimTime at = 0;
        std::uint64_t order = 0;  ///< same instant: first planned, first done
        Kind kind = Kind::arrival;
        std::uint32_t cell = 0;  ///< queue, step or person, by kind
        std::int64_t value = 0;  ///< caller number or duration, by kind
        bool operator>(const Event& o) const { return at != o.at ? at > o.at : order > o.order; }
    };
    struct Cell {
        SimQueueSpec spec;
        SimQueue queue;
        RandomStream arrivals;
        RandomStream patience;
        RandomStream service;
        RandomStream breaks;
        const SimProfile* profile = nullptr;
        std::vector<std::uint32_t> surges;  ///< indices of steps that touch this queue
        std::vector<std::uint32_t> ahts;
        std::vector<std::uint32_t> overflows;
        std::uint64_t patience_seed = 0;
        std::uint64_t service_seed = 0;
        std::uint64_t retry_seed = 0;
        std::uint64_t calls = 0;
        std::uint64_t lost = 0;
        double hazard_left = 0;  ///< unit-exponential distance to the next arrival
        int overflow_to = -1;
    };
    struct Person {
        SimScope scope;
        int cell = -1;  ///< -1 = on the way
        std::uint32_t ticket = 0;
    };

    void plan(SimTime at, Kind kind, std::uint32_t cell, std::int64_t value = 0);
    void handle(const Event& event);
    void plan_arrival(std::uint32_t cell, SimTime from);
    void plan_break(std::uint32_t cell);
    void call_arrives(std::uint32_t cell, bool overflowed, std::uint64_t call);
    void gives_up(std::uint32_t cell, std::uint64_t caller);
    void start_talk(std::uint32_t cell);
    void after_free(std::uint32_t cell, SimQueue::Next next);
    void step_changes(std::uint32_t step, bool on);
    void seat(std::uint32_t ticket);
    int find(std::string_view centre, std::string_view queue) const;
    bool in_scope(const Cell& cell, const SimScope& scope) const;
    double base_rate(const Cell& cell, Span t) const;
    bool centre_out(const std::string& centre) const;
    void add_part(const Cell& cell, Message& message) const;

    Scenario scenario_;
    SourceTime start_;
    std::vector<Cell> cells_;
    std::vector<std::vector<int>> drained_;  ///< by step and queue: how many agents a drain took
    std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
    std::map<std::string, Person> people_;
    std::map<std::string, std::uint64_t> seq_;  ///< by centre
    SimTime now_ = 0;
    std::uint64_t order_ = 0;
    std::uint32_t tickets_ = 0;
    std::size_t people_max_ = 10000;
};

}  // namespace surged
