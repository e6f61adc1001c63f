// Robots of group chats: DingTalk, WeCom, Feishu, Slack. One message names all people of the tier. Their formats and words are
// theirs (open.dingtalk.com "custom robot", developer.work.weixin.qq.com "group robot", open.feishu.cn "custom bot",
// api.slack.com "incoming webhooks"); code tables disagree between sources, so words of the message count as well, and what
// nobody knows is a failure.
#include <algorithm>

#include "core/base/text.hpp"
#include "io/courier/message_text.hpp"
#include "io/courier/provider.hpp"
#include "io/courier/signature.hpp"
#include "wire/json_text.hpp"

namespace surged {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t mentions_max = 100;
constexpr OutcomeClass ok = OutcomeClass::ok;
constexpr OutcomeClass retry = OutcomeClass::retry;
constexpr OutcomeClass reject = OutcomeClass::reject;
constexpr OutcomeClass config = OutcomeClass::config_error;

enum class Mention : std::uint8_t { people, all, none };

Mention mention_of(const ProviderInput& in) {
    const auto word = setting(in.channel.spec, "mention");
    if (word == "none" || !calls_people(in.order.purpose)) {
        return Mention::none;
    }
    return word == "all" ? Mention::all : Mention::people;
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
        text.replace(at, what.size(), with);
    }
    return text;
}

std::string keyword(const ProviderInput& in) {
    return setting(in.channel.spec, "keyword");
}

/// Members of an array, at most mentions_max.
void write_list(JsonWriter& json, std::string_view name, const SendOrder& order, std::string Recipient::*field, bool all) {
    json.key(name).begin_array();
    std::size_t written = 0;
    for (const auto& person : order.people) {
        if (!(person.*field).empty() && written < mentions_max) {
            json.value(person.*field);
            ++written;
        }
    }
    if (all) {
        json.value("@all");
    }
    json.end_array();
}

/// People without a number or id of the channel's own: they can be named, but not rung.
SendOrder rung(const ProviderInput& in) {
    SendOrder out;
    if (mention_of(in) == Mention::people) {
        out.people = in.order.people;
    }
    return out;
}

/// Whom a message that rings nobody, or everybody, is for: by name, so that it stands with nobody in particular's. What only the text
/// has to say, to whom it says itself.
std::string named(const ProviderInput& in) {
    if (mention_of(in) == Mention::people || !calls_people(in.order.purpose) || in.order.people.empty()) {
        return {};
    }
    const auto said = [&](const Recipient& p) { return in.order.text.find(shown_name(p)) != std::string::npos; };
    if (std::all_of(in.order.people.begin(), in.order.people.end(), said)) {
        return {};
    }
    const auto line = people_line(in.order, mentions_max, shown_name);
    return (in.order.language == Language::zh ? "致：" : "For: ") + line;
}

std::string under(const std::string& line, const std::string& names) {
    return line + (line.empty() || names.empty() ? "" : "\n") + names;
}

/// An account name within the chat, else nothing: mobiles are for those who have none.
SendOrder with_one_handle(SendOrder order) {
    for (auto& person : order.people) {
        if (!person.address.empty()) {
            person.mobile.clear();
        }
    }
    return order;
}

// ---- DingTalk

constexpr std::size_t dingtalk_bytes_max = 8000;  // of 20000 for the whole body, which also lists the mentions

constexpr std::array<AnswerRule, 19> dingtalk_answers = {{
    {"0", "", ok, 0s, ""},
    {"130101", "", retry, 10min, "over 20 messages a minute: DingTalk blocks the robot for ten minutes"},
    {"", "send too fast", retry, 10min, "throttled by DingTalk"},
    {"", "\"punish\"", retry, 10min, "throttled by DingTalk"},
    {"410100", "", retry, 10min, "throttled by DingTalk"},
    {"90030", "", retry, 10min, "throttled by DingTalk"},
    {"90020", "", config, 0s, "the organisation's monthly quota is used up"},
    {"-1", "", retry, 0s, "DingTalk is busy"},
    {"310000", "sign not match", config, 0s, "the signature does not match: secret_file, or the host's clock"},
    {"310000", "签名", config, 0s, "the signature does not match: secret_file, or the host's clock"},
    {"310000", "keywords not in content", config, 0s, "the robot wants a keyword: set `keyword`"},
    {"310000", "关键词", config, 0s, "the robot wants a keyword: set `keyword`"},
    {"310000", "whitelist", config, 0s, "this host's address is not on the robot's list"},
    {"310000", "白名单", config, 0s, "this host's address is not on the robot's list"},
    {"310000", "", config, 0s, "the robot's security settings (keyword, signature, address list) refuse us"},
    {"300005", "", config, 0s, "the token is not valid any more"},
    {"400101", "", config, 0s, "the token is not valid any more"},
    {"400102", "", config, 0s, "the robot is stopped"},
    {"", "message too long", reject, 0s, ""},
}};

