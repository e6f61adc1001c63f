// Slack's incoming webhook (api.slack.com "incoming webhooks"): about one message a second. The body is one plain code.
#include <array>

#include "channels/keys.hpp"
#include "channels/message_text.hpp"
#include "channels/robot_text.hpp"
#include "wire/json_text.hpp"

namespace surged {
namespace {

using namespace std::chrono_literals;

constexpr std::array slack_keys{whole_url_file_key, mention_key, ca_file_key, proxy_key, keep_warm_key};

constexpr std::size_t slack_bytes_max = 8000;  // of 40000 characters

constexpr std::array<AnswerRule, 12> slack_answers = {{
    {"ok", "", OutcomeClass::ok, 0s, ""},
    {"invalid_payload", "", OutcomeClass::reject, 0s, ""},
    {"no_text", "", OutcomeClass::reject, 0s, ""},
    {"too_many_attachments", "", OutcomeClass::reject, 0s, ""},
    {"user_not_found", "", OutcomeClass::config_error, 0s, ""},
    {"channel_not_found", "", OutcomeClass::config_error, 0s, ""},
    {"channel_is_archived", "", OutcomeClass::config_error, 0s, ""},
    {"action_prohibited", "", OutcomeClass::config_error, 0s, ""},
    {"posting_to_general_channel_denied", "", OutcomeClass::config_error, 0s, ""},
    {"no_service", "", OutcomeClass::config_error, 0s, "the hook was removed or switched off"},
    {"invalid_token", "", OutcomeClass::config_error, 0s, "the URL is not a valid hook"},
    {"rollup_error", "", OutcomeClass::retry, 0s, ""},
}};

Request build_slack(const PageInput& in) {
    auto out = json_request(in.channel);
    const auto escaped = [](std::string text) {
        return replaced(replaced(replaced(std::move(text), "&", "&amp;"), "<", "&lt;"), ">", "&gt;");
    };
    std::string line = people_line(rung(in), robot_mentions_max, [&](const Recipient& p) {
        const bool account =
            !p.address.empty() && p.address.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == std::string::npos;
        return account ? "<@" + p.address + ">" : "@" + escaped(shown_name(p));
    });
    if (mention_of(in) == Mention::all) {
        line = "<!channel>";
    }
    JsonWriter json(out.body);
    json.begin_object()
        .field("text",
               compose(escaped(in.order.text), under_text(in.order, under(line, escaped(named(in)))), "", slack_bytes_max))
        .end_object();
    return out;
}

}  // namespace

const ChannelType& slack_type() {
    static constexpr ChannelType type{.name = "slack",
                                      .keys = slack_keys,
                                      .kind = ChannelKind::group,
                                      .rate = {1, 1s},
                                      .most = {1, 1s},
                                      .coalesce = true,
                                      .build = build_slack,
                                      .answers = {CodeIn::whole_body, {}, slack_answers, 30s}};
    return type;
}

}  // namespace surged
