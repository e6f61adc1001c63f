// What is known while a configuration is being read: the plan and settings so far, every name that was defined or used, and the
// places that the later checks point at. Private to the room.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "config/reader.hpp"
#include "config/settings.hpp"
#include "core/team/plan.hpp"

namespace surged {

enum class NameKind : std::uint8_t { rule, policy, roster, person, channel };
std::string_view to_string(NameKind kind);

/// Definitions and uses of ids. A use may come before its definition, and in another file.
class Names {
public:
    /// False, and reported with the first place, when the id is taken.
    bool define(NameKind kind, const std::string& id, const Place& at, Report& report);
    void use(NameKind kind, const std::string& id, const Place& at) { uses_.push_back({kind, id, at}); }
    bool defined(NameKind kind, const std::string& id) const { return known_.contains({kind, id}); }
    std::vector<std::string> all(NameKind kind) const;
    /// Reports every use without a definition, with the nearest name.
    void check(Report& report) const;

private:
    struct Use {
        NameKind kind;
        std::string id;
        Place at;
    };
    std::map<std::pair<NameKind, std::string>, Place> known_;
    std::vector<Use> uses_;
};

struct RulePlaces {
    Place metric;      ///< of the metric's name; of the rule when it has none
    Place scope;       ///< of the scope; of the rule when it has none
    Place depends_on;  ///< of the list; of the rule when it has none
    std::vector<Place> show{};  ///< of each metric
};
struct DerivePlaces {
    const Node* formula = nullptr;
    const Node* when = nullptr;
    Place metric;
    Place scope;
};
struct TierPlaces {
    Place tier;
    Place wait;
};

struct Draft {
    explicit Draft(Report& r) : report(r) {}

    Report& report;
    Plan plan;
    Settings settings;
    Names names;

    // [defaults] that are handed down and are no part of the plan
    Span raise_after{0};
    Span clear_after{60000};
    Span page_deadline{240000};
    RateLimit person_max;  ///< of policies that name none; count 0 = no cap

    // places by index of the plan's vectors
    std::vector<RulePlaces> rules;
    std::vector<DerivePlaces> derives;
    std::vector<Place> people;
    std::vector<Place> rosters;
    std::vector<Place> overrides;
    std::vector<std::vector<TierPlaces>> tiers;  ///< by policy, then tier

    /// An IANA name as used at `at`: loads the zone into the plan once; reports an unknown one once a place.
    std::string zone(const std::string& name, const Place& at);
};

// One reader a subject; each takes the merged root.
void read_defaults(TableReader& root, Draft& draft);
void read_settings(TableReader& root, Draft& draft);
void read_cluster(TableReader& root, Draft& draft);  ///< [cluster]; after the settings, which it judges, too
void read_metrics(TableReader& root, Draft& draft);  ///< [[metric]], [[expect]]
void read_derives(TableReader& root, Draft& draft);  ///< [[derive]]
void read_rules(TableReader& root, Draft& draft);
void read_team(TableReader& root, Draft& draft);     ///< [[channel]], [[person]]
void read_rosters(TableReader& root, Draft& draft);  ///< [[roster]], [[override]]
void read_policies(TableReader& root, Draft& draft);
/// `need`, `need_min` and `need_max` of a policy; rules and derives are read before.
void read_need(TableReader& policy, NeedSpec& need, Draft& draft);
/// [[policy.action]] and [policy.region] (playbook.cpp); after the policy's scope and tiers.
void read_actions(TableReader& policy, PolicySpec& spec, Draft& draft);
void read_region(TableReader& policy, PolicySpec& spec);
/// `person_max = "6/1h"`, of [defaults] and of a policy.
void read_person_max(TableReader& table, RateLimit& out, Draft& draft);

/// Scope tables are the same for rules and derives.
void read_scope(TableReader& owner, Scope& scope);
/// `depends_on` of one rule.
void read_dependencies(TableReader& table, RuleSpec& rule, Draft& draft);
/// [overload]: the policy that is called when surged itself is overloaded.
void read_overload(TableReader& root, Draft& draft);
/// [heartbeat]: a sign of life for a watcher outside.
void read_heartbeat(TableReader& root, Draft& draft);
/// Reports at `key` when this channel is of a type that no machine answers: neither webhook nor exec.
void check_machine_channel(TableReader& table, std::string_view key, const std::string& channel, std::string_view who,
                           Draft& draft);
/// Text at a place of the file, from an error inside the string `node`.
void report_in_text(Report& report, const Node& node, std::size_t offset, std::string message);

void check_metrics(Draft& draft);                 ///< formulas, kinds, cycles, rules that can never fire
void check_dependencies(Draft& draft);            ///< circles among rules, parents that page nobody
void check_team(Draft& draft);                    ///< reach, tiers, overrides
void check_addresses(Draft& draft);               ///< channels that reach nobody for want of a number or address
void check_coverage(Draft& draft, WallTime now);  ///< nobody on duty in the next 14 days
void stamp_contents(Plan& plan);                  ///< RuleSpec::content and its like

}  // namespace surged
