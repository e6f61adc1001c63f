// One rule test of a text, run against a configuration of a text; what is wrong with either is told.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/settings.hpp"
#include "config/zones.hpp"
#include "ruletest/run.hpp"
#include "support/catch.hpp"

namespace surged::test {

inline void tell(const std::vector<Diagnostic>& diagnostics) {
    for (const Diagnostic& diagnostic : diagnostics) {
        UNSCOPED_INFO(diagnostic.text());
    }
}

inline LoadedConfig config_of(const std::string& text) {
    LoadedConfig config = parse_config("x.toml", text);
    tell(config.diagnostics);
    REQUIRE(config.ok());
    return config;
}

/// `body` is the inside of a [[test]], behind its name and start, and its zone unless that is the configuration's, which is UTC.
inline TestVerdict run_body(const std::string& config, const std::string& body, const std::string& start, const std::string& zone = {}) {
    const LoadedConfig loaded = config_of(config);
    const auto zone_line = zone.empty() ? std::string() : "timezone = \"" + zone + "\"\n";
    const TestFile file =
        parse_test_file("x.test.toml", "config = \"x.toml\"\n[[test]]\nname = \"t\"\nstart = \"" + start + "\"\n" + zone_line + body);
    tell(file.diagnostics);
    REQUIRE(file.ok());
    return run_rule_test(file.tests.at(0), file.path, std::make_unique<const Plan>(*loaded.plan), zone.empty() ? Zone{} : *load_zone(zone));
}

/// The test passes.
inline void pass(const TestVerdict& verdict) {
    for (const auto* lines : {&verdict.differences, &verdict.context}) {
        for (const std::string& line : *lines) {
            UNSCOPED_INFO(line);
        }
    }
    CHECK(verdict.passed());
}

}  // namespace surged::test
