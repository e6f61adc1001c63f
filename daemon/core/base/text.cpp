#include "core/base/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numeric>

#include "core/base/encoding.hpp"

namespace surged {

bool glob_match(std::string_view pattern, std::string_view text) {
    std::size_t p = 0;
    std::size_t t = 0;
    std::size_t star = std::string_view::npos;
    std::size_t resume = 0;
    while (t < text.size()) {
        // The star is looked at first: a text may itself hold a literal '*'.
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            resume = t;
        } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
            ++p;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++resume;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*') {
        ++p;
    }
    return p == pattern.size();
}

namespace {
/// Letters left out, put in, changed, or two neighbours swapped ("wiat", "lead-80"): one each.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1);  // the row of a[0..i-2)
    std::vector<std::size_t> last(b.size() + 1);    // of a[0..i-1)
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        before.swap(last);
        last.swap(row);
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = std::min(row[j], before[j - 2] + 1);
            }
        }
    }
    return row[b.size()];
}
}  // namespace

std::optional<std::string> nearest_name(std::string_view name, const std::vector<std::string>& candidates) {
    const std::string* best = nullptr;
    std::size_t best_distance = std::max<std::size_t>(1, name.size() / 3) + 1;
    for (const auto& candidate : candidates) {
        const auto distance = edit_distance(name, candidate);
        if (distance < best_distance) {
            best = &candidate;
            best_distance = distance;
        }
    }
    return best != nullptr ? std::optional<std::string>(*best) : std::nullopt;
}

