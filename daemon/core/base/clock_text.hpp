// Civil time as people read it. Every text has a fixed width, so columns stand one below the other and texts sort by time.
#pragma once

#include <string>

#include "core/base/zone.hpp"

namespace surged {

/// "07", "42": `n` from 0 to 99.
std::string two_digits(int n);
/// "2026-03-02"
std::string date_text(const CivilTime& civil);
/// "09:01" from minutes after midnight, 0 to 1440: the end of a day is "24:00".
std::string minute_text(int minute);
/// "Mon 2026-03-02 09:01", for lists of shifts.
std::string day_and_minute(WallTime at, const Zone& zone);
/// "2026-03-02 09:01:05"
std::string civil_text(const CivilTime& civil);
std::string civil_text(WallTime at, const Zone& zone);
/// "14:02"
std::string hour_text(const Zone& zone, WallTime wall);
/// "14:02:35"
std::string clock_text(const Zone& zone, WallTime wall);
/// With the zone: "2026-11-29 05:14:35 Asia/Shanghai"
std::string date_text(const Zone& zone, WallTime wall);

}  // namespace surged
