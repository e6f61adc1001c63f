#include "core/forecast/calendar.hpp"

#include <algorithm>

#include "core/base/zone.hpp"

namespace surged {

DayKind CalendarSpec::kind_of(std::int64_t day) const {
    auto kind = plain_day_kind(day);
    if (const auto listed = days.find(day); listed != days.end() && !listed->second.closed) {
        kind.day_class = listed->second.day_class;
        kind.working = listed->second.working;
    }
    return kind;
}

bool CalendarSpec::closed_at(std::int64_t day, std::int32_t second_of_day) const {
    if (const auto listed = days.find(day); listed != days.end() && listed->second.closed) {
        return true;
    }
    const int minute = second_of_day / 60;
    const auto on = [](const Hours& hours, std::int64_t d) {
        return ((hours.days >> static_cast<unsigned>(weekday_of(d))) & 1U) != 0;
    };
    return std::any_of(closed.begin(), closed.end(), [&](const Hours& hours) {
        if (hours.to_min > hours.from_min) {
            return on(hours, day) && minute >= hours.from_min && minute < hours.to_min;
        }
        return (on(hours, day) && minute >= hours.from_min) || (on(hours, day - 1) && minute < hours.to_min);
    });
}

}  // namespace surged
