#include "outcome_report.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <limits>

#include "report.hpp"
#include "wire/json_text.hpp"

namespace surged::bench {

namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

/// NaN when it is `none` in half of them or more.
double median_of(std::vector<double> values) {
    if (values.empty()) {
        return unknown;
    }
    std::sort(values.begin(), values.end());
    const double middle = values[values.size() / 2];
    return std::isinf(middle) ? unknown : middle;
}

std::string text_of(double value, int digits, const char* unit = "") {
    return std::isnan(value) ? "-" : fixed(value, digits) + unit;
}

}  // namespace

OutcomeRow outcome_row(const OutcomeRuns& runs, const OutcomeKey& key) {
    OutcomeRow row;
    const auto& own = runs.at(key);
    std::vector<double> detected;
    std::vector<double> half;
    double days = 0;
    for (const auto& one : own) {
        row.offered += one.offered;
        row.lost += one.lost;
        row.in_20 += one.in_20;
        row.called += one.called;
        row.in_vain += one.in_vain;
        row.open_before += one.open_before ? 1 : 0;
        row.incidents_a_day += one.incidents;
        row.calls_a_day += one.calls_out;
        row.messages_a_day += one.messages_out;
        days += one.days;
        if (!one.open_before) {
            detected.push_back(one.detected_s.value_or(std::numeric_limits<double>::infinity()));
        }
        half.push_back(one.half_s.value_or(std::numeric_limits<double>::infinity()));
    }
    const auto n = static_cast<double>(own.size());
    const auto& [scenario, size, policy] = key;
    const auto nobody = runs.find({scenario, size, "nobody"});
    const auto oracle = runs.find({scenario, size, "oracle"});
    row.saved = row.saved_error = unknown;
    if (nobody != runs.end() && oracle != runs.end()) {
        double could = 0;
        double did = 0;
        for (std::size_t i = 0; i < own.size(); ++i) {
            could += nobody->second[i].lost - oracle->second[i].lost;
            did += nobody->second[i].lost - own[i].lost;
        }
        if (could > 0) {
            row.saved = did / could;
            double squares = 0;
            for (std::size_t i = 0; i < own.size(); ++i) {
                const double off = nobody->second[i].lost - own[i].lost - row.saved * (nobody->second[i].lost - oracle->second[i].lost);
                squares += off * off;
            }
            row.saved_error = std::sqrt(squares) / could;
        }
    }
    row.in_20 = row.offered > 0 ? row.in_20 / row.offered : unknown;
    row.in_vain = row.called > 0 ? row.in_vain / row.called : 0;
    row.offered /= n;
    row.lost /= n;
    row.called /= n;
    row.open_before /= n;
    row.incidents_a_day /= days;
    row.calls_a_day /= days;
    row.messages_a_day /= days;
    row.detected_s = median_of(detected);
    row.half_s = median_of(half);
    return row;
}

void print_outcomes(const OutcomeRuns& runs, const std::vector<std::string>& scenarios, const std::vector<CentreSize>& sizes,
                    const std::vector<std::string>& policies) {
    Report report;
    for (const auto& scenario : scenarios) {
        const bool quiet = scenario.starts_with("quiet");
        for (const auto& size : sizes) {
            const auto head = scenario + ", " + std::to_string(size.calls_per_h) + " calls/h, " + std::to_string(size.agents) + " agents, " +
                              std::to_string(size.people) + " people";
            if (quiet) {
                report.table(head, {"policy", "incidents/day", "calls/day", "messages/day", "in 20 s"});
            } else {
                report.table(head, {"policy", "lost", "saved", "+-", "detected", "half help", "called", "in vain", "open before"});
            }
            for (const auto& policy : policies) {
                const OutcomeKey key{scenario, size.calls_per_h, policy};
                if (!runs.contains(key)) {
                    continue;
                }
                const auto row = outcome_row(runs, key);
                if (quiet) {
                    report.row({policy, fixed(row.incidents_a_day, 2), fixed(row.calls_a_day, 1), fixed(row.messages_a_day, 1),
                                text_of(100 * row.in_20, 1, " %")});
                } else {
                    report.row({policy, fixed(row.lost, 1), text_of(100 * row.saved, 1, " %"), text_of(100 * row.saved_error, 1),
                                text_of(row.detected_s, 0, " s"), text_of(row.half_s, 0, " s"), fixed(row.called, 1),
                                text_of(100 * row.in_vain, 0, " %"), text_of(100 * row.open_before, 0, " %")});
                }
            }
        }
    }
}

