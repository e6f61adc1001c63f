// A piece of work that never changes: what it costs tells one compiler and its library from another. The guard's figures hold only where
// this costs what it cost when they were taken.
#pragma once

#include <cstdint>

namespace surged::bench {

/// Sorting, a hash table, texts and sums, the like of which the engine does. The result depends on every step.
std::uint64_t reference_work();

}  // namespace surged::bench
