// A reload can end thousands of alerts at one moment. What each of them means to incidents takes time, and samples wait meanwhile: so only the first
// ones are told at once, and as many more every few milliseconds. They keep their order, and no alert is told of in a wrong one.
#pragma once

#include <deque>
#include <vector>

#include "core/base/time.hpp"
#include "core/rule/alert.hpp"

namespace surged {

class PutOff {
public:
    static constexpr std::size_t at_once = 64;
    static constexpr Span spacing{2};

    /// Leaves the first `at_once` edges in place and keeps the others.
    void put_off(std::vector<AlertEdge>& edges, EngineTime now);
    /// Those whose time has come; then `edges`, each behind what was put off of its own alert.
    std::vector<AlertEdge> with_due(const std::vector<AlertEdge>& edges, EngineTime now);
    /// When the next ones are to be told; engine_never when there are none.
    EngineTime next() const { return waiting_.empty() ? engine_never : next_; }

private:
    std::deque<AlertEdge> waiting_;
    EngineTime next_ = engine_never;
};

}  // namespace surged
