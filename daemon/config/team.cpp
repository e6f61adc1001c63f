// [[channel]] and [[person]]: ways out and the people behind them.
//
// The hardest rule is O4: a secret never stands in the text. Channels take file names only; a URL that carries one must come from
// a file.
#include <algorithm>

#include "config/draft.hpp"
#include "config/limits.hpp"
#include "core/base/text.hpp"

namespace surged {

using namespace std::chrono_literals;

namespace {
/// What a channel type takes. A new type is one line here; the courier knows what to do with it.
struct ChannelType {
    std::string_view name;
    std::vector<std::string_view> keys;    ///< of its own, all strings
    std::vector<std::string_view> one_of;  ///< exactly one of these
    bool command;
};
const std::vector<ChannelType>& channel_types() {
    static const std::vector<ChannelType> types{{"webhook", {"url", "url_file", "secret_file"}, {"url", "url_file"}, false},
                                                {"exec", {}, {}, true},
                                                {"log", {}, {}, false}};
    return types;
}

/// A query key or user part that is a secret by its name: such a URL belongs in a file.
bool url_carries_secret(std::string_view url) {
    constexpr std::array<std::string_view, 8> words{"token", "key", "secret", "sign", "signature", "password", "auth", "sig"};
    const auto scheme = url.find("://");
    const auto host = scheme == std::string_view::npos ? 0 : scheme + 3;
    const auto authority = url.substr(host, std::min(url.find_first_of("/?#", host), url.size()) - host);
    if (authority.find('@') != std::string_view::npos) {
        return true;
    }
    auto at = url.find('?');
    while (at != std::string_view::npos) {
        const auto next = url.find('&', at + 1);
        const auto pair = url.substr(at + 1, next == std::string_view::npos ? next : next - at - 1);
        auto name = pair.substr(0, pair.find('='));
        const auto tail = name.rfind('_');
        name = tail == std::string_view::npos ? name : name.substr(tail + 1);
        if (std::find(words.begin(), words.end(), name) != words.end()) {
            return true;
        }
        at = next;
    }
    return false;
}

void check_url(TableReader& table, const std::string& url) {
    if (!url.starts_with("http://") && !url.starts_with("https://")) {
        table.error("url", "`url` must start with http:// or https://");
    } else if (url_carries_secret(url)) {
        table.error("url",
                    "`url` carries a secret, which does not belong in the configuration text; put the whole URL in a file and "
                    "name that with `url_file`");
    }
}

void read_type_keys(TableReader& table, const ChannelType& type, ChannelSpec& channel) {
    for (const auto key : type.keys) {
        std::string value;
        if (table.text(key, value)) {
            if (value.empty()) {
                table.error(key, "`" + std::string(key) + "` is empty");
            }
            channel.settings.emplace(std::string(key), value);
        }
    }
    const auto given =
        std::count_if(type.one_of.begin(), type.one_of.end(), [&](std::string_view key) { return table.has(key); });
    if (!type.one_of.empty() && given != 1) {
        std::string list;
        for (const auto key : type.one_of) {
            list += (list.empty() ? "`" : " or `") + std::string(key) + "`";
        }
        table.report().error(table.place(), "channel of type " + std::string(type.name) + " needs exactly one of " + list);
    }
    if (const auto url = channel.settings.find("url"); url != channel.settings.end()) {
        check_url(table, url->second);
    }
    if (type.command) {
        table.require("command");
        std::vector<PlacedText> command;
        if (table.texts("command", command)) {
            if (command.empty() || command.front().text.empty()) {
                table.error("command", "`command` needs a program, e.g. [\"/usr/local/bin/page\", \"--urgent\"]");
            }
            for (auto& part : command) {
                channel.command.push_back(std::move(part.text));
            }
        }
    }
}

/// The type decides which keys are known; nullptr when it is missing or unknown.
const ChannelType* read_type(TableReader& table, std::string& name) {
    table.require("type");
    if (!table.text("type", name)) {
        return nullptr;
    }
    std::vector<std::string> names;
    std::string list;
    for (const auto& type : channel_types()) {
        if (type.name == name) {
            return &type;
        }
        names.emplace_back(type.name);
        list += (list.empty() ? "" : ", ") + std::string(type.name);
    }
    table.error("type",
                "unknown channel type " + in_quotes(name) + nearest_hint(name, names) + " (this version has " + list + ")");
    return nullptr;
}

void read_channel(const Node& node, Draft& draft) {
    TableReader table(node, "[[channel]]", draft.report);
    ChannelSpec channel;
    channel.language = draft.plan.language;
    if (table.id("id", channel.id)) {
        draft.names.define(NameKind::channel, channel.id, table.at("id"), draft.report);
    }
    const auto* type = read_type(table, channel.type);
    table.choice("kind", channel.kind,
                 std::array<std::pair<std::string_view, ChannelKind>, 2>{
                     {{"personal", ChannelKind::personal}, {"group", ChannelKind::group}}});
    table.choice(
        "on_unknown", channel.on_unknown,
        std::array<std::pair<std::string_view, OnUnknown>, 2>{{{"resend", OnUnknown::resend}, {"skip", OnUnknown::skip}}});
    table.choice("language", channel.language,
                 std::array<std::pair<std::string_view, Language>, 2>{{{"zh", Language::zh}, {"en", Language::en}}});
    table.span("timeout", channel.timeout, {100ms, 5min});
    table.integer("text_limit", channel.text_limit, 0, 100000);
    std::string rate;
    if (table.text("rate", rate)) {
        if (auto parsed = parse_rate(rate)) {
            channel.rate = *parsed;
        } else {
            report_in_text(draft.report, *table.any("rate"), parsed.error().offset, parsed.error().message);
        }
    }
    if (type != nullptr) {
        read_type_keys(table, *type, channel);
        table.finish();
    }
    draft.plan.channels.push_back(std::move(channel));
}

std::vector<ReachStep> read_reach(TableReader& table, std::string_view urgency, Draft& draft) {
    std::vector<ReachStep> steps;
    for (const auto* node : table.tables(urgency)) {
        TableReader reader(*node, "reach", draft.report);
        ReachStep step;
        reader.require("via");
        if (reader.text("via", step.channel)) {
            draft.names.use(NameKind::channel, step.channel, reader.at("via"));
        }
        reader.span("after", step.after, {0s, 6h});
        if (const auto* repeat = reader.any("repeat")) {
            Node value = *repeat;  // "every 90s" and "90s" mean the same
            if (value.kind == Node::Kind::text && value.text.starts_with("every ")) {
                value.text.erase(0, 6);
            }
            read_span(value, "repeat", step.repeat, {10s, 6h}, draft.report);
        }
        reader.finish();
        steps.push_back(std::move(step));
    }
    return steps;
}

void read_address(TableReader& table, PersonSpec& person, Draft& draft) {
    const auto* node = table.table("address");
    if (node == nullptr) {
        return;
    }
    for (const auto& entry : node->entries) {
        draft.names.use(NameKind::channel, entry.key, entry.place);
        if (entry.value.kind != Node::Kind::text) {
            draft.report.error(entry.value.place, "the address on channel " + in_quotes(entry.key) + " must be a string");
            continue;
        }
        person.address.emplace(entry.key, entry.value.text);
    }
}

void read_person(const Node& node, Draft& draft) {
    TableReader table(node, "[[person]]", draft.report);
    PersonSpec person;
    if (table.id("id", person.id)) {
        draft.names.define(NameKind::person, person.id, table.at("id"), draft.report);
    }
    table.text("name", person.name);
    table.text("mobile", person.mobile);
    table.text("email", person.email);
    table.text("role", person.role);
    std::vector<PlacedText> skills;
    table.texts("skills", skills);
    for (auto& skill : skills) {
        person.skills.push_back(std::move(skill.text));
    }
    if (person.name.empty()) {
        person.name = person.id;
    }
    if (const auto* reach = table.table("reach")) {
        TableReader reader(*reach, "person.reach", draft.report);
        person.normal = read_reach(reader, "normal", draft);
        person.urgent = read_reach(reader, "urgent", draft);
        reader.finish();
    }
    read_address(table, person, draft);
    table.finish();
    draft.people.push_back(table.place());
    draft.plan.people.push_back(std::move(person));
}
}  // namespace

void read_team(TableReader& root, Draft& draft) {
    for (const auto* node : root.tables("channel")) {
        read_channel(*node, draft);
    }
    for (const auto* node : root.tables("person")) {
        read_person(*node, draft);
    }
}

}  // namespace surged
