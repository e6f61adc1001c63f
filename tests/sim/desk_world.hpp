// A seeded world around one desk, and the process that runs the desk: decisions become durable and then leave, and the process may
// be killed in any commit. A world made from a seed records all happenings in a list; a world made from such a list repeats the
// run, or a part of it. The same list gives the same run.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/desk/desk.hpp"
#include "core/rule/staffing_board.hpp"
#include "sim/crowd.hpp"
#include "sim/happening.hpp"
#include "sim/reference.hpp"
#include "sim/sabotage.hpp"

namespace surged::test {

/// How many of the records must be durable before this order may leave: up to the attempt's, and those of the pages that ride in it.
std::size_t last_of(const SendOrder& order, const std::vector<Record>& records);

struct WorldSpec {
    std::uint64_t seed = 0;
    Span length = std::chrono::minutes{90};  ///< surges begin within this time; after it all alerts clear and the world runs out
    Span calm = std::chrono::minutes{20};
    std::optional<std::size_t> kill_after{};  ///< one kill, when exactly this many records are durable; none given: kills happen at random
    Fault fault = Fault::none;
    bool timeline = false;  ///< keep one line of text for each record
    bool digest = false;    ///< sum up the bytes of all records and orders
};

struct WorldResult {
    std::vector<std::string> breaches;
    std::vector<std::string> timeline;
    std::vector<Happening> list;  ///< what happened, in order
    EngineTime start{};
    Span lived{0};  ///< virtual time
    std::size_t records = 0;
    std::size_t answers = 0;
    int crashes = 0;
    Tally tally;
    std::uint64_t digest = 0;  ///< of every record that became durable and every order that left, as JSON, in order
};

class DeskWorld {
public:
    explicit DeskWorld(const WorldSpec& spec);
    WorldResult run();
    /// Replays the list: the crowd adds no happenings of its own.
    WorldResult run(const std::vector<Happening>& list);

private:
    void live();
    WorldResult finish();
    void push(Happening happening);
    void handle(Happening happening);
    void say(const AlertEdge& edge);
    void order(const Command& command);
    void adopt(int variation);
    void hear(const Reading& reading);
    void commit();
    void durable(const Record& record);
    void leave(const SendOrder& order);
    void kill(const Kill& kill);
    void come_back(EngineTime down_since);
    bool told(const Happening& happening) const;
    void check_alive();
    void breach(std::string what);
    Stamp stamp() const;

    struct Values final : LiveValues {
        void each(std::span<const std::string> metrics, const Wanted& wanted, const Visit& visit) const override;
        AlertReading reading(std::string_view rule, const QueueKey& queue, EngineTime now) const override;
        std::map<QueueKey, double> waiting;
        const std::map<AlertKey, AlertEdge>* truth = nullptr;
    };

    WorldSpec spec_;
    Crowd crowd_;
    Sabotage sabotage_;
    bool closed_loop_ = true;
    std::map<int, std::unique_ptr<Plan>> plans_;  ///< by variation; a desk borrows its plan
    std::map<int, std::unique_ptr<Plan>> spoilt_;
    int variation_ = 0;
    Reference reference_;
    StaffingBoard board_;  ///< as the detector keeps it: it survives a restart of the desk
    Values values_;
    std::unique_ptr<Desk> desk_;
    EngineTime now_{};
    EngineTime end_{};
    Span wall_offset_{};
    Decisions out_;
    std::optional<Kill> armed_;
    std::vector<Record> since_snapshot_;
    std::string snapshot_;
    std::map<std::pair<EngineTime, std::uint64_t>, Happening> coming_;
    std::map<AlertKey, AlertEdge> truth_;           ///< alerts as the detector knows them
    std::map<AlertKey, AlertEdge> durable_alerts_;  ///< alerts as the log has them
    std::uint64_t numbers_ = 0;
    std::uint64_t life_ = 0;
    std::vector<std::string> own_breaches_;
    WorldResult result_;
};

}  // namespace surged::test
