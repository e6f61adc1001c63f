// [[channel]] and [[person]]: how messages leave, and whom they reach.
//
// The hardest rule: a secret never stands in the text. Channels take file names only; a URL that carries one must come from
// a file. What a type takes, and what its settings may not be together, the type says itself (channels/).
#include <algorithm>

#include "channels/channel_type.hpp"
#include "channels/mail_message.hpp"
#include "config/draft.hpp"
#include "config/limits.hpp"
#include "core/base/ranges.hpp"
#include "core/base/text.hpp"
#include "core/paging/reply_text.hpp"

namespace surged {

using namespace std::chrono_literals;

namespace {
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
        if (contains(words, name)) {
            return true;
        }
        at = next;
    }
    return false;
}

void check_url(TableReader& table, std::string_view key, const std::string& url) {
    const auto name = "`" + std::string(key) + "`";
    if (!url.starts_with("http://") && !url.starts_with("https://")) {
        table.error(key, name + " must start with http:// or https://");
    } else if (url_carries_secret(url)) {
        table.error(key, name +
                             " carries a secret, which does not belong in the configuration text; put the whole URL in a file "
                             "and name that with `url_file`");
    }
}

/// "host:port", a port from 1 to 65535.
bool server_valid(const std::string& text) {
    const auto colon = text.rfind(':');
    if (colon == std::string::npos || colon == 0 || text.find_first_of("/@ \t") != std::string::npos) {
        return false;
    }
    const auto port = parse_number(text.substr(colon + 1));
    return port && *port >= 1 && *port <= 65535 && text.find_first_not_of("0123456789", colon + 1) == std::string::npos;
}

void check_form(TableReader& table, const ChannelKey& key, const std::string& value) {
    switch (key.form) {
        case KeyForm::text:
        case KeyForm::file:
        case KeyForm::secret_url:
        case KeyForm::secret_line:
        case KeyForm::secret_bytes: break;
        case KeyForm::url: check_url(table, key.name, value); break;
        case KeyForm::span:
            if (const auto span = parse_span(value); !span || *span < *parse_span(key.least) || *span > *parse_span(key.most)) {
                table.error(key.name, "`" + std::string(key.name) + "` must be a duration from " + std::string(key.least) + " to " +
                                          std::string(key.most) + ", e.g. \"" + std::string(key.fallback) + "\"");
            }
            break;
        case KeyForm::choice:
            if (!contains(key.words, value)) {
                std::string list;
                for (const auto word : key.words) {
                    list += (list.empty() ? "\"" : ", \"") + std::string(word) + "\"";
                }
                table.error(key.name, in_quotes(value) + " is not one of " + list);
            }
            break;
        case KeyForm::mail:
            if (!mail_address_valid(value)) {
                table.error(key.name, "`" + std::string(key.name) + "` must be a mail address alone, e.g. \"surged@x.example\"");
            }
            break;
        case KeyForm::server:
            if (!server_valid(value)) {
                table.error(key.name, "`" + std::string(key.name) + "` must be host:port, e.g. \"mail.x.example:587\"");
            }
            break;
    }
}

/// What the provider has for us.
void read_pulls(TableReader& table, ChannelSpec& channel) {
    bool receipts = false;
    table.flag("receipts", receipts);
    Span within = 60s;
    table.span("receipt_within", within, {10s, 10min});
    table.flag("replies", channel.replies);
    table.span("report_every", channel.pull_every, {1s, 5min});
    channel.receipt_within = receipts ? within : Span{0};
    if (table.has("receipt_within") && !receipts) {
        table.error("receipt_within", "`receipt_within` needs `receipts = true`");
    }
    if (table.has("report_every") && !receipts && !channel.replies) {
        table.error("report_every", "`report_every` needs `receipts = true` or `replies = true`");
    }
    if (receipts && within < 2 * channel.pull_every) {
        table.report().error(table.place(), "`receipt_within` (" + format_span(within) + ") must be at least twice `report_every` (" +
                                                format_span(channel.pull_every) +
                                                "), or receipts that came in time are read too late");
    }
}

