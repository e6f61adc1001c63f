// Feishu's robot of a group chat (open.feishu.cn "custom bot"). Only accounts ring.
#include <array>

#include "channels/message_phrases.hpp"
#include "channels/keys.hpp"
#include "channels/message_text.hpp"
#include "channels/robot_text.hpp"
#include "channels/signature.hpp"
#include "wire/json_text.hpp"

namespace surged {
namespace {

using namespace std::chrono_literals;

constexpr std::array feishu_keys{whole_url_file_key, signing_key, keyword_key, mention_key, ca_file_key, proxy_key, keep_warm_key};

constexpr std::size_t feishu_bytes_max = 8000;  // of 20 KiB for the whole body

constexpr std::array<AnswerRule, 13> feishu_answers = {{
    {"0", "", OutcomeClass::ok, 0s, ""},
    {"11232", "", OutcomeClass::retry, 10s, "throttled by Feishu (100 a minute, 5 a second; busy on the hour and half hour)"},
    {"9499", "too many request", OutcomeClass::retry, 10s, "throttled by Feishu"},
    {"", "frequency limit", OutcomeClass::retry, 10s, "throttled by Feishu"},
    {"9499", "", OutcomeClass::reject, 0s, "Feishu cannot read the message, or it is over 20 KiB"},
    {"19001", "", OutcomeClass::config_error, 0s, "the URL's hook is not valid"},
    {"19021", "", OutcomeClass::config_error, 0s,
     "the signature does not match: secret_file, or the host's clock is off by more than an hour"},
    {"19022", "", OutcomeClass::config_error, 0s, "this host's address is not on the robot's list"},
    {"19024", "", OutcomeClass::config_error, 0s, "the robot wants a keyword: set `keyword`"},
    {"19007", "", OutcomeClass::config_error, 0s, "the robot is not enabled"},
    {"10003", "", OutcomeClass::config_error, 0s, "the hook does not exist"},
    {"-1", "", OutcomeClass::retry, 0s, "Feishu is busy"},
    {"1001", "", OutcomeClass::retry, 0s, "Feishu has an internal error"},
}};

Request build_feishu(const PageInput& in) {
    auto out = json_request(in.channel);
    const auto people = rung(in);
    const auto harmless = [](std::string text) { return replaced(replaced(std::move(text), "<at", "＜at"), "</at", "＜/at"); };
    std::string line = people_line(people, robot_mentions_max, [&](const Recipient& p) {
        const auto name = harmless(shown_name(p));
        const bool plain = p.address.empty() || p.address.find_first_of("\"<>&") != std::string::npos;
        return plain ? "@" + name : "<at user_id=\"" + p.address + "\">" + name + "</at>";
    });
    if (mention_of(in) == Mention::all) {
        line = R"(<at user_id="all">)" + MessageSay{in.order.language}("everyone") + "</at>";
    }
    JsonWriter json(out.body);
    json.begin_object();
    if (!in.channel.key.empty()) {
        json.field("timestamp", std::to_string(in.unix_s)).field("sign", feishu_sign(in.channel.key, in.unix_s));
    }
    json.field("msg_type", "text").key("content").begin_object();
    json.field("text", compose(harmless(in.order.text), under_text(in.order, under(line, harmless(named(in)))),
                               setting(in.channel.spec, "keyword"), feishu_bytes_max))
        .end_object()
        .end_object();
    return out;
}

}  // namespace

const ChannelType& feishu_type() {
    static constexpr ChannelType type{.name = "feishu",
                                      .keys = feishu_keys,
                                      .kind = ChannelKind::group,
                                      // 100 a minute and 5 a second: three in two seconds keeps both.
                                      .rate = {3, 2s},
                                      .most = {100, 1min},
                                      .coalesce = true,
                                      .build = build_feishu,
                                      .answers = {CodeIn::json_body, {"code", "StatusCode"}, feishu_answers, 10s}};
    return type;
}

}  // namespace surged