namespace {
struct SpanUnit {
    std::string_view name;
    std::int64_t ms;
};
constexpr std::array<SpanUnit, 5> span_units{{{"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}}};
constexpr double span_ms_max = 10.0 * 366 * 86400000;
}  // namespace

std::optional<Span> parse_span(std::string_view text) {
    if (text.empty()) {
        return std::nullopt;
    }
    double total = 0;
    while (!text.empty()) {
        std::size_t digits = 0;
        while (digits < text.size() && ((text[digits] >= '0' && text[digits] <= '9') || text[digits] == '.')) {
            ++digits;
        }
        const auto number = parse_number(text.substr(0, digits));
        if (!number) {
            return std::nullopt;
        }
        text.remove_prefix(digits);
        std::size_t letters = 0;
        while (letters < text.size() && text[letters] >= 'a' && text[letters] <= 'z') {
            ++letters;
        }
        const auto* unit = std::ranges::find(span_units, text.substr(0, letters), &SpanUnit::name);
        if (unit == span_units.end()) {
            return std::nullopt;
        }
        total += *number * static_cast<double>(unit->ms);
        text.remove_prefix(letters);
    }
    if (total > span_ms_max) {
        return std::nullopt;
    }
    return Span{static_cast<std::int64_t>(std::llround(total))};
}

std::string format_span(Span span) {
    auto left = span.count();
    if (left == 0) {
        return "0s";
    }
    std::string out;
    if (left < 0) {
        out = "-";
        left = -left;
    }
    for (const auto& unit : span_units) {
        if (left >= unit.ms) {
            out += std::to_string(left / unit.ms);
            out += unit.name;
            left %= unit.ms;
        }
    }
    return out;
}

std::optional<double> parse_number(std::string_view text) {
    double value = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (text.empty() || error != std::errc{} || stop != end || !std::isfinite(value)) {
        return std::nullopt;
    }
    return value;
}

std::string format_number(double value) {
    if (std::isfinite(value) && std::abs(value) < 9.0e15 && value == std::trunc(value)) {
        return std::to_string(static_cast<std::int64_t>(value));
    }
    std::array<char, 64> raw{};
    const auto [end, error] = std::to_chars(raw.data(), raw.data() + raw.size(), value);
    return error == std::errc{} ? std::string(raw.data(), end) : std::string("0");
}

std::string format_rounded(double value, int digits) {
    std::array<char, 400> raw{};
    const auto [end, error] = std::to_chars(raw.data(), raw.data() + raw.size(), value, std::chars_format::fixed, digits);
    if (error != std::errc{}) {
        return format_number(value);
    }
    std::string text(raw.data(), end);
    if (text.find('.') != std::string::npos) {
        text.erase(text.find_last_not_of('0') + 1);
        if (text.back() == '.') {
            text.pop_back();
        }
    }
    return text == "-0" ? "0" : text;
}

namespace {
/// Bytes of the well-formed UTF-8 sequence at the start of `text`; 0 when there is none (Unicode 15, table 3-7).
std::size_t utf8_sequence(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const auto tail = [&](std::size_t i, unsigned lo = 0x80, unsigned hi = 0xBF) {
        return i < text.size() && byte(i) >= lo && byte(i) <= hi;
    };
    const unsigned lead = byte(0);
    if (lead < 0x80) {
        return 1;
    }
    if (lead >= 0xC2 && lead <= 0xDF) {
        return tail(1) ? 2 : 0;
    }
    if (lead >= 0xE0 && lead <= 0xEF) {
        const unsigned lo = lead == 0xE0 ? 0xA0U : 0x80U;
        const unsigned hi = lead == 0xED ? 0x9FU : 0xBFU;
        return tail(1, lo, hi) && tail(2) ? 3 : 0;
    }
    if (lead >= 0xF0 && lead <= 0xF4) {
        const unsigned lo = lead == 0xF0 ? 0x90U : 0x80U;
        const unsigned hi = lead == 0xF4 ? 0x8FU : 0xBFU;
        return tail(1, lo, hi) && tail(2) && tail(3) ? 4 : 0;
    }
    return 0;
}
}  // namespace

std::size_t utf8_length(std::string_view text) {
    std::size_t count = 0;
    while (!text.empty()) {
        text.remove_prefix(std::max<std::size_t>(1, utf8_sequence(text)));
        ++count;
    }
    return count;
}

std::string utf8_cut(std::string_view text, std::size_t limit) {
    if (utf8_length(text) <= limit) {
        return std::string(text);
    }
    if (limit == 0) {
        return {};
    }
    std::string_view rest = text;
    for (std::size_t kept = 0; kept + 1 < limit; ++kept) {
        rest.remove_prefix(std::max<std::size_t>(1, utf8_sequence(rest)));
    }
    return std::string(text.substr(0, text.size() - rest.size())) + "…";
}

bool utf8_valid(std::string_view text) {
    while (!text.empty()) {
        const auto size = utf8_sequence(text);
        if (size == 0) {
            return false;
        }
        text.remove_prefix(size);
    }
    return true;
}

std::size_t harmful_at(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t offset) {
        return at + offset < text.size() ? static_cast<unsigned char>(text[at + offset]) : 0U;
    };
    const unsigned first = byte(0);
    const unsigned second = byte(1);
    const unsigned third = byte(2);
    if (first < 0x20 || first == 0x7F) {
        return 1;
    }
    if ((first == 0xC2 && second >= 0x80 && second <= 0x9F) || (first == 0xD8 && second == 0x9C)) {
        return 2;
    }
    const bool marks = second == 0x80 && (third == 0x8E || third == 0x8F || (third >= 0xA8 && third <= 0xAE));
    const bool isolates = second == 0x81 && third >= 0xA6 && third <= 0xA9;
    return first == 0xE2 && (marks || isolates) ? 3 : 0;
}

std::string shown_safely(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    const bool valid = utf8_valid(text);
    for (std::size_t at = 0; at < text.size();) {
        const auto byte = static_cast<unsigned char>(text[at]);
        const std::size_t size = text[at] == '\n' || text[at] == '\t' ? 0 : harmful_at(text, at);
        if (size == 0 && (valid || byte < 0x80)) {
            out += text[at++];
            continue;
        }
        if (!valid && byte >= 0x80) {
            out += "\\x";
            append_hex(out, byte);
            ++at;
            continue;
        }
        unsigned code = byte;
        if (size == 2) {
            code = (byte & 0x1FU) << 6U | (static_cast<unsigned char>(text[at + 1]) & 0x3FU);
        } else if (size == 3) {
            code = (byte & 0x0FU) << 12U | (static_cast<unsigned char>(text[at + 1]) & 0x3FU) << 6U |
                   (static_cast<unsigned char>(text[at + 2]) & 0x3FU);
        }
        out += "\\u";
        append_hex(out, static_cast<unsigned char>(code >> 8U));
        append_hex(out, static_cast<unsigned char>(code & 0xFFU));
        at += size;
    }
    return out;
}

std::string lower_case(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return out;
}

}  // namespace surged
