#include "core/base/clock_text.hpp"

#include "support/catch.hpp"

using namespace surged;

TEST_CASE("clock text: every part has its full width", "[unit]") {
    CHECK(two_digits(0) == "00");
    CHECK(two_digits(9) == "09");
    CHECK(two_digits(10) == "10");
    CHECK(date_text({2026, 3, 2, 0}) == "2026-03-02");
    CHECK(date_text({987, 12, 31, 0}) == "0987-12-31");
    CHECK(civil_text({2026, 3, 2, 9 * 3600 + 61}) == "2026-03-02 09:01:01");
    CHECK(civil_text({2026, 3, 2, 86399}) == "2026-03-02 23:59:59");
}

TEST_CASE("clock text: a day of minutes ends at 24:00", "[unit]") {
    CHECK(minute_text(0) == "00:00");
    CHECK(minute_text(541) == "09:01");
    CHECK(minute_text(1439) == "23:59");
    CHECK(minute_text(1440) == "24:00");
}

TEST_CASE("clock text: an instant is told in the zone of who reads it", "[unit]") {
    const Zone shanghai("Asia/Shanghai", 8 * 3600, {});

    CHECK(civil_text(wall_time(1772442065000), Zone{}) == "2026-03-02 09:01:05");
    CHECK(civil_text(wall_time(1772442065000), shanghai) == "2026-03-02 17:01:05");
    CHECK(day_and_minute(wall_time(1772442065000), shanghai) == "Mon 2026-03-02 17:01");
    CHECK(day_and_minute(wall_time(1772442065000 - 10 * 3600'000), Zone{}) == "Sun 2026-03-01 23:01");
}