void read_type_keys(TableReader& table, const ChannelType& type, ChannelSpec& channel) {
    for (const auto& key : type.keys) {
        std::string value;
        if (key.needed) {
            table.require(key.name);
        }
        if (!table.text(key.name, value)) {
            continue;
        }
        if (value.empty()) {
            table.error(key.name, "`" + std::string(key.name) + "` is empty");
        } else {
            check_form(table, key, value);
        }
        channel.settings.emplace(std::string(key.name), value);
    }
    const auto given = std::ranges::count_if(type.one_of, [&](std::string_view key) { return table.has(key); });
    if (!type.one_of.empty() && given != 1) {
        std::string list;
        for (const auto key : type.one_of) {
            list += (list.empty() ? "`" : " or `") + std::string(key) + "`";
        }
        table.report().error(table.place(), "channel of type " + std::string(type.name) + " needs exactly one of " + list);
    }
    if (type.pulls()) {
        read_pulls(table, channel);
    }
    if (type.repost > Span{0}) {
        table.span("repost", channel.repost, {10s, 1h});
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

/// What one key cannot know of another.
void check_together(TableReader& table, const ChannelType& type, const ChannelSpec& channel) {
    std::vector<ChannelFinding> findings;
    if (type.check != nullptr) {
        type.check(channel, findings);
    }
    for (auto& finding : findings) {
        const auto place = finding.key.empty() ? table.place() : table.at(finding.key);
        switch (finding.weight) {
            case ChannelFinding::Weight::error: table.report().error(place, std::move(finding.message)); break;
            case ChannelFinding::Weight::warning: table.report().warning(place, std::move(finding.message)); break;
            case ChannelFinding::Weight::unfit: break;  // the courier says it where the channel is loaded
        }
    }
    // More than the provider allows in its own time is more than it allows.
    const auto& most = type.most;
    const auto per = [](const RateLimit& rate) {
        return static_cast<double>(rate.count) / static_cast<double>(rate.per.count());
    };
    if (most.count > 0 && per(channel.rate) > per(most) * 1.001) {
        table.report().warning(table.at("rate"), "rate " + std::to_string(channel.rate.count) + "/" +
                                                     format_span(channel.rate.per) + " is more than " + std::string(type.name) +
                                                     " allows (" + std::to_string(most.count) + "/" + format_span(most.per) +
                                                     "): what is over it gets lost or blocks the channel");
    }
    if (type.kind == ChannelKind::group && channel.kind == ChannelKind::personal) {
        table.report().warning(table.at("kind"), "a channel of type " + std::string(type.name) +
                                                     " reaches a group: `kind = \"personal\"` sends one message a person there");
    }
}

/// The type decides which keys are known; nullptr when it is missing or unknown.
const ChannelType* read_type(TableReader& table, std::string& name) {
    table.require("type");
    if (!table.text("type", name)) {
        return nullptr;
    }
    if (const auto* type = channel_type(name); type != nullptr && type->configured) {
        return type;
    }
    std::vector<std::string> names;
    std::string list;
    for (const auto* type : channel_types()) {
        if (type->configured) {
            names.emplace_back(type->name);
            list += (list.empty() ? "" : ", ") + std::string(type->name);
        }
    }
    table.error("type",
                "unknown channel type " + in_quotes(name) + nearest_hint(name, names) + " (this version has " + list + ")");
    return nullptr;
}

/// What a channel of this type is unless the text says otherwise.
void take_defaults(const ChannelType& type, ChannelSpec& channel) {
    channel.kind = type.kind;
    channel.rate = type.rate;
    channel.repost = type.repost;
    channel.coalesce = type.coalesce;
}

/// The hint how to answer stands behind the text, in the same message.
void leave_room_for_code(TableReader& table, ChannelSpec& channel) {
    constexpr std::size_t text_min = 20;
    const auto hint = reply_hint_length(channel.language);
    if (channel.text_limit < hint + text_min) {
        table.error("replies", "`replies` needs " + std::to_string(hint) + " characters behind the text; the signature and `text_limit` leave " +
                                   std::to_string(channel.text_limit) + " for both, at least " + std::to_string(hint + text_min) +
                                   " are needed");
        return;
    }
    channel.text_limit -= hint;
}

void read_channel(const Node& node, Draft& draft) {
    TableReader table(node, "[[channel]]", draft.report);
    ChannelSpec channel;
    channel.language = draft.plan.language;
    if (table.id("id", channel.id)) {
        draft.names.define(NameKind::channel, channel.id, table.at("id"), draft.report);
    }
    const auto* type = read_type(table, channel.type);
    if (type != nullptr) {
        take_defaults(*type, channel);
    }
    table.choice("kind", channel.kind,
                 std::array<std::pair<std::string_view, ChannelKind>, 2>{
                     {{"personal", ChannelKind::personal}, {"group", ChannelKind::group}}});
    table.choice(
        "on_unknown", channel.on_unknown,
        std::array<std::pair<std::string_view, OnUnknown>, 2>{{{"resend", OnUnknown::resend}, {"skip", OnUnknown::skip}}});
    table.choice("language", channel.language,
                 std::array<std::pair<std::string_view, Language>, 2>{{{"zh", Language::zh}, {"en", Language::en}}});
    table.span("timeout", channel.timeout, {100ms, 5min});
    table.flag("coalesce", channel.coalesce);
    const bool limited = table.integer("text_limit", channel.text_limit, 0, 100000);
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
        check_together(table, *type, channel);
    }
    const bool coded = type != nullptr && type->pulls() && channel.replies;
    if (type != nullptr && !limited && type->text_limit > 0) {
        // What the provider puts before the text shares one message with it.
        const auto taken = utf8_length(setting(channel, type->text_prefix));
        channel.text_limit = type->text_limit - std::min(taken, type->text_limit - 1);
    }
    if (coded && channel.text_limit > 0) {
        leave_room_for_code(table, channel);
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
    Language language = Language::zh;
    if (table.choice("language", language,
                     std::array<std::pair<std::string_view, Language>, 2>{{{"zh", Language::zh}, {"en", Language::en}}})) {
        person.language = language;
    }
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
