#include "core/base/zone.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

namespace surged {

std::int64_t days_from_civil(int year, int month, int day) {
    const std::chrono::year_month_day ymd{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                                          std::chrono::day{static_cast<unsigned>(day)}};
    return std::chrono::sys_days{ymd}.time_since_epoch().count();
}

CivilTime civil_from_days(std::int64_t days) {
    const std::chrono::year_month_day ymd{std::chrono::sys_days{std::chrono::days{days}}};
    return {static_cast<int>(ymd.year()), static_cast<int>(static_cast<unsigned>(ymd.month())),
            static_cast<int>(static_cast<unsigned>(ymd.day())), 0};
}

Weekday weekday_of(std::int64_t days) {
    // 1970-01-01 was a Thursday; the double modulus keeps days before it in range.
    return static_cast<Weekday>(((days + 3) % 7 + 7) % 7);
}

namespace {
bool read_digits(std::string_view text, std::size_t at, std::size_t count, int& out) {
    if (at + count > text.size()) {
        return false;
    }
    const char* begin = text.data() + at;
    const auto [stop, error] = std::from_chars(begin, begin + count, out);
    return error == std::errc{} && stop == begin + count && *begin != '-';
}
}  // namespace

Result<std::int64_t> parse_date(std::string_view text) {
    int year = 0;
    int month = 0;
    int day = 0;
    if (text.size() != 10 || !read_digits(text, 0, 4, year) || text[4] != '-' || !read_digits(text, 5, 2, month) ||
        text[7] != '-' || !read_digits(text, 8, 2, day)) {
        return fail("a date is written YYYY-MM-DD, not \"" + std::string(text) + "\"");
    }
    const std::chrono::year_month_day ymd{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                                          std::chrono::day{static_cast<unsigned>(day)}};
    if (!ymd.ok()) {
        return fail("there is no such date: " + std::string(text));
    }
    return days_from_civil(year, month, day);
}

Result<CivilTime> parse_civil(std::string_view text) {
    const auto complaint = [&] {
        return fail("a civil time is written YYYY-MM-DDTHH:MM[:SS], not \"" + std::string(text) + "\"");
    };
    if (text.size() != 16 && text.size() != 19) {
        return complaint();
    }
    const auto date = parse_date(text.substr(0, 10));
    if (!date) {
        return tl::unexpected<Error>(date.error());
    }
    int hour = 0;
    int minute = 0;
    int second = 0;
    const bool separated = (text[10] == 'T' || text[10] == ' ') && text[13] == ':';
    if (!separated || !read_digits(text, 11, 2, hour) || !read_digits(text, 14, 2, minute) ||
        (text.size() == 19 && (text[16] != ':' || !read_digits(text, 17, 2, second))) || hour > 23 || minute > 59 ||
        second > 59) {
        return complaint();
    }
    auto civil = civil_from_days(*date);
    civil.second_of_day = hour * 3600 + minute * 60 + second;
    return civil;
}

Zone::Zone(std::string name, int first_offset_s, std::vector<Transition> transitions)
    : name_(std::move(name)), first_offset_s_(first_offset_s), transitions_(std::move(transitions)) {}

int Zone::offset_s(WallTime t) const {
    const auto utc_s = std::chrono::floor<std::chrono::seconds>(t).time_since_epoch().count();
    const auto after = std::upper_bound(transitions_.begin(), transitions_.end(), utc_s,
                                        [](std::int64_t s, const Transition& tr) { return s < tr.utc_s; });
    return after == transitions_.begin() ? first_offset_s_ : std::prev(after)->offset_s;
}

CivilTime Zone::to_civil(WallTime t) const {
    const auto utc_s = std::chrono::floor<std::chrono::seconds>(t).time_since_epoch().count();
    const auto local_s = utc_s + offset_s(t);
    const auto days = local_s >= 0 ? local_s / 86400 : (local_s - 86399) / 86400;
    auto civil = civil_from_days(days);
    civil.second_of_day = static_cast<int>(local_s - days * 86400);
    return civil;
}

namespace {
std::int64_t local_seconds(const CivilTime& civil) {
    return days_from_civil(civil.year, civil.month, civil.day) * 86400 + civil.second_of_day;
}
}  // namespace

WallTime Zone::first_instant(const CivilTime& civil) const {
    const auto local = local_seconds(civil);
    // Candidate intervals in order: the first whose civil span contains `local`, or that starts after a gap over it.
    std::int64_t begin = INT64_MIN;
    int offset = first_offset_s_;
    for (std::size_t i = 0;; ++i) {
        const std::int64_t end = i < transitions_.size() ? transitions_[i].utc_s : INT64_MAX;
        const auto utc = local - offset;
        if (utc < begin) {
            return WallTime{std::chrono::seconds{begin}};
        }
        if (utc < end) {
            return WallTime{std::chrono::seconds{utc}};
        }
        begin = end;
        offset = transitions_[i].offset_s;
    }
}

WallTime Zone::last_instant(const CivilTime& civil) const {
    const auto local = local_seconds(civil);
    for (std::size_t i = transitions_.size();; --i) {
        const auto begin = i == 0 ? INT64_MIN : transitions_[i - 1].utc_s;
        const auto end = i < transitions_.size() ? transitions_[i].utc_s : INT64_MAX;
        const auto offset = i == 0 ? first_offset_s_ : transitions_[i - 1].offset_s;
        const auto utc = local - offset;
        if (utc >= end) {
            return WallTime{std::chrono::seconds{end}};
        }
        if (utc >= begin) {
            return WallTime{std::chrono::seconds{utc}};
        }
    }
}

}  // namespace surged
