// Sinks that mirror an incident: PagerDuty Events v2, Alertmanager v2, GoAlert's generic integration. They do not own it: each
// knows it by a key made of our incident id, the same for every page and every attempt, so that repeats fall together and the
// closing message ends it.
#include <algorithm>

#include "core/base/text.hpp"
#include "io/courier/message_text.hpp"
#include "io/courier/provider.hpp"
#include "wire/json_text.hpp"

namespace surged {
namespace {

using namespace std::chrono_literals;

constexpr OutcomeClass config = OutcomeClass::config_error;

std::string site_of(const ProviderInput& in) {
    const auto site = setting(in.channel.spec, "site");
    return site.empty() ? "surged" : site;
}

/// The same for all pages of one incident; a page without an incident (a test) stands for itself.
std::string incident_key(const ProviderInput& in) {
    const auto& order = in.order;
    return cut_bytes(outgoing_key(in.channel, site_of(in) + "/" + (order.incident.empty() ? order.page : order.policy + "/" + order.incident)), 255);
}

bool ends(const SendOrder& order) {
    return order.purpose == PagePurpose::close;
}

std::string summary_of(const SendOrder& order) {
    return cut_bytes(clean_text(order.text, 1000), 1024);
}

// ---- PagerDuty

// 400 is "do not retry"; a key that is not theirs is the operator's to mend.
constexpr std::array<AnswerRule, 2> pagerduty_answers = {{
    {"", "routing key", config, 0s, "the routing key is not valid"},
    {"", "routing_key", config, 0s, "the routing key is not valid"},
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

std::string write_pagerduty(const ProviderInput& in, HttpRequest& out) {
    const auto& order = in.order;
    JsonWriter json(out.body);
    json.begin_object().field("routing_key", in.channel.key.reveal());
    json.field("event_action", ends(order) ? "resolve" : order.purpose == PagePurpose::stand_down ? "acknowledge" : "trigger");
    json.field("dedup_key", incident_key(in)).field("client", site_of(in));
    json.key("payload").begin_object().field("summary", summary_of(order)).field("source", place_text(order));
    json.field("severity", severity_of(order.level)).field("timestamp", utc_text(order.wall));
    json.field("group", order.policy).field("class", "surge");
    json.key("custom_details").begin_object();
    json.field("incident", order.incident).field("page", order.page).field("attempt", order.attempt);
    json.field("level", to_string(order.level)).field("tier", order.tier).field("need", order.need).field("joined", order.joined);
    json.field("alerts", cut_bytes(alert_lines(order), 16384));
    json.end_object().end_object();
    if (!order.link.empty()) {
        json.key("links").begin_array().begin_object().field("href", order.link).field("text", "Answer here").end_object().end_array();
    }
    json.end_object();
    return {};
}

// ---- Alertmanager

constexpr Span hold_default{15min};

/// Start of the oldest alert that fires, on the wall clock.
WallTime fires_since(const SendOrder& order) {
    Span age{0};
    for (const auto& alert : order.alerts) {
        age = std::max(age, order.decided - alert.since);
    }
    return order.wall - age;
}

std::string write_alertmanager(const ProviderInput& in, HttpRequest& out) {
    const auto& order = in.order;
    const auto now = WallTime{Span{in.unix_s * 1000}};
    const auto hold = parse_span(setting(in.channel.spec, "hold")).value_or(hold_default);
    const auto name = setting(in.channel.spec, "alertname");
    const auto severity = setting(in.channel.spec, "severity");
    if (!in.channel.key.empty()) {
        out.headers.push_back("Authorization: Bearer " + in.channel.key.reveal());
    }
    JsonWriter json(out.body);
    json.begin_array().begin_object().key("labels").begin_object();
    // The label set is the alert's identity: nothing measured, nothing that changes while the incident is open.
    json.field("alertname", order.purpose == PagePurpose::test ? "SurgeTest" : name.empty() ? "CallSurge" : name);
    json.field("site", site_of(in)).field("severity", severity.empty() ? "critical" : severity);
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
    if (ends(order)) {
        json.field("endsAt", utc_text(now));
    } else {
        json.field("startsAt", utc_text(std::min(fires_since(order), now)));
        json.field("endsAt", utc_text(now + (order.purpose == PagePurpose::test ? Span{1min} : hold)));
    }
    json.end_object().end_array();
    return {};
}

// ---- GoAlert

std::string form_value(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
                           c == '.' || c == '~';
        if (plain) {
            out += c;
        } else {
            out += '%';
            out += digits[byte >> 4U];
            out += digits[byte & 0x0FU];
        }
    }
    return out;
}

std::string write_goalert(const ProviderInput& in, HttpRequest& out) {
    const auto& order = in.order;
    if (!in.channel.key.empty()) {
        const auto& url = in.channel.url.reveal();
        out.url = Secret(url + (url.find('?') == std::string::npos ? "?" : "&") + "token=" + form_value(in.channel.key.reveal()));
    }
    out.headers = {"Content-Type: application/x-www-form-urlencoded"};
    out.body = "summary=" + form_value(summary_of(order)) + "&dedup=" + form_value(incident_key(in)) +
               "&details=" + form_value(under_text(order, cut_bytes(alert_lines(order), 6144)));
    out.body += ends(order) ? "&action=close" : "";
    return {};
}

constexpr std::array<AnswerRule, 1> goalert_answers = {{
    {"", "rate limit", OutcomeClass::retry, 30s, ""},
}};

}  // namespace

const ChannelType& pagerduty_channel() {
    static const ProviderChannel type({.name = "pagerduty",
                                       .key_setting = "routing_key_file",
                                       .key_needed = true,
                                       .default_url = "https://events.pagerduty.com/v2/enqueue",
                                       .path = "/v2/enqueue",
                                       .write = write_pagerduty,
                                       .outcomes = {.answers = pagerduty_answers, .throttle_pause = 2min}});
    return type;
}
const ChannelType& alertmanager_channel() {
    static const ProviderChannel type({.name = "alertmanager",
                                       .key_setting = "token_file",
                                       .path = "/api/v2/alerts",
                                       .write = write_alertmanager,
                                       .outcomes = {.answers = {}, .throttle_pause = 10s}});
    return type;
}
const ChannelType& goalert_channel() {
    static const ProviderChannel type({.name = "goalert",
                                       .key_setting = "token_file",
                                       .path = "/api/v2/generic/incoming",
                                       .write = write_goalert,
                                       .outcomes = {.answers = goalert_answers, .throttle_pause = 30s}});
    return type;
}

}  // namespace surged
