// What the configuration tells the learned profile: [forecast], [[calendar]], and the keys and default levels of rules of kind
// "baseline". Private to the room.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "config/draft.hpp"

namespace surged {

void read_forecast(TableReader& root, Draft& draft);  ///< [forecast], [[calendar]]

/// Keys that rules of kind baseline have.
std::vector<std::string_view> baseline_keys();
void read_baseline_keys(TableReader& table, RuleSpec& rule, Draft& draft);
/// Three slots below the clearing limit: as long as the detector itself takes to be calm.
Span baseline_clear_after(const RuleSpec& rule);
/// The three shipped levels, for a rule that gives none.
std::vector<LevelSpec> baseline_levels(const LevelSpec& inherited);
/// What a level leaves out: the shipped surprise as its raise limit, half of the raise limit as its clear limit. False when what
/// it gives is no limit of a baseline; reported. A limit that is there but could not be read stays missing.
bool complete_baseline_level(TableReader& table, Level level, std::optional<Limit>& raise, std::optional<Limit>& clear);

/// Shared with rate_of_change; in rules.cpp.
void read_floor(TableReader& table, RuleSpec& rule);

}  // namespace surged
