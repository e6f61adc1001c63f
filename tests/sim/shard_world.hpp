// A world of the simulation played by two engines: an owner, and a follower that sees the same samples and gets the owner's records. The
// owner is lost at one record of its log, the follower takes over as app/follow does, and plays the rest. What becomes durable and what
// leaves is judged by the reference, as in a world of one host.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/engine/engine.hpp"
#include "sim/crowd.hpp"
#include "sim/desk_world.hpp"
#include "sim/shard_feed.hpp"

namespace surged::test {

/// What a take-over must not do, planted.
enum class Breach : std::uint8_t {
    none,
    open_gate,     ///< the old owner starts what waits in its courier after another host has claimed the shard
    unseen_claim,  ///< the claim does not compare the head: what was committed since the last poll is not read
};

struct ShardSpec {
    std::uint64_t seed = 0;
    Span length = std::chrono::minutes{90};
    Span calm = std::chrono::minutes{20};
    std::optional<std::size_t> lost_after{};  ///< the owner is lost when exactly this many records are durable; none: it is not
    Breach breach = Breach::none;
    bool timeline = false;
};

struct ShardResult {
    std::vector<std::string> breaches;
    std::vector<std::string> timeline;
    std::size_t records = 0;
    std::size_t answers = 0;
    int take_overs = 0;
    std::size_t in_flight = 0;  ///< pages `sending` without an outcome when the owner was lost
    std::size_t repeated = 0;   ///< of those, sent again by the next owner, labelled
    std::size_t held = 0;  ///< orders that waited in the old owner's courier until its gate was closed
    std::size_t compared = 0;  ///< times that the follower's desk was compared with the owner's, byte for byte
    std::size_t lost = 0;  ///< records that were decided and not durable
    Tally tally;
};

class ShardWorld {
public:
    explicit ShardWorld(const ShardSpec& spec);
    ShardResult run();

private:
    /// An order of the old owner that is durable and has not been started when it is lost, and when its courier comes to it.
    struct Waiting {
        SendOrder order;
        EngineTime at{};
    };

    bool step();
    void look();
    void handle(const Happening& happening);
    void answer(const Command& command);
    void reload(int variation);
    void commit();
    void durable(const Record& record);
    void leave(const SendOrder& order);
    void hand_on(EngineTime until);
    void owner_lost(const Decisions& decided);
    void take_over(EngineTime last_pulse, const std::vector<Waiting>& waiting);
    void follow_until(EngineTime until);
    void check();
    std::unique_ptr<Engine> engine() const;
    Stamp stamp() const;

    ShardSpec spec_;
    Crowd crowd_;
    Dice dice_;
    std::map<int, std::unique_ptr<Plan>> plans_;  ///< by variation; the reference borrows one
    int variation_ = 0;
    Reference reference_;
    ShardFeed feed_;
    std::unique_ptr<Engine> owner_;
    std::unique_ptr<Engine> follower_;  ///< null once it has taken over
    std::deque<Record> way_;            ///< durable, and not yet read by the follower
    std::set<std::string> in_flight_;   ///< pages: ShardResult::in_flight
    EngineTime now_{};
    EngineTime end_{};
    bool over_ = false;
    std::uint64_t life_ = 0;
    std::uint64_t numbers_ = 0;
    std::map<std::pair<EngineTime, std::uint64_t>, Happening> coming_;
    std::map<AlertKey, AlertEdge> alerts_;  ///< as the log has them
    ShardResult result_;
};

}  // namespace surged::test
