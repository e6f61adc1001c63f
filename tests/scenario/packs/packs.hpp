// The packs under rules/ as plans, each also with its formulas edited, as people edit them.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "config/settings.hpp"
#include "core/team/plan.hpp"
#include "support/catch.hpp"

namespace surged::test {

inline constexpr const char* people = R"(
[defaults]
timezone = "Asia/Shanghai"
[[channel]]
id = "print"
type = "log"
[[person]]
id = "desk"
reach = { normal = [{ via = "print" }] }
[[person]]
id = "ann"
reach = { normal = [{ via = "print" }] }
[[roster]]
id = "leads"
shift = [{ people = ["ann"] }]
[[policy]]
id = "surge"
scope = ["centre"]
need = 2
fallback = ["desk"]
[[policy.tier]]
id = "leads"
rosters = ["leads"]
)";

struct Pack {
    std::string name;
    Plan plan;
};

/// A derived metric whose windows are a minute longer: other rings, another content.
inline std::string edited(std::string text) {
    for (std::size_t at = text.find("\nformula = "); at != std::string::npos; at = text.find("\nformula = ", at + 1)) {
        const auto end = text.find('\n', at + 1);
        for (auto window = text.find("10m)", at); window < end; window = text.find("10m)", window + 1)) {
            text.replace(window, 4, "11m)");
        }
    }
    return text;
}

inline std::vector<Pack> packs() {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(std::string(SURGED_SOURCE_DIR) + "/rules")) {
        const auto name = entry.path().filename().string();
        if (name.ends_with(".toml") && !name.ends_with(".test.toml")) {
            files.push_back(entry.path());
        }
    }
    std::sort(files.begin(), files.end());
    std::vector<Pack> out;
    for (const auto& file : files) {
        std::ostringstream text;
        text << std::ifstream(file).rdbuf();
        for (const bool edit : {false, true}) {
            const auto config = parse_config(file.filename().string(), (edit ? edited(text.str()) : text.str()) + people);
            INFO(file.string() << (config.diagnostics.empty() ? std::string() : config.diagnostics.front().text()));
            REQUIRE(config.ok());
            out.push_back({file.filename().string() + (edit ? ", edited" : ""), *config.plan});
        }
    }
    return out;
}

}  // namespace surged::test
