// Makes a list of happenings that breaks a promise as short as it gets: chunks are left out, then single happenings, as long as
// the promise is still broken ("delta debugging", Zeller and Hildebrandt 2002). What is left is needed, each of it.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "sim/desk_world.hpp"

namespace surged::test {

struct Shrunk {
    std::vector<Happening> list;
    std::size_t runs = 0;
};

inline constexpr std::chrono::seconds shrink_patience{60};

/// `breaks` runs a list and tells whether the promise is broken by it; it must be true of `list`. At most `runs_max` runs, and
/// none begins after `shrink_patience`: the list is short enough to read by then, or will never be.
Shrunk shrink(std::vector<Happening> list, const std::function<bool(const std::vector<Happening>&)>& breaks,
              std::size_t runs_max = 5000);

/// "P3" of "P3: 0-1/... leaves twice at 1000".
std::string promise_of(const std::string& breach);

/// What a person wants to see of a breach: the promise, how to run it again (`again`), the plan, and the shortest list that
/// breaks it.
std::string report(const WorldSpec& spec, const WorldResult& broken, const std::string& again);

}  // namespace surged::test
