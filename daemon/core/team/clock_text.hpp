// A moment as people read it on a clock, in a zone.
#pragma once

#include <string>

#include "core/base/time.hpp"
#include "core/base/zone.hpp"

namespace surged {

/// "14:02".
std::string hour_text(const Zone& zone, WallTime wall);
/// "14:02:35".
std::string clock_text(const Zone& zone, WallTime wall);
/// With the zone: "2026-11-29 05:14:35 Asia/Shanghai".
std::string date_text(const Zone& zone, WallTime wall);

}  // namespace surged
