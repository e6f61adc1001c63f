// [[policy.action]] and [policy.region] of one policy: what is done beside calling people, and when many scopes become one
// incident.
//
// The hardest rule: a step that could never be done, or never be undone, is found here and not in the surge: its channel exists
// and is of a type that a machine answers, its tier exists, its id is one.
#include <set>

#include "channels/channel_type.hpp"
#include "config/draft.hpp"
#include "core/base/ranges.hpp"

namespace surged {

using namespace std::chrono_literals;

namespace {
constexpr std::size_t actions_max = 32;
constexpr std::size_t params_max = 32;
constexpr std::size_t param_bytes_max = 1024;
constexpr std::string_view fallback_tier = "fallback";

void read_params(const Node& node, std::string_view key, std::map<std::string, std::string>& out, Report& report) {
    if (node.entries.size() > params_max) {
        report.error(node.place, "`" + std::string(key) + "` has at most " + std::to_string(params_max) + " entries");
        return;
    }
    for (const auto& entry : node.entries) {
        if (entry.value.kind != Node::Kind::text) {
            report.error(entry.value.place, "parameter " + in_quotes(entry.key) + " must be a string, not " +
                                                std::string(to_string(entry.value.kind)));
        } else if (entry.key.size() + entry.value.text.size() > param_bytes_max) {
            report.error(entry.value.place, "parameter " + in_quotes(entry.key) + " is longer than 1024 bytes");
        } else {
            out.emplace(entry.key, entry.value.text);
        }
    }
}

}  // namespace

void check_machine_channel(TableReader& table, std::string_view key, const std::string& channel, std::string_view who,
                           Draft& draft) {
    draft.names.use(NameKind::channel, channel, table.at(key));
    const auto* found = find_by_id(draft.plan.channels, channel);
    const auto* type = found == nullptr ? nullptr : channel_type(found->type);
    if (type == nullptr || !type->configured || type->takes_actions) {
        return;
    }
    std::string fit;
    for (const auto* other : channel_types()) {
        if (other->takes_actions) {
            fit += (fit.empty() ? "" : " or ") + std::string(other->name);
        }
    }
    table.error(key, "channel " + in_quotes(channel) + " is of type " + in_quotes(found->type) + ": " + std::string(who) +
                         " goes to a channel of type " + fit + (key == "do" ? ", or to \"publish\"" : ""));
}

namespace {

/// `do`: the PUB socket, or a channel that a machine answers.
void read_way(TableReader& table, ActionSpec& action, Draft& draft) {
    table.require("do");
    if (!table.text("do", action.channel)) {
        return;
    }
    auto& channels = draft.plan.channels;
    if (action.channel != publish_channel) {
        check_machine_channel(table, "do", action.channel, "an action", draft);
        return;
    }
    if (draft.names.defined(NameKind::channel, action.channel)) {
        table.error("do", "do = \"publish\" means the PUB socket, and a channel has that id too: rename the channel");
        return;
    }
    if (draft.settings.publish.bind.empty()) {
        draft.report.warning(table.at("do"), "[publish] has no `bind`: what is published reaches nobody");
    }
    if (find_by_id(channels, action.channel) == nullptr) {
        ChannelSpec channel;
        channel.id = channel.type = publish_channel;
        channel.language = draft.plan.language;
        channels.push_back(std::move(channel));
    }
}

void read_moment(TableReader& table, ActionSpec& action, const PolicySpec& policy) {
    std::string tier;
    if (table.text("tier", tier)) {
        std::vector<std::string> ids;
        for (const auto& known : policy.tiers) {
            ids.push_back(known.id);
        }
        ids.emplace_back(fallback_tier);
        const auto found = std::ranges::find(ids, tier);
        if (found == ids.end()) {
            table.error("tier",
                        "unknown tier " + in_quotes(tier) + " in policy " + in_quotes(policy.id) + nearest_hint(tier, ids));
        } else {
            action.tier = static_cast<int>(found - ids.begin()) + 1;
        }
    }
    table.choice("level", action.level,
                 std::array<std::pair<std::string_view, Level>, 3>{
                     {{"yellow", Level::yellow}, {"orange", Level::orange}, {"red", Level::red}}});
    if (!table.has("tier") && !table.has("level")) {
        table.report().error(table.place(),
                             "[[policy.action]] needs `tier` or `level`: when it is done (with both, when both have come)");
    }
}

void read_undo(TableReader& table, ActionSpec& action) {
    const auto* node = table.any("undo");
    if (node != nullptr && node->kind == Node::Kind::table) {
        action.undo = true;
        read_params(*node, "undo", action.undo_params, table.report());
    } else if (node != nullptr && node->kind == Node::Kind::boolean) {
        action.undo = node->boolean;
        action.undo_params = action.undo ? action.params : decltype(action.undo_params){};
    } else if (node != nullptr) {
        table.error("undo", "`undo` must be true, false or a table of parameters");
    }
    table.span("undo_deadline", action.undo_deadline, {10s, 24h});
    if (table.has("undo_deadline") && !action.undo) {
        table.error("undo_deadline", "`undo_deadline` needs `undo`");
    }
}

ActionSpec read_action(const Node& node, const PolicySpec& policy, Draft& draft) {
    TableReader table(node, "[[policy.action]]", draft.report);
    ActionSpec action;
    table.id("id", action.id);
    read_moment(table, action, policy);
    read_way(table, action, draft);
    if (const auto* params = table.table("params")) {
        read_params(*params, "params", action.params, draft.report);
    }
    read_undo(table, action);
    table.span("deadline", action.deadline, {5s, 24h});
    table.finish();
    return action;
}
}  // namespace

void read_actions(TableReader& policy, PolicySpec& spec, Draft& draft) {
    std::set<std::string> seen;
    for (const auto* node : policy.tables("action")) {
        auto action = read_action(*node, spec, draft);
        if (!action.id.empty() && !seen.insert(action.id).second) {
            draft.report.error(node->find("id")->value.place,
                               "action " + in_quotes(action.id) + " is defined twice in policy " + in_quotes(spec.id));
        }
        spec.actions.push_back(std::move(action));
    }
    if (spec.actions.size() > actions_max) {
        draft.report.error(policy.place(), "a policy has at most " + std::to_string(actions_max) + " actions");
    }
}

void read_region(TableReader& policy, PolicySpec& spec) {
    const auto* node = policy.table("region");
    if (node == nullptr) {
        return;
    }
    TableReader table(*node, "[policy.region]", policy.report());
    table.require("scopes");
    table.integer("scopes", spec.region.scopes, 2, 10000);
    table.span("within", spec.region.within, {1s, 24h});
    table.integer("need_max", spec.region.need_max, 1, 10000);
    std::vector<PlacedText> names;
    table.texts("by", names);
    for (auto& name : names) {
        if (!contains(spec.scope, name.text)) {
            policy.report().error(name.place,
                                  in_quotes(name.text) + " is not in this policy's scope" + nearest_hint(name.text, spec.scope));
        } else if (contains(spec.region.by, name.text)) {
            policy.report().error(name.place, in_quotes(name.text) + " is listed twice");
        } else {
            spec.region.by.push_back(std::move(name.text));
        }
    }
    if (spec.region.by.size() >= spec.scope.size()) {
        table.report().error(table.place(), spec.scope.empty()
                                                ? "a policy without `scope` has one incident: there is nothing to put together"
                                                : "`by` names the whole scope of the policy: there is nothing to put together");
    }
    table.finish();
}

}  // namespace surged
