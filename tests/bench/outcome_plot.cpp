// One page with everything a run of outcomes came to: bars of what was saved and of false incidents, without a script or a library.
#include <algorithm>
#include <cmath>
#include <fstream>
#include <set>

#include "outcome_report.hpp"
#include "report.hpp"

namespace surged::bench {

namespace {

constexpr int bar_height = 14;
constexpr int label_width = 150;
constexpr int bar_width = 360;

std::string bars(const std::vector<std::pair<std::string, double>>& values, double most, int digits, const std::string& unit) {
    const auto height = static_cast<int>(values.size()) * (bar_height + 4) + 4;
    std::string out = "<svg width=\"" + std::to_string(label_width + bar_width + 90) + "\" height=\"" + std::to_string(height) + "\">";
    int y = 2;
    for (const auto& [name, value] : values) {
        const double share = std::isnan(value) || most <= 0 ? 0 : std::clamp(value / most, 0.0, 1.0);
        const auto middle = std::to_string(y + bar_height - 3);
        out += "<text x=\"" + std::to_string(label_width - 6) + "\" y=\"" + middle + "\" text-anchor=\"end\">" + name + "</text>";
        const std::string colour = name.starts_with("surged") ? "#1f6f43" : name == "oracle" ? "#888" : "#b4552d";
        out += "<rect x=\"" + std::to_string(label_width) + "\" y=\"" + std::to_string(y) + "\" width=\"" +
               fixed(share * bar_width, 1) + "\" height=\"" + std::to_string(bar_height) + "\" fill=\"" + colour + "\"/>";
        out += "<text x=\"" + fixed(label_width + share * bar_width + 5, 1) + "\" y=\"" + middle + "\">" +
               (std::isnan(value) ? "-" : fixed(value, digits) + unit) + "</text>";
        y += bar_height + 4;
    }
    return out + "</svg>";
}

}  // namespace

bool write_outcome_plot(const std::string& path, const OutcomeRuns& runs, const std::vector<std::string>& policies) {
    std::string out =
        "<!doctype html><meta charset=\"utf-8\"><title>surged_bench outcome</title><style>body{font:13px sans-serif;margin:2em}"
        "svg text{font:11px sans-serif}section{display:flex;flex-wrap:wrap}div{margin:0 1em 1em 0}h3{margin:.3em 0;font-size:13px}</style>"
        "<h1>surged_bench outcome</h1><p>Saved: share of the calls that calling everybody at second 0 saves. Without a surge: incidents a "
        "day.</p>";
    std::set<std::string> scenarios;
    std::set<int> sizes;
    double most = 0;
    for (const auto& [key, own] : runs) {
        scenarios.insert(std::get<0>(key));
        sizes.insert(std::get<1>(key));
        most = std::max(most, outcome_row(runs, key).incidents_a_day * (std::get<0>(key).starts_with("quiet") ? 1 : 0));
    }
    for (const auto& scenario : scenarios) {
        const bool quiet = scenario.starts_with("quiet");
        out += "<h2>" + scenario + "</h2><section>";
        for (const int size : sizes) {
            std::vector<std::pair<std::string, double>> values;
            for (const auto& policy : policies) {
                if (runs.contains({scenario, size, policy}) && policy != "nobody" && !(quiet && policy == "oracle")) {
                    const auto row = outcome_row(runs, {scenario, size, policy});
                    values.emplace_back(policy, quiet ? row.incidents_a_day : 100 * row.saved);
                }
            }
            out += "<div><h3>" + std::to_string(size) + " calls/h</h3>" + bars(values, quiet ? most : 100, quiet ? 2 : 1, quiet ? "" : " %") +
                   "</div>";
        }
        out += "</section>";
    }
    std::ofstream file(path, std::ios::trunc);
    file << out << "\n";
    return static_cast<bool>(file.flush());
}

}  // namespace surged::bench
