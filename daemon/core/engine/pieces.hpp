// Views of everything the engine knows, taken piece by piece, so that the engine does other work in between. Each piece shows its
// queues whole, as they are at that moment; what is made of the pieces is other threads' work.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/time.hpp"
#include "core/rule/alert.hpp"
#include "core/series/queue_key.hpp"

namespace surged {

/// How far a view has come. Queues that appear after its first piece are left to the next view.
struct PieceCursor {
    std::uint32_t next = 0;     ///< the queue to show next; may be set before the first piece
    std::uint32_t end = 0;
    std::uint64_t reloads = 0;  ///< of the engine when it began: a reload in between makes the pieces invalid
    bool begun = false;

    bool done() const { return begun && next >= end; }
};

/// What all alerts of a rule have in common, for people.
struct RuleTexts {
    std::string rule;
    std::string metric;
    std::array<std::string, 4> raise;  ///< raise limit by level: "> 40"; of `none` that of the lowest level
};

/// One rule on one queue.
struct AlertRow {
    std::uint32_t queue = 0;  ///< its number in the engine, the same until a reload
    std::uint32_t key = 0;    ///< place of its key in AlertPiece::keys
    std::uint32_t rule = 0;   ///< place of its texts
    std::uint16_t bound = 0;  ///< among the queue's rules; rows of a queue are in this order
    AlertState state = AlertState::unknown;
    Level level = Level::none;
    bool stale = false;
    bool muted = false;
    bool flapping = false;
    double value = 0;
    EngineTime since{};
    AlertReading reading;
    std::shared_ptr<const AlertKey> folded;  ///< null = nothing inhibits it
    std::string reason;
};

struct AlertPiece {
    std::vector<QueueKey> keys;
    std::vector<AlertRow> rows;
};

}  // namespace surged
