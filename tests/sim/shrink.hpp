// Makes a list of happenings that breaks a promise as short as it gets: chunks are left out, then single happenings, as long as
// the promise is still broken ("delta debugging", Zeller and Hildebrandt 2002). Every happening that is left is needed.
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

/// `breaks` runs a list and returns whether it breaks the promise; it must return true for `list`. Stops after `runs_max` runs or
/// `shrink_patience`: a list that is not short by then does not become short.
Shrunk shrink(std::vector<Happening> list, const std::function<bool(const std::vector<Happening>&)>& breaks,
              std::size_t runs_max = 5000);

/// "P3" of "P3: 0-1/... leaves twice at 1000".
std::string promise_of(const std::string& breach);

/// Which records of a run a report shows.
struct RecordsShown {
    std::size_t last = 30;       ///< at most so many, up to the first breach
    bool all_incidents = false;  ///< of all incidents; else of the one that the breach names
};

/// The last records of a run (with its timeline) up to its first breach, one a line.
std::string last_records(const WorldResult& broken, const RecordsShown& shown);

/// The report of a breach for people: the promise, how to run it again (`again`), the plan, and the shortest list that
/// breaks it.
std::string report(const WorldSpec& spec, const WorldResult& broken, const std::string& again, const RecordsShown& shown = {});

}  // namespace surged::test
