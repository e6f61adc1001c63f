#include "wire/order_json.hpp"

#include <algorithm>

#include "wire/json_text.hpp"
#include "wire/record_json.hpp"
#include "wire/staffing_json.hpp"

namespace surged {

std::string encode(const SendOrder& order) {
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    json.field("v", 1).field("type", "page").field("page", order.page).field("attempt", order.attempt);
    json.field("channel", order.channel).field("purpose", to_string(order.purpose)).field("repeat", order.repeat);
    json.field("incident", order.incident).field("policy", order.policy);
    json.key("scope").begin_object();
    for (const auto& [name, value] : order.scope) {
        json.field(name, value);
    }
    json.end_object();
    json.field("level", to_string(order.level)).field("tier", order.tier).field("need", order.need).field("joined", order.joined);
    json.field("missing", std::max(0, order.need - order.joined));
    if (order.staffing.known || !order.staffing.slack.empty()) {
        json.key("staffing");
        write_staffing(json, order.staffing);
    }
    json.field("title", order.title).field("text", order.text).field("language", order.language == Language::zh ? "zh" : "en");
    json.field("link", order.link);
    json.key("people").begin_array();
    for (const Recipient& person : order.people) {
        json.begin_object();
        json.field("person", person.person).field("name", person.name).field("mobile", person.mobile);
        json.field("email", person.email).field("address", person.address);
        json.end_object();
    }
    json.end_array();
    json.key("alerts").begin_array();
    for (const AlertEdge& alert : order.alerts) {
        json.begin_object();
        write_fields(json, alert);
        json.end_object();
    }
    json.end_array();
    json.field("sequence", order.sequence).field("ts", to_ms(order.wall));
    json.end_object();
    return out;
}

}  // namespace surged
