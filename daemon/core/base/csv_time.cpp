#include "core/base/csv_time.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/base/zone.hpp"
#include "core/base/csv_line.hpp"

namespace surged {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// Two digits at most, moved past.
bool take_number(std::string_view& text, std::size_t digits_max, int& out, std::size_t* digits = nullptr) {
    std::size_t n = 0;
    out = 0;
    while (n < text.size() && n < digits_max && is_digit(text[n])) {
        out = out * 10 + (text[n] - '0');
        ++n;
    }
    text.remove_prefix(n);
    if (digits != nullptr) {
        *digits = n;
    }
    return n > 0 && (text.empty() || !is_digit(text.front()));
}

bool take(std::string_view& text, std::string_view word) {
    if (!text.starts_with(word)) {
        return false;
    }
    text.remove_prefix(word.size());
    return true;
}

void skip_blanks(std::string_view& text) {
    text = csv_trim(text);
}

/// The separator between two numbers of a date: one of - / . or a Chinese word.
std::optional<char> take_date_mark(std::string_view& text, std::string_view word) {
    if (take(text, word)) {
        return '-';
    }
    if (!text.empty() && (text.front() == '-' || text.front() == '/' || text.front() == '.')) {
        const char mark = text.front();
        text.remove_prefix(1);
        return mark;
    }
    return std::nullopt;
}

/// The date at the front of `text`, moved past; the order of a date with the year last is `order`'s.
std::optional<std::int64_t> take_date(std::string_view& text, DateOrder order, CsvDateParts* parts) {
    std::array<int, 3> number{};
    std::array<std::size_t, 3> digits{};
    if (!take_number(text, 4, number[0], digits.data())) {
        return std::nullopt;
    }
    const auto first = take_date_mark(text, "年");
    if (!first || !take_number(text, 2, number[1], &digits[1])) {
        return std::nullopt;
    }
    const auto second = take_date_mark(text, "月");
    if (!second || *second != *first || !take_number(text, 4, number[2], &digits[2])) {
        return std::nullopt;
    }
    take(text, "日");
    int year = number[0];
    int month = number[1];
    int day = number[2];
    if (digits[0] == 4) {
        if (digits[2] > 2) {
            return std::nullopt;
        }
    } else if (digits[2] == 4 && digits[0] <= 2) {
        if (parts != nullptr) {
            *parts = {number[0], number[1], true, *first};
        }
        if (order == DateOrder::unknown && *first == '.') {
            order = DateOrder::dmy;
        }
        if (order != DateOrder::dmy && order != DateOrder::mdy) {
            return std::nullopt;
        }
        year = number[2];
        month = order == DateOrder::dmy ? number[1] : number[0];
        day = order == DateOrder::dmy ? number[0] : number[1];
    } else {
        return std::nullopt;  // a year of two digits says too little
    }
    const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                                           std::chrono::day{static_cast<unsigned>(day)}};
    return date.ok() ? std::optional(days_from_civil(year, month, day)) : std::nullopt;
}

/// "AM", "p.m.", "上午" ..., moved past: hours to add to a 12-hour clock; nullopt: none stands there.
std::optional<bool> take_half_of_day(std::string_view& text) {
    for (const auto& [word, afternoon] : std::initializer_list<std::pair<std::string_view, bool>>{{"am", false},
                                                                                                  {"AM", false},
                                                                                                  {"a.m.", false},
                                                                                                  {"A.M.", false},
                                                                                                  {"pm", true},
                                                                                                  {"PM", true},
                                                                                                  {"p.m.", true},
                                                                                                  {"P.M.", true},
                                                                                                  {"上午", false},
                                                                                                  {"下午", true}}) {
        if (take(text, word)) {
            return afternoon;
        }
    }
    return std::nullopt;
}

/// Z, UTC, GMT, +08:00, -0500, +01; nothing at all is no offset. False: something else stands there.
bool take_offset(std::string_view text, std::optional<std::int32_t>& out) {
    skip_blanks(text);
    if (text.empty()) {
        return true;
    }
    if (text == "Z" || text == "z" || text == "UTC" || text == "GMT") {
        out = 0;
        return true;
    }
    take(text, "UTC") || take(text, "GMT");
    const bool west = take(text, "-") || take(text, "\xE2\x88\x92");
    if (!west && !take(text, "+")) {
        return false;
    }
    int hours = 0;
    int minutes = 0;
    if (text.size() == 4 && std::ranges::all_of(text, is_digit)) {
        hours = (text[0] - '0') * 10 + (text[1] - '0');
        minutes = (text[2] - '0') * 10 + (text[3] - '0');
    } else if (!take_number(text, 2, hours) ||
               (!text.empty() && (!take(text, ":") || !take_number(text, 2, minutes) || !text.empty()))) {
        return false;
    }
    if (hours > 14 || minutes > 59) {
        return false;
    }
    out = (west ? -1 : 1) * (hours * 3600 + minutes * 60);
    return true;
}

