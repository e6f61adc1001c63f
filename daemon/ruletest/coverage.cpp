#include "ruletest/coverage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "wire/json_text.hpp"

namespace surged {

void Coverage::expect(const Plan& plan, const std::string& name) {
    for (const RuleSpec& rule : plan.rules) {
        Known& known = rules_[rule.content];
        if (known.rule.empty()) {
            known.file = name;
            known.rule = rule.id;
            for (const LevelSpec& level : rule.levels) {
                known.levels[level.level] = false;
            }
        }
    }
}

void Coverage::add(const Plan& plan, const std::set<std::pair<std::string, Level>>& raised) {
    for (const RuleSpec& rule : plan.rules) {
        const auto known = rules_.find(rule.content);
        for (const LevelSpec& level : rule.levels) {
            if (known != rules_.end() && raised.count({rule.id, level.level}) > 0) {
                known->second.levels[level.level] = true;
            }
        }
    }
}

std::vector<Coverage::Gap> Coverage::missing() const {
    std::vector<Gap> out;
    for (const auto& [content, rule] : rules_) {
        for (const auto& [level, raised] : rule.levels) {
            if (!raised) {
                out.push_back({rule.file, rule.rule, level});
            }
        }
    }
    std::sort(out.begin(), out.end(),
              [](const Gap& a, const Gap& b) { return std::tie(a.file, a.rule, a.level) < std::tie(b.file, b.rule, b.level); });
    return out;
}

std::pair<std::size_t, std::size_t> Coverage::counts() const {
    std::size_t levels = 0;
    for (const auto& entry : rules_) {
        levels += entry.second.levels.size();
    }
    return {levels, levels - missing().size()};
}

std::string Coverage::text() const {
    const auto [levels, raised] = counts();
    std::string out = fmt::format("coverage: {} of {} levels of {} rules were raised by a test\n", raised, levels, rules_.size());
    for (const Gap& gap : missing()) {
        out += fmt::format("  never raised: {} {} ({})\n", gap.rule, to_string(gap.level), gap.file);
    }
    return out;
}

std::string Coverage::json() const {
    const auto [levels, raised] = counts();
    std::string out;
    JsonWriter json(out);
    json.begin_object().field("type", "coverage").field("rules", std::uint64_t{rules_.size()});
    json.field("levels", std::uint64_t{levels}).field("raised", std::uint64_t{raised}).key("missing").begin_array();
    for (const Gap& gap : missing()) {
        json.begin_object().field("file", gap.file).field("rule", gap.rule).field("level", to_string(gap.level)).end_object();
    }
    json.end_array().end_object();
    return out;
}

}  // namespace surged
