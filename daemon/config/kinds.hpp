// What each rule kind adds to [[rule]]: its keys, the units and sides of its limits, what it must be about. One row a kind, in the
// order of RuleKind; the row of a kind and all that it says are in kinds/<kind>.cpp. Private to the room.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/draft.hpp"

namespace surged {

struct KindConfig {
    std::span<const std::string_view> keys;  ///< of [[rule]] that not every kind has
    void (*read)(TableReader& table, RuleSpec& rule, Draft& draft) = nullptr;
    /// Why rules of this kind cannot compare in the unit of this limit; empty = they can.
    std::string (*unit_fault)(const Limit& limit) = nullptr;
    /// Fills in what a level leaves out. False when what it gives is no limit of this kind; reported. A limit that is there but could
    /// not be read stays missing. Null: `clear` must be given.
    bool (*complete_level)(TableReader& table, Level level, std::optional<Limit>& raise, std::optional<Limit>& clear) = nullptr;
    /// The levels of a rule that gives none, empty: they must be given. With complete_level, `raise` may be left out of a level too.
    std::vector<LevelSpec> (*shipped_levels)(const RuleSpec& rule, const LevelSpec& inherited) = nullptr;
    Span (*clear_after)(const RuleSpec& rule) = nullptr;  ///< unless the rule says it; null: as [defaults] say
    /// Complains when the metric is nothing that this kind can be about.
    void (*check_metric)(const RuleSpec& rule, MetricKind metric, bool derived, const Place& at, Report& report) = nullptr;
};

const KindConfig& config_of(RuleKind kind);

extern const KindConfig threshold_config;
extern const KindConfig rate_of_change_config;
extern const KindConfig absence_config;
extern const KindConfig baseline_config;
extern const KindConfig volatility_config;
extern const KindConfig shortfall_config;

/// `floor`, of kinds that have one: the smallest excess that counts.
void read_floor(TableReader& table, RuleSpec& rule);
/// Complains that a metric which only rises is not what this kind watches.
void refuse_counter(const RuleSpec& rule, const Place& at, Report& report);

}  // namespace surged
