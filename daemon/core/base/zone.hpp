// A time zone as a table of transitions, compiled by config/ from the system's tz database. Pure: no file is read here.
//
// Rosters are written in civil time. Hardest rule: a start takes the FIRST instant of an hour that comes twice and an end the
// LAST, so that two shifts meeting there overlap and never leave a gap; a time that is skipped is the first valid instant after it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace surged {

/// A civil date and time of day, without a zone. month 1..12, day 1..31, minute of day 0..1439 (+ seconds).
struct CivilTime {
    int year = 1970;
    int month = 1;
    int day = 1;
    int second_of_day = 0;
    bool operator==(const CivilTime&) const = default;
};

enum class Weekday : std::uint8_t { monday, tuesday, wednesday, thursday, friday, saturday, sunday };

/// Days since 1970-01-01 of a civil date (proleptic Gregorian). Any int year.
std::int64_t days_from_civil(int year, int month, int day);
/// The civil date `days` after 1970-01-01, at midnight.
CivilTime civil_from_days(std::int64_t days);
Weekday weekday_of(std::int64_t days);

/// "YYYY-MM-DD" -> days since 1970-01-01; "YYYY-MM-DDTHH:MM[:SS]" (or a blank for T) -> CivilTime. Invalid dates are errors.
Result<std::int64_t> parse_date(std::string_view text);
Result<CivilTime> parse_civil(std::string_view text);

class Zone {
public:
    struct Transition {
        std::int64_t utc_s;  ///< first second (UTC) at which `offset_s` holds
        int offset_s;        ///< civil = UTC + offset_s
    };
    /// UTC itself.
    Zone() = default;
    /// `transitions` in rising order; `first_offset_s` holds before the first.
    Zone(std::string name, int first_offset_s, std::vector<Transition> transitions);

    const std::string& name() const { return name_; }
    int offset_s(WallTime t) const;
    CivilTime to_civil(WallTime t) const;
    /// The first instant showing this civil time; for a skipped time the first valid instant after the gap.
    WallTime first_instant(const CivilTime& civil) const;
    /// The last instant showing this civil time; for a skipped time the first valid instant after the gap.
    WallTime last_instant(const CivilTime& civil) const;

private:
    std::string name_ = "UTC";
    int first_offset_s_ = 0;
    std::vector<Transition> transitions_;
};

}  // namespace surged
