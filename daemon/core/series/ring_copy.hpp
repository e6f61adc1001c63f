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
    explicit RingCopy(RingKind kind) : head_(alone(kind)), ring_(head_, cells_.data()) { ring_.reset(); }
    /// `cells`: where the cells of its queue begin.
    RingCopy(const RingHead& from, const std::byte* cells) : head_(alone(from.kind)), ring_(head_, cells_.data()) {
        RingHead source = from;
        ring_.copy_from(Ring(source, const_cast<std::byte*>(cells)));  // NOLINT: it is only read
    }
    RingCopy(const RingCopy&) = delete;
    RingCopy& operator=(const RingCopy&) = delete;

    Ring& operator*() { return ring_; }
    Ring* operator->() { return &ring_; }

private:
    static RingHead alone(RingKind kind) {
        RingHead out;
        out.kind = kind;
        out.row_bytes = static_cast<std::uint32_t>(cell_bytes(kind));
        return out;
    }

    std::array<std::byte, static_cast<std::size_t>(ring_cells) * cell_bytes(RingKind::extent)> cells_{};
    RingHead head_;
    Ring ring_;
};

}  // namespace surged