/// A time of day at the front of `text` with what may follow it: seconds, decimals, half of the day, an interval's end, an
/// offset.
std::optional<CsvTime> take_clock(std::string_view text) {
    CsvTime out;
    const auto half_before = take_half_of_day(text);
    skip_blanks(text);
    int hour = 0;
    int minute = 0;
    int second = 0;
    if (!take_number(text, 2, hour) || !take(text, ":") || !take_number(text, 2, minute)) {
        return std::nullopt;
    }
    if (take(text, ":") && !take_number(text, 2, second)) {
        return std::nullopt;
    }
    if (!text.empty() && (text.front() == '.' || text.front() == ',') && text.size() > 1 && is_digit(text[1])) {
        text.remove_prefix(1);
        text.remove_prefix(std::min(text.find_first_not_of("0123456789"), text.size()));
    }
    skip_blanks(text);
    const auto half = half_before ? half_before : take_half_of_day(text);
    if (half) {
        if (hour < 1 || hour > 12) {
            return std::nullopt;
        }
        hour = hour % 12 + (*half ? 12 : 0);
        skip_blanks(text);
    }
    if (hour > 23 || minute > 59 || second > 59) {
        return std::nullopt;
    }
    out.second_of_day = hour * 3600 + minute * 60 + second;
    // "08:00 - 08:30": an interval's label; only with blanks, else -08:30 is an offset.
    for (const std::string_view dash : {"- ", "– ", "~ ", "to ", "至 "}) {
        if (std::string_view rest = text; take(rest, dash)) {
            const auto end = take_clock(csv_trim(rest));
            return end && !end->utc_offset_s ? std::optional(out) : std::nullopt;
        }
    }
    return take_offset(text, out.utc_offset_s) ? std::optional(out) : std::nullopt;
}

}  // namespace

std::optional<DateOrder> parse_date_order(std::string_view text) {
    std::string order;
    for (const char c : text) {
        const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        if ((lower == 'd' || lower == 'm' || lower == 'y') && order.find(lower) == std::string::npos) {
            order.push_back(lower);
        }
    }
    return order == "ymd"   ? std::optional(DateOrder::ymd)
           : order == "dmy" ? std::optional(DateOrder::dmy)
           : order == "mdy" ? std::optional(DateOrder::mdy)
                            : std::nullopt;
}

std::optional<CsvTime> read_csv_time(std::string_view text, DateOrder order, CsvDateParts* parts) {
    text = csv_trim(text);
    const auto day = take_date(text, order, parts);
    if (!day || text.empty()) {
        return std::nullopt;
    }
    if (!take(text, "T") && !take(text, ", ") && text.front() != ' ' && !text.starts_with("\xC2\xA0") &&
        !text.starts_with("\xE2\x80\xAF")) {
        return std::nullopt;
    }
    auto clock = take_clock(csv_trim(text));
    if (clock) {
        clock->day = *day;
    }
    return clock;
}

std::optional<std::int64_t> read_csv_date(std::string_view text, DateOrder order, CsvDateParts* parts) {
    text = csv_trim(text);
    const auto day = take_date(text, order, parts);
    return text.empty() ? day : std::nullopt;
}

std::optional<CsvTime> read_csv_clock(std::string_view text) {
    return take_clock(csv_trim(text));
}

std::optional<CsvTime> read_csv_epoch(std::string_view text) {
    text = csv_trim(text);
    const auto whole = text.substr(0, text.find('.'));
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(whole.data(), whole.data() + whole.size(), value);
    if (error != std::errc{} || end != whole.data() + whole.size() || (whole.size() != 10 && whole.size() != 13)) {
        return std::nullopt;
    }
    const auto seconds = whole.size() == 13 ? value / 1000 : value;
    return CsvTime{seconds / 86400, static_cast<std::int32_t>(seconds % 86400), 0};
}

}  // namespace surged
