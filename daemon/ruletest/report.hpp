// What a run of rule tests came to, for people and for machines.
#pragma once

#include <string>

#include "ruletest/coverage.hpp"
#include "ruletest/run.hpp"

namespace surged {

/// "ok    rules/voice.test.toml: climbs and clears", and under a failed one its differences and the timeline around the first.
std::string verdict_text(const std::string& path, const std::string& name, const TestVerdict& verdict);
/// {"type":"test","file","name","passed":bool,"differences":[text]}, no newline
std::string verdict_json(const std::string& path, const std::string& name, const TestVerdict& verdict);

/// "coverage: 3 of 4 levels of 2 rules were raised by a test", and each that was not.
std::string coverage_text(const Coverage& coverage);
/// {"type":"coverage","rules":n,"levels":n,"raised":n,"missing":[{"file","rule","level"}]}, no newline
std::string coverage_json(const Coverage& coverage);

}  // namespace surged
