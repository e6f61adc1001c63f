#include "report/period_days.hpp"

#include <algorithm>
#include <optional>

#include "core/base/text.hpp"
#include "report/period.hpp"

namespace surged {

namespace {

constexpr int week_days = 7;

std::optional<int> digits(std::string_view text) {
    if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos) {
        return std::nullopt;
    }
    int out = 0;
    for (const char c : text) {
        out = out * 10 + (c - '0');
    }
    return out;
}

/// Days since 1970 of the first day and of the one after the last.
using Days = std::pair<std::int64_t, std::int64_t>;

Days month_days(int year, int month) {
    const bool december = month == 12;
    return {days_from_civil(year, month, 1), days_from_civil(december ? year + 1 : year, december ? 1 : month + 1, 1)};
}

Result<Days> month_of(const std::string& text, std::int64_t today) {
    const CivilTime now = civil_from_days(today);
    if (text == "this") {
        return month_days(now.year, now.month);
    }
    if (text == "last") {
        return now.month == 1 ? month_days(now.year - 1, 12) : month_days(now.year, now.month - 1);
    }
    const auto year = text.size() == 7 && text[4] == '-' ? digits(std::string_view(text).substr(0, 4)) : std::nullopt;
    const auto month = year ? digits(std::string_view(text).substr(5)) : std::nullopt;
    if (!month || *month < 1 || *month > 12) {
        return fail("month must be 2026-10, this or last");
    }
    return month_days(*year, *month);
}

/// The Monday of the ISO week 1: that of the week with the fourth of January.
std::int64_t first_monday(int year) {
    const auto fourth = days_from_civil(year, 1, 4);
    return fourth - static_cast<int>(weekday_of(fourth));
}

Result<Days> week_of(const std::string& text, std::int64_t today) {
    const auto monday = today - static_cast<int>(weekday_of(today));
    if (text == "this") {
        return Days{monday, monday + week_days};
    }
    if (text == "last") {
        return Days{monday - week_days, monday};
    }
    const auto year = text.size() == 8 && text.substr(4, 2) == "-W" ? digits(std::string_view(text).substr(0, 4)) : std::nullopt;
    const auto week = year ? digits(std::string_view(text).substr(6)) : std::nullopt;
    if (!week || *week < 1 || first_monday(*year) + (*week - 1) * week_days >= first_monday(*year + 1)) {
        return fail("week must be 2026-W41 (a week that the year has), this or last");
    }
    const auto begin = first_monday(*year) + (*week - 1) * week_days;
    return Days{begin, begin + week_days};
}

Result<Days> dates_of(const PeriodWanted& wanted, std::int64_t today) {
    const auto from = parse_date(wanted.from);
    const auto to = wanted.to.empty() ? Result<std::int64_t>(std::max(today, from.value_or(today))) : parse_date(wanted.to);
    if (!from || !to) {
        return fail(std::string(from ? "to" : "from") + " must be a day, as in 2026-10-31");
    }
    if (*to < *from) {
        return fail("to must not be before from");
    }
    return Days{*from, *to + 1};
}

}  // namespace

Result<std::pair<WallTime, WallTime>> period_of(const PeriodWanted& wanted, const Zone& zone, WallTime now) {
    const int named = (wanted.from.empty() && wanted.to.empty() ? 0 : 1) + (wanted.month.empty() ? 0 : 1) + (wanted.week.empty() ? 0 : 1);
    if (named != 1) {
        return fail("a period is named by from and to, by month, or by week");
    }
    const CivilTime civil = zone.to_civil(now);
    const auto today = days_from_civil(civil.year, civil.month, civil.day);
    const auto days = !wanted.month.empty() ? month_of(wanted.month, today) : !wanted.week.empty() ? week_of(wanted.week, today) : dates_of(wanted, today);
    if (!days) {
        return fail(days.error().message);
    }
    const auto [first, behind] = *days;
    if (first > today) {
        return fail("the period lies ahead");
    }
    const auto end = std::min(behind, today + 1);
    if (end - first > static_cast<std::int64_t>(PeriodFold::days_max)) {
        return fail("a period has at most " + std::to_string(PeriodFold::days_max) + " days");
    }
    return std::pair{zone.first_instant(civil_from_days(first)), zone.first_instant(civil_from_days(end))};
}

}  // namespace surged
