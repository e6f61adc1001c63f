// A ring with memory of its own: to look at one of a queue without disturbing it, or to stand alone.
#pragma once

#include <array>
#include <cstddef>

#include "core/series/ring.hpp"

namespace surged {

/// Rings roll when they are read. A copy may roll.
class RingCopy {
public:
    /// An empty one.
    explicit RingCopy(RingKind kind) : head_(kind, 0, cell_bytes(kind)), ring_(head_, cells_.data()) { ring_.reset(); }
    /// `cells`: where the cells of its queue begin.
    RingCopy(const Ring& from) : RingCopy(from.kind()) { ring_.copy_from(from); }
    RingCopy(const RingCopy&) = delete;
    RingCopy& operator=(const RingCopy&) = delete;

    Ring& operator*() { return ring_; }
    Ring* operator->() { return &ring_; }

private:
    std::array<std::byte, static_cast<std::size_t>(ring_cells) * cell_bytes(RingKind::extent)> cells_{};
    MeanHead head_;  ///< of any kind
    Ring ring_;
};

}  // namespace surged
