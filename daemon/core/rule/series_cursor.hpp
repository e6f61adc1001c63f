// Where a snapshot of windows stands that is written in pieces.
#pragma once

#include <cstdint>

namespace surged {

/// One snapshot, from its first piece to its last. Each queue is written whole in one piece, as it is at that moment; queues that
/// appear after the first piece are left to the next snapshot.
struct SeriesCursor {
    std::uint64_t reloads = 0;  ///< of the engine when it began: a reload in between makes the pieces worthless
    std::uint32_t next = 0;     ///< the queue to write next
    std::uint32_t end = 0;
    bool begun = false;
    bool profiles = true;  ///< with what baselines have learned: most of the bytes

    bool done() const { return begun && next == end; }
};

}  // namespace surged
