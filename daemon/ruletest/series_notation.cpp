// Series notation of rule tests (see test_file.hpp): text -> samples.
#include <algorithm>

#include "core/base/text.hpp"
#include "ruletest/format.hpp"

namespace surged {
namespace {

constexpr std::size_t samples_max = 1000000;

std::string quoted(std::string_view item) {
    return "'" + std::string(item) + "'";
}

/// Splits the trailing `xN` off; N = 1 without one. nullopt when N is no whole number from 1 to the bound.
std::optional<std::size_t> take_repeat(std::string_view& item) {
    const std::size_t x = item.rfind('x');
    if (x == std::string_view::npos) {
        return 1;
    }
    const std::optional<double> n = parse_number(item.substr(x + 1));
    if (!n || *n < 1 || *n > static_cast<double>(samples_max) || *n != static_cast<double>(static_cast<std::size_t>(*n))) {
        return std::nullopt;
    }
    item = item.substr(0, x);
    return static_cast<std::size_t>(*n);
}

Result<void> add_item(std::string_view whole, std::vector<std::optional<double>>& out) {
    std::string_view item = whole;
    const std::optional<std::size_t> repeat = take_repeat(item);
    if (!repeat) {
        return fail("bad repeat in " + quoted(whole) + ": wanted x and a whole number, as in 10x12");
    }
    if (out.size() + *repeat > samples_max) {
        return fail("more than 1000000 samples");
    }
    if (item == "_") {
        out.insert(out.end(), *repeat, std::nullopt);
        return {};
    }
    // A sign after the first character is a step ("10+5"), except in an exponent ("1e-3").
    std::size_t sign = std::string_view::npos;
    for (std::size_t i = 1; i < item.size(); ++i) {
        if ((item[i] == '+' || item[i] == '-') && item[i - 1] != 'e' && item[i - 1] != 'E') {
            sign = i;
            break;
        }
    }
    const std::optional<double> first = parse_number(item.substr(0, sign));
    std::optional<double> step = 0.0;
    if (sign != std::string_view::npos) {
        step = parse_number(item.substr(sign + 1));
        if (step && item[sign] == '-') {
            step = -*step;
        }
    }
    if (!first || !step) {
        return fail("cannot read " + quoted(whole) + " as samples: wanted 10, 10x12, 10+5x4, 100-20x3, _, _x6 or stale");
    }
    for (std::size_t i = 0; i < *repeat; ++i) {
        out.emplace_back(*first + *step * static_cast<double>(i));
    }
    return {};
}

}  // namespace

Result<std::vector<std::optional<double>>> parse_series(std::string_view text) {
    std::vector<std::optional<double>> out;
    constexpr std::string_view blanks = " \t\r\n";
    std::size_t at = text.find_first_not_of(blanks);
    while (at != std::string_view::npos) {
        const std::size_t end = std::min(text.find_first_of(blanks, at), text.size());
        const std::string_view item = text.substr(at, end - at);
        at = text.find_first_not_of(blanks, end);
        if (item == "stale") {
            if (at != std::string_view::npos) {
                return fail("'stale' must be the last item: nothing comes after it");
            }
            return out;
        }
        if (auto added = add_item(item, out); !added) {
            return tl::unexpected(added.error());
        }
    }
    if (out.empty()) {
        return fail("no samples");
    }
    return out;
}

}  // namespace surged
