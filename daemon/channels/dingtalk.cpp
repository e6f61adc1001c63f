// DingTalk's robot of a group chat (open.dingtalk.com "custom robot"). 20 messages a minute and robot, then it is blocked for ten
// minutes. Code tables disagree between sources, so the text of the message counts as well.
#include <array>

#include "channels/keys.hpp"
#include "channels/message_text.hpp"
#include "channels/robot_text.hpp"
#include "channels/signature.hpp"
#include "core/base/encoding.hpp"
#include "wire/json_text.hpp"

namespace surged {
namespace {

using namespace std::chrono_literals;

constexpr std::array dingtalk_keys{whole_url_file_key, signing_key, keyword_key, mention_key, ca_file_key, proxy_key, keep_warm_key};

constexpr std::size_t dingtalk_bytes_max = 8000;  // of 20000 for the whole body, which also lists the mentions

constexpr std::array<AnswerRule, 19> dingtalk_answers = {{
    {"0", "", OutcomeClass::ok, 0s, ""},
    {"130101", "", OutcomeClass::retry, 10min, "over 20 messages a minute: DingTalk blocks the robot for ten minutes"},
    {"", "send too fast", OutcomeClass::retry, 10min, "throttled by DingTalk"},
    {"", "\"punish\"", OutcomeClass::retry, 10min, "throttled by DingTalk"},
    {"410100", "", OutcomeClass::retry, 10min, "throttled by DingTalk"},
    {"90030", "", OutcomeClass::retry, 10min, "throttled by DingTalk"},
    {"90020", "", OutcomeClass::config_error, 0s, "the organisation's monthly quota is used up"},
    {"-1", "", OutcomeClass::retry, 0s, "DingTalk is busy"},
    {"310000", "sign not match", OutcomeClass::config_error, 0s,
     "the signature does not match: secret_file, or the host's clock"},
    {"310000", "签名", OutcomeClass::config_error, 0s, "the signature does not match: secret_file, or the host's clock"},
    {"310000", "keywords not in content", OutcomeClass::config_error, 0s, "the robot wants a keyword: set `keyword`"},
    {"310000", "关键词", OutcomeClass::config_error, 0s, "the robot wants a keyword: set `keyword`"},
    {"310000", "whitelist", OutcomeClass::config_error, 0s, "this host's address is not on the robot's list"},
    {"310000", "白名单", OutcomeClass::config_error, 0s, "this host's address is not on the robot's list"},
    {"310000", "", OutcomeClass::config_error, 0s, "the robot's security settings (keyword, signature, address list) refuse us"},
    {"300005", "", OutcomeClass::config_error, 0s, "the token is not valid any more"},
    {"400101", "", OutcomeClass::config_error, 0s, "the token is not valid any more"},
    {"400102", "", OutcomeClass::config_error, 0s, "the robot is stopped"},
    {"", "message too long", OutcomeClass::reject, 0s, ""},
}};

Request build_dingtalk(const PageInput& in) {
    auto out = json_request(in.channel);
    if (!in.channel.key.empty()) {
        const std::int64_t ms = in.unix_s * 1000;
        const auto sign = percent_encoded(dingtalk_sign(in.channel.key, ms));
        const auto& url = in.channel.url.reveal();
        out.url =
            Secret(url + (url.find('?') == std::string::npos ? "?" : "&") + "timestamp=" + std::to_string(ms) + "&sign=" + sign);
    }
    const auto people = with_one_handle(rung(in));
    // "@" and the number or account in the text is where the app shows the name.
    const auto line = people_line(people, robot_mentions_max, [](const Recipient& p) {
        return "@" + (p.address.empty() ? p.mobile.empty() ? shown_name(p) : p.mobile : p.address);
    });
    JsonWriter json(out.body);
    json.begin_object().field("msgtype", "text").key("text").begin_object();
    json.field("content", compose(in.order.text, under_text(in.order, under(line, named(in))),
                                  setting(in.channel.spec, "keyword"), dingtalk_bytes_max))
        .end_object();
    json.key("at").begin_object();
    write_list(json, "atMobiles", people, &Recipient::mobile, false);
    write_list(json, "atUserIds", people, &Recipient::address, false);
    json.field("isAtAll", mention_of(in) == Mention::all).end_object().end_object();
    return out;
}

}  // namespace

const ChannelType& dingtalk_type() {
    static constexpr ChannelType type{.name = "dingtalk",
                                      .keys = dingtalk_keys,
                                      .kind = ChannelKind::group,
                                      // A quarter is left to other senders and to clocks that differ.
                                      .rate = {15, 1min},
                                      .most = {20, 1min},
                                      .coalesce = true,
                                      .build = build_dingtalk,
                                      .answers = {CodeIn::json_body, {"errcode"}, dingtalk_answers, 10min}};
    return type;
}

}  // namespace surged