std::string write_dingtalk(const ProviderInput& in, HttpRequest& out) {
    if (!in.channel.key.empty()) {
        const std::int64_t ms = in.unix_s * 1000;
        const auto sign = replaced(replaced(replaced(dingtalk_sign(in.channel.key, ms), "+", "%2B"), "/", "%2F"), "=", "%3D");
        const auto& url = in.channel.url.reveal();
        out.url =
            Secret(url + (url.find('?') == std::string::npos ? "?" : "&") + "timestamp=" + std::to_string(ms) + "&sign=" + sign);
    }
    const auto people = with_one_handle(rung(in));
    // "@" and the number or account in the text is where the app shows the name.
    const auto line = people_line(people, mentions_max, [](const Recipient& p) {
        return "@" + (p.address.empty() ? p.mobile.empty() ? shown_name(p) : p.mobile : p.address);
    });
    JsonWriter json(out.body);
    json.begin_object().field("msgtype", "text").key("text").begin_object();
    json.field("content", compose(in.order.text, under_text(in.order, under(line, named(in))), keyword(in), dingtalk_bytes_max)).end_object();
    json.key("at").begin_object();
    write_list(json, "atMobiles", people, &Recipient::mobile, false);
    write_list(json, "atUserIds", people, &Recipient::address, false);
    json.field("isAtAll", mention_of(in) == Mention::all).end_object().end_object();
    return {};
}

// ---- WeCom

constexpr std::size_t wecom_bytes_max = 2048;  // "content"

constexpr std::array<AnswerRule, 9> wecom_answers = {{
    {"0", "", ok, 0s, ""},
    {"45009", "", retry, 1min, "over 20 messages a minute"},
    {"45033", "", retry, 0s, "too many requests at once"},
    {"-1", "", retry, 0s, "WeCom is busy"},
    {"93000", "", config, 0s, "the key in the URL is not valid, or the robot was removed"},
    {"93008", "", config, 0s, "the robot is not in the group"},
    {"93017", "", config, 0s, "the group's owner allows no robots"},
    {"60020", "", config, 0s, "this host's address is not allowed"},
    {"", "freq out of limit", retry, 1min, "throttled by WeCom"},
}};

std::string write_wecom(const ProviderInput& in, HttpRequest& out) {
    const auto people = with_one_handle(rung(in));
    const bool all = mention_of(in) == Mention::all;
    const auto line = people_line(people, mentions_max, shown_name);
    // "<@account>" rings somebody even in plain text: only we do that, and by the lists.
    const auto text = replaced(in.order.text, "<@", "＜@");
    JsonWriter json(out.body);
    json.begin_object().field("msgtype", "text").key("text").begin_object();
    json.field("content", compose(text, under_text(in.order, replaced(under(line, named(in)), "<@", "＜@")), keyword(in), wecom_bytes_max));
    write_list(json, "mentioned_list", people, &Recipient::address, all);
    write_list(json, "mentioned_mobile_list", people, &Recipient::mobile, false);
    json.end_object().end_object();
    return {};
}

// ---- Feishu

constexpr std::size_t feishu_bytes_max = 8000;  // of 20 KiB for the whole body

constexpr std::array<AnswerRule, 13> feishu_answers = {{
    {"0", "", ok, 0s, ""},
    {"11232", "", retry, 10s, "throttled by Feishu (100 a minute, 5 a second; busy on the hour and half hour)"},
    {"9499", "too many request", retry, 10s, "throttled by Feishu"},
    {"", "frequency limit", retry, 10s, "throttled by Feishu"},
    {"9499", "", reject, 0s, "Feishu cannot read the message, or it is over 20 KiB"},
    {"19001", "", config, 0s, "the URL's hook is not valid"},
    {"19021", "", config, 0s, "the signature does not match: secret_file, or the host's clock is off by more than an hour"},
    {"19022", "", config, 0s, "this host's address is not on the robot's list"},
    {"19024", "", config, 0s, "the robot wants a keyword: set `keyword`"},
    {"19007", "", config, 0s, "the robot is not enabled"},
    {"10003", "", config, 0s, "the hook does not exist"},
    {"-1", "", retry, 0s, "Feishu is busy"},
    {"1001", "", retry, 0s, "Feishu has an internal error"},
}};

