// Alertmanager, API v2. It forgets an alert that it is not told again, so it is told every `repost`.
#include <algorithm>
#include <array>

#include "channels/incident_text.hpp"
#include "channels/keys.hpp"
#include "channels/message_text.hpp"
#include "core/base/text.hpp"
#include "wire/json_text.hpp"

namespace surged {
namespace {

using namespace std::chrono_literals;

constexpr std::array alertmanager_keys{
    url_key,
    url_file_key,
    token_file_key,
    site_key,
    ChannelKey{.name = "alertname", .fallback = "CallSurge", .meaning = "the label `alertname`"},
    ChannelKey{.name = "severity", .fallback = "critical", .meaning = "the label `severity`"},
    ChannelKey{.name = "hold",
               .form = KeyForm::span,
               .fallback = "15m",
               .meaning = "how long the alert stays after the last word",
               .least = "1m",
               .most = "24h"},
    ca_file_key,
    proxy_key,
    keep_warm_key};

/// Start of the oldest alert that fires, on the wall clock.
WallTime fires_since(const SendOrder& order) {
    Span age{0};
    for (const auto& alert : order.alerts) {
        age = std::max(age, order.decided - alert.since);
    }
    return order.wall - age;
}

Request build_alertmanager(const PageInput& in) {
    auto out = json_request(in.channel);
    const auto& order = in.order;
    const auto now = WallTime{Span{in.unix_s * 1000}};
    const auto hold = parse_span(setting(in.channel.spec, "hold")).value_or(Span{15min});
    if (!in.channel.key.empty()) {
        out.headers.push_back("Authorization: Bearer " + in.channel.key.reveal());
    }
    JsonWriter json(out.body);
    json.begin_array().begin_object().key("labels").begin_object();
    // The label set is the alert's identity: nothing measured, nothing that changes while the incident is open.
    json.field("alertname", order.purpose == PagePurpose::test ? "SurgeTest" : setting(in.channel.spec, "alertname"));
    json.field("site", setting(in.channel.spec, "site")).field("severity", setting(in.channel.spec, "severity"));
    if (!order.policy.empty()) {
        json.field("policy", order.policy);
    }
    for (const auto& [label, value] : order.scope) {
        json.field(label, value);
    }
    json.end_object().key("annotations").begin_object();
    json.field("summary", summary_of(order)).field("level", to_string(order.level)).field("incident", order.incident);
    json.field("need", std::to_string(order.need)).field("joined", std::to_string(order.joined));
    json.field("tier", std::to_string(order.tier)).field("description", cut_bytes(alert_lines(order), 8192));
    if (!order.link.empty()) {
        json.field("answer", order.link);
    }
    json.end_object();
    if (ends_incident(order)) {
        json.field("endsAt", utc_text(now));
    } else {
        json.field("startsAt", utc_text(std::min(fires_since(order), now)));
        json.field("endsAt", utc_text(now + (order.purpose == PagePurpose::test ? Span{1min} : hold)));
    }
    json.end_object().end_array();
    return out;
}

void check_alertmanager(const ChannelSpec& spec, std::vector<ChannelFinding>& out) {
    const auto at = spec.settings.find("hold");
    const auto hold = at == spec.settings.end() ? std::nullopt : parse_span(at->second);
    if (hold && *hold < 3 * spec.repost) {
        out.push_back({ChannelFinding::Weight::error, "hold",
                       "`hold` must be at least three times `repost` (" + format_span(spec.repost) +
                           "), or one lost message ends the alert"});
    }
}

}  // namespace

const ChannelType& alertmanager_type() {
    static constexpr ChannelType type{.name = "alertmanager",
                                      .keys = alertmanager_keys,
                                      .one_of = url_or_file,
                                      .kind = ChannelKind::group,
                                      .repost = 1min,
                                      .check = check_alertmanager,
                                      .path = "/api/v2/alerts",
                                      .build = build_alertmanager,
                                      .answers = {.throttle_pause = 10s}};
    return type;
}

}  // namespace surged
