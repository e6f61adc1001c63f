#include "core/team/clock_text.hpp"

namespace surged {

namespace {
std::string two(int n) {
    return (n < 10 ? "0" : "") + std::to_string(n);
}
}  // namespace

std::string hour_text(const Zone& zone, WallTime wall) {
    const auto second = zone.to_civil(wall).second_of_day;
    return two(second / 3600) + ":" + two(second / 60 % 60);
}

std::string clock_text(const Zone& zone, WallTime wall) {
    return hour_text(zone, wall) + ":" + two(zone.to_civil(wall).second_of_day % 60);
}

std::string date_text(const Zone& zone, WallTime wall) {
    const auto c = zone.to_civil(wall);
    return std::to_string(c.year) + "-" + two(c.month) + "-" + two(c.day) + " " + clock_text(zone, wall) + " " + zone.name();
}

}  // namespace surged
