// Which kind of day a date is where the calls come from, and which hours are closed.
//
// Knows civil dates and minutes as somebody wrote them down. Knows no zone and no clock. Its hardest rule: a date that nobody
// listed is an ordinary day of its weekday, and an hour that nobody closed is open.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/forecast/profile.hpp"

namespace surged {

struct CalendarSpec {
    static constexpr std::uint8_t class_holiday = 7;
    static constexpr std::uint8_t class_special = 8;  ///< and the one after it
    static constexpr std::size_t special_max = DayKind::classes_max - class_special;
    /// A weekend day that is worked is an ordinary day of the middle of the week.
    static constexpr std::uint8_t class_worked = 2;

    struct Day {
        std::uint8_t day_class = 0;  ///< as DayKind
        bool working = true;
        bool closed = false;  ///< all day
        bool operator==(const Day&) const = default;
    };
    /// [from, to) of these weekdays, minutes of civil time; to <= from means the next day.
    struct Hours {
        std::uint8_t days = 0x7F;  ///< bit 0 = Monday
        int from_min = 0;
        int to_min = 1440;
    };

    std::string id;
    std::map<std::int64_t, Day> days;  ///< listed dates, by days since 1970-01-01
    std::vector<Hours> closed;
    std::uint64_t content = 0;  ///< hash of all of it

    DayKind kind_of(std::int64_t day) const;
    bool closed_at(std::int64_t day, std::int32_t second_of_day) const;
};

}  // namespace surged
