#include "io/exporter/metric_names.hpp"

#include <array>
#include <set>

namespace surged {

namespace {

struct Unit {
    std::string_view token;
    std::string_view spelled;
    double scale;  ///< to the base unit
};
// Tokens that promtool calls abbreviated or not a base unit. Minutes, hours and days as "m", "h", "d" are left out of the
// scaling: in queue metrics these letters are names more often than units, so they are only set apart from a unit by "_tag".
constexpr std::array units = {
    Unit{"s", "seconds", 1.0},
    Unit{"sec", "seconds", 1.0},
    Unit{"secs", "seconds", 1.0},
    Unit{"ms", "seconds", 1e-3},
    Unit{"us", "seconds", 1e-6},
    Unit{"ns", "seconds", 1e-9},
    Unit{"millis", "seconds", 1e-3},
    Unit{"milliseconds", "seconds", 1e-3},
    Unit{"microseconds", "seconds", 1e-6},
    Unit{"nanoseconds", "seconds", 1e-9},
    Unit{"minutes", "seconds", 60.0},
    Unit{"hours", "seconds", 3600.0},
    Unit{"days", "seconds", 86400.0},
    Unit{"b", "bytes", 1.0},
    Unit{"kb", "bytes", 1e3},
    Unit{"mb", "bytes", 1e6},
    Unit{"gb", "bytes", 1e9},
    Unit{"tb", "bytes", 1e12},
    Unit{"pb", "bytes", 1e15},
};
constexpr std::array<std::string_view, 3> lone_letters = {"m", "h", "d"};
constexpr std::array<std::string_view, 4> kinds = {"counter", "gauge", "histogram", "summary"};

template <std::size_t N>
bool any_of(const std::array<std::string_view, N>& words, std::string_view word) {
    for (const std::string_view w : words) {
        if (w == word) {
            return true;
        }
    }
    return false;
}

std::vector<std::string> tokens_of(std::string_view name) {
    std::vector<std::string> tokens;
    while (true) {
        const std::size_t end = name.find('_');
        tokens.emplace_back(name.substr(0, end));
        if (end == std::string_view::npos) {
            return tokens;
        }
        name.remove_prefix(end + 1);
    }
}

/// Spells units out; only one unit may scale the value, for a name with two says nothing sure.
void spell_units(std::vector<std::string>& tokens, double& scale) {
    bool scaled = false;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        if (i > 0 && (any_of(lone_letters, tokens[i]) || any_of(kinds, tokens[i]))) {
            tokens[i] += "tag";  // a letter or a word that is no unit and no type here
            continue;
        }
        for (const Unit& unit : units) {
            if (i > 0 && tokens[i] == unit.token) {
                tokens[i] = unit.spelled;
                scale = scaled ? scale : unit.scale;
                scaled = true;
                break;
            }
        }
    }
}

}  // namespace

ExposedName exposed_name(std::string_view metric, bool counter) {
    ExposedName exposed;
    exposed.counter = counter;
    std::vector<std::string> tokens = tokens_of(metric);
    spell_units(tokens, exposed.scale);
    // "total" at the end belongs to counters, and is added to them below.
    while (tokens.size() > 1 && tokens.back() == "total") {
        tokens.pop_back();
    }
    if (!counter && tokens.size() == 1 && tokens.back() == "total") {
        tokens.back() = "all";
    }
    if (!counter) {
        std::string& last = tokens.back();
        if (last == "count" || last == "bucket") {
            last += "s";
        } else if (last == "sum") {
            last = "summed";
        }
    }
    exposed.name = "surged_queue";
    for (const std::string& token : tokens) {
        exposed.name += "_" + token;
    }
    if (counter) {
        exposed.name += "_total";
    }
    return exposed;
}

std::vector<ExposedName> exposed_names(const std::vector<std::string>& metrics, const std::vector<bool>& counter) {
    std::vector<ExposedName> names;
    names.reserve(metrics.size());
    // Our own gauge of queues, whose name a feeder must not take.
    std::set<std::string> taken = {"surged_queue_stale"};
    for (std::size_t i = 0; i < metrics.size(); ++i) {
        ExposedName name = exposed_name(metrics[i], i < counter.size() && counter[i]);
        const std::string suffix = name.counter ? "_total" : "";
        const std::string stem = name.name.substr(0, name.name.size() - suffix.size());
        for (int n = 1; !taken.insert(name.name).second; ++n) {
            name.name = stem + "_metric" + (n == 1 ? "" : std::to_string(n)) + suffix;
        }
        names.push_back(std::move(name));
    }
    return names;
}

}  // namespace surged
