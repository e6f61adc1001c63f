// iCalendar text (RFC 5545) as events: when, who, how often. Only what a duty calendar says; whatever it does not understand and
// that would change who is on duty is an error with its line, never a guess.
//
// It knows nothing of rosters and zones' tables: times stay as they are written.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/zone.hpp"

namespace surged {

/// One finding at a line of the input, from 1.
struct ImportFinding {
    int line = 0;
    std::string message;
    bool operator==(const ImportFinding&) const = default;
};

struct IcalMoment {
    enum class Kind : std::uint8_t { date, floating, utc, zoned };
    Kind kind = Kind::floating;
    CivilTime civil;
    std::string zone;  ///< zoned: TZID as written
};

struct IcalPerson {
    std::string name;   ///< CN, or empty
    std::string email;  ///< without mailto:
};

/// RRULE of FREQ=DAILY or WEEKLY.
struct IcalRepeat {
    bool daily = false;
    std::uint8_t days = 0;  ///< BYDAY, bit 0 = Monday; 0 = the start's own day (weekly), every day (daily)
    int interval = 1;
    int count = 0;  ///< 0 = not given
    std::optional<IcalMoment> until;
    bool week_starts_monday = true;
};

struct IcalEvent {
    int line = 0;  ///< of BEGIN:VEVENT
    IcalMoment start;
    std::optional<IcalMoment> end;
    std::int64_t duration_s = -1;  ///< DURATION; -1 = not given
    std::vector<IcalPerson> attendees;
    std::string summary;
    std::optional<IcalRepeat> repeat;
    std::vector<IcalMoment> except;
    bool cancelled = false;
};

struct IcalFile {
    std::vector<IcalEvent> events;
    std::vector<ImportFinding> errors;
};

/// At most 8 MiB, 200,000 lines, 20,000 events; what is more is one error.
IcalFile parse_ical(std::string_view text);

}  // namespace surged
