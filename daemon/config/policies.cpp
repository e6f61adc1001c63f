// [[policy]] and its tiers: the people to call, in which order, and how many must join.
//
// The hardest rule: a page can always go somewhere. The fallback list is mandatory, and every tier names rosters that exist.
#include <algorithm>
#include <set>

#include "config/draft.hpp"
#include "config/limits.hpp"
#include "core/base/ranges.hpp"

namespace surged {

using namespace std::chrono_literals;

namespace {
constexpr std::size_t tiers_max = 16;
constexpr int person_max_most = 200;  // the desk remembers so many of a person

void read_names(TableReader& table, std::string_view key, NameKind kind, std::vector<std::string>& out, Draft& draft) {
    std::vector<PlacedText> names;
    table.texts(key, names);
    for (auto& name : names) {
        if (contains(out, name.text)) {
            draft.report.error(name.place, in_quotes(name.text) + " is listed twice");
            continue;
        }
        draft.names.use(kind, name.text, name.place);
        out.push_back(std::move(name.text));
    }
}

void read_scope_keys(TableReader& policy, std::vector<std::string>& out) {
    const std::vector<std::string> known{"centre", "group", "queue", "channel"};
    std::vector<PlacedText> keys;
    policy.texts("scope", keys);
    for (auto& key : keys) {
        if (!contains(known, key.text)) {
            policy.report().error(key.place, "unknown scope " + in_quotes(key.text) + nearest_hint(key.text, known) +
                                                 "; a policy's scope is of centre, group, queue, channel");
        } else if (contains(out, key.text)) {
            policy.report().error(key.place, in_quotes(key.text) + " is listed twice");
        } else {
            out.push_back(std::move(key.text));
        }
    }
}

void read_require(TableReader& tier, TierSpec& spec) {
    for (const auto* node : tier.tables("require")) {
        TableReader table(*node, "require", tier.report());
        TierRequire require;
        table.text("role", require.role);
        table.text("skill", require.skill);
        table.integer("min", require.min, 1, 10000);
        table.finish();
        if (require.role.empty() && require.skill.empty()) {
            tier.report().error(table.place(), "`require` needs a role or a skill");
        }
        spec.require.push_back(std::move(require));
    }
}

TierSpec read_tier(const Node& node, TierPlaces& places, Draft& draft) {
    TableReader table(node, "[[policy.tier]]", draft.report);
    TierSpec tier;
    table.id("id", tier.id);
    table.require("rosters");
    read_names(table, "rosters", NameKind::roster, tier.rosters, draft);
    if (table.has("rosters") && tier.rosters.empty()) {
        table.error("rosters", "a tier needs at least one roster");
    }
    table.choice("mode", tier.mode,
                 std::array<std::pair<std::string_view, TierMode>, 2>{{{"all", TierMode::all}, {"batch", TierMode::batch}}});
    table.span("wait", tier.wait, {1s, 24h});
    table.number("overask", tier.overask, 1, 100);
    table.span("answer_in", tier.answer_in, {1s, 6h});
    table.span("remind", tier.remind, {0s, 6h});
    table.span("arrive_within", tier.arrive_within, {0s, 24h});
    table.choice("urgency", tier.urgent, std::array<std::pair<std::string_view, bool>, 2>{{{"normal", false}, {"urgent", true}}});
    read_require(table, tier);
    std::vector<PlacedText> informed;
    table.texts("inform_only", informed);
    for (auto& roster : informed) {
        if (!contains(tier.rosters, roster.text)) {
            draft.report.error(roster.place, in_quotes(roster.text) + " is not one of this tier's rosters" +
                                                 nearest_hint(roster.text, tier.rosters));
        } else {
            tier.inform_only.push_back(std::move(roster.text));
        }
    }
    table.finish();
    places = {table.place(), table.at("wait")};
    return tier;
}

std::vector<std::string> tier_ids(const PolicySpec& policy) {
    std::vector<std::string> ids;
    for (const auto& tier : policy.tiers) {
        ids.push_back(tier.id);
    }
    return ids;
}

/// Index of the tier named by `key`; reported when there is none.
std::optional<int> tier_index(TableReader& table, std::string_view key, const PolicySpec& policy) {
    std::string id;
    if (!table.text(key, id)) {
        return std::nullopt;
    }
    const auto ids = tier_ids(policy);
    const auto found = std::ranges::find(ids, id);
    if (found == ids.end()) {
        table.error(key, "unknown tier " + in_quotes(id) + " in policy " + in_quotes(policy.id) + nearest_hint(id, ids));
        return std::nullopt;
    }
    return static_cast<int>(found - ids.begin());
}

void read_tiers(TableReader& policy, PolicySpec& spec, std::vector<TierPlaces>& places, Draft& draft) {
    std::set<std::string> seen;
    for (const auto* node : policy.tables("tier")) {
        TierPlaces place;
        auto tier = read_tier(*node, place, draft);
        if (!tier.id.empty() && !seen.insert(tier.id).second) {
            draft.report.error(node->find("id")->value.place,
                               "tier " + in_quotes(tier.id) + " is defined twice in policy " + in_quotes(spec.id));
        }
        spec.tiers.push_back(std::move(tier));
        places.push_back(place);
    }
    if (spec.tiers.empty()) {
        draft.report.error(policy.place(), "[[policy]] needs at least one [[policy.tier]]");
    } else if (spec.tiers.size() > tiers_max) {
        draft.report.error(policy.place(), "a policy has at most 16 tiers");
    }
}

void read_repeat(TableReader& policy, PolicySpec& spec) {
    const auto* node = policy.table("repeat");
    if (node == nullptr) {
        return;
    }
    TableReader table(*node, "repeat", policy.report());
    table.require("from");
    if (tier_index(table, "from", spec)) {
        table.text("from", spec.repeat.from);
    }
    table.span("every", spec.repeat.every, {10s, 24h});
    table.integer("times", spec.repeat.times, -1, 1000);
    table.number("backoff", spec.repeat.backoff, 1, 10);
    table.span("max", spec.repeat.max, {10s, 24h});
    table.finish();
}

}  // namespace

void read_person_max(TableReader& table, RateLimit& out, Draft& draft) {
    std::string text;
    if (!table.text("person_max", text)) {
        return;
    }
    const auto parsed = parse_rate(text);
    if (!parsed) {
        report_in_text(draft.report, *table.any("person_max"), parsed.error().offset, parsed.error().message);
    } else if (parsed->count > person_max_most || parsed->per > 24h) {
        table.error("person_max", "`person_max` is at most " + std::to_string(person_max_most) + " pages in at most 24h");
    } else {
        out = *parsed;
    }
}

namespace {
void read_fallback(TableReader& policy, PolicySpec& spec, Draft& draft) {
    read_names(policy, "fallback", NameKind::person, spec.fallback, draft);
    if (!policy.has("fallback")) {
        draft.report.error(
            policy.place(),
            "[[policy]] needs `fallback`: who is called when all tiers are empty, e.g. fallback = [\"duty-desk\"]");
    } else if (spec.fallback.empty()) {
        policy.error("fallback", "`fallback` needs at least one person: who is called when all tiers are empty");
    }
}

void read_policy(const Node& node, Draft& draft) {
    TableReader table(node, "[[policy]]", draft.report);
    PolicySpec policy;
    policy.page_deadline = draft.page_deadline;
    policy.person_max = draft.person_max;
    if (table.id("id", policy.id)) {
        draft.names.define(NameKind::policy, policy.id, table.at("id"), draft.report);
    }
    read_scope_keys(table, policy.scope);
    read_need(table, policy.need, draft);
    read_fallback(table, policy, draft);
    table.span("resolve_hold", policy.resolve_hold, {0s, 24h});
    table.span("reopen_window", policy.reopen_window, {0s, 24h});
    table.span("max_age", policy.max_age, {1min, 24h * 31});
    table.span("page_deadline", policy.page_deadline, {5s, 24h});
    read_person_max(table, policy.person_max, draft);
    table.span("recheck", policy.recheck, {0s, 24h});
    table.integer("recheck_add", policy.recheck_add, 0, 1000);
    if (policy.recheck_add > 0 && policy.recheck <= 0s) {
        table.error("recheck_add", "`recheck_add` needs `recheck`: how long seats are filled before it is looked again");
    }
    table.flag("ack_stops", policy.ack_stops);
    table.span("handover_within", policy.handover_within, {10s, 6h});
    table.choice("arrive_by", policy.arrive_by,
                 std::array<std::pair<std::string_view, ArriveBy>, 2>{{{"metrics", ArriveBy::metrics}, {"answer", ArriveBy::answer}}});
    table.flag("stand_down", policy.stand_down);
    table.choice("page_from", policy.page_from,
                 std::array<std::pair<std::string_view, Level>, 3>{
                     {{"yellow", Level::yellow}, {"orange", Level::orange}, {"red", Level::red}}});
    std::vector<TierPlaces> places;
    read_tiers(table, policy, places, draft);
    read_repeat(table, policy);
    policy.orange_tier = tier_index(table, "orange_tier", policy).value_or(policy.orange_tier);
    policy.red_tier = tier_index(table, "red_tier", policy).value_or(policy.red_tier);
    read_actions(table, policy, draft);
    read_region(table, policy);
    if ((table.has("orange_tier") || table.has("red_tier")) && policy.red_tier < policy.orange_tier) {
        table.error(table.has("red_tier") ? "red_tier" : "orange_tier", "red would call fewer tiers than orange");
    }
    table.finish();
    draft.tiers.push_back(std::move(places));
    draft.plan.policies.push_back(std::move(policy));
}
}  // namespace

void read_policies(TableReader& root, Draft& draft) {
    for (const auto* node : root.tables("policy")) {
        read_policy(*node, draft);
    }
}

}  // namespace surged
