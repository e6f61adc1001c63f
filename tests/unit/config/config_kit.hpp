// Helpers of the configuration's tests: findings as text, and a small complete configuration to spoil.
#pragma once

#include <string>
#include <vector>

#include "config/settings.hpp"
#include "support/catch.hpp"

namespace surged::test {

/// "line:col: error: message" for each finding, without the file's name.
inline std::vector<std::string> findings(const LoadedConfig& config) {
    std::vector<std::string> out;
    for (const auto& diagnostic : config.diagnostics) {
        const auto text = diagnostic.text();
        out.push_back(text.substr(diagnostic.file.size() + (diagnostic.line > 0 ? 1 : 2)));
    }
    return out;
}

inline std::string joined(const std::vector<std::string>& lines) {
    std::string out;
    for (const auto& line : lines) {
        out += line + "\n";
    }
    return out;
}

/// Findings of a text, one a line.
inline std::string check(const std::string& text) {
    return joined(findings(parse_config("t", text)));
}

struct CheckRow {
    const char* claim;
    std::string text;
    std::string expected;  ///< as check() has it
};

inline void run(const std::vector<CheckRow>& rows) {
    for (const auto& row : rows) {
        INFO(row.claim << "\n" << row.text);
        CHECK(check(row.text) == row.expected);
    }
}

/// People, rosters and a policy "surge" that are clean, to stand after a text under test.
inline std::string team() {
    return R"([[channel]]
id = "print"
type = "log"
[[person]]
id = "duty-desk"
reach = { normal = [{ via = "print" }] }
[[roster]]
id = "leads"
shift = [{ people = ["duty-desk"] }]
[[policy]]
id = "surge"
need = 2
fallback = ["duty-desk"]
[[policy.tier]]
id = "leads"
rosters = ["leads"]
)";
}

/// A rule of kind threshold with this body, beginning at line 1.
inline std::string rule(const std::string& body) {
    return "[[rule]]\nid = \"r\"\nkind = \"threshold\"\nmetric = \"oldest_wait_s\"\n" + body + "\n";
}

}  // namespace surged::test
