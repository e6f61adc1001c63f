// iCalendar text (RFC 5545) as events: when, who, how often. Only what a duty calendar says; whatever it does not understand and
// that would change who is on duty is an error with its line, never a guess.
//
// It knows nothing of rosters and zones' tables: times stay as they are written.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
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

/// RRULE of whole days: FREQ=DAILY, WEEKLY, MONTHLY or YEARLY.
struct IcalRepeat {
    enum class Frequency : std::uint8_t { daily, weekly, monthly, yearly };
    Frequency frequency = Frequency::weekly;
    std::uint8_t days = 0;                 ///< BYDAY without a number, bit 0 = Monday
    std::vector<std::pair<int, int>> nth;  ///< BYDAY with one: (2, 0) = second Monday, (-1, 4) = last Friday
    std::vector<int> month_days;           ///< BYMONTHDAY; -1 = the last day
    std::uint16_t months = 0;              ///< BYMONTH, bit 0 = January
    int interval = 1;
    int count = 0;  ///< 0 = not given
    std::optional<IcalMoment> until;
    int week_start = 0;  ///< WKST, 0 = Monday
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
    std::vector<IcalMoment> extra;  ///< RDATE
    std::string uid;
    std::optional<IcalMoment> replaces;  ///< RECURRENCE-ID: the occurrence of the series of this uid that this stands for
    bool replaces_rest = false;          ///< RANGE=THISANDFUTURE
    bool declined = false;               ///< somebody who was asked declined, or passed it on
    bool cancelled = false;
    bool good = true;  ///< false: refused, reported, and kept only for what it takes away from its series
};

/// STANDARD or DAYLIGHT of a VTIMEZONE.
struct IcalZoneRule {
    CivilTime start;
    int offset_from_s = 0;
    int offset_to_s = 0;
    std::optional<IcalRepeat> repeat;
};

struct IcalTimezone {
    std::string id;
    std::vector<IcalZoneRule> rules;
    bool good = true;
};

struct IcalFile {
    std::vector<IcalEvent> events;
    std::vector<IcalTimezone> zones;
    std::vector<ImportFinding> errors;
    bool unusable = false;  ///< no calendar, too large or cut off: nothing of it is to be used
};

/// Folded lines joined before any decoding, because a fold may stand within a character; line numbers stay.
std::string unfold_ical_bytes(std::string_view bytes);

/// At most 8 MiB, 200,000 lines, 20,000 events; more is one error.
IcalFile parse_ical(std::string_view text);

/// Does a series that starts on `start` have an occurrence on `day` (days since 1970-01-01)? COUNT and UNTIL are the caller's.
bool occurs_on(const IcalRepeat& repeat, std::int64_t start, std::int64_t day);
/// RRULE's value; empty = understood, else what is not.
std::string read_repeat(std::string_view text, IcalRepeat& out);
/// "20260302", "20260302T080000", "20260302T000000Z", from 1970 to 2100.
std::optional<IcalMoment> parse_ical_moment(std::string_view text, const std::string& zone);

}  // namespace surged
