#include "wire/order_json.hpp"

#include <algorithm>

#include "wire/json_text.hpp"
#include "wire/record_json.hpp"
#include "wire/staffing_json.hpp"

namespace surged {

namespace {

void write_page_head(JsonWriter& json, const SendOrder& order) {
    json.field("v", 1).field("type", "page").field("page", order.page).field("attempt", order.attempt);
    json.field("channel", order.channel).field("purpose", to_string(order.purpose)).field("repeat", order.repeat);
}

void write_action_head(JsonWriter& json, const SendOrder& order) {
    json.field("v", 1).field("type", "action").field("action", order.action).field("undo", order.purpose == PagePurpose::undo);
    json.key("params").begin_object();
    for (const auto& [name, value] : order.params) {
        json.field(name, value);
    }
    json.end_object();
    json.field("key", order.page).field("attempt", order.attempt).field("channel", order.channel).field("repeat", order.repeat);
}

void write_people(JsonWriter& json, const SendOrder& order) {
    json.field("link", order.link);
    json.key("people").begin_array();
    for (const Recipient& person : order.people) {
        json.begin_object();
        json.field("person", person.person).field("name", person.name).field("mobile", person.mobile);
        json.field("email", person.email).field("address", person.address);
        json.end_object();
    }
    json.end_array();
}

void write_also(JsonWriter& json, const SendOrder& order) {
    json.key("also").begin_array();
    for (const AlsoCalled& other : order.also) {
        json.begin_object().field("incident", other.incident).field("page", other.page).field("policy", other.policy);
        json.key("scope").begin_object();
        for (const auto& [name, value] : other.scope) {
            json.field(name, value);
        }
        json.end_object();
        json.field("level", to_string(other.level)).field("need", other.need).field("joined", other.joined);
        json.field("missing", std::max(0, other.need - other.joined)).end_object();
    }
    json.end_array();
}

/// How the alert stands as the message leaves. `value` and `limit` beside it are of its last change.
void write_reading(JsonWriter& json, const AlertReading& reading) {
    if (reading.known) {
        json.field("value_now", reading.value).field("value_worst", reading.worst).field("data_stale", reading.stale);
    }
}

}  // namespace

std::string encode(const SendOrder& order) {
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    const bool action = is_action(order.purpose);
    action ? write_action_head(json, order) : write_page_head(json, order);
    json.field("incident", order.incident).field("policy", order.policy);
    json.key("scope").begin_object();
    for (const auto& [name, value] : order.scope) {
        json.field(name, value);
    }
    json.end_object();
    if (order.scopes > 0) {
        json.field("scopes", order.scopes);
    }
    json.field("level", to_string(order.level)).field("tier", order.tier).field("need", order.need).field("joined", order.joined);
    json.field("arrived", order.seats_arrived);
    if (!order.when.empty()) {
        json.field("time", order.when);
    }
    json.field("missing", std::max(0, order.need - order.joined));
    if (order.staffing.known || !order.staffing.slack.empty()) {
        json.key("staffing");
        write_staffing(json, order.staffing);
    }
    json.field("title", order.title).field("text", order.text).field("language", order.language == Language::zh ? "zh" : "en");
    if (!action) {
        write_people(json, order);
    }
    if (!order.also.empty()) {
        write_also(json, order);
    }
    json.key("alerts").begin_array();
    for (const AlertEdge& alert : order.alerts) {
        json.begin_object();
        write_fields(json, alert);
        write_reading(json, alert.reading);
        json.end_object();
    }
    json.end_array();
    json.field("sequence", order.sequence).field("ts", to_ms(order.wall));
    json.end_object();
    return out;
}

}  // namespace surged
