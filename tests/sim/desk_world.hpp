// A seeded world around one desk: surges that come and go, people who answer late, twice or never, channels that are slow, down,
// or do not say what became of a message, and a process that is killed between any two records. Same seed, same run.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <random>
#include <string>
#include <vector>

#include "core/escalation/desk.hpp"
#include "sim/reference.hpp"

namespace surged::test {

struct WorldResult {
    std::vector<std::string> breaches;
    std::vector<std::string> timeline;  ///< one line a record
    std::size_t records = 0;
    std::size_t incidents = 0;
    std::size_t pages = 0;
    std::size_t repeats = 0;
    std::size_t filled = 0;
    std::size_t exhausted = 0;
    std::size_t rises = 0;
    std::size_t noshows = 0;
    int crashes = 0;
};

std::string line_of(const Record& record);

class DeskWorld {
public:
    /// `kill_after`: the process is killed when exactly that many records are durable; without it at random moments.
    DeskWorld(std::uint64_t seed, std::optional<std::size_t> kill_after);
    WorldResult run();

private:
    enum class Happening : std::uint8_t { alert, answer, outcome, silence, kill, mood };
    struct Event {
        EngineTime at{};
        std::uint64_t number = 0;
        Happening what = Happening::alert;
        AlertEdge edge;
        Command command;
        SendOutcome outcome;
        std::uint64_t life = 0;  ///< outcomes of an earlier life of the process are lost
        bool operator<(const Event& other) const { return std::pair(other.at, other.number) < std::pair(at, number); }
    };

    Plan make_plan();
    void plan_alerts();
    void push(Event event);
    void handle(const Event& event);
    void say(const AlertEdge& edge);
    void commit();
    void deliver(const SendOrder& order);
    void react(const SendOrder& order);
    void kill(std::size_t durable_of_pending);
    void check_alive();
    double chance() { return std::uniform_real_distribution<double>(0, 1)(random_); }
    int between(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }

    std::mt19937_64 random_;
    std::optional<std::size_t> kill_after_;
    Plan plan_;
    Reference reference_;
    std::unique_ptr<Desk> desk_;
    EngineTime now_{};
    EngineTime end_{};
    Decisions out_;
    std::vector<Record> log_;
    std::string snapshot_;
    std::size_t snapshot_at_ = 0;
    std::priority_queue<Event> events_;
    std::map<std::pair<std::string, std::string>, AlertEdge> truth_;  ///< (queue, rule) as the detector has it
    std::map<std::string, int> mood_;                                 ///< channel -> 0 good .. 4
    std::uint64_t numbers_ = 0;
    std::uint64_t life_ = 0;
    std::uint64_t keys_ = 0;
    int crashes_ = 0;
    std::vector<std::string> own_breaches_;
};

}  // namespace surged::test
