#include "ruletest/report.hpp"

#include <fmt/format.h>

#include "wire/json_text.hpp"

namespace surged {

std::string verdict_text(const std::string& path, const std::string& name, const TestVerdict& verdict) {
    std::string out = fmt::format("{}  {}: {}\n", verdict.passed() ? "ok  " : "FAIL", path, name);
    for (const std::string& difference : verdict.differences) {
        out += "      " + difference + "\n";
    }
    if (!verdict.context.empty()) {
        out += "      what happened around the first difference:\n";
    }
    for (const std::string& line : verdict.context) {
        out += "        " + line + "\n";
    }
    return out;
}

std::string verdict_json(const std::string& path, const std::string& name, const TestVerdict& verdict) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().field("type", "test").field("file", path).field("name", name).field("passed", verdict.passed());
    json.key("differences").begin_array();
    for (const std::string& difference : verdict.differences) {
        json.value(difference);
    }
    json.end_array().end_object();
    return out;
}

std::string coverage_text(const Coverage& coverage) {
    const auto [rules, levels, raised] = coverage.counts();
    std::string out = fmt::format("coverage: {} of {} levels of {} rules were raised by a test\n", raised, levels, rules);
    for (const Coverage::Gap& gap : coverage.missing()) {
        out += fmt::format("  never raised: {} {} ({})\n", gap.rule, to_string(gap.level), gap.file);
    }
    return out;
}

std::string coverage_json(const Coverage& coverage) {
    const auto [rules, levels, raised] = coverage.counts();
    std::string out;
    JsonWriter json(out);
    json.begin_object().field("type", "coverage").field("rules", std::uint64_t{rules});
    json.field("levels", std::uint64_t{levels}).field("raised", std::uint64_t{raised}).key("missing").begin_array();
    for (const Coverage::Gap& gap : coverage.missing()) {
        json.begin_object().field("file", gap.file).field("rule", gap.rule).field("level", to_string(gap.level)).end_object();
    }
    json.end_array().end_object();
    return out;
}

}  // namespace surged
