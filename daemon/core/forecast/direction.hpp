// Which way a count must be off to be a surge.
#pragma once

#include <cstdint>

namespace surged {

/// `up`: too many; `both`: too few as well; `down`: too few only. The numbers stand in hashes of rules.
enum class SurgeDirection : std::uint8_t { up, both, down };

}  // namespace surged