void print_openers(const OutcomeRuns& runs, const OutcomeOpeners& openers) {
    std::string before;
    for (const auto& [key, rules] : openers) {
        const auto& [scenario, size, policy] = key;
        const auto& own = runs.at(key);
        const bool quiet = scenario.starts_with("quiet");
        if (scenario != before) {
            std::printf("\n  %s: %s\n", scenario.c_str(), quiet ? "incidents a day, by the rule that opened them" : "the rule that opened the first incident, % of runs");
            before = scenario;
        }
        double all = 0;
        for (const auto& one : own) {
            all += quiet ? one.days : 0.01;
        }
        std::string line;
        for (const auto& [rule, n] : rules) {
            line += (line.empty() ? "" : ", ") + rule + " " + fixed(n / all, quiet ? 3 : 0);
        }
        std::printf("    %d/h, %s: %s\n", size, policy.c_str(), line.c_str());
    }
}

void print_curve(const OutcomeRuns& runs, const std::vector<std::string>& scenarios, const std::vector<CentreSize>& sizes,
                 const std::vector<std::string>& policies) {
    Report report;
    for (const auto& size : sizes) {
        std::vector<std::string> columns{"limits"};
        for (const auto& scenario : scenarios) {
            columns.push_back(scenario.starts_with("quiet") ? "incidents/day" : "saved " + scenario);
        }
        report.table("saved against false incidents, " + std::to_string(size.calls_per_h) + " calls/h", columns);
        for (const auto& policy : policies) {
            std::vector<std::string> cells{policy};
            for (const auto& scenario : scenarios) {
                const OutcomeKey key{scenario, size.calls_per_h, policy};
                if (!runs.contains(key)) {
                    cells.emplace_back("-");
                    continue;
                }
                const auto row = outcome_row(runs, key);
                cells.push_back(scenario.starts_with("quiet") ? fixed(row.incidents_a_day, 2) : text_of(100 * row.saved, 1, " %"));
            }
            if (policy.find('*') != std::string::npos) {
                report.row(cells);
            }
        }
    }
}

bool write_outcome_json(const std::string& path, const OutcomeRuns& runs) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().field("kind", "surged_outcome").key("rows").begin_array();
    for (const auto& [key, own] : runs) {
        const auto row = outcome_row(runs, key);
        const auto& [scenario, size, policy] = key;
        json.begin_object().field("scenario", scenario).field("calls_per_h", size).field("policy", policy).field("seeds", own.size());
        const std::vector<std::pair<const char*, double>> numbers{
            {"offered", row.offered},         {"lost", row.lost},           {"in_20", row.in_20},
            {"saved", row.saved},             {"saved_error", row.saved_error}, {"detected_s", row.detected_s},
            {"half_help_s", row.half_s},      {"called", row.called},       {"in_vain", row.in_vain},
            {"open_before", row.open_before}, {"incidents_a_day", row.incidents_a_day}, {"calls_a_day", row.calls_a_day},
            {"messages_a_day", row.messages_a_day}};
        for (const auto& [name, value] : numbers) {
            if (!std::isnan(value)) {  // what is not known is left out
                json.field(name, value);
            }
        }
        json.end_object();
    }
    json.end_array().end_object();
    std::ofstream file(path, std::ios::trunc);
    file << out << "\n";
    return static_cast<bool>(file.flush());
}

}  // namespace surged::bench
