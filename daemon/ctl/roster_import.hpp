// A roster out of a duty calendar or a table: events and rows in, RosterSpec and its TOML out.
//
// It knows how weekly shifts and dates of a roster add up; it reads no file and no clock. Hardest rule: the roster has on duty
// exactly whom the calendar has. Because a date REPLACES the weekly shifts of its day, every date written here carries the weekly
// people of that day too.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/team/spec.hpp"
#include "ctl/ical.hpp"

namespace surged {

struct ImportOptions {
    std::string roster;  ///< id of the roster to write
    Zone zone;           ///< the roster's
    /// Repetitions that have no end of their own and are no weekly shift are written out up to this day (days since 1970-01-01).
    std::optional<std::int64_t> until;
    /// Of dates with slashes or dots that can be read in two ways: "mdy", "dmy", or empty = refused.
    std::string date_format;
    /// Today, in days since 1970-01-01: a weekly shift that begins later is kept off the days before. Not set: none does.
    std::optional<std::int64_t> today;
    /// The person's id for an id, a name or an e-mail address; empty = unknown. Not set: texts are taken as ids.
    std::function<std::string(const std::string&)> person;
    /// By IANA name; for events in other zones than the roster's.
    std::function<std::optional<Zone>(const std::string&)> load_zone;
};

struct ImportedRoster {
    RosterSpec roster;
    std::vector<ImportFinding> errors;  ///< each: what was left out, and why
    bool unusable = false;              ///< the file as a whole could not be read, or nothing of it is left: no roster
    std::vector<ImportFinding> notes;   ///< what a person should look at
    std::size_t events = 0;
};

/// VEVENTs: ATTENDEE, else SUMMARY, are the people.
ImportedRoster import_ical(std::string_view text, const ImportOptions& options);

/// Lines "date,from,to,people"; date is 2026-10-01 or weekdays ("mon-fri", then it is a weekly shift); people by `;`. A head
/// line in English or Chinese says another order of columns, or that it is an export of Microsoft Teams Shifts. Cells stand
/// between commas, semicolons or tabs. Empty lines and lines from # are skipped.
ImportedRoster import_csv(std::string_view text, const ImportOptions& options);

/// [[roster]] as the configuration reads it; `from` is named in a comment.
std::string toml_of(const RosterSpec& roster, const std::string& from);

}  // namespace surged
