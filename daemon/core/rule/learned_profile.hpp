// A profile learned from history, on its way to the queue it was learned for, and the file that carries many of them.
//
// Knows names and bytes. Its hardest rule: a profile fits only where it was made for: the same queue, metric, slot and zone; what
// does not fit waits or is left, and never becomes another queue's.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/series/queue_key.hpp"

namespace surged {

struct ProfileKey {
    QueueKey queue;
    std::uint64_t profile = 0;  ///< RuleSpec::profile
    auto operator<=>(const ProfileKey&) const = default;
};
struct LearnedProfile {
    std::string metric;  ///< for people
    std::string zone;    ///< IANA name of the days it was learned by
    std::uint32_t days = 0;
    std::string bytes;  ///< SurgeDetector::save
};
using ProfileShelf = std::map<ProfileKey, LearnedProfile>;

inline constexpr std::size_t shelf_max = 1'000'000;

/// Versioned bytes of all of them, in order.
std::string write_profiles(const ProfileShelf& profiles);
/// Error: torn, of another version, or more than shelf_max.
Result<ProfileShelf> read_profiles(std::string_view bytes);

}  // namespace surged
