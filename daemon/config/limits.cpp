#include "config/limits.hpp"

#include <algorithm>
#include <array>

#include "config/report.hpp"
#include "core/base/text.hpp"

namespace surged {

namespace {
tl::unexpected<TextError> complain(std::size_t offset, std::string message) {
    return tl::unexpected(TextError{offset, std::move(message)});
}

std::size_t skip_blanks(std::string_view text, std::size_t at) {
    while (at < text.size() && (text[at] == ' ' || text[at] == '\t')) {
        ++at;
    }
    return at;
}

std::string_view trim(std::string_view text) {
    text.remove_prefix(skip_blanks(text, 0));
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) {
        text.remove_suffix(1);
    }
    return text;
}

/// The number may carry a sign; from_chars takes no plus.
std::optional<double> signed_number(std::string_view text) {
    if (text.starts_with('+')) {
        text.remove_prefix(1);
        if (text.starts_with('-') || text.starts_with('+')) {
            return std::nullopt;
        }
    }
    return parse_number(text);
}
}  // namespace

Result<Limit, TextError> parse_limit(std::string_view text) {
    Limit limit;
    std::size_t at = skip_blanks(text, 0);
    const bool up = text.substr(at).starts_with('>');
    if (!up && !text.substr(at).starts_with('<')) {
        return complain(at, "a limit starts with >, >=, < or <=, e.g. \"> 40\"");
    }
    ++at;
    const bool edge = text.substr(at).starts_with('=');
    at += edge ? 1U : 0U;
    limit.comparison = up ? (edge ? Comparison::at_least : Comparison::above) : (edge ? Comparison::at_most : Comparison::below);
    at = skip_blanks(text, at);
    std::string_view amount = trim(text.substr(at));
    if (amount.empty()) {
        return complain(at, "the limit has no number, e.g. \"> 40\"");
    }
    if (amount.ends_with('%')) {
        limit.unit = LimitUnit::percent;
        amount = trim(amount.substr(0, amount.size() - 1));
    } else if (amount.ends_with("/min")) {
        limit.unit = LimitUnit::per_minute;
        amount = trim(amount.substr(0, amount.size() - 4));
    } else if (const bool word = amount.ends_with("sigma"); word || amount.ends_with("σ")) {
        limit.unit = LimitUnit::sigma;
        amount = trim(amount.substr(0, amount.size() - (word ? std::string_view("sigma") : std::string_view("σ")).size()));
    } else if (const auto span = parse_span(amount)) {
        limit.unit = LimitUnit::span;
        limit.value = seconds(*span);
        return limit;
    }
    const auto value = signed_number(amount);
    if (!value) {
        return complain(at, in_quotes(amount) + " is no number; a limit is e.g. \"> 40\", \"> +30%\", \"> +12/min\" or \"> 3m\"");
    }
    limit.value = *value;
    return limit;
}

bool limits_overlap(const Limit& raise, const Limit& clear) {
    if (raise.upward() == clear.upward()) {
        return true;
    }
    const auto& up = raise.upward() ? raise : clear;
    const auto& down = raise.upward() ? clear : raise;
    if (up.value != down.value) {
        return up.value < down.value;
    }
    return up.comparison == Comparison::at_least && down.comparison == Comparison::at_most;
}

bool more_severe(const Limit& a, const Limit& b) {
    if (a.value != b.value) {
        return a.upward() ? a.value > b.value : a.value < b.value;
    }
    const auto strict = [](const Limit& l) { return l.comparison == Comparison::above || l.comparison == Comparison::below; };
    return strict(a) && !strict(b);
}

