#include "core/base/clock_text.hpp"

#include <array>
#include <string_view>

namespace surged {

std::string two_digits(int n) {
    return (n < 10 ? "0" : "") + std::to_string(n);
}

std::string date_text(const CivilTime& civil) {
    std::string year = std::to_string(civil.year);
    if (year.size() < 4) {
        year.insert(0, 4 - year.size(), '0');
    }
    return year + "-" + two_digits(civil.month) + "-" + two_digits(civil.day);
}

std::string minute_text(int minute) {
    return two_digits(minute / 60) + ":" + two_digits(minute % 60);
}

std::string civil_text(const CivilTime& civil) {
    return date_text(civil) + " " + minute_text(civil.second_of_day / 60) + ":" + two_digits(civil.second_of_day % 60);
}

std::string day_and_minute(WallTime at, const Zone& zone) {
    constexpr std::array<std::string_view, 7> days{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    const CivilTime civil = zone.to_civil(at);
    const auto day = weekday_of(days_from_civil(civil.year, civil.month, civil.day));
    return std::string(days[static_cast<std::size_t>(day)]) + " " + date_text(civil) + " " +
           minute_text(civil.second_of_day / 60);
}

std::string civil_text(WallTime at, const Zone& zone) {
    return civil_text(zone.to_civil(at));
}

std::string hour_text(const Zone& zone, WallTime wall) {
    return minute_text(zone.to_civil(wall).second_of_day / 60);
}

std::string clock_text(const Zone& zone, WallTime wall) {
    return hour_text(zone, wall) + ":" + two_digits(zone.to_civil(wall).second_of_day % 60);
}

std::string date_text(const Zone& zone, WallTime wall) {
    return civil_text(wall, zone) + " " + zone.name();
}

}  // namespace surged
