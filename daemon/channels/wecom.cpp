// WeCom's robot of a group chat (developer.work.weixin.qq.com "group robot"): 20 messages a minute.
#include <array>

#include "channels/keys.hpp"
#include "channels/message_text.hpp"
#include "channels/robot_text.hpp"
#include "wire/json_text.hpp"

namespace surged {
namespace {

using namespace std::chrono_literals;

constexpr std::array wecom_keys{whole_url_file_key, keyword_key, mention_key, ca_file_key, proxy_key, keep_warm_key};

constexpr std::size_t wecom_bytes_max = 2048;  // "content"

constexpr std::array<AnswerRule, 9> wecom_answers = {{
    {"0", "", OutcomeClass::ok, 0s, ""},
    {"45009", "", OutcomeClass::retry, 1min, "over 20 messages a minute"},
    {"45033", "", OutcomeClass::retry, 0s, "too many requests at once"},
    {"-1", "", OutcomeClass::retry, 0s, "WeCom is busy"},
    {"93000", "", OutcomeClass::config_error, 0s, "the key in the URL is not valid, or the robot was removed"},
    {"93008", "", OutcomeClass::config_error, 0s, "the robot is not in the group"},
    {"93017", "", OutcomeClass::config_error, 0s, "the group's owner allows no robots"},
    {"60020", "", OutcomeClass::config_error, 0s, "this host's address is not allowed"},
    {"", "freq out of limit", OutcomeClass::retry, 1min, "throttled by WeCom"},
}};

Request build_wecom(const PageInput& in) {
    auto out = json_request(in.channel);
    const auto people = with_one_handle(rung(in));
    const bool all = mention_of(in) == Mention::all;
    const auto line = people_line(people, robot_mentions_max, shown_name);
    // "<@account>" rings somebody even in plain text: only we do that, and by the lists.
    const auto text = replaced(in.order.text, "<@", "＜@");
    JsonWriter json(out.body);
    json.begin_object().field("msgtype", "text").key("text").begin_object();
    json.field("content", compose(text, under_text(in.order, replaced(under(line, named(in)), "<@", "＜@")),
                                  setting(in.channel.spec, "keyword"), wecom_bytes_max));
    write_list(json, "mentioned_list", people, &Recipient::address, all);
    write_list(json, "mentioned_mobile_list", people, &Recipient::mobile, false);
    json.end_object().end_object();
    return out;
}

}  // namespace

const ChannelType& wecom_type() {
    static constexpr ChannelType type{.name = "wecom",
                                      .keys = wecom_keys,
                                      .kind = ChannelKind::group,
                                      .rate = {15, 1min},
                                      .most = {20, 1min},
                                      .coalesce = true,
                                      .build = build_wecom,
                                      .answers = {CodeIn::json_body, {"errcode"}, wecom_answers, 1min}};
    return type;
}

}  // namespace surged