Result<std::uint8_t, TextError> parse_days(std::string_view text) {
    constexpr std::array<std::string_view, 7> names{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    if (trim(text) == "daily") {
        return std::uint8_t{0x7F};
    }
    unsigned days = 0;
    std::size_t at = 0;
    while (at <= text.size()) {
        const auto end = std::min(text.find(',', at), text.size());
        const auto item = trim(text.substr(at, end - at));
        const auto dash = item.find('-');
        const auto index = [&](std::string_view name) {
            return static_cast<std::size_t>(std::ranges::find(names, trim(name)) - names.begin());
        };
        const auto first = index(item.substr(0, dash));
        const auto last = dash == std::string_view::npos ? first : index(item.substr(dash + 1));
        if (first >= names.size() || last >= names.size()) {
            return complain(skip_blanks(text, at),
                            in_quotes(item) + " is no weekday; days are e.g. \"mon-fri\", \"sat,sun\" or \"daily\"");
        }
        for (std::size_t day = first;; day = (day + 1) % names.size()) {
            days |= 1U << day;
            if (day == last) {
                break;
            }
        }
        at = end + 1;
    }
    return static_cast<std::uint8_t>(days);
}

Result<int, TextError> parse_clock(std::string_view text) {
    const auto digit = [&](std::size_t i) { return text[i] >= '0' && text[i] <= '9'; };
    const bool seconds_zero = text.size() == 8 && text.substr(5) == ":00";  // a bare TOML time has seconds
    if ((text.size() != 5 && !seconds_zero) || text[2] != ':' || !digit(0) || !digit(1) || !digit(3) || !digit(4)) {
        return complain(0, in_quotes(text) + " is no time of day; write e.g. \"08:00\"");
    }
    const int hour = (text[0] - '0') * 10 + (text[1] - '0');
    const int minute = (text[3] - '0') * 10 + (text[4] - '0');
    if (minute > 59 || hour > 24 || (hour == 24 && minute != 0)) {
        return complain(0, in_quotes(text) + " is no time of day; the day ends at \"24:00\"");
    }
    return hour * 60 + minute;
}

Result<RateLimit, TextError> parse_rate(std::string_view text) {
    const auto slash = text.find('/');
    const auto count = parse_number(trim(text.substr(0, slash)));
    if (!count || *count < 1 || *count > 1000000 || *count != static_cast<double>(static_cast<int>(*count))) {
        return complain(0, "a rate is a whole number of messages in a time, e.g. \"15/1m\"");
    }
    const auto per = slash == std::string_view::npos ? std::nullopt : parse_span(trim(text.substr(slash + 1)));
    if (!per || *per < std::chrono::milliseconds{1}) {
        return complain(slash == std::string_view::npos ? 0 : slash + 1,
                        "a rate needs a time with a unit after the slash, e.g. \"15/1m\"");
    }
    return RateLimit{static_cast<int>(*count), *per};
}

Result<staffing::Target, TextError> parse_target(std::string_view text) {
    const auto slash = text.find('/');
    const auto share = parse_number(trim(text.substr(0, slash)));
    const auto within = slash == std::string_view::npos ? std::nullopt : parse_number(trim(text.substr(slash + 1)));
    if (!share || !within) {
        return complain(0, in_quotes(text) + " is no service level; write \"80/20\" for 80 % answered within 20 s");
    }
    if (*share < 1 || *share > 99.9) {
        return complain(0, "the share of calls is 1 to 99.9 %: no number of agents answers every call in time");
    }
    if (*within < 0 || *within > 3600) {
        return complain(slash + 1, "the time is 0 to 3600 seconds");
    }
    return staffing::Target{*share / 100, *within};
}

Result<double, TextError> parse_amount(std::string_view text) {
    const auto inner = trim(text);
    const auto blank = inner.find(' ');
    const auto value = parse_number(inner.substr(0, blank));
    const auto unit = blank == std::string_view::npos ? std::string_view() : trim(inner.substr(blank));
    const bool word = std::ranges::all_of(unit, [](char c) { return (c >= 'a' && c <= 'z') || c == '_' || (c & 0x80) != 0; });
    if (!value || *value < 0 || !word) {
        return complain(0, in_quotes(text) + " is no amount; write e.g. 10 or \"10 calls\"");
    }
    return *value;
}

}  // namespace surged
