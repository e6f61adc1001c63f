// PagerDuty Events v2.
#include <algorithm>
#include <array>

#include "channels/incident_text.hpp"
#include "channels/keys.hpp"
#include "channels/message_text.hpp"
#include "wire/json_text.hpp"

namespace surged {
namespace {

using namespace std::chrono_literals;

constexpr std::array pagerduty_keys{
    ChannelKey{
        .name = "routing_key_file", .form = KeyForm::secret_line, .needed = true, .meaning = "the integration's routing key"},
    ChannelKey{.name = "url",
               .form = KeyForm::url,
               .fallback = "https://events.pagerduty.com/v2/enqueue",
               .meaning = "where requests go"},
    site_key, ca_file_key, proxy_key, keep_warm_key};

// 400 is "do not retry"; a key that is not theirs is the operator's to mend.
constexpr std::array<AnswerRule, 2> pagerduty_answers = {{
    {"", "routing key", OutcomeClass::config_error, 0s, "the routing key is not valid"},
    {"", "routing_key", OutcomeClass::config_error, 0s, "the routing key is not valid"},
}};

std::string_view severity_of(Level level) {
    switch (level) {
        case Level::red: return "critical";
        case Level::orange: return "error";
        case Level::yellow: return "warning";
        case Level::none: break;
    }
    return "info";
}

Request build_pagerduty(const PageInput& in) {
    auto out = json_request(in.channel);
    const auto& order = in.order;
    JsonWriter json(out.body);
    json.begin_object().field("routing_key", in.channel.key.reveal());
    json.field("event_action", ends_incident(order)                       ? "resolve"
                               : order.purpose == PagePurpose::stand_down ? "acknowledge"
                                                                          : "trigger");
    json.field("dedup_key", incident_key(in)).field("client", setting(in.channel.spec, "site"));
    json.key("payload").begin_object().field("summary", summary_of(order)).field("source", place_text(order));
    json.field("severity", severity_of(order.level)).field("timestamp", utc_text(order.wall));
    json.field("group", order.policy).field("class", "surge");
    json.key("custom_details").begin_object();
    json.field("incident", order.incident).field("page", order.page).field("attempt", order.attempt);
    json.field("level", to_string(order.level)).field("tier", order.tier).field("need", order.need).field("joined", order.joined);
    json.field("alerts", cut_bytes(alert_lines(order), 16384));
    json.end_object().end_object();
    if (!order.link.empty()) {
        json.key("links")
            .begin_array()
            .begin_object()
            .field("href", order.link)
            .field("text", "Answer here")
            .end_object()
            .end_array();
    }
    json.end_object();
    return out;
}

}  // namespace

const ChannelType& pagerduty_type() {
    static constexpr ChannelType type{.name = "pagerduty",
                                      .keys = pagerduty_keys,
                                      .kind = ChannelKind::group,
                                      .rate = {100, 1min},
                                      .most = {120, 1min},
                                      .path = "/v2/enqueue",
                                      .build = build_pagerduty,
                                      .answers = {.answers = pagerduty_answers, .throttle_pause = 2min}};
    return type;
}

}  // namespace surged
