// Counts what the program takes from the heap, to prove that a path takes nothing.
#pragma once

#include <cstddef>

namespace surged::test {
std::size_t allocations();
}
