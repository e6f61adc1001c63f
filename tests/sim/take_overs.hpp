// One world, whose owner is lost at one record of its log after the other.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/shard_world.hpp"

namespace surged::test {

/// The worlds of the suite and of `surged_sim --take-over`. In the first most pages may be sent again, groups are called and feeds fall
/// silent; in the second scopes become regions.
inline constexpr std::uint64_t take_over_worlds[] = {5, 24};

struct TakeOvers {
    std::size_t records = 0;    ///< of the world's log when the owner lives
    std::size_t boundaries = 0;  ///< at which it was lost
    std::size_t in_flight = 0;   ///< sums over all of them (ShardResult)
    std::size_t repeated = 0;
    std::size_t held = 0;
    std::size_t lost = 0;
    std::size_t compared = 0;
    Tally tally;  ///< likewise
    std::size_t broken = 0;                       ///< boundaries at which a promise was broken
    std::map<std::string, std::size_t> promises;  ///< at how many boundaries each was
    std::vector<std::string> first;               ///< breaches of the first boundary that has some
    TakeOvers& operator+=(const TakeOvers& other);
};

/// Loses the owner after every `stride`-th record of its log, beginning before the first.
TakeOvers take_overs(ShardSpec spec, std::size_t stride);

/// In two lines, for people.
std::string text_of(const TakeOvers& took, const ShardSpec& spec);

}  // namespace surged::test
