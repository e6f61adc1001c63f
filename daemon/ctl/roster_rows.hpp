// Shifts and single spans collected from a calendar or a table, and added up to one roster. Private to the import.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "ctl/roster_import.hpp"

namespace surged {

/// A span on the roster's clock.
struct RosterSpan {
    std::int64_t day = 0;  ///< days since 1970-01-01
    int from_min = 0;
    int length_min = 0;  ///< may be longer than a day
};

/// The mask of weekdays moved `by` days (negative = earlier).
std::uint8_t turn_days(std::uint8_t days, int by);

class RosterRows {
public:
    explicit RosterRows(const ImportOptions& options) : options_(options) {}

    void error(int line, std::string message);
    void note(int line, std::string message) { notes_.push_back({line, std::move(message)}); }
    /// Ids of the people named in a text, by , ; | or 、; empty and reported when there are none or one is unknown.
    std::vector<std::string> people_in(std::string_view text, int line);
    /// A shift of every week; on the days of `except` it does not start.
    void weekly(std::uint8_t days, int from_min, int length_min, const std::vector<std::string>& people,
                const std::set<std::int64_t>& except = {});
    void once(const RosterSpan& span, const std::vector<std::string>& people);
    /// Adds all of it up; after that this is empty.
    ImportedRoster finish(std::size_t events);

private:
    using Hours = std::pair<int, int>;  ///< from, to as a roster writes them
    struct Weekly {
        std::uint8_t days;
        Hours hours;
        std::vector<std::string> people;
        std::set<std::int64_t> except;
    };
    void merge_weekly(RosterSpec& roster) const;
    void merge_dates(RosterSpec& roster);

    const ImportOptions& options_;
    std::vector<Weekly> weekly_;
    std::map<std::int64_t, std::map<Hours, std::vector<std::string>>> dates_;
    std::vector<ImportFinding> errors_;
    std::vector<ImportFinding> notes_;
};

}  // namespace surged
