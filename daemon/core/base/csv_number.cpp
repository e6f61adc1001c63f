#include "core/base/csv_number.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "core/base/text.hpp"
#include "core/base/csv_line.hpp"

namespace surged {
namespace {

constexpr double count_max = 1e9;
/// Blanks that stand between groups of thousands: blank, no-break, narrow no-break, thin, and the Swiss apostrophes.
constexpr std::array<std::string_view, 6> group_blanks{" ", "\xC2\xA0", "\xE2\x80\xAF", "\xE2\x80\x89", "'", "\xE2\x80\x99"};

/// "1|250|000" with | = `mark`: first group of 1 to 3 digits (no leading zero), the others of three.
bool grouped_by(std::string_view text, char mark) {
    std::size_t group = 0;
    bool first = true;
    if (text.empty() || text.front() == '0') {
        return false;
    }
    for (const char c : text) {
        if ((c >= '0' && c <= '9')) {
            ++group;
        } else if (c == mark && (first ? group >= 1 && group <= 3 : group == 3)) {
            first = false;
            group = 0;
        } else {
            return false;
        }
    }
    return !first && group == 3;
}

/// Takes blanks between groups of three out of a number; false: they stand elsewhere.
bool take_group_blanks(std::string& text) {
    std::string marked;
    bool any = false;
    for (std::size_t at = 0; at < text.size();) {
        const auto rest = std::string_view(text).substr(at);
        const auto blank = std::ranges::find_if(group_blanks, [&](std::string_view b) { return rest.starts_with(b); });
        if (blank != group_blanks.end()) {
            marked.push_back('_');
            at += blank->size();
            any = true;
        } else {
            marked.push_back(text[at++]);
        }
    }
    if (!any) {
        return true;
    }
    const auto whole = std::string_view(marked).substr(0, marked.find_first_of(".,"));
    const auto rest = std::string_view(marked).substr(whole.size());
    if (!grouped_by(whole, '_') || rest.find('_') != std::string_view::npos) {
        return false;
    }
    std::erase(marked, '_');
    text = std::move(marked);
    return true;
}

std::string without(std::string_view text, char mark) {
    std::string out(text);
    std::erase(out, mark);
    return out;
}

/// What the marks of a number say about which of them is the decimal mark.
enum class Reading : std::uint8_t { plain, point, comma, point_or_thousands, comma_or_thousands, none };

Reading reading_of(std::string_view text) {
    const auto points = std::ranges::count(text, '.');
    const auto commas = std::ranges::count(text, ',');
    if (points == 0 && commas == 0) {
        return Reading::plain;
    }
    if (points > 0 && commas > 0) {
        const bool comma_last = text.rfind(',') > text.rfind('.');
        const char decimal = comma_last ? ',' : '.';
        const char thousands = comma_last ? '.' : ',';
        if ((comma_last ? commas : points) != 1 || !grouped_by(text.substr(0, text.find(decimal)), thousands)) {
            return Reading::none;
        }
        return comma_last ? Reading::comma : Reading::point;
    }
    const char mark = points > 0 ? '.' : ',';
    const bool grouped = grouped_by(text, mark);
    if (points + commas > 1) {
        return !grouped ? Reading::none : points > 0 ? Reading::comma : Reading::point;  // 1.250.000: points are thousands
    }
    if (grouped) {
        return points > 0 ? Reading::point_or_thousands : Reading::comma_or_thousands;
    }
    return points > 0 ? Reading::point : Reading::comma;
}

}  // namespace

void CsvNumbers::sample(std::string_view text) {
    std::string number(csv_trim(text));
    if (number.empty() || !take_group_blanks(number) || number.find_first_not_of("0123456789.,") != std::string::npos) {
        return;
    }
    switch (reading_of(number)) {
        case Reading::plain: ++plain_; break;
        case Reading::point:
            ++point_;
            point_example_ = text;
            break;
        case Reading::comma:
            ++comma_;
            comma_example_ = text;
            break;
        case Reading::point_or_thousands: ++three_after_point_; break;
        case Reading::comma_or_thousands:
        case Reading::none: break;
    }
}

std::optional<std::string> CsvNumbers::settle(char separator) {
    if (told_) {
        return std::nullopt;
    }
    if (point_ > 0 && comma_ > 0) {
        return "it writes numbers in two ways, " + point_example_ + " and " + comma_example_ +
               ": say --decimal point or --decimal comma";
    }
    mark_ = point_ > 0 ? DecimalMark::point : comma_ > 0 ? DecimalMark::comma : DecimalMark::unknown;
    comma_groups_ = separator == ',';
    // Whole numbers beside numbers with just three decimals look like thousands: 980, 990, 1.020.
    point_decides_ = separator == ',' && (three_after_point_ == 0 || plain_ == 0);
    return std::nullopt;
}

std::optional<double> CsvNumbers::read(std::string_view text, std::string& why) const {
    text = csv_trim(text);
    std::uint32_t whole = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), whole);
    if (error == std::errc{} && end == text.data() + text.size() && !text.empty() && whole <= 1'000'000'000) {
        return whole;
    }
    why = "is no count";
    if (text.empty()) {
        why = "is empty";
        return std::nullopt;
    }
    if (text.ends_with('%')) {
        why = "is a percentage, no count";
        return std::nullopt;
    }
    if (text.front() == '+') {
        text.remove_prefix(1);
    }
    std::string number(text);
    if (!take_group_blanks(number)) {
        return std::nullopt;
    }
    auto mark = mark_;
    if (number.find_first_not_of("0123456789.,") == std::string::npos) {
        const auto reading = reading_of(number);
        const auto twofold = [&](const char* option) {
            why = std::string("can be read in two ways: say --decimal ") + option;
            return std::nullopt;
        };
        switch (reading) {
            case Reading::none: return std::nullopt;
            case Reading::plain: break;
            case Reading::point:
            case Reading::comma: {
                const auto own = reading == Reading::point ? DecimalMark::point : DecimalMark::comma;
                if (mark != DecimalMark::unknown && mark != own) {
                    why = mark == DecimalMark::point ? "does not fit the file's decimal point"
                                                     : "does not fit the file's decimal comma";
                    return std::nullopt;
                }
                mark = own;
                break;
            }
            case Reading::comma_or_thousands:
                if (mark == DecimalMark::unknown && !comma_groups_) {
                    return twofold("comma (1.25) or --decimal point (1250)");
                }
                mark = mark == DecimalMark::unknown ? DecimalMark::point : mark;
                break;
            case Reading::point_or_thousands:
                if (mark == DecimalMark::unknown && !point_decides_) {
                    return twofold("point (1.25) or --decimal comma (1250)");
                }
                mark = mark == DecimalMark::unknown ? DecimalMark::point : mark;
                break;
        }
        number = without(number, mark == DecimalMark::comma ? '.' : ',');
        std::replace(number.begin(), number.end(), ',', '.');
    }
    const auto value = parse_number(number);
    if (!value || !std::isfinite(*value) || *value < 0 || *value > count_max) {
        if (value && *value < 0) {
            why = "is negative";
        }
        return std::nullopt;
    }
    return value;
}

}  // namespace surged
