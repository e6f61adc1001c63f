#include "figures.hpp"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace surged::bench {
namespace {

constexpr std::string_view reference = "reference";

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
        text.remove_prefix(1);
    }
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) {
        text.remove_suffix(1);
    }
    return text;
}

std::vector<std::string_view> split(std::string_view text, char at) {
    std::vector<std::string_view> out;
    for (;;) {
        const auto end = text.find(at);
        out.push_back(text.substr(0, end));
        if (end == std::string_view::npos) {
            return out;
        }
        text.remove_prefix(end + 1);
    }
}

/// A line's three fields; none when it is a comment or has another form.
std::vector<std::string_view> fields_of(std::string_view line) {
    if (line.empty() || line.front() == '#') {
        return {};
    }
    auto fields = split(line, '|');
    for (auto& field : fields) {
        field = trimmed(field);
    }
    return fields.size() == 3 ? fields : std::vector<std::string_view>{};
}

}  // namespace

std::map<std::string, GuardCounts, std::less<>> read_figures(std::string_view text) {
    std::map<std::string, GuardCounts, std::less<>> out;
    for (const auto line : split(text, '\n')) {
        const auto fields = fields_of(line);
        if (fields.empty()) {
            continue;
        }
        const std::string number(fields[2]);
        char* end = nullptr;
        const double value = std::strtod(number.c_str(), &end);
        if (end != number.c_str() && *end == '\0' && std::isfinite(value) && value > 0) {
            out[std::string(fields[0])][std::string(fields[1])] = value;
        }
    }
    return out;
}

std::string with_figures(std::string_view text, const std::string& build, const GuardCounts& counts) {
    std::string rows;
    for (const auto& [key, count] : counts) {
        char number[64];
        std::snprintf(number, sizeof(number), "%.1f", count);
        rows += build + " | " + key + " | " + number + "\n";
    }
    std::string out;
    bool placed = false;
    for (const auto line : split(text, '\n')) {
        const auto fields = fields_of(line);
        if (!fields.empty() && fields[0] == build) {
            out += placed ? "" : rows;
            placed = true;
        } else if (!line.empty() || !out.empty()) {
            out += std::string(line) + "\n";
        }
    }
    while (out.size() > 1 && out.ends_with("\n\n")) {
        out.pop_back();
    }
    return placed ? out : out + rows;
}

double growth_of(const GuardCounts& counted, const GuardGrowth& growth) {
    const auto few = counted.find(growth.few);
    const auto many = counted.find(growth.many);
    return few == counted.end() || many == counted.end() || !(few->second > 0) ? 0 : many->second / few->second;
}

GuardVerdict judge_count(const GuardCounts* committed, const GuardCounts& counted, std::string_view key) {
    const auto of = [](const GuardCounts& counts, std::string_view name) {
        const auto found = counts.find(name);
        return found != counts.end() ? found->second : 0.0;
    };
    if (committed == nullptr || of(*committed, key) <= 0 || of(*committed, reference) <= 0) {
        return GuardVerdict::other_build;
    }
    if (!(std::abs(of(counted, reference) / of(*committed, reference) - 1) <= reference_bound)) {
        return GuardVerdict::other_build;
    }
    const double was = of(*committed, key);
    const double is = of(counted, key);
    if (is > was * (1 + guard_bound)) {
        return GuardVerdict::worse;
    }
    return is < was * (1 - guard_bound) ? GuardVerdict::better : GuardVerdict::same;
}

}  // namespace surged::bench
