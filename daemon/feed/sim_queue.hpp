// One simulated queue: callers in order of arrival, agents by what they do now, exact counters. Knows the rules of a queue;
// refuses to know time's order, randomness and other queues: the simulator tells it what happens and learns from the returned
// value what follows.
//
// The hardest rule: its books always balance. offered = answered + abandoned + overflow_out + waiting;
// staffed = available + on_call + wrapup + aux; nobody waits while somebody is available.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace surged {

/// Simulated time in microseconds since the scenario's begin.
using SimTime = std::int64_t;
inline constexpr SimTime sim_second = 1000000;

struct SimCounters {
    std::uint64_t offered = 0;
    std::uint64_t answered = 0;
    std::uint64_t answered_in_15 = 0;
    std::uint64_t answered_in_20 = 0;
    std::uint64_t abandoned = 0;
    std::uint64_t abandoned_in_20 = 0;
    std::uint64_t overflow_in = 0;
    std::uint64_t overflow_out = 0;
    std::uint64_t handled = 0;
    std::uint64_t delayed = 0;  ///< had to wait at all; for Erlang's P(W > 0)
    std::int64_t wait_answered_us = 0;
    std::int64_t wait_abandoned_us = 0;
    std::int64_t talk_us = 0;
    std::int64_t acw_us = 0;
};

class SimQueue {
public:
    explicit SimQueue(int agents) : available_(agents) {}

    /// A caller comes. True: answered at once. False: waits as caller `last_caller()`.
    /// `call`: the caller's own number, given back when the call is answered.
    bool arrive(SimTime now, bool overflowed, std::uint64_t call = 0);
    std::uint64_t last_caller() const { return first_ + callers_.size() - 1; }
    /// The caller gives up, or moves to another queue. False: not waiting any more.
    bool abandon(std::uint64_t caller, SimTime now);
    /// The own number of somebody who waits; 0 = not waiting any more.
    std::uint64_t call_of(std::uint64_t caller);
    /// The own number of the call that was answered first of those not taken yet; 0 = none.
    std::uint64_t take_answered();
    bool overflow(std::uint64_t caller);
    /// A caller that is sent to another queue on arrival: counted as offered and overflow_out.
    void divert();

    /// The talk is over; the agent writes up.
    void end_talk(std::int64_t talk_us);
    /// What an agent who becomes free does next.
    enum class Next : std::uint8_t { idle, answers, leaves, breaks };
    Next end_wrapup(std::int64_t acw_us, SimTime now);
    Next end_break(SimTime now);
    /// Somebody goes on break: true at once, false = later, when a talk ends (or not at all when all others will leave).
    bool start_break();

    /// n agents come. Returns how many of them answer a waiting caller now.
    int add_agents(int n, SimTime now);
    /// n agents go: the idle ones at once, then those on break, the others after their call. Returns how many there were to go.
    int remove_agents(int n);

    std::uint64_t waiting() const { return waiting_; }
    SimTime oldest_wait(SimTime now) const;
    int available() const { return available_; }
    int on_call() const { return on_call_; }
    int wrapup() const { return wrapup_; }
    int aux() const { return aux_; }
    int staffed() const { return available_ + on_call_ + wrapup_ + aux_; }
    const SimCounters& counters() const { return counters_; }

private:
    struct Caller {
        SimTime entered = 0;
        std::uint64_t call = 0;
        bool waits = true;
    };
    Next free_agent(SimTime now);
    void answer_first(SimTime now);
    void answer(SimTime wait, std::uint64_t call);
    Caller* waiter(std::uint64_t caller);
    void drop_gone();

    std::deque<Caller> callers_;  ///< the front one always waits
    std::deque<std::uint64_t> answered_;
    std::uint64_t first_ = 0;     ///< number of the front caller
    std::uint64_t waiting_ = 0;
    int available_ = 0;
    int on_call_ = 0;
    int wrapup_ = 0;
    int aux_ = 0;
    int leaving_ = 0;  ///< of those on call or in wrap-up: how many will go
    int breaks_owed_ = 0;
    SimCounters counters_;
};

}  // namespace surged
