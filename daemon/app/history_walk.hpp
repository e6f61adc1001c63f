// The engine's side of the history: looks at every queue once in ten seconds, some at a time, and hands what it read to the history's
// thread.
//
// The hardest rule: a decision never waits for a picture. A look takes slice_max of the engine's time a turn, allocates nothing once its
// blocks are there, and is left out where the history's thread is behind.
#pragma once

#include <chrono>
#include <memory>

#include "core/engine/engine.hpp"
#include "core/engine/history_row.hpp"
#include "io/history/history.hpp"

namespace surged {

class HistoryWalk {
public:
    static constexpr Span every{10000};
    static constexpr std::chrono::microseconds slice_max{300};

    /// Both borrowed.
    HistoryWalk(const Engine& engine, History& history) : engine_(engine), history_(history) {}

    /// Cheap when nothing is due.
    void turn(Stamp now);
    /// When turn() wants to be called next.
    EngineTime next() const { return walking_ ? EngineTime{} : due_; }

private:
    void begin(Stamp now);
    bool step();
    bool open_block();
    void hand_over();

    const Engine& engine_;
    History& history_;
    EngineTime due_{};
    bool walking_ = false;
    PieceCursor cursor_;
    WallTime wall_{};
    std::uint64_t numbering_ = ~std::uint64_t{0};
    std::size_t named_ = 0;  ///< queues whose names were handed over in this numbering
    std::unique_ptr<HistoryBlock> block_;
};

}  // namespace surged
