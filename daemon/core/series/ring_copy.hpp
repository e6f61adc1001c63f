// A ring to look at without disturbing it.
#pragma once

#include <cstddef>
#include <cstring>

#include "core/series/ring.hpp"

namespace surged {

/// Rings roll when they are read. A copy may roll; only the bytes of its kind are there to be copied.
class RingCopy {
public:
    RingCopy(const std::byte* from, RingKind kind) { std::memcpy(static_cast<void*>(&ring_), from, ring_bytes(kind)); }
    Ring& operator*() { return ring_; }
    Ring* operator->() { return &ring_; }

private:
    Ring ring_;
};

}  // namespace surged