std::string write_feishu(const ProviderInput& in, HttpRequest& out) {
    const auto people = rung(in);
    const auto harmless = [](std::string text) { return replaced(replaced(std::move(text), "<at", "＜at"), "</at", "＜/at"); };
    std::string line = people_line(people, mentions_max, [&](const Recipient& p) {
        const auto name = harmless(shown_name(p));
        const bool plain = p.address.empty() || p.address.find_first_of("\"<>&") != std::string::npos;
        return plain ? "@" + name : "<at user_id=\"" + p.address + "\">" + name + "</at>";
    });
    if (mention_of(in) == Mention::all) {
        line = R"(<at user_id="all">)" + std::string(in.order.language == Language::zh ? "所有人" : "everyone") + "</at>";
    }
    JsonWriter json(out.body);
    json.begin_object();
    if (!in.channel.key.empty()) {
        json.field("timestamp", std::to_string(in.unix_s)).field("sign", feishu_sign(in.channel.key, in.unix_s));
    }
    json.field("msg_type", "text").key("content").begin_object();
    json.field("text", compose(harmless(in.order.text), under_text(in.order, under(line, harmless(named(in)))), keyword(in), feishu_bytes_max)).end_object().end_object();
    return {};
}

// ---- Slack

constexpr std::size_t slack_bytes_max = 8000;  // of 40000 characters

constexpr std::array<AnswerRule, 12> slack_answers = {{
    {"ok", "", ok, 0s, ""},
    {"invalid_payload", "", reject, 0s, ""},
    {"no_text", "", reject, 0s, ""},
    {"too_many_attachments", "", reject, 0s, ""},
    {"user_not_found", "", config, 0s, ""},
    {"channel_not_found", "", config, 0s, ""},
    {"channel_is_archived", "", config, 0s, ""},
    {"action_prohibited", "", config, 0s, ""},
    {"posting_to_general_channel_denied", "", config, 0s, ""},
    {"no_service", "", config, 0s, "the hook was removed or switched off"},
    {"invalid_token", "", config, 0s, "the URL is not a valid hook"},
    {"rollup_error", "", retry, 0s, ""},
}};

std::string write_slack(const ProviderInput& in, HttpRequest& out) {
    const auto escaped = [](std::string text) {
        return replaced(replaced(replaced(std::move(text), "&", "&amp;"), "<", "&lt;"), ">", "&gt;");
    };
    std::string line = people_line(rung(in), mentions_max, [&](const Recipient& p) {
        const bool account =
            !p.address.empty() && p.address.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == std::string::npos;
        return account ? "<@" + p.address + ">" : "@" + escaped(shown_name(p));
    });
    if (mention_of(in) == Mention::all) {
        line = "<!channel>";
    }
    JsonWriter json(out.body);
    json.begin_object().field("text", compose(escaped(in.order.text), under_text(in.order, under(line, escaped(named(in)))), "", slack_bytes_max)).end_object();
    return {};
}

}  // namespace

const ChannelType& dingtalk_channel() {
    static const ProviderChannel type({.name = "dingtalk",
                                       .key_setting = "secret_file",
                                       .write = write_dingtalk,
                                       .outcomes = {CodeIn::json_body, {"errcode"}, dingtalk_answers, 10min}});
    return type;
}
const ChannelType& wecom_channel() {
    static const ProviderChannel type(
        {.name = "wecom", .write = write_wecom, .outcomes = {CodeIn::json_body, {"errcode"}, wecom_answers, 1min}});
    return type;
}
const ChannelType& feishu_channel() {
    static const ProviderChannel type({.name = "feishu",
                                       .key_setting = "secret_file",
                                       .write = write_feishu,
                                       .outcomes = {CodeIn::json_body, {"code", "StatusCode"}, feishu_answers, 10s}});
    return type;
}
const ChannelType& slack_channel() {
    static const ProviderChannel type(
        {.name = "slack", .write = write_slack, .outcomes = {CodeIn::whole_body, {}, slack_answers, 30s}});
    return type;
}

}  // namespace surged
